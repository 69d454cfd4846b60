import type { Files } from "../platform/platform.ts";
import type { LogShelf } from "./log-shelf.ts";
import { readState } from "./rotation-state.ts";

/** One archive of a log: `current.out.3.gz`, or without compression `current.out.3`. */
export interface LogArchive {
  /** 1 is the newest. */
  readonly number: number;
  readonly path: string;
  readonly compressed: boolean;
}

/**
 * The archives of one stream, newest first. Of a number that is there twice, the compressed one: it is whole. A folder or a
 * link of such a name is none: what it leads to is not ours.
 */
export function archivesOf(files: Files, shelf: LogShelf): LogArchive[] {
  if (!hasArchives(files, shelf)) return [];
  const found = new Map<number, LogArchive>();
  for (const name of files.listFiles(shelf.folder)) {
    const [number, ending] = numbered(shelf, name) ?? [];
    if (number === undefined) continue;
    const compressed = ending !== "";
    if (compressed || !found.has(number)) found.set(number, { number, path: `${shelf.folder}/${name}`, compressed });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** Beside a file that a person has named archives are ours once we have rotated it: what lay there before is not. */
export function hasArchives(files: Files, shelf: LogShelf): boolean {
  if (!shelf.isNamed) return true;
  const { at, moving } = readState(files, shelf);
  return at > 0 || moving !== undefined;
}

/** Every number that a name has taken, whatever it is the name of. */
export function takenNumbers(files: Files, shelf: LogShelf): Set<number> {
  return new Set(files.list(shelf.folder).flatMap((name) => numbered(shelf, name)?.[0] ?? []));
}

function numbered({ archive }: LogShelf, name: string): [number: number, ending: string] | undefined {
  const match = name.startsWith(`${archive}.`) ? archiveNumber.exec(name.slice(archive.length)) : null;
  return match === null ? undefined : [Number(match[1]), match[2] ?? ""];
}

const archiveNumber = /^\.([1-9]\d{0,5})(\.gz)?$/;

/** Is it a file that holds lines, or tells when they were written? All that stays when only the logs are kept. */
export function isLogFile(name: string): boolean {
  return /^(current\.(out|err)(\.[1-9]\d{0,5}(\.gz)?)?|(clock|rotation)\.(out|err)|\.rotating\.(out|err))$/.test(name);
}
