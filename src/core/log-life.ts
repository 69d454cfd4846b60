import type { Files } from "../platform/platform.ts";
import { lastLines } from "./log-lines.ts";
import type { Stream } from "./log-parts.ts";

/** The life that last began, as its runner wrote it into the clock of a log: `@ TIME SIZE RUN INODE`. */
export interface LogLife {
  /** 1, 2, … of this process. */
  readonly run: number;
  /** Of the file that it began to write to; 0: not known. */
  readonly inode: number;
}

/** undefined when none is on record. */
export function lastLife(files: Files, folder: string, stream: Stream): LogLife | undefined {
  const path = `${folder}/clock.${stream}`;
  if (files.kind(path) !== "file") return undefined;
  const line = lastLines(files, path, mostLines).findLast((each) => life.test(each));
  const [, run, inode] = (line === undefined ? undefined : life.exec(line)) ?? [];
  return run === undefined ? undefined : { run: Number(run), inode: Number(inode ?? 0) };
}

/** As many as a clock can have: see prune-clock.ts. */
const mostLines = 200_000;

const life = /^@ \d+ \d+ (\d+)(?: (\d+))?$/;
