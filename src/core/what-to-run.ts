import { resolve } from "node:path";
import { isErrno } from "./errors.ts";
import { endingOf } from "./script-endings.ts";
import type { World } from "./world.ts";

/**
 * Is it a file of tsm's own commands that `run` is given? What has a script's ending, a service's or an ecosystem's is a
 * process, and so is everything of several words, behind `--`, or that is no file.
 */
export function isFileOfCommands(world: World, words: readonly string[], isBehindDashes: boolean): boolean {
  const [word = ""] = words;
  if (words.length !== 1 || isBehindDashes) return false;
  if (endingOf(word) !== undefined || /\.(?:tsm|json|ya?ml|config\.[a-z]+)$/.test(word)) return false;
  return isThere(world, resolve(world.cwd, word)) || /\.tsm-script$/.test(word);
}

function isThere({ platform: { files } }: World, path: string): boolean {
  try {
    return files.kind(path) !== "missing";
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG", "ENOTDIR")) return false;
    throw error;
  }
}
