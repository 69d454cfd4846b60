import { isAtLeast, type Level } from "./log-level.ts";
import type { LogLine } from "./log-line.ts";
import type { Lines } from "./log-merge.ts";
import { withPatience } from "./log-patience.ts";
import type { LogPattern } from "./log-pattern.ts";

/** Which lines are wanted for what they say. */
export interface LogFilter {
  readonly pattern: LogPattern | undefined;
  /** Those that do not fit. */
  readonly invert: boolean;
  /** So many lines before and behind each. */
  readonly context: number;
  /** As bad as that or worse. */
  readonly level: Level | undefined;
}

/** Lets the lines of one process through that fit, and those around them. */
export class FilterGate {
  readonly #filter: LogFilter;
  /** Lines that would stand before the next that fits. */
  #before: LogLine[] = [];
  /** So many are still to come behind the last that fitted. */
  #behind = 0;
  /** Has any been left out since the last that went through? */
  #hasGap = false;
  #hasBegun = false;

  constructor(filter: LogFilter) {
    this.#filter = filter;
  }

  pass(lines: readonly LogLine[]): LogLine[] {
    return withPatience(this.#filter.pattern, () => this.#pass(lines));
  }

  #pass(lines: readonly LogLine[]): LogLine[] {
    const { context } = this.#filter;
    if (context === 0) return lines.filter((line) => fits(line, this.#filter));
    const passed: LogLine[] = [];
    for (const line of lines) {
      if (fits(line, this.#filter)) {
        for (const each of [...this.#before, line]) passed.push(this.#through(each));
        this.#before = [];
        this.#behind = context;
      } else if (this.#behind > 0) {
        passed.push(this.#through(line));
        this.#behind -= 1;
      } else {
        this.#before.push(line);
        if (this.#before.length <= context) continue;
        this.#before.shift();
        this.#hasGap = true;
      }
    }
    return passed;
  }

  #through(line: LogLine): LogLine {
    const apart = this.#hasGap && this.#hasBegun;
    this.#hasGap = false;
    this.#hasBegun = true;
    return apart ? { ...line, apart } : line;
  }
}

function fits({ text, level }: LogLine, { pattern, invert, level: least }: LogFilter): boolean {
  if (least !== undefined && (level === undefined || !isAtLeast(level, least))) return false;
  return pattern === undefined || pattern.line.test(text) !== invert;
}

/** Those from and up to a time, epoch seconds; of a line without a time nobody knows, and it stays. */
export async function* within(
  lines: Lines,
  from: number | undefined,
  to: number | undefined,
): AsyncGenerator<readonly LogLine[]> {
  for await (const batch of lines)
    yield batch.filter(
      ({ time }) => time === null || ((from === undefined || time >= from) && (to === undefined || time <= to)),
    );
}

/** All but the first. */
export async function* withoutFirst(lines: Lines, count: number): AsyncGenerator<readonly LogLine[]> {
  let left = count;
  for await (const batch of lines) {
    if (left === 0) {
      yield batch;
      continue;
    }
    let index = 0;
    // The pieces of a line that is too long count once.
    for (; index < batch.length && left > 0; index += 1) if (batch[index]?.more !== true) left -= 1;
    yield batch.slice(index);
  }
}

/** The last, when all have been seen. */
export async function* onlyLast(lines: Lines, count: number): AsyncGenerator<readonly LogLine[]> {
  let kept: LogLine[] = [];
  for await (const batch of lines) {
    if (count === 0) continue;
    for (const line of batch) kept.push(line);
    if (kept.length > count * 2 + 1000) kept = kept.slice(-count);
  }
  yield count === 0 ? [] : kept.slice(-count);
}
