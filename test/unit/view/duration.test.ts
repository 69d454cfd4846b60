import { expect, test } from "vitest";
import { duration, shortTime } from "../../../src/view/duration.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.for([
  [-5 * second, "0s"],
  [0, "0s"],
  [999, "0s"],
  [45 * second, "45s"],
  [minute - 1, "59s"],
  [5 * minute + 59 * second, "5m"],
  [hour - 1, "59m"],
  [hour, "1h"],
  [hour + 5 * minute, "1h 5m"],
  [day - 1, "23h 59m"],
  [day, "1d"],
  [3 * day, "3d"],
  [3 * day + 4 * hour, "3d 4h"],
  [400 * day, "400d"],
] as const)("%i ms is %s", ([ms, shown]) => {
  expect(duration(ms)).toBe(shown);
});

test.for([
  [-1, "0 ms"],
  [0.4, "0 ms"],
  [40, "40 ms"],
  [99.4, "99 ms"],
  [99.6, "0.1 s"],
  [300, "0.3 s"],
  [9949, "9.9 s"],
  [9950, "10 s"],
  [12_400, "12 s"],
] as const)("a wait of %i ms is %s", ([ms, shown]) => {
  expect(shortTime(ms)).toBe(shown);
});
