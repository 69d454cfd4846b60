import type { Files } from "../platform/platform.ts";
import type { Stream } from "./log-parts.ts";

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
export function archivesOf(files: Files, folder: string, stream: Stream): LogArchive[] {
  const found = new Map<number, LogArchive>();
  for (const name of files.listFiles(folder)) {
    const match = archiveName.exec(name);
    if (match === null || match[1] !== stream) continue;
    const number = Number(match[2]);
    const compressed = match[3] !== undefined;
    if (compressed || !found.has(number)) found.set(number, { number, path: `${folder}/${name}`, compressed });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

const archiveName = /^current\.(out|err)\.([1-9]\d{0,5})(\.gz)?$/;

/** Every number that a name has taken, whatever it is the name of. */
export function takenNumbers(files: Files, folder: string, stream: Stream): Set<number> {
  const matches = files.list(folder).map((name) => archiveName.exec(name));
  return new Set(matches.flatMap((match) => (match?.[1] === stream ? [Number(match[2])] : [])));
}

/** Is it a file that holds lines, or tells when they were written? All that stays when only the logs are kept. */
export function isLogFile(name: string): boolean {
  return (
    archiveName.test(name) || /^(current|clock|rotation)\.(out|err)$/.test(name) || /^\.rotating\.(out|err)$/.test(name)
  );
}
