import { type Buffer, splice } from "./engine.ts";

/** The last word of an older line, put where the cursor is; right after itself, that of a line older still. */
export class LastWords {
  readonly #wordOf: (line: string) => string | undefined;
  #put:
    | { readonly older: Iterator<string>; readonly word: string; readonly before: Buffer; readonly after: Buffer }
    | undefined;

  /** @param wordOf the last word of a line of the history, as it was typed. */
  constructor(wordOf: (line: string) => string | undefined) {
    this.#wordOf = wordOf;
  }

  /** @param recent the lines, newest first. @returns undefined when there is no further word. */
  put(buffer: Buffer, recent: () => Iterable<string>): Buffer | undefined {
    // Anything else that has happened to the line makes it the first again.
    const again = this.#put?.after === buffer ? this.#put : undefined;
    const before = again?.before ?? buffer;
    const older = again?.older ?? recent()[Symbol.iterator]();
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
