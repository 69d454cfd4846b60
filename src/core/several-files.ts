import { resolve } from "node:path";
import { isEcosystemWord } from "./ecosystem-word.ts";
import type { StartRequest } from "./plan.ts";
import { endingOf } from "./script-endings.ts";
import type { World } from "./world.ts";

/** Does each word name a file of its own to start: all of them scripts that are there, or all of them files of apps? */
export function namesSeveralFiles({ platform: { files }, cwd }: World, request: StartRequest): boolean {
  const { words, beforeDashes, name, interpreter } = request;
  if (words.length < 2 || new Set(words).size < words.length) return false;
  if (beforeDashes !== undefined || name !== undefined || interpreter !== undefined) return false;
  if (words.every((word) => word !== "-" && isEcosystemWord(word))) return true;
  return words.every(
    (word) => endingOf(word) !== undefined && !isEcosystemWord(word) && files.kind(resolve(cwd, word)) === "file",
  );
}
