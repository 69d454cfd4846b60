import { longestLine } from "./log-regions.ts";

/** A line of which only the end is shown. */
export interface LongLine {
  readonly from: number;
  readonly to: number;
  /** Its beginning was not looked for: it stands before `from`. */
  readonly isLonger: boolean;
}

/** Lines of a log, met from its end backwards until there are enough of them. */
export class LinesBackwards {
  /** The oldest first. */
  readonly long: LongLine[] = [];
  newlines = 0;
  readonly #wanted: number;
  /** Of the line whose beginning is looked for. */
  #end: number;

  constructor(wanted: number, end: number) {
    this.#wanted = wanted;
    this.#end = end;
  }

  /** How many newlines are still to be met. */
  get missing(): number {
    return this.#wanted - this.newlines;
  }

  /** @returns whether the lines that are wanted begin behind it */
  meet(newlineAt: number): boolean {
    this.begins(newlineAt + 1, false);
    this.newlines += 1;
    return this.missing === 0;
  }

  begins(from: number, isLonger: boolean): void {
    if (this.#end - from > wholeBytes) this.long.unshift({ from, to: this.#end, isLonger });
    this.#end = from;
  }

  /** So far back nobody looks for the beginning of one line. */
  isLost(at: number): boolean {
    return this.#end - at > soughtBytes;
  }
}

/** What is shown of a line that is longer than `wholeBytes`, when it is shown as one of the last. */
export const shownOfLong = longestLine;
const wholeBytes = 16 * 1024 * 1024;
/** Two seconds' reading. */
const soughtBytes = 4e9;

/** The places of newlines in bytes that come in their order: of the last so many. */
export class LastNewlines {
  readonly #most: number;
  #places: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  take(at: number, bytes: Buffer): void {
    // Found at the speed of memory that there is none; each single one is nearer by looking at each byte.
    for (let index = bytes.indexOf(newline); index !== -1 && index < bytes.length; index += 1)
      if (bytes[index] === newline) this.#places.push(at + index);
    if (this.#places.length > this.#most * 2 + 1000) this.#places = this.#places.slice(-this.#most);
  }

  backwards(): readonly number[] {
    return this.#places.slice(-this.#most).reverse();
  }
}

export function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let index = bytes.indexOf(newline); index !== -1 && index < bytes.length; index += 1)
    if (bytes[index] === newline) count += 1;
  return count;
}

const newline = 0x0a;
