import { TsmError } from "../core/errors.ts";
import type { ScaleChange } from "../core/instances.ts";
import { type Probe, parseProbe } from "../core/probe.ts";
import { splitWords } from "../core/split-words.ts";
import type { ParamType } from "./define.ts";
import { filled, offering, offeringAlone, text } from "./types.ts";

/** From -20, before all others, to 19, behind them. */
export const niceness: ParamType<number> = {
  label: "N",
  offers: { kind: "nothing" },
  parse(word) {
    const value = Number(word);
    if (/^[+-]?\d+$/.test(word) && value >= -20 && value <= 19) return value;
    throw new TsmError("USAGE", `'${word}' is not a niceness`, { hint: "Give a whole number from -20 to 19" });
  },
};

/** A probe of these kinds: see core/probe.ts. */
export function probe(...kinds: readonly Probe["kind"][]): ParamType<Probe> {
  return {
    label: "PROBE",
    offers: offering(kinds.includes("port") ? { port: "Its port listens" } : {}),
    parse(word) {
      const found = parseProbe(word);
      if (kinds.includes(found.kind)) return found;
      throw new TsmError("USAGE", `'${word}' says something once and cannot be asked again and again`, {
        hint: "Give port, an address (http://localhost:3000/health) or cmd:'pg_isready -q'",
      });
    },
  };
}

/** A cron expression, as far as its form goes; whether its time ever comes is asked where the library is loaded. */
export const cronExpression: ParamType<string> = {
  label: "CRON",
  offers: { kind: "nothing" },
  parse(word) {
    const fields = word.trim().split(/\s+/).length;
    if (word === "0" || /^@[a-z]+$/i.test(word.trim()) || fields === 5 || fields === 6) return word.trim();
    throw new TsmError("USAGE", `'${word}' is not a cron expression`, {
      hint: "Five fields in quotes: minute, hour, day, month, weekday; '0 3 * * *' is every day at three",
    });
  },
};

/** Exit codes, separated by commas. */
export const exitCodeList: ParamType<number[]> = {
  label: "CODES",
  offers: { kind: "nothing" },
  parse(word) {
    const codes = word.split(",").map((part) => part.trim());
    if (codes.every((code) => /^\d{1,3}$/.test(code) && Number(code) <= 255)) return codes.map(Number);
    throw new TsmError("USAGE", `'${word}' is not a list of exit codes`, { hint: "Give numbers from 0 to 255: 0,3" });
  },
  goesOn: (word) => /^\d{1,3}$/.test(word) && Number(word) <= 255,
};

/** How many of the same: a number, or one a processor. */
export const instanceCount: ParamType<number | "max"> = {
  label: "N",
  offers: offering({ max: "As many as there are processors" }),
  parse(word) {
    if (word === "max" || word === "0") return "max";
    if (/^-?\d{1,4}$/.test(word) && Number(word) <= 1000) return Number(word);
    throw new TsmError("USAGE", `'${word}' is not a number of instances`, {
      hint: "Give a number from 1 to 1000, max, or -1 for one processor less",
    });
  },
};

/** Words as a shell would part them. */
export const argumentWords: ParamType<readonly string[]> = {
  label: "ARGS",
  offers: { kind: "nothing" },
  parse(word) {
    const found = splitWords(word);
    if (found !== undefined) return found;
    throw new TsmError("USAGE", `a quote in '${word}' is not closed`, { hint: "Or give them behind --" });
  },
};

/** So many, `+2` more, or `-1` fewer. */
export const scaleChange: ParamType<ScaleChange> = {
  label: "N|+N|-N",
  offers: { kind: "nothing" },
  parse(word) {
    const [, sign = "", digits] = /^([+-]?)(\d{1,4})$/.exec(word) ?? [];
    const count = Number(digits);
    if (digits !== undefined && (count > 0 || sign === ""))
      return { by: sign === "" ? "to" : sign === "+" ? "more" : "fewer", count };
    throw new TsmError("USAGE", `'${word}' is not a number of instances`, { hint: "Give how many (4), +2 or -1" });
  },
};

/** A file, or the name of a hook. */
export const preHook = filled("FILE", "pre-hook", { kind: "files" });
export const envFile = filled("FILE", "env file", { kind: "env-files" });
export const program = text("COMMAND", { kind: "programs" });

/** One of these signals by its name, with or without SIG, or by a number that means the same on every system. */
export function signalOf<const T extends NodeJS.Signals>(names: readonly T[]): ParamType<T> {
  return {
    label: "SIGNAL",
    offers: offeringAlone(names),
    parse(word) {
      const upper = signalNumbers.get(word) ?? word.toUpperCase();
      const found = names.find((name) => name === upper || name === `SIG${upper}`);
      if (found !== undefined) return found;
      throw new TsmError("USAGE", `'${word}' is not a signal`, { hint: `Choose one of: ${names.join(", ")}` });
    },
  };
}

const signalNumbers: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ["1", "SIGHUP"],
  ["2", "SIGINT"],
  ["3", "SIGQUIT"],
  ["6", "SIGABRT"],
  ["9", "SIGKILL"],
  ["14", "SIGALRM"],
  ["15", "SIGTERM"],
]);

/** Signals that can be sent. */
export const signalName = signalOf([
  "SIGTERM",
  "SIGKILL",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGSTOP",
  "SIGCONT",
  "SIGWINCH",
  "SIGALRM",
  "SIGABRT",
]);
