import { type Buffer, splice } from "./engine.ts";

/** The last word of an older line, put where the cursor is; right after itself, that of a line older still. */
export class LastWords {
  readonly #wordOf: (line: string) => string | undefined;
  #put: Put | undefined;

  /** @param wordOf the last word of a line of the history, as it was typed. */
  constructor(wordOf: (line: string) => string | undefined) {
    this.#wordOf = wordOf;
  }

  /**
   * @param recent the lines, newest first; one may come again.
   * @returns undefined when there is no further word
   */
  put(buffer: Buffer, recent: () => Iterable<string>): Buffer | undefined {
    // Anything else that has happened to the line makes it the first again.
    const again = this.#put?.after === buffer ? this.#put : undefined;
    const before = again?.before ?? buffer;
    const older = again?.older ?? eachOnce(recent());
    for (let next = older.next(); next.done !== true; next = older.next()) {
      const word = this.#wordOf(next.value);
      if (word === undefined || word === again?.word) continue;
      const after = splice(before, before.cursor, before.cursor, word, before.cursor + word.length);
      this.#put = { older, word, before, after };
      return after;
    }
    return undefined;
  }
}

interface Put {
  /** The lines before the one whose word it is. */
  readonly older: Iterator<string>;
  readonly word: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

function* eachOnce(lines: Iterable<string>): Generator<string> {
  const seen = new Set<string>();
  for (const line of lines) {
    if (seen.has(line)) continue;
    seen.add(line);
    yield line;
  }
}
