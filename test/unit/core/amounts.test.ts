import { expect, test } from "vitest";
import { bytesIn, millisecondsIn, sizeIn } from "../../../src/core/amounts.ts";

test.for([
  ["512", 512],
  ["10M", 10 * 1024 * 1024],
  ["1.5g", 1.5 * 1024 ** 3],
  ["500KiB", 512_000],
  ["", undefined],
  ["M", undefined],
  ["-1", undefined],
  ["9999999999T", undefined],
] as const)("%s is so many bytes: %s", ([word, bytes]) => expect(bytesIn(word)).toBe(bytes));

test.for([
  ["5", 5],
  ["5s", 5000],
  ["2m", 120_000],
  ["1d", 86_400_000],
  ["2w", 1_209_600_000],
  ["1y", undefined],
  ["", undefined],
] as const)("%s is so many milliseconds: %s", ([word, ms]) => expect(millisecondsIn(word, "ms")).toBe(ms));

test("a number without a unit is of the unit that is said", () => expect(millisecondsIn("5", "s")).toBe(5000));

test.for([
  [0, "0"],
  [1023, "1023"],
  [1024, "1K"],
  [209_715_200, "200M"],
  [1.5 * 1024 ** 3, "1.5G"],
  [5000 * 1024 ** 4, "5000T"],
] as const)("%s bytes are %s", ([bytes, words]) => expect(sizeIn(bytes)).toBe(words));
