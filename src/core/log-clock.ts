import type { Files } from "../platform/platform.ts";
import type { LineTimes } from "./log-line.ts";
import { openLog } from "./log-parts.ts";

/** A life of a process, as its log tells it. */
interface Run {
  readonly run: number;
  /** Epoch seconds. */
  readonly time: number;
  /** Where it begins, in bytes from the log's beginning. */
  readonly offset: number;
}

interface Entry {
  readonly time: number;
  readonly offset: number;
  readonly run: number | undefined;
}

/**
 * When what was written: a sparse list of (time, length of the log at that time). A line has the time of the first entry
 * that reaches behind its last byte; behind the last entry it has that of the file.
 */
export class LogClock {
  readonly runs: readonly Run[];
  readonly #entries: readonly Entry[];
  readonly #modified: number | null;
  readonly #isWhole: boolean;

  /** @param modified when the log was last written to, epoch seconds. @param isWhole false: only the clock's end */
  constructor(entries: readonly Entry[], modified: number | null, isWhole = true) {
    const runs = new Map<number, Run>();
    for (const { run, time, offset } of entries)
      if (run !== undefined && !runs.has(run)) runs.set(run, { run, time, offset });
    this.runs = [...runs.values()];
    this.#entries = entries;
    this.#modified = modified;
    this.#isWhole = isWhole;
  }

  /** Does it know all that can be known of what lies behind this offset? */
  covers(offset: number): boolean {
    return this.#isWhole || (this.#entries[0]?.offset ?? Number.POSITIVE_INFINITY) <= offset;
  }

  /** Does it know any time at all? */
  get isKnown(): boolean {
    return this.#entries.length > 0;
  }

  /** Asked with offsets that grow, it answers each at once. Epoch seconds; null without a clock. */
  reader(): LineTimes {
    let at = -1;
    let next = 0;
    return {
      timeOf: (end) => {
        if (!this.isKnown) return null;
        if (at === -1 || (this.#entries[at - 1]?.offset ?? -1) >= end) at = firstReaching(this.#entries, end);
        while (at < this.#entries.length && (this.#entries[at]?.offset ?? 0) < end) at += 1;
        return this.#entries[at]?.time ?? this.#modified;
      },
      runOf: (start) => {
        while (next < this.runs.length && (this.runs[next]?.offset ?? 0) <= start) next += 1;
        while (next > 0 && (this.runs[next - 1]?.offset ?? 0) > start) next -= 1;
        return this.runs[next - 1]?.run ?? null;
      },
    };
  }

  /** Up to here every byte is older than this time (epoch seconds). */
  reachedBefore(time: number): number {
    const first = this.#entries.findIndex((entry) => entry.time >= time);
    const before = first === -1 ? this.#entries.at(-1) : this.#entries[first - 1];
    return before?.offset ?? 0;
  }

  /** From here on every byte is younger than this time; infinite when it may go on. */
  reachedAt(time: number): number {
    if (this.#modified !== null && this.#modified <= time) return Number.POSITIVE_INFINITY;
    return this.#entries.findLast((entry) => entry.time <= time)?.offset ?? 0;
  }

  /** The run that was under way at this time. */
  runAt(time: number): Run | undefined {
    return this.runs.findLast((run) => run.time <= time) ?? this.runs[0];
  }
}

function firstReaching(entries: readonly Entry[], offset: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Reads `clock.S`. A clock that is missing, empty, damaged or a folder knows no times.
 * @param base what the live file's first byte is counted as, when the clock does not say
 * @param whole false: only its end, for lines near the end of the log
 */
export function readClock(
  files: Files,
  path: string,
  { base, modifiedMs, whole }: { base: number; modifiedMs: number | null; whole: boolean },
): LogClock {
  const modified = modifiedMs === null ? null : Math.floor(modifiedMs / 1000);
  const opened = openLog(files, path, false);
  if (opened === undefined || typeof opened === "string") return new LogClock([], modified);
  try {
    const { size } = opened.stat();
    const from = whole ? 0 : Math.max(0, size - tailBytes);
    const bytes = Buffer.alloc(size - from);
    const text = bytes.toString("latin1", 0, opened.read(bytes, from));
    const isWhole = from === 0;
    const lines = isWhole ? text : text.slice(text.indexOf("\n") + 1);
    return new LogClock(parseClock(lines, { isWhole, base }), modified, isWhole);
  } finally {
    opened.close();
  }
}

/** About four thousand entries: an hour of a busy log. */
const tailBytes = 64 * 1024;

/**
 * Before the first line that says a base it is 0; only the end of a clock cannot know it there, and leaves these out.
 * @param base what is counted from when no line says so
 */
export function parseClock(text: string, { isWhole, base: idle }: { isWhole: boolean; base: number }): Entry[] {
  const entries: Entry[] = [];
  // A rotation is under way: nobody can tell from which base it counts.
  let isMoving = false;
  let base = !/^= \d/m.test(text) ? idle : isWhole ? 0 : undefined;
  for (const line of text.split("\n")) {
    const [first, second, third, fourth] = line.split(" ");
    if (first === "=") {
      base = number(second) ?? base;
      isMoving = false;
    } else if (first === "~") isMoving = true;
    else if (isMoving) continue;
    else if (first === "@") add(number(second), number(third), number(fourth) ?? null);
    else add(number(first), number(second), undefined);
  }
  return inOrder(entries);

  function add(time: number | undefined, size: number | undefined, run: number | undefined | null): void {
    if (base === undefined || time === undefined || size === undefined || run === null) return;
    entries.push({ time, offset: base + size, run });
  }
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** Its writers have no common lock: an entry may say too much for an instant, and a later one knows better. */
function inOrder(entries: readonly Entry[]): Entry[] {
  const kept: Entry[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry === undefined) continue;
    // The beginning of a life is never forgotten, at most moved to what is certain.
    if (entry.offset <= least) kept.push(entry);
    else if (entry.run !== undefined) kept.push({ ...entry, offset: least });
    least = Math.min(least, entry.offset);
  }
  return kept.reverse();
}
