import type { LogLine } from "./log-line.ts";

/** Lines in their order, some at a time: one at a time costs more than reading them. */
export type Lines = AsyncIterable<readonly LogLine[]>;

/**
 * Several logs as one, by time. In the same second the log that is named first comes first, and all lines of one log keep
 * their order; what has no time comes before all that has one. Holds one batch of each.
 */
export async function* mergeByTime(logs: readonly Lines[]): AsyncGenerator<readonly LogLine[]> {
  const [only] = logs;
  if (logs.length === 1 && only !== undefined) {
    yield* only;
    return;
  }
  let heads: Head[] = [];
  try {
    for (const log of logs) {
      const head = new Head(log);
      if (await head.fill()) heads.push(head);
      else await head.end();
    }
    while (heads.length > 0) {
      const [first, second] = firstTwo(heads);
      if (first === undefined) return;
      // Of two with the same time the one that stands first goes on while that is its time.
      const upTo = second === undefined ? Number.POSITIVE_INFINITY : second.key;
      const goesFirst = second === undefined || heads.indexOf(first) < heads.indexOf(second);
      yield first.take(upTo, goesFirst);
      if (await first.fill()) continue;
      heads = heads.filter((head) => head !== first);
    }
  } finally {
    for (const head of heads) await head.end();
  }
}

class Head {
  readonly #lines: AsyncIterator<readonly LogLine[]>;
  #batch: readonly LogLine[] = [];
  #next = 0;
  /** The line that was taken last goes on with the next: nothing may come between. */
  #isOpen = false;

  constructor(lines: Lines) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** @returns whether there is a line. */
  async fill(): Promise<boolean> {
    while (this.#next === this.#batch.length) {
      const { value, done } = await this.#lines.next();
      if (done === true) return false;
      this.#batch = value;
      this.#next = 0;
    }
    return true;
  }

  get key(): number {
    return this.#isOpen ? Number.NEGATIVE_INFINITY : (this.#batch[this.#next]?.time ?? -1);
  }

  /** The next line, and those behind it that come before this time. */
  take(upTo: number, withEqual: boolean): readonly LogLine[] {
    const from = this.#next;
    do {
      this.#isOpen = this.#batch[this.#next]?.more === true;
      this.#next += 1;
    } while (this.#next < this.#batch.length && (this.key < upTo || (withEqual && this.key === upTo)));
    return from === 0 && this.#next === this.#batch.length ? this.#batch : this.#batch.slice(from, this.#next);
  }

  async end(): Promise<void> {
    await this.#lines.return?.();
  }
}

function firstTwo(heads: readonly Head[]): [Head | undefined, Head | undefined] {
  let first: Head | undefined;
  let second: Head | undefined;
  for (const head of heads) {
    if (first === undefined || head.key < first.key) [first, second] = [head, first];
    else if (second === undefined || head.key < second.key) second = head;
  }
  return [first, second];
}
