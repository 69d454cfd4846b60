import { expect, test } from "vitest";
import { logLimits, noLogLimits, readLogLimits } from "../../../src/core/log-limits.ts";
import { readSettings } from "../../../src/core/settings.ts";
import { systemFiles } from "../../../src/platform/files.ts";

const settings = readSettings(systemFiles, "/nowhere/settings.json");

test("what is not said of a process is as the home says", () => {
  expect(logLimits(noLogLimits, settings)).toEqual({
    maxBytes: 10 * 1024 * 1024,
    keep: 5,
    maxAgeMs: 86_400_000,
    compress: true,
    sparesNamed: false,
  });
  const own = { ...noLogLimits, keep: 0, maxAgeMs: null, compress: false };
  expect(logLimits(own, settings)).toMatchObject({ keep: 0, maxAgeMs: null, compress: false });
});

test("what policy.json says comes back as it was, and nonsense as nothing", () => {
  const asked = { maxBytes: 5, keep: 0, maxAgeMs: null, compress: false };
  expect(readLogLimits(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
  expect(readLogLimits({ maxBytes: "x", keep: -1, compress: 1 })).toEqual(noLogLimits);
  expect(readLogLimits(null)).toEqual(noLogLimits);
});

test("a size of 0 is no limit, and leaves what a person has named to that person", () => {
  const { maxBytes, sparesNamed } = logLimits({ ...noLogLimits, maxBytes: 0 }, settings);
  expect({ maxBytes, sparesNamed }).toEqual({ maxBytes: Number.MAX_SAFE_INTEGER, sparesNamed: true });
});
