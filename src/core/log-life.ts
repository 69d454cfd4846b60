import type { Files } from "../platform/platform.ts";
import type { Stream } from "./log-parts.ts";

/** The life that last began, as its runner wrote it into the clock of a log: `@ TIME SIZE RUN INODE`. */
export interface LogLife {
  /** 1, 2, … of this process. */
  readonly run: number;
  /** Of the file that it began to write to; 0: not known. */
  readonly inode: number;
}

/** undefined when none is on record. Asked of every log each minute: most have one line, none more than 512 KB (see prune-clock.ts). */
export function lastLife(files: Files, folder: string, stream: Stream): LogLife | undefined {
  const path = `${folder}/clock.${stream}`;
  if (files.kind(path) !== "file") return undefined;
  const text = files.readText(path) ?? "";
  // The last line that begins like one; the next before it where something has cut that.
  for (let end = text.length; end > 0; ) {
    const begin = text.lastIndexOf("\n@", end - 1) + 1;
    const [, run, inode] = life.exec(text.slice(begin, end)) ?? [];
    if (run !== undefined) return { run: Number(run), inode: Number(inode ?? 0) };
    end = begin - 1;
  }
  return undefined;
}

const life = /^@ \d+ \d+ (\d+)(?: (\d+))?$/m;
