import { basename, dirname, join } from "node:path";
import type { Files } from "../platform/platform.ts";
import type { Stream } from "./log-parts.ts";

/** Where one log lies, and what lies around it by which it is rotated: see docs/notes/rotation.md. */
export interface LogShelf {
  /** What is written to. */
  readonly live: string;
  /** Where the archives are, `ARCHIVE.1.gz` and so on. */
  readonly folder: string;
  readonly archive: string;
  /** How far a rotation is. */
  readonly state: string;
  /** What has been copied out of the live log, until it has its place among the archives. */
  readonly moving: string;
  readonly compressing: string;
  /** A person has named the file; the rest of its folder is not ours. */
  readonly isNamed: boolean;
}

/** In the process's own folder. */
export function ownShelf(folder: string, stream: Stream, live = `${folder}/current.${stream}`): LogShelf {
  return {
    live,
    folder,
    archive: `current.${stream}`,
    state: `${folder}/rotation.${stream}`,
    moving: `${folder}/.rotating.${stream}`,
    compressing: `${folder}/.compressing.${stream}`,
    isNamed: false,
  };
}

/** Beside a file that a person has named: whoever else writes to it, from this home or another, finds the same. */
export function namedShelf(live: string): LogShelf {
  const [folder, archive] = [dirname(live), basename(live)];
  return {
    live,
    folder,
    archive,
    state: `${folder}/.${archive}.rotation`,
    moving: `${folder}/.${archive}.rotating`,
    compressing: `${folder}/.${archive}.compressing`,
    isNamed: true,
  };
}

/** The same, whatever way is taken to its folder; undefined when there is none. A link in the file's own place is not followed. */
export function standingShelf(files: Files, path: string): LogShelf | undefined {
  const folder = files.realPath(dirname(path));
  return folder === undefined ? undefined : namedShelf(join(folder, basename(path)));
}

/** Held by whoever rotates or empties a file that a person has named, beside the lock of the process's logs. */
export function shelfLock({ folder, archive }: LogShelf): string {
  return `${folder}/.${archive}.lock`;
}
