import { isErrno } from "./errors.ts";
import { parsedJson } from "./parsed-json.ts";
import type { World } from "./world.ts";

/** How what is on record differs from what was saved. */
export interface Unsaved {
  readonly added: number;
  readonly gone: number;
}

/**
 * Does what is on record differ from what was saved? Cheap: the names alone, from the first line.
 * @returns how many are not saved and how many are saved and gone; undefined when nothing is saved.
 */
export function unsaved(
  { platform: { files }, home }: Pick<World, "platform" | "home">,
  names: readonly string[],
): Unsaved | undefined {
  let beginning: Buffer | undefined;
  try {
    beginning = files.readRange(home.dump, 0, 64 * 1024);
  } catch (error) {
    // Whoever reads all of it will say what is wrong.
    if (isErrno(error, "EACCES", "EPERM", "EISDIR", "EIO", "ELOOP")) return undefined;
    throw error;
  }
  const saved = beginning === undefined ? undefined : namesInDump(beginning.toString("utf8"));
  if (saved === undefined) return undefined;
  const [now, then] = [new Set(names), new Set(saved)];
  const added = names.filter((name) => !then.has(name)).length;
  const gone = saved.filter((name) => !now.has(name)).length;
  return { added, gone };
}

/** The names in the first line of a dump; undefined when it is none. */
function namesInDump(beginning: string): string[] | undefined {
  const list = /^\{"version":1,"savedAt":"[^"]*","names":(\[.*\]),\n/.exec(beginning)?.[1];
  if (list === undefined) return undefined;
  const names = parsedJson(list);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : undefined;
}
