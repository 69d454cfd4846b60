import type { Since } from "../core/error-groups.ts";
import { TsmError } from "../core/errors.ts";
import type { ParamType } from "./define.ts";

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A point in time: so long ago, or a date. */
export const since: ParamType<Since> = {
  label: "TIME",
  offers: { kind: "nothing" },
  parse(word) {
    if (/^(?:\d+(?:\.\d+)?[smhdw])+$/.test(word)) {
      const parts = [...word.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
      return {
        kind: "ago",
        ms: parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0),
      };
    }
    const at = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(word)
      ? new Date(word.includes("T") || word.includes(" ") ? word : `${word}T00:00`).getTime()
      : Number.NaN;
    if (!Number.isNaN(at)) return { kind: "at", ms: at };
    throw new TsmError("USAGE", `'${word}' is no time`, {
      hint: "Give a length (10m, 2h, 1d) or a time (2026-01-02T10:00)",
    });
  },
};
