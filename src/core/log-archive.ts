import { createGunzip } from "node:zlib";
import type { OpenFile } from "../platform/platform.ts";

/**
 * The bytes that a gzip file holds, in pieces, with little memory. Of one that is damaged: all before the damage.
 * @param damaged called when it does not come to a good end
 */
export async function* gunzipped(file: OpenFile, damaged: () => void): AsyncGenerator<Buffer> {
  const first = new Inflating(file, Number.POSITIVE_INFINITY);
  yield* first.pieces(0);
  if (first.failedAt === undefined) return;
  // The decompressor gives nothing of the bytes among which it meets damage: once more, and these a few at a time.
  yield* new Inflating(file, first.failedAt).pieces(first.delivered);
  damaged();
}

class Inflating {
  /** Bytes given so far, with those that were skipped. */
  delivered = 0;
  /** Where in the file the bytes begin that it failed on. */
  failedAt: number | undefined;
  readonly #file: OpenFile;
  readonly #fineFrom: number;

  constructor(file: OpenFile, fineFrom: number) {
    this.#file = file;
    this.#fineFrom = fineFrom;
  }

  async *pieces(skip: number): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    const ready: Buffer[] = [];
    let failed = false;
    gunzip.on("data", (piece: Buffer) => ready.push(piece));
    gunzip.on("error", () => {
      failed = true;
    });
    const closed = new Promise<void>((resolve) => gunzip.once("close", resolve));
    try {
      for (let position = 0; !failed; ) {
        const input = Buffer.alloc(position >= this.#fineFrom ? 16 : coarse);
        const length = this.#file.read(input, position);
        if (length === 0) gunzip.end();
        else {
          // The callback comes when all that these bytes hold has been given out.
          const taken = new Promise<void>((resolve) => gunzip.write(input.subarray(0, length), () => resolve()));
          await Promise.race([taken, closed]);
        }
        if (length === 0) await closed;
        for (const piece of ready.splice(0)) {
          const rest = piece.subarray(Math.min(piece.length, Math.max(0, skip - this.delivered)));
          this.delivered += piece.length;
          if (rest.length > 0) yield rest;
        }
        if (failed) this.failedAt = position;
        if (length === 0) return;
        position += length;
      }
    } finally {
      gunzip.destroy();
    }
  }
}

/** 16 MB at most of what compresses best. */
const coarse = 16 * 1024;
