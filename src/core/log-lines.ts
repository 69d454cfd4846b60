import type { Files } from "../platform/platform.ts";

const chunkBytes = 64 * 1024;

/**
 * The last `count` lines of a file, exactly, oldest first, without their newlines. An unfinished last line counts.
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
  while (start > from && newlines <= count) {
    const length = Math.min(chunkBytes, start - from);
    start -= length;
    const chunk = files.readRange(path, start, length) ?? Buffer.alloc(0);
    for (const byte of chunk) if (byte === 0x0a) newlines += 1;
    chunks.unshift(chunk);
  }
  const lines = splitLines(Buffer.concat(chunks).toString("utf8"));
  return lines.slice(-count);
}

/** Where the last lines of a file begin, and how many of as many as were asked for there are. */
export interface LastLines {
  readonly start: number;
  readonly lines: number;
}

/** Finds the last `count` lines of the first `to` bytes of a file. Keeps none of it in memory. */
export function findLastLines(files: Files, path: string, count: number, to: number): LastLines {
  let lines = 0;
  if (count <= 0 || to <= 0) return { start: to, lines };
  for (let end = to; end > 0; ) {
    const length = Math.min(chunkBytes, end);
    const start = end - length;
    const chunk = files.readRange(path, start, length) ?? Buffer.alloc(0);
    // The newline at the very end ends the last line, it does not begin one.
    let at = chunk.lastIndexOf(0x0a, end === to ? length - 2 : length - 1);
    for (; at !== -1; at = at === 0 ? -1 : chunk.lastIndexOf(0x0a, at - 1)) {
      lines += 1;
      if (lines === count) return { start: start + at + 1, lines };
    }
    end = start;
  }
  return { start: 0, lines: lines + 1 };
}

/** The lines between two offsets, read piece by piece as they are asked for. */
export function* linesBetween(files: Files, path: string, from: number, to: number): Generator<string> {
  /** The beginning of a line that goes on. */
  let rest: Buffer[] = [];
  for (let at = from; at < to; ) {
    const bytes = files.readRange(path, at, Math.min(chunkBytes, to - at)) ?? Buffer.alloc(0);
    if (bytes.length === 0) break; // it has been emptied meanwhile
    at += bytes.length;
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end > 0) {
      yield* splitLines(Buffer.concat([...rest, bytes.subarray(0, end)]).toString("utf8"));
      rest = [];
    }
    rest.push(bytes.subarray(end));
  }
  yield* splitLines(Buffer.concat(rest).toString("utf8"));
}

/** Text to lines: a newline ends a line, it does not begin an empty one. A `\r` before it belongs to the ending. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}
