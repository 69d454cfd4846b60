import { describe, expect, test, vi } from "vitest";
import { JobLines } from "../../../src/repl/job-lines.ts";
import { JobScreen } from "../../../src/repl/job-screen.ts";

test("text becomes lines, however it comes; the last needs no newline when it is over", () => {
  const lines = new JobLines();
  for (const part of ["one\ntw", "o\n", "thr", "ee"]) lines.take(part);
  expect(lines.shift(10)).toEqual({ lines: ["one", "two"], leftOut: 0 });
  expect(lines.past()).toEqual({ text: "one\ntwo\nthree", leftOut: 0 });
  lines.end();
  expect(lines.shift(10)).toEqual({ lines: ["three"], leftOut: 0 });
});

test("of what waits the newest are shown and the others counted, each once", () => {
  const lines = new JobLines();
  lines.take("1\n2\n3\n");
  expect(lines.shift(2)).toEqual({ lines: ["2", "3"], leftOut: 1 });
  lines.take("4\n");
  expect(lines.shift(2)).toEqual({ lines: ["4"], leftOut: 0 });
  lines.take("5\n");
  expect(lines.shift(0)).toEqual({ lines: [], leftOut: 1 });
});

test("what is kept has an end, and so has what waits; what is dropped is counted", () => {
  const lines = new JobLines();
  for (let n = 0; n < 100; n++) lines.take(`${"x".repeat(9_999)}\n`);
  const waiting = lines.shift(Number.POSITIVE_INFINITY);
  expect(waiting.lines.length + waiting.leftOut).toBe(100);
  expect(waiting.lines.join("").length).toBeLessThanOrEqual(256 * 1024);
  const past = lines.past();
  expect(past.text.length).toBeLessThanOrEqual(256 * 1024);
  expect(past.text.split("\n").length - 1 + past.leftOut).toBe(100);
});

test("a line without an end is cut into pieces", () => {
  const lines = new JobLines();
  for (let n = 0; n < 10; n++) lines.take("x".repeat(10_000));
  expect(lines.shift(100).lines.length).toBeGreaterThan(3);
});

describe("on the screen", () => {
  function screen() {
    const printed: string[] = [];
    const shown = new JobScreen({
      print: (text) => printed.push(text),
      prefix: (number) => `[${number}]`,
      faint: (text) => text,
    });
    return { shown, printed, job: { number: 1, lines: new JobLines() } };
  }

  test("lines that come together are printed together", () => {
    vi.useFakeTimers();
    const { shown, printed, job } = screen();
    for (const text of ["a\n", "b\n"]) {
      job.lines.take(text);
      shown.changed(job);
    }
    expect(printed).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(printed).toEqual(["[1] a\n[1] b\n"]);
    vi.useRealTimers();
  });

  test("nothing moves the cursor, and a colour ends with its line", () => {
    const { shown, printed, job } = screen();
    job.lines.take("10%\r20%\r\n\x1b[31mred\n\x1b[2J\x1b]0;title\x07\n");
    shown.ended(job, "[1] done");
    expect(printed).toEqual(["[1] 20%\n[1] \x1b[31mred\x1b[0m\n[1] ^[[2J^[]0;title^G\n[1] done\n"]);
  });

  test("while it is held nothing is printed; then all, and the end of a job behind its lines", () => {
    const { shown, printed, job } = screen();
    shown.hold(true);
    job.lines.take("a\n");
    shown.ended(job, "[1] exit 2");
    expect(printed).toEqual([]);
    shown.hold(false);
    expect(printed).toEqual(["[1] a\n[1] exit 2\n"]);
  });

  test("a storm of ten seconds is a burst, some lines in each half second, and numbers that count all", () => {
    vi.useFakeTimers();
    const { shown, printed, job } = screen();
    const written = 100_000;
    for (let n = 0; n < 1000; n++) {
      job.lines.take("x\n".repeat(written / 1000));
      shown.changed(job);
      vi.advanceTimersByTime(10);
    }
    shown.ended(job, "");
    vi.useRealTimers();
    const rows = printed.join("").trimEnd().split("\n");
    const told = rows.flatMap((row) => Number(/^\[1\] … (\d+) lines? left out/.exec(row)?.[1] ?? 0));
    const lines = rows.filter((row) => row === "[1] x").length;
    expect(lines + told.reduce((sum, count) => sum + count, 0)).toBe(written);
    expect(lines).toBeLessThan(1500);
  });
});
