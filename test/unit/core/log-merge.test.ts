import { expect, test } from "vitest";
import { FilterGate, onlyLast, withoutFirst } from "../../../src/core/log-filter.ts";
import type { LogLine } from "../../../src/core/log-line.ts";
import { type Lines, mergeByTime } from "../../../src/core/log-merge.ts";
import { parsePattern } from "../../../src/core/log-pattern.ts";

function line(text: string, time: number | null, more = false): LogLine {
  return {
    id: 0,
    name: "x",
    stream: "out",
    time,
    run: null,
    level: "info",
    text,
    bytes: undefined,
    end: "\n",
    more,
    apart: false,
  };
}

/** One batch of each. */
async function* log(...batches: readonly (readonly LogLine[])[]): Lines {
  yield* batches;
}

async function textsOf(lines: Lines): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of lines) for (const { text } of batch) texts.push(text);
  return texts;
}

test("by time; in one second the first log first, and no time before any", async () => {
  const out = log([line("o1", 1), line("o2", 2)], [], [line("o3", 2), line("o4", 5)]);
  const err = log([line("e1", 2)], [line("e2", 4)]);
  const unknown = log([line("u1", null)], [line("u2", null)]);
  expect(await textsOf(mergeByTime([out, err, unknown]))).toEqual(["u1", "u2", "o1", "o2", "o3", "e1", "e2", "o4"]);
});

test("the pieces of one line stay together", async () => {
  const out = log([line("o1", 1, true)], [line("o2", 9, true), line("o3", 9)], [line("o4", 9)]);
  const err = log([line("e1", 1), line("e2", 2)]);
  expect(await textsOf(mergeByTime([out, err]))).toEqual(["o1", "o2", "o3", "e1", "e2", "o4"]);
});

test("a log that is not read to its end is told so", async () => {
  let ended = 0;
  async function* endless(): Lines {
    try {
      for (;;) yield [line("x", 1)];
    } finally {
      ended += 1;
    }
  }
  for await (const _ of mergeByTime([endless(), endless()])) break;
  expect(ended).toBe(2);
});

test("the last so many, and all but the first", async () => {
  const batches = [[line("1", 1), line("2", 1)], [line("3", 1, true), line("3b", 1)], [line("4", 1)]];
  expect(await textsOf(onlyLast(log(...batches), 2))).toEqual(["3b", "4"]);
  expect(await textsOf(onlyLast(log(...batches), 0))).toEqual([]);
  expect(await textsOf(withoutFirst(log(...batches), 3))).toEqual(["4"]);
  expect(await textsOf(withoutFirst(log(...batches), 0))).toEqual(["1", "2", "3", "3b", "4"]);
});

test("lines around those that fit, groups apart", () => {
  const gate = new FilterGate({ pattern: parsePattern("^[x]", false), invert: false, context: 1, level: undefined });
  const lines = ["a", "b", "x1", "c", "d", "e", "x2", "x3", "f", "g", "x4"].map((text) => line(text, 1));
  const passed = [...gate.pass(lines.slice(0, 5)), ...gate.pass(lines.slice(5))];
  expect(passed.map(({ text, apart }) => (apart ? `-- ${text}` : text))).toEqual([
    "b",
    "x1",
    "c",
    "-- e",
    "x2",
    "x3",
    "f",
    "g",
    "x4",
  ]);
});
