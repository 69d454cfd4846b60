import type { LogFilter } from "./log-filter.ts";
import type { LogLine } from "./log-line.ts";
import type { Moment } from "./log-moment.ts";
import type { Stream } from "./log-parts.ts";
import type { ProcessRecord } from "./process.ts";

/** Which lines of which processes. */
export interface LogRequest {
  readonly records: readonly ProcessRecord[];
  /** Who gets a name that one of these means joins while it is followed. */
  readonly patterns: readonly string[];
  readonly streams: readonly Stream[];
  /** So many of each process at most, the last; undefined: the setting, or all where something is looked for. */
  readonly lines: number | undefined;
  readonly follow: boolean;
  /** Says when nothing more will come: then what is left is read, and the following ends. */
  readonly over?: () => boolean;
  readonly since: Moment | undefined;
  readonly until: Moment | undefined;
  /** Of this life alone. */
  readonly run: number | "last" | undefined;
  /** Of the life that crashed last. */
  readonly crash: boolean;
  readonly filter: LogFilter;
  /** Every byte of a line, however long it is; else the end of one that nobody could read has to do. */
  readonly inFull?: boolean;
  /** Is the level of each line wanted? */
  readonly withLevels: boolean;
}

/** Lines, and what a person should know of how they were read. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  readonly notes: readonly string[];
}

/** Is the whole log looked through for some of its lines? */
export function isSearch({ filter, withLevels }: LogRequest): boolean {
  return filter.pattern !== undefined && filter.context === 0 && filter.level === undefined && !withLevels;
}

export function hasFilter({ filter }: LogRequest): boolean {
  return filter.pattern !== undefined || filter.level !== undefined;
}
