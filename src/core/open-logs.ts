import { basename, dirname } from "node:path";
import type { Files } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { ProcessPaths } from "./home.ts";
import { filesOf, isOwn, type LogChoice, type LogFiles, placesOf } from "./log-files.ts";
import { streams } from "./log-parts.ts";
import { namedShelf } from "./log-shelf.ts";
import { readState } from "./rotation-state.ts";

/**
 * Makes the logs, and the folders they lie in, so that a full or unwritable disk is told before anything starts.
 * @returns where stderr will begin.
 */
export function openLogs(
  files: Files,
  choice: LogChoice,
  paths: ProcessPaths,
): { outOffset: number; errOffset: number } {
  const { out, err } = filesOf(choice, paths);
  for (const path of placesOf({ out, err })) {
    try {
      if (files.kind(dirname(path)) === "missing") files.makeFolder(dirname(path));
      // In its own folder nobody has named a link: what it leads to is none of the process's.
      if (isOwn(path, paths) && files.linkTarget(path) !== undefined) files.remove(path);
      files.touch(path);
    } catch (error) {
      if (isOwn(path, paths) || !isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR", "ENXIO", "ETXTBSY", "ENOENT"))
        throw error;
      throw new TsmError("NO_FILE", `the log ${path} of '${basename(paths.folder)}' cannot be written: ${error.code}`, {
        hint: "Name a file that can be written, or NULL to keep nothing",
      });
    }
  }
  beginClocks(files, { out, err }, paths);
  const sizeOf = (path: string | null) => (path === null ? 0 : (files.stat(path)?.size ?? 0));
  return { outOffset: sizeOf(out), errOffset: sizeOf(err) };
}

/** A clock counts from the log's beginning: who joins those that write to a file which has been rotated is told of it. */
function beginClocks(files: Files, places: LogFiles, paths: ProcessPaths): void {
  for (const stream of streams) {
    const path = places[stream];
    const clock = `${paths.folder}/clock.${stream}`;
    if (path === null || isOwn(path, paths) || files.kind(clock) !== "missing") continue;
    const { base } = readState(files, namedShelf(path));
    if (base > 0) files.appendLine(clock, `= ${base}`);
  }
}
