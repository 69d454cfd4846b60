import type { Chunk } from "./log-bytes.ts";

/** Bytes of a log that hold whole lines, or a piece of one that is too long to be kept. */
export interface Region {
  /** Where they stand, counted from the log's beginning. */
  readonly at: number;
  readonly bytes: Buffer;
  /** The last line goes on in the next region. */
  readonly more: boolean;
}

/** A longer line comes in pieces of this size: the memory that one line may take. */
export const longestLine = 1024 * 1024;

/** Chunks, cut where lines end. Bytes behind the last newline come last, as a line without an end. */
export async function* regionsOf(chunks: AsyncIterable<Chunk>): AsyncGenerator<Region> {
  const cut = new LineCutter();
  for await (const chunk of chunks) yield* cut.take(chunk);
  yield* cut.rest();
}

/** Keeps the beginning of a line until its end has come. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);
  #restAt = 0;

  /** Bytes of a line that has not ended yet. */
  get kept(): number {
    return this.#rest.length;
  }

  *take(chunk: Chunk): Generator<Region> {
    // What stood between is lost: the line in two halves is no line.
    if (this.#rest.length === 0) this.#restAt = chunk.at;
    else if (chunk.at !== this.#restAt + this.#rest.length) {
      const copy = { ...chunk, bytes: Buffer.from(chunk.bytes), room: 0 };
      yield* this.rest();
      yield* this.take(copy);
      return;
    }
    const at = this.#restAt;
    const bytes = joined(this.#rest, chunk);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const regions: Region[] = end > 0 ? [{ at, bytes: bytes.subarray(0, end), more: false }] : [];
    let from = end;
    while (bytes.length - from > longestLine) {
      const to = wholeCharacters(bytes, from + longestLine);
      regions.push({ at: at + from, bytes: bytes.subarray(from, to), more: true });
      from = to;
    }
    // Copies, and before the first is handed out: from then on the memory is another reader's.
    this.#rest = Buffer.from(bytes.subarray(from));
    this.#restAt = at + from;
    const [first, ...others] = regions;
    const kept = others.map((region) => ({ ...region, bytes: Buffer.from(region.bytes) }));
    if (first !== undefined) yield first;
    yield* kept;
  }

  /** What has no end yet, as it is. @param more its end is still to come */
  *rest(more = false): Generator<Region> {
    if (this.#rest.length > 0) yield { at: this.#restAt, bytes: this.#rest, more };
    this.#restAt += this.#rest.length;
    this.#rest = Buffer.alloc(0);
  }
}

function joined(rest: Buffer, { bytes, room }: Chunk): Buffer {
  if (rest.length === 0) return bytes;
  if (rest.length > room) return Buffer.concat([rest, bytes]);
  // Laid into the free memory before the bytes: nothing else has to move.
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset - rest.length, rest.length + bytes.length);
  rest.copy(whole);
  return whole;
}

/** The place at or a little before `end` that cuts no UTF-8 character in two. */
function wholeCharacters(bytes: Buffer, end: number): number {
  for (let index = end; index > end - 4; index -= 1) if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return index;
  return end;
}
