import { TsmError } from "../core/errors.ts";
import { type Level, levels } from "../core/log-level.ts";
import { type Moment, parseMoment } from "../core/log-moment.ts";
import { parsePattern } from "../core/log-pattern.ts";
import type { ParamType } from "./define.ts";
import { filled, offering, oneOf } from "./types.ts";

/** A file that a log goes to, or NULL. */
export const logPath = filled("PATH", "path", { kind: "files" });

/** A point in time: see core/log-moment.ts. */
export const moment: ParamType<Moment> = {
  label: "TIME",
  offers: offering({
    "10m": "Ten minutes ago",
    "1h": "An hour ago",
    today: "Midnight",
    start: "The last start of the process",
    boot: "The start of this machine",
  }),
  parse: parseMoment,
};

/** Which run of a process. */
export const runNumber: ParamType<number | "last"> = {
  label: "N",
  offers: { kind: "runs" },
  parse(word) {
    if (word === "last") return word;
    if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
    throw new TsmError("USAGE", `'${word}' is not a run`, { hint: "Give its number (1 is the first), or last" });
  },
};

/** A regular expression, as text: what else decides on its meaning comes with other flags. */
export const regex: ParamType<string> = {
  label: "RE",
  offers: { kind: "nothing" },
  parse(word) {
    parsePattern(word, false);
    return word;
  },
};

export const level: ParamType<Level> = {
  ...oneOf(levels),
  offers: offering({ error: "Errors alone", warn: "Warnings too", info: "All but debugging", debug: "All" }),
};
