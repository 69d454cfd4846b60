import { bytesIn, millisecondsIn } from "../core/amounts.ts";
import { TsmError } from "../core/errors.ts";
import type { ScaleChange } from "../core/instances.ts";
import { type Level, levels } from "../core/log-level.ts";
import { type Moment, parseMoment } from "../core/log-moment.ts";
import { parsePattern } from "../core/log-pattern.ts";
import { autoRange, type PortRange, validPort } from "../core/port-choice.ts";
import { type Probe, parseProbe } from "../core/probe.ts";
import { settingNamed } from "../core/settings.ts";
import type { Condition } from "../core/wait-for.ts";
import type { ParamType } from "./define.ts";

/** Any text. */
export function text(label: string): ParamType<string> {
  return { label, offers: { kind: "nothing" }, parse: (word) => word };
}

/** A whole number within bounds, in decimal digits. */
export function integer(label: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): ParamType<number> {
  return {
    label,
    offers: { kind: "nothing" },
    parse(word) {
      const value = Number(word);
      if (/^\d+$/.test(word) && value >= minimum && value <= maximum) return value;
      const range = maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `from ${minimum} to ${maximum}`;
      const wrong = /^[+-]?\d+$/.test(word) ? "out of range" : "not a whole number";
      throw new TsmError("USAGE", `'${word}' is ${wrong}`, { hint: `Give a whole number ${range}` });
    },
  };
}

/** That, or `none`. */
export function orNone<T>(type: ParamType<T>): ParamType<T | "none"> {
  return {
    label: `${type.label}|none`,
    offers: { kind: "words", words: [{ value: "none", summary: "No limit" }] },
    parse: (word) => (word === "none" ? word : type.parse(word)),
  };
}

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

/** An age in milliseconds: `12h`, `1d`, `2w`, or seconds; `never` is null. */
export const age: ParamType<number | null> = {
  label: "AGE",
  offers: {
    kind: "words",
    words: [
      { value: "1d", summary: "A day" },
      { value: "1w", summary: "A week" },
      { value: "never", summary: "Whatever its age" },
    ],
  },
  parse(word) {
    if (word === "never") return null;
    const value = millisecondsIn(word, "s");
    if (value !== undefined && value >= 1000) return value;
    throw new TsmError("USAGE", `'${word}' is not an age`, { hint: "Give 12h, 1d, 2w, or never" });
  },
};

/** A probe of these kinds: see core/probe.ts. */
export function probe(...kinds: readonly Probe["kind"][]): ParamType<Probe> {
  return {
    label: "PROBE",
    offers: { kind: "words", words: kinds.includes("port") ? [{ value: "port", summary: "Its port listens" }] : [] },
    parse(word) {
      const found = parseProbe(word);
      if (kinds.includes(found.kind)) return found;
      throw new TsmError("USAGE", `'${word}' says something once and cannot be asked again and again`, {
        hint: "Give port, an address (http://localhost:3000/health) or cmd:'pg_isready -q'",
      });
    },
  };
}

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

/** Paths or patterns, separated by commas. */
export function list(label: string): ParamType<readonly string[]> {
  return {
    label,
    offers: { kind: "files" },
    parse(word) {
      const parts = word.split(",").map((part) => part.trim());
      if (parts.every((part) => part !== "" && !part.includes("\0"))) return parts;
      throw new TsmError("USAGE", `'${word}' has an empty part`, { hint: "Separate them by commas: src,public" });
    },
  };
}

/** Exit codes, separated by commas. */
export const exitCodeList: ParamType<number[]> = {
  label: "CODES",
  offers: { kind: "nothing" },
  parse(word) {
    const codes = word.split(",").map((part) => part.trim());
    if (codes.every((code) => /^\d{1,3}$/.test(code) && Number(code) <= 255)) return codes.map(Number);
    throw new TsmError("USAGE", `'${word}' is not a list of exit codes`, { hint: "Give numbers from 0 to 255: 0,3" });
  },
};

/** How many of the same: a number, or one a processor. */
export const instanceCount: ParamType<number | "max"> = {
  label: "N",
  offers: { kind: "words", words: [{ value: "max", summary: "As many as there are processors" }] },
  parse(word) {
    if (word === "max" || word === "0") return "max";
    if (/^\d{1,4}$/.test(word) && Number(word) <= 1000) return Number(word);
    throw new TsmError("USAGE", `'${word}' is not a number of instances`, {
      hint: "Give a number from 1 to 1000, or max",
    });
  },
};

/** So many, `+2` more, or `-1` fewer. */
export const scaleChange: ParamType<ScaleChange> = {
  label: "N|+N|-N",
  offers: { kind: "nothing" },
  parse(word) {
    const [, sign = "", digits] = /^([+-]?)(\d{1,4})$/.exec(word) ?? [];
    const count = Number(digits);
    if (digits !== undefined && count > 0) return { by: sign === "" ? "to" : sign === "+" ? "more" : "fewer", count };
    throw new TsmError("USAGE", `'${word}' is not a number of instances`, { hint: "Give how many (4), +2 or -1" });
  },
};

export const port: ParamType<number> = {
  label: "PORT",
  offers: { kind: "nothing" },
  parse(word) {
    const value = validPort(word);
    if (value !== undefined) return value;
    throw new TsmError("USAGE", `'${word}' is not a port`, { hint: "A port is a number from 1 to 65535" });
  },
};

/** Where to listen: `127.0.0.1:9209`, `[::1]:9209`, or a port of this machine alone. */
export const listenAddress: ParamType<{ readonly host: string; readonly port: number }> = {
  label: "ADDRESS",
  offers: {
    kind: "words",
    words: [
      { value: "127.0.0.1:9209", summary: "For this machine alone" },
      { value: "0.0.0.0:9209", summary: "For all who reach this machine" },
    ],
  },
  parse(word) {
    const [, six, four = "127.0.0.1", digits = ""] =
      /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):)?(\d+)$/i.exec(word) ?? [];
    const number = digits === "0" ? 0 : validPort(digits);
    if (number !== undefined) return { host: six ?? four, port: number };
    throw new TsmError("USAGE", `'${word}' is not an address to listen on`, {
      hint: "Give HOST:PORT, as 127.0.0.1:9209, or 0.0.0.0:9209 for all who reach this machine",
    });
  },
};

/** A port, or where to look for one: `8000+`, `8000-8099`, `auto`. */
export const portOrRange: ParamType<number | PortRange> = {
  label: "PORT",
  offers: { kind: "words", words: [{ value: "auto", summary: "A free one from 8000 to 8999" }] },
  parse(word) {
    if (word === "auto") return autoRange;
    return /^\d+(?:\+|-\d+)$/.test(word) ? portRange(word) : port.parse(word);
  },
};

/** `3000-3999`, `3000+`, or one port. @throws TsmError USAGE */
export function portRange(word: string): PortRange {
  const [, first = "", open, last] = /^(\d+)(?:(\+)|-(\d+))?$/.exec(word) ?? [];
  const from = validPort(first);
  const to = open === undefined ? validPort(last ?? first) : 65_535;
  if (from !== undefined && to !== undefined && from <= to) return { from, to };
  throw new TsmError("USAGE", `'${word}' is not a range of ports`, {
    hint: "Give FROM-TO, as 3000-3999, with numbers from 1 to 65535; 3000+ is all from there on",
  });
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[], label?: string): ParamType<T> {
  return {
    label: label ?? words.join("|"),
    offers: { kind: "words", words: words.map((value) => ({ value, summary: "" })) },
    parse(word) {
      const found = words.find((each) => each === word);
      if (found !== undefined) return found;
      throw new TsmError("USAGE", `'${word}' is none of ${words.join(", ")}`, {
        hint: `Choose one of: ${words.join(", ")}`,
      });
    },
  };
}

/** What a verb of many parts is to do: each word with what it does. */
export function subWord<const T extends string>(words: Readonly<Record<T, string>>): ParamType<T> {
  // Object.entries forgets that the keys are those of the literal.
  const offered = Object.entries(words) as [T, string][];
  return {
    label: "WHAT",
    offers: { kind: "words", words: offered.map(([value, summary]) => ({ value, summary })) },
    parse(word) {
      const found = offered.find(([each]) => each === word);
      if (found !== undefined) return found[0];
      const known = offered.map(([each]) => each).join(", ");
      throw new TsmError("USAGE", `'${word}' is none of ${known}`, { hint: `Choose one of: ${known}` });
    },
  };
}

export const folder: ParamType<string> = { label: "FOLDER", offers: { kind: "folders" }, parse: nonEmpty("folder") };
/** Of a systemd unit, with its ending or without. */
export const unitName: ParamType<string> = {
  label: "NAME",
  offers: { kind: "nothing" },
  parse(word) {
    const name = word.replace(/\.service$/, "");
    if (/^[\w:.@-]{1,200}$/.test(name) && !name.startsWith(".")) return name;
    throw new TsmError("USAGE", `'${word}' is not a name for a unit`, { hint: "Letters, digits, and : _ . @ -" });
  },
};
/** A file that a log goes to, or NULL. */
export const logPath: ParamType<string> = { label: "PATH", offers: { kind: "files" }, parse: nonEmpty("path") };
/** A file, or the name of a hook. */
export const preHook: ParamType<string> = { label: "FILE", offers: { kind: "files" }, parse: nonEmpty("pre-hook") };
export const envFile: ParamType<string> = { label: "FILE", offers: { kind: "env-files" }, parse: nonEmpty("env file") };
export const program: ParamType<string> = { label: "COMMAND", offers: { kind: "programs" }, parse: (word) => word };
export const stackName: ParamType<string> = {
  label: "STACK",
  offers: { kind: "stacks" },
  parse: nonEmpty("stack"),
};
/** What `save` makes a service of. */
export const savable: ParamType<string> = {
  label: "SERVICE|PROCESS",
  offers: { kind: "savable" },
  parse: (word) => word,
};
export const verbName: ParamType<string> = { label: "VERB", offers: { kind: "verbs" }, parse: (word) => word };
/** A command of TSM's own that another one runs. */
export const verbLine: ParamType<string> = { label: "COMMAND", offers: { kind: "verbs" }, parse: (word) => word };
export const settingName: ParamType<string> = { label: "NAME", offers: { kind: "settings" }, parse: settingNamed };
export const settingValue: ParamType<string> = {
  label: "VALUE",
  offers: { kind: "setting-values" },
  parse: (word) => word,
};
export const aliasName: ParamType<string> = { label: "NAME", offers: { kind: "aliases" }, parse: (word) => word };

function nonEmpty(what: string): (word: string) => string {
  return (word) => {
    if (word !== "") return word;
    throw new TsmError("USAGE", `the ${what} is empty`, { hint: `Name a ${what}` });
  };
}

/** What `run` takes: a file of commands, or what runs in the foreground. */
export const runnable: ParamType<string> = {
  label: "FILE|COMMAND",
  offers: { kind: "files" },
  parse: nonEmpty("file"),
};

/** What `wait` waits for. */
export const waitCondition: ParamType<Condition> = {
  label: "online|stopped|port:N",
  offers: {
    kind: "words",
    words: [
      { value: "online", summary: "It is up" },
      { value: "stopped", summary: "It has ended, and not crashed" },
    ],
  },
  parse(word) {
    if (word === "online" || word === "stopped") return { kind: word };
    const number = validPort(/^port:(\d+)$/.exec(word)?.[1] ?? "");
    if (number !== undefined) return { kind: "port", port: number };
    throw new TsmError("USAGE", `'${word}' is nothing to wait for`, { hint: "Give online, stopped or port:3000" });
  },
};

/** One of these signals by its name, with or without SIG, or by a number that means the same on every system. */
export function signalOf<const T extends NodeJS.Signals>(names: readonly T[]): ParamType<T> {
  return {
    label: "SIGNAL",
    offers: { kind: "words", words: names.map((value) => ({ value, summary: "" })) },
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

/** A point in time: see core/log-moment.ts. */
export const moment: ParamType<Moment> = {
  label: "TIME",
  offers: {
    kind: "words",
    words: [
      { value: "10m", summary: "Ten minutes ago" },
      { value: "1h", summary: "An hour ago" },
      { value: "today", summary: "Midnight" },
      { value: "start", summary: "The last start of the process" },
      { value: "boot", summary: "The start of this machine" },
    ],
  },
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
  offers: {
    kind: "words",
    words: [
      { value: "error", summary: "Errors alone" },
      { value: "warn", summary: "Warnings too" },
      { value: "info", summary: "All but debugging" },
      { value: "debug", summary: "All" },
    ],
  },
};
