import { isAscii, isUtf8 } from "node:buffer";
import { withPatience } from "./log-patience.ts";
import type { LogPattern } from "./log-pattern.ts";
import type { Region } from "./log-regions.ts";

/** A line of a region: its bytes without the newline. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const newline = 0x0a;

/**
 * Finds the lines that fit. They are looked at one by one only where they may fit: a gigabyte is searched in its bytes, for
 * a few of them that stand in every line that fits and are rare in this log; or in one text of many lines.
 */
export class LineSearch {
  readonly #pattern: LogPattern;
  #needles: readonly Buffer[] | undefined;
  #searched = 0;
  #looked = 0;
  #fitted = 0;

  constructor(pattern: LogPattern) {
    this.#pattern = pattern;
  }

  fitting(region: Region): Iterable<Span> {
    return withPatience(this.#pattern, () => {
      const found = this.#found(region);
      return this.#pattern.mayBeSlow ? [...found] : found;
    });
  }

  *#found({ bytes }: Region): Generator<Span> {
    this.#needles ??= needlesFor(this.#pattern, bytes);
    const { lines } = this.#pattern;
    const isText = lines !== undefined && isUtf8(bytes);
    if (this.#needles.length > 0 && !(isText && this.#findsTooMuch())) yield* this.#holding(bytes, this.#needles);
    else if (isText) yield* this.#inText(bytes, lines);
    else for (const span of spansOf(bytes, 0, bytes.length)) if (this.#fits(bytes, span)) yield span;
  }

  /** All the others. */
  *unfitting(region: Region): Generator<Span> {
    let from = 0;
    for (const span of this.fitting(region)) {
      yield* spansOf(region.bytes, from, span.from);
      from = span.to + 1;
    }
    yield* spansOf(region.bytes, from, region.bytes.length);
  }

  /** Bytes that nearly every line has spare nothing. */
  #findsTooMuch(): boolean {
    return this.#looked > 1000 && this.#looked > this.#searched / 2048 && this.#fitted < this.#looked / 2;
  }

  *#holding(bytes: Buffer, needles: readonly Buffer[]): Generator<Span> {
    this.#searched += bytes.length;
    const next = needles.map((needle) => bytes.indexOf(needle));
    for (;;) {
      let found = -1;
      for (const place of next) if (place !== -1 && (found === -1 || place < found)) found = place;
      if (found === -1) return;
      const from = found === 0 ? 0 : bytes.lastIndexOf(newline, found - 1) + 1;
      const to = endOfLine(bytes, found);
      this.#looked += 1;
      if (this.#fits(bytes, { from, to })) {
        this.#fitted += 1;
        yield { from, to };
      }
      for (const [index, needle] of needles.entries()) {
        const place = next[index] ?? -1;
        if (place !== -1 && place <= to) next[index] = bytes.indexOf(needle, to + 1);
      }
    }
  }

  *#inText(bytes: Buffer, lines: RegExp): Generator<Span> {
    const plain = isAscii(bytes);
    const text = bytes.toString(plain ? "latin1" : "utf8");
    // Byte and character of a place that is known; in plain text they are the same.
    let byte = 0;
    let character = 0;
    for (let next = 0; next < text.length; ) {
      lines.lastIndex = next;
      const found = lines.exec(text);
      // Behind the last newline there is no line.
      if (found === null || found.index === text.length) return;
      const begin = found.index === 0 ? 0 : text.lastIndexOf("\n", found.index - 1) + 1;
      const newlineAt = text.indexOf("\n", found.index);
      const end = newlineAt === -1 ? text.length : newlineAt;
      const from = plain ? begin : byte + Buffer.byteLength(text.slice(character, begin));
      const to = plain ? end : from + Buffer.byteLength(text.slice(begin, end));
      [byte, character] = [to, end];
      next = end + 1;
      // In the text `^` and `$` stand at a \r too, in a line only the one at its end is left out.
      if (this.#pattern.line.test(withoutReturn(text.slice(begin, end)))) yield { from, to };
    }
  }

  #fits(bytes: Buffer, { from, to }: Span): boolean {
    return this.#pattern.line.test(withoutReturn(bytes.toString("utf8", from, to)));
  }
}

export function* spansOf(bytes: Buffer, start: number, end: number): Generator<Span> {
  for (let from = start; from < end; ) {
    const to = endOfLine(bytes, from);
    yield { from, to };
    from = to + 1;
  }
}

/**
 * A part of each literal that begins with a byte which is rare in the sample: what finds it looks for the first byte, with
 * the speed of memory, and at the others only there.
 */
function needlesFor({ literals, ignoreCase }: LogPattern, sample: Buffer): Buffer[] {
  const counts = new Uint32Array(256);
  for (const byte of sample.subarray(0, 64 * 1024)) counts[byte] = (counts[byte] ?? 0) + 1;
  const often = (bytes: Buffer): number => counts[bytes[0] ?? 0] ?? 0;
  return literals.flatMap((literal) => {
    let best: Buffer[] = [];
    let least = Number.POSITIVE_INFINITY;
    const bytes = Buffer.from(literal);
    for (let from = 0; from === 0 || from < bytes.length - 2; from += 1) {
      // Longer ones are searched by skipping, which is slower.
      const part = bytes.subarray(from, from + (ignoreCase ? 3 : 7));
      const forms = ignoreCase ? caseForms(part.toString("latin1")).map((form) => Buffer.from(form, "latin1")) : [part];
      const cost = forms.reduce((sum, form) => sum + often(form) + 1, 0);
      if (cost < least) [best, least] = [forms, cost];
    }
    return best;
  });
}

/** `ab`, `Ab`, `aB`, `AB`. */
function caseForms(text: string): string[] {
  let forms = [""];
  for (const character of text) {
    const both = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    forms = forms.flatMap((form) => both.map((each) => form + each));
  }
  return forms;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end === -1 ? bytes.length : end;
}
