import { expect, test } from "vitest";
import type { Chunk } from "../../../src/core/log-bytes.ts";
import { longestLine, type Region, regionsOf } from "../../../src/core/log-regions.ts";

/** Laid into one memory one behind another, which another reader takes whenever it is not being looked at. */
async function* chunks(...pieces: readonly { readonly at: number; readonly text: string }[]): AsyncGenerator<Chunk> {
  const memory = Buffer.alloc(4 * 1024 * 1024);
  for (const { at, text } of pieces) {
    const bytes = memory.subarray(2 * 1024 * 1024, 2 * 1024 * 1024 + text.length);
    bytes.write(text, "latin1");
    yield { at, bytes, room: 2 * 1024 * 1024 };
  }
}

/** What a reader that takes turns with others gets: after each region the memory is full of another's lines. */
async function read(source: AsyncIterable<Chunk>): Promise<(Omit<Region, "bytes"> & { readonly text: string })[]> {
  const found = [];
  let last: Buffer | undefined;
  async function* watched(): AsyncGenerator<Chunk> {
    for await (const chunk of source) {
      last = chunk.bytes;
      yield chunk;
    }
  }
  for await (const { at, bytes, more } of regionsOf(watched())) {
    found.push({ at, text: bytes.toString("latin1"), more });
    last?.fill("of another\n");
  }
  return found;
}

test("a line that begins in one chunk and ends in the next is whole, whoever reads in between", async () => {
  const regions = await read(
    chunks({ at: 0, text: "one\ntw" }, { at: 6, text: "o\nthree\nfo" }, { at: 16, text: "ur" }),
  );
  expect(regions.map(({ text }) => text).join("")).toBe("one\ntwo\nthree\nfour");
  expect(regions.map(({ at }) => at)).toEqual([0, 4, 14]);
});

test("two halves between which bytes are gone are two lines, whoever reads in between", async () => {
  const regions = await read(chunks({ at: 10, text: "one\ntw" }, { at: 100, text: "o\nthree\n" }));
  expect(regions).toEqual([
    { at: 10, text: "one\n", more: false },
    { at: 14, text: "tw", more: false },
    { at: 100, text: "o\nthree\n", more: false },
  ]);
});

test("a line that is too long comes in pieces that make it up, whoever reads in between", async () => {
  const long = "x".repeat(longestLine + 10);
  const regions = await read(chunks({ at: 0, text: `a\n${long}` }, { at: long.length + 2, text: "yz\nb\n" }));
  expect(regions.map(({ text }) => text).join("") === `a\n${long}yz\nb\n`).toBe(true);
  expect(regions.map(({ more }) => more)).toEqual([false, true, false]);
});
