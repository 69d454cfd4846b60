import { expect, test } from "vitest";
import { parseMoment, resolveMoment } from "../../../src/core/log-moment.ts";

const now = new Date(2026, 0, 2, 12, 30, 0).getTime();
const clock = { nowMs: now, sinceBootMs: 5000 };

test.for([
  { word: "10m", at: now - 600_000 },
  { word: "1h30m", at: now - 5_400_000 },
  { word: "2d", at: now - 172_800_000 },
  { word: "1.5h", at: now - 5_400_000 },
  { word: "500ms", at: now - 500 },
  { word: "now", at: now },
  { word: "boot", at: now - 5000 },
  { word: "10:15", at: new Date(2026, 0, 2, 10, 15).getTime() },
  { word: "10:15:30", at: new Date(2026, 0, 2, 10, 15, 30).getTime() },
  { word: "today", at: new Date(2026, 0, 2).getTime() },
  { word: "yesterday", at: new Date(2026, 0, 1).getTime() },
  { word: "2026-01-01", at: new Date(2026, 0, 1).getTime() },
  { word: "2026-01-01T10:00", at: new Date(2026, 0, 1, 10).getTime() },
  { word: "2026-01-01 10:00:05", at: new Date(2026, 0, 1, 10, 0, 5).getTime() },
  { word: "2026-01-01T10:00:05.250Z", at: Date.UTC(2026, 0, 1, 10, 0, 5, 250) },
  { word: "2026-01-01T10:00+02:00", at: Date.UTC(2026, 0, 1, 8) },
])("$word", ({ word, at }) => {
  const moment = parseMoment(word);
  if (moment.kind === "start") throw new Error("a start is no fixed time");
  expect(resolveMoment(moment, clock)).toBe(at);
});

test.for(["", "10", "x", "10x", "-5m", "25:00", "10:60", "2026-13-01", "2026-02-30", "2026-01-01T24:00", "10m ago"])(
  "%j is no time",
  (word) => {
    expect(() => parseMoment(word)).toThrow(`'${word}' is not a time`);
  },
);

test("where nobody knows when the machine was started, boot is an error", () => {
  expect(() => resolveMoment({ kind: "boot" }, { nowMs: now, sinceBootMs: undefined })).toThrow("not known here");
});
