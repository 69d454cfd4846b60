import type { Files } from "../platform/platform.ts";
import { escapeCharacter } from "./control-characters.ts";

const chunkBytes = 64 * 1024;
/** Of a file whose lines are longer than that only so much is read. */
const mostBytes = 4 * 1024 * 1024;

/**
 * The last `count` lines of a file, oldest first, without their newlines. An unfinished last line counts.
 * Reads backwards from the end, so the size of the file does not matter.
 * @param from byte offset before which nothing is read. @param to byte offset to read up to, default the end.
 */
export function lastLines(files: Files, path: string, count: number, from = 0, to?: number): string[] {
  const size = to ?? files.stat(path)?.size ?? 0;
  if (count <= 0 || size <= from) return [];
  let start = size;
  const chunks: Buffer[] = [];
  let newlines = 0;
  // One newline more than lines: the one that ends the line before the first.
  while (start > from && newlines <= count && size - start < mostBytes) {
    const length = Math.min(chunkBytes, start - from);
    start -= length;
    const chunk = files.readRange(path, start, length) ?? Buffer.alloc(0);
    for (const byte of chunk) if (byte === 0x0a) newlines += 1;
    chunks.unshift(chunk);
  }
  const lines = splitLines(Buffer.concat(chunks).toString("utf8"));
  return lines.slice(-count);
}

/** Text to lines: a newline ends a line, it does not begin an empty one. A `\r` before it belongs to the ending. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

const colour = new RegExp(`${escapeCharacter}\\[[\\d;:]*m`, "g");

/** The text without the sequences that only colour it. */
export function stripColours(text: string): string {
  return text.includes("\x1b[") ? text.replace(colour, "") : text;
}
