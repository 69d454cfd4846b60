import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LogClock, parseClock, readClock } from "../../../src/core/log-clock.ts";
import { systemFiles } from "../../../src/platform/files.ts";
import { makeLogs } from "../../support/logs.ts";

function clockOf(text: string, modified: number | null = null): LogClock {
  return new LogClock(parseClock(text, { isWhole: true, base: 0 }), modified);
}

function timesOf(clock: LogClock, ...ends: number[]): (number | null)[] {
  const reader = clock.reader();
  return ends.map((end) => reader.timeOf(end));
}

test("a line has the time of the first entry that reaches behind its end, and behind the last that of the file", () => {
  const clock = clockOf("100 10\n101 25\n105 30\n", 107);
  expect(timesOf(clock, 1, 10, 11, 25, 26, 30, 31)).toEqual([100, 100, 101, 101, 105, 105, 107]);
  // Asked backwards too.
  expect(timesOf(clock, 31, 5, 26)).toEqual([107, 100, 105]);
});

test("a rotation moves what sizes count from", () => {
  const clock = clockOf("100 10\n101 25\n= 25\n102 5\n= 30\n103 8\n");
  expect(timesOf(clock, 25, 26, 30, 31, 38)).toEqual([101, 102, 102, 103, 103]);
});

test("an entry that a later one knows better is dropped; the beginning of a life is only moved", () => {
  const clock = clockOf("100 10\n= 25\n101 25\n@ 101 24 7\n102 5\n");
  expect(timesOf(clock, 10, 11, 31)).toEqual([100, 101, null]);
  expect(clock.runs).toEqual([{ run: 7, time: 101, offset: 30 }]);
});

test("lives begin where they say, and each byte belongs to one", () => {
  const clock = clockOf("@ 100 0 1\n101 25\n@ 110 25 2 4711\n111 40\n");
  const reader = clock.reader();
  expect([0, 24, 25, 39, 3].map((start) => reader.runOf(start))).toEqual([1, 1, 2, 2, 1]);
  expect(clock.runAt(109)?.run).toBe(1);
  expect(clock.runAt(110)?.run).toBe(2);
});

test("where a time begins and ends", () => {
  const clock = clockOf("100 10\n101 25\n105 30\n", 107);
  expect([99, 100, 101, 102, 106].map((time) => clock.reachedBefore(time))).toEqual([0, 0, 10, 25, 30]);
  expect([99, 100, 104, 106].map((time) => clock.reachedAt(time))).toEqual([0, 10, 25, 30]);
  expect(clock.reachedAt(107)).toBe(Number.POSITIVE_INFINITY);
});

test.for(["", "nonsense\n\0\xff\n", "x 10\n100\n= \n@ 1 2\n100 -5\n99999999999999999999 1\n"])(
  "a clock that says %j knows no time",
  (text) => {
    expect(clockOf(text, 107).isKnown).toBe(false);
    expect(timesOf(clockOf(text, 107), 5)).toEqual([null]);
  },
);

test("damaged lines are skipped", () => {
  expect(timesOf(clockOf("100 10\n101 2\x0005\n\n102 20"), 5, 15)).toEqual([100, 102]);
});

test("a folder in its place, or none, is no clock; of a long one the end is enough for what is near it", () => {
  const { folder } = makeLogs();
  mkdirSync(`${folder}/clock.err`);
  const options = { base: 0, modifiedMs: 5000, whole: false };
  for (const stream of ["out", "err"])
    expect(readClock(systemFiles, `${folder}/clock.${stream}`, options).isKnown).toBe(false);
  const entries = Array.from({ length: 20_000 }, (_, index) => `${1000 + index} ${index * 10}\n`);
  writeFileSync(`${folder}/clock.out`, entries.join(""));
  const end = readClock(systemFiles, `${folder}/clock.out`, options);
  expect(end.covers(199_000)).toBe(true);
  expect(end.covers(10)).toBe(false);
  expect(timesOf(end, 199_000)).toEqual([20_900]);
  expect(timesOf(readClock(systemFiles, `${folder}/clock.out`, { ...options, whole: true }), 10)).toEqual([1001]);
});
