import { bytesIn, millisecondsIn } from "../core/amounts.ts";
import { TsmError } from "../core/errors.ts";
import { leastIntervalMs } from "../core/oversight.ts";
import type { ParamType } from "./define.ts";
import { offering } from "./types.ts";

/** Seconds, with or without a fraction. */
export const seconds: ParamType<number> = {
  label: "SECONDS",
  offers: { kind: "nothing" },
  parse(word) {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(word);
    const unit = { ms: 0.001, s: 1, m: 60 }[match?.[2] ?? "s"] ?? 1;
    const value = Number(match?.[1]) * unit;
    if (match && value <= 86_400) return value;
    throw new TsmError("USAGE", `'${word}' is not a time`, {
      hint: "Give seconds (5, 0.5), 500ms or 2m, a day at most",
    });
  },
};

/** A length of time in milliseconds: `300`, `300ms`, `10s`, `2m`. */
export const milliseconds: ParamType<number> = {
  label: "MS",
  offers: { kind: "nothing" },
  parse(word) {
    const value = millisecondsIn(word, "ms");
    if (value !== undefined && value <= 86_400_000) return value;
    throw new TsmError("USAGE", `'${word}' is not a length of time`, {
      hint: "Give milliseconds (300), or 300ms, 10s, 2m; a day at most",
    });
  },
};

/** How often something is asked: a length of time that leaves it room. */
export const interval: ParamType<number> = {
  ...milliseconds,
  parse(word) {
    const value = milliseconds.parse(word);
    if (value >= leastIntervalMs) return value;
    throw new TsmError("USAGE", `'${word}' is too often: ${leastIntervalMs} ms is the least`, {
      hint: "A number alone is milliseconds; for seconds give 5s",
    });
  },
};

/** An age in milliseconds: `12h`, `1d`, `2w`, or seconds; `never` is null. */
export const age: ParamType<number | null> = {
  label: "AGE",
  offers: offering({ "1d": "A day", "1w": "A week", never: "Whatever its age" }),
  parse(word) {
    if (word === "never") return null;
    const value = millisecondsIn(word, "s");
    if (value !== undefined && value >= 1000) return value;
    throw new TsmError("USAGE", `'${word}' is not an age`, { hint: "Give 12h, 1d, 2w, or never" });
  },
};

/** Bytes: `200M`, `1.5G`, `500K` (of 1024), or a plain number. */
export const size: ParamType<number> = {
  label: "SIZE",
  offers: { kind: "nothing" },
  parse(word) {
    const value = bytesIn(word);
    if (value !== undefined && value >= 1) return value;
    throw new TsmError("USAGE", `'${word}' is not a size`, { hint: "Give a number with K, M or G: 200M, 1.5G" });
  },
};

/** 0 is a size too: no limit. */
export const sizeOrNone: ParamType<number> = {
  ...size,
  parse: (word) => (/^0[kmgt]?i?b?$/i.test(word) ? 0 : size.parse(word)),
};
