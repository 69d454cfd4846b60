import { isAscii, isUtf8 } from "node:buffer";
import type { LogPattern } from "./log-pattern.ts";
import type { Region } from "./log-regions.ts";

/** A line of a region: its bytes without the newline. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const newline = 0x0a;

/**
 * The lines of a region that fit. Lines are looked at one by one only where they may fit: a gigabyte is searched in its
 * bytes, or in one text of many lines.
 */
export function* fitting({ bytes }: Region, pattern: LogPattern): Generator<Span> {
  if (pattern.literal !== undefined) yield* holding(bytes, pattern.literal, pattern);
  else if (pattern.lines === undefined || !isUtf8(bytes)) yield* oneByOne(bytes, pattern);
  else yield* inText(bytes, pattern, pattern.lines);
}

/** All the others. */
export function* unfitting(region: Region, pattern: LogPattern): Generator<Span> {
  let from = 0;
  for (const span of fitting(region, pattern)) {
    yield* spansOf(region.bytes, from, span.from);
    from = span.to + 1;
  }
  yield* spansOf(region.bytes, from, region.bytes.length);
}

export function* spansOf(bytes: Buffer, start: number, end: number): Generator<Span> {
  for (let from = start; from < end; ) {
    const to = endOfLine(bytes, from);
    yield { from, to };
    from = to + 1;
  }
}

function* holding(bytes: Buffer, literal: Buffer, pattern: LogPattern): Generator<Span> {
  for (let found = bytes.indexOf(literal); found !== -1; ) {
    const from = found === 0 ? 0 : bytes.lastIndexOf(newline, found - 1) + 1;
    const to = endOfLine(bytes, found);
    if (pattern.isLiteral || fits(bytes, { from, to }, pattern)) yield { from, to };
    found = bytes.indexOf(literal, to + 1);
  }
}

function* oneByOne(bytes: Buffer, pattern: LogPattern): Generator<Span> {
  for (const span of spansOf(bytes, 0, bytes.length)) if (fits(bytes, span, pattern)) yield span;
}

function* inText(bytes: Buffer, pattern: LogPattern, lines: RegExp): Generator<Span> {
  const plain = isAscii(bytes);
  const text = bytes.toString(plain ? "latin1" : "utf8");
  // Byte and character of a place that is known; in plain text they are the same.
  let byte = 0;
  let character = 0;
  lines.lastIndex = 0;
  for (;;) {
    const found = lines.exec(text);
    if (found === null) return;
    const begin = found.index === 0 ? 0 : text.lastIndexOf("\n", found.index - 1) + 1;
    const newlineAt = text.indexOf("\n", found.index);
    const end = newlineAt === -1 ? text.length : newlineAt;
    // Behind the last newline there is no line.
    if (begin === text.length) return;
    const from = plain ? begin : byte + Buffer.byteLength(text.slice(character, begin));
    const to = plain ? end : from + Buffer.byteLength(text.slice(begin, end));
    [byte, character] = [to, end];
    // For a line that ends in \r `$` stands before it, and in the text also before one in the middle.
    if (pattern.line.test(withoutReturn(text.slice(begin, end)))) yield { from, to };
    lines.lastIndex = end + 1;
    if (end + 1 > text.length) return;
  }
}

function fits(bytes: Buffer, { from, to }: Span, pattern: LogPattern): boolean {
  return pattern.line.test(withoutReturn(bytes.toString("utf8", from, to)));
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end === -1 ? bytes.length : end;
}
