import { bytesIn, millisecondsIn } from "./amounts.ts";
import { TsmError } from "./errors.ts";
import { isObject } from "./is-object.ts";
import { leastIntervalMs } from "./oversight.ts";
import { killSignals } from "./policy.ts";
import { validPort } from "./port-choice.ts";
import { type Probe, parseProbe } from "./probe.ts";
import { splitWords } from "./split-words.ts";
import type { WatchOptions } from "./watch-options.ts";

/* What a value in an ecosystem file means. Each reader throws WrongValue, which says what it is and what it should be. */

/** `is a number and should be a text`: whoever knows the app and the attribute puts them before it. */
export class WrongValue extends Error {}

/** `has A, which is no text`: the value is right, and a part of it is not. */
export class WrongPart extends WrongValue {}

export type Reader<T> = (value: unknown) => T;

/** @param mark see core/ecosystem-file.ts */
export function kindOf(value: unknown, mark: string): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") {
    const [named] = Object.entries(value).filter(([key]) => key === mark);
    return named === undefined ? "an object" : String(named[1]);
  }
  return typeof value === "string"
    ? `'${shortened(value)}'`
    : typeof value === "boolean"
      ? String(value)
      : `the number ${value}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function wrong(should: string): WrongValue {
  return new WrongValue(should);
}

export const text: Reader<string> = (value) => {
  if (typeof value === "string" && value.trim() !== "" && !value.includes("\0")) return value;
  throw wrong("a text");
};

/** A number is the text that it is written as. */
export const name: Reader<string> = (value) => (typeof value === "number" ? String(value) : text(value));

export const toggle: Reader<boolean> = (value) => {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw wrong("true or false");
};

/** A list stays as it is; a text is split where a shell would split it. */
export const words: Reader<readonly string[]> = (value) => {
  if (typeof value === "string") {
    const split = splitWords(value);
    if (split !== undefined) return split;
    throw wrong("a text whose quotes are closed");
  }
  if (Array.isArray(value)) return value.map(word);
  if (typeof value === "number") return [String(value)];
  throw wrong("a text or a list of texts");
};

const word: Reader<string> = (value) => {
  if (typeof value === "string" && !value.includes("\0")) return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw wrong("a text or a list of texts");
};

/** One name, several in a list, several in a text, or the keys of an object. */
export const names: Reader<readonly string[]> = (value) => {
  if (typeof value === "string") return value.split(",").map((each) => text(each).trim());
  if (Array.isArray(value)) return value.map(name);
  if (isObject(value)) return Object.keys(value);
  throw wrong("a name or a list of names");
};

/** Milliseconds as a number, or with a unit: `3s`. */
export const milliseconds: Reader<number> = (value) => {
  const found =
    typeof value === "number" ? value : typeof value === "string" ? millisecondsIn(value.trim(), "ms") : undefined;
  if (found !== undefined && Number.isFinite(found) && found >= 0 && found <= 86_400_000) return Math.round(found);
  throw wrong("milliseconds (3000) or a length of time ('3s'), a day at most");
};

export const bytes: Reader<number> = (value) => {
  const found = typeof value === "number" ? value : typeof value === "string" ? bytesIn(value.trim()) : undefined;
  if (found !== undefined && Number.isSafeInteger(found) && found >= 1) return found;
  throw wrong("bytes (209715200) or a size ('200M')");
};

/** A whole number, also as text. */
export function count(least: number, most = 1_000_000): Reader<number> {
  return (value) => {
    const found = typeof value === "string" && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
    if (typeof found === "number" && Number.isInteger(found) && found >= least && found <= most) return found;
    throw wrong(`a whole number from ${least} to ${most}`);
  };
}

export const exitCodes: Reader<readonly number[]> = (value) => {
  const codes = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [value];
  const code = count(0, 255);
  try {
    return codes.map((each) => code(each));
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    throw wrong("exit codes from 0 to 255: 0, or [0, 3]");
  }
};

export const portNumber: Reader<number> = (value) => {
  const found = validPort(String(value));
  if (found !== undefined) return found;
  throw wrong("a port, from 1 to 65535");
};

/** Names to texts; numbers and true or false are written as texts, objects and lists as JSON, what is null is not there. */
export const variables: Reader<Readonly<Record<string, string>>> = (value) => {
  if (!isObject(value)) throw wrong("an object of variables");
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      if (key === "") throw new WrongPart("has a variable without a name");
      if (key.includes("=") || key.includes("\0")) throw new WrongPart(`has '${key}', which is no variable's name`);
      if (each === null || each === undefined) return [];
      const given = typeof each === "object" ? JSON.stringify(each) : String(each);
      if (given.includes("\0")) throw new WrongPart(`has ${key}, which holds a NUL character`);
      return [[key, given] as const];
    }),
  );
};

/** true is the folder of the app. */
export const watched: Reader<readonly string[]> = (value) => {
  if (value === true || value === "true") return ["."];
  if (value === false || value === "false") return [];
  return paths(value);
};

export const paths: Reader<readonly string[]> = (value) => {
  const list = Array.isArray(value) ? value : [value];
  if (list.every((each) => typeof each === "string" && each !== "" && !each.includes("\0"))) return list;
  throw wrong("a path or a list of paths");
};

/** false and 0 are never. */
export const cron: Reader<string | null> = (value) => {
  if (value === false || value === 0 || value === "0") return null;
  if (typeof value === "string" && (/^@[a-z]+$/i.test(value.trim()) || /^\S+(?:\s+\S+){4,5}$/.test(value.trim())))
    return value.trim();
  throw wrong("a cron expression of five or six fields, or 0 for never");
};

export const signal: Reader<(typeof killSignals)[number]> = (value) => {
  const upper = String(value).toUpperCase();
  const found = killSignals.find((each) => each === upper || each === `SIG${upper}`);
  if (found !== undefined) return found;
  throw wrong(`one of ${killSignals.join(", ")}`);
};

/** "always", "on-failure" or "no"; true is always, false is no. */
export const restarts: Reader<"no" | "on-failure" | "always"> = (value) => {
  if (value === true || value === "true" || value === "always") return "always";
  if (value === false || value === "false" || value === "no" || value === "never") return "no";
  if (value === "on-failure") return value;
  throw wrong("true, false or 'on-failure'");
};

/** How many: a number, or as many as the machine has processors, less some. */
export const instances: Reader<number | "max"> = (value) => {
  if (value === "max" || value === 0 || value === "0") return "max";
  return count(-1000, 1000)(value);
};

/** What people know as chokidar's options: those that mean something here, and what is to be passed over. */
export const watchOptions: Reader<WatchOptions & { readonly ignored: readonly string[] }> = (value) => {
  if (!isObject(value)) throw wrong("an object of options of the watch");
  const other = Object.keys(value).find((key) => !watchOptionNames.includes(key) && !meaninglessInWatch.includes(key));
  if (other !== undefined) throw wrong(`an object of ${watchOptionNames.join(", ")}; it has '${other}'`);
  const fields = fieldsOf(value);
  const of = <T>(key: string, read: Reader<T>): T | undefined => {
    const found = fields.get(key);
    return found === undefined || found === null ? undefined : read(found);
  };
  const interval = of("interval", milliseconds) ?? 100;
  return {
    followSymlinks: of("followSymlinks", toggle) ?? false,
    pollMs: of("usePolling", toggle) === true ? Math.max(10, interval) : null,
    depth: of("depth", count(0)) ?? null,
    settledMs: of("awaitWriteFinish", settled) ?? null,
    ignored: of("ignored", paths) ?? [],
  };
};

const watchOptionNames = ["followSymlinks", "usePolling", "interval", "depth", "awaitWriteFinish", "ignored"];
const meaninglessInWatch = [
  "persistent",
  "ignoreInitial",
  "binaryInterval",
  "alwaysStat",
  "ignorePermissionErrors",
  "atomic",
  "cwd",
  "disableGlobbing",
  "useFsEvents",
];

/** true, or {stabilityThreshold: 500}. */
const settled: Reader<number | null> = (value) => {
  if (isObject(value)) return milliseconds(fieldsOf(value).get("stabilityThreshold") ?? 2000);
  return toggle(value) ? 2000 : null;
};

/** One of these words. */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (value) => {
    const found = words.find((each) => each === value);
    if (found !== undefined) return found;
    throw wrong(words.map((each) => `'${each}'`).join(" or "));
  };
}

export const kept: Reader<true | readonly string[]> = (value) => {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return [];
  return paths(value);
};

/** A probe as behind --ready, or an object that names it. */
export const probe: Reader<Probe> = (value) => {
  if (isObject(value)) return probeIn(value);
  if (typeof value !== "string") throw wrong(probeForms);
  try {
    return parseProbe(value);
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    throw wrong(probeForms);
  }
};

const probeForms = "port, port:3000, http://…, log:/…/, ipc or cmd:…";

const probeIn: Reader<Probe> = (value) => {
  const fields = fieldsOf(value);
  if (fields.get("http") !== undefined) return probe(fields.get("http"));
  if (fields.get("log") !== undefined) return probe(`log:${String(fields.get("log"))}`);
  const command = fields.get("cmd") ?? fields.get("command");
  if (command !== undefined) return probe(`cmd:${text(command)}`);
  const port = fields.get("port");
  if (typeof port === "number" || typeof port === "string") return probe(`port:${port}`);
  if (port !== undefined) return probe("port");
  throw wrong("an object with http, port or cmd in it");
};

export interface Health {
  readonly probe: Probe;
  readonly intervalMs: number | undefined;
  readonly failures: number | undefined;
}

/** A probe, or {http: …, every: "10s", fail: 3}. */
export const health: Reader<Health> = (value) => {
  const fields = fieldsOf(value);
  const every = fields.get("every") ?? fields.get("interval");
  const fail = fields.get("fail") ?? fields.get("failures") ?? fields.get("retries");
  const found = probe(value);
  if (found.kind === "log") throw wrong("port, http://… or cmd:…, which can be asked again and again");
  const intervalMs = every === undefined ? undefined : milliseconds(every);
  if (intervalMs !== undefined && intervalMs < leastIntervalMs)
    throw wrong(`asked every ${leastIntervalMs} ms at the most; a number alone is milliseconds`);
  return {
    probe: found,
    intervalMs,
    failures: fail === undefined ? undefined : count(1)(fail),
  };
};

export interface LogRules {
  readonly maxBytes: number | undefined;
  readonly keep: number | undefined;
  readonly maxAgeMs: number | null | undefined;
  readonly compress: boolean | undefined;
}

/** A file for both streams, true for none in particular, or when logs are rotated. */
export const log: Reader<string | boolean | LogRules> = (value) => {
  if (typeof value === "boolean") return value;
  if (!isObject(value)) return text(value);
  const known = ["max_size", "keep", "max_age", "compress"];
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw wrong(`an object of ${known.join(", ")}; it has '${other}'`);
  const fields = fieldsOf(value);
  const of = <T>(key: string, read: Reader<T>): T | undefined => {
    const found = fields.get(key);
    return found === undefined || found === null ? undefined : read(found);
  };
  return {
    maxBytes: of("max_size", bytes),
    keep: of("keep", count(0, 1000)),
    maxAgeMs: of("max_age", (found) => (found === "never" ? null : age(found))),
    compress: of("compress", toggle),
  };
};

/** An age, of any length. */
const age: Reader<number> = (value) => {
  const found =
    typeof value === "number" ? value : typeof value === "string" ? millisecondsIn(value.trim(), "ms") : undefined;
  if (found !== undefined && found >= 1000) return found;
  throw wrong("an object whose max_age is an age ('1d') or never");
};

export const hookEvents = ["post_start", "pre_stop", "post_stop", "on_crash", "on_errored"] as const;
export type Hooks = Readonly<Partial<Record<(typeof hookEvents)[number] | "pre_start", string>>>;

/** Commands or files by event. */
export const hooks: Reader<Hooks> = (value) => {
  if (!isObject(value)) throw wrong("an object of commands by event");
  const known: readonly string[] = ["pre_start", ...hookEvents];
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw wrong(`an object of ${known.join(", ")}; it has '${other}'`);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      if (each === null || each === undefined) return [];
      if (typeof each !== "string" || each.trim() === "" || each.includes("\0"))
        throw wrong(`an object whose ${key} is a command`);
      return [[key, each] as const];
    }),
  );
};

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(isObject(value) ? Object.entries(value) : []);
}

export const logType: Reader<"json" | "raw"> = (value) => {
  if (value === "json" || value === "raw") return value;
  throw wrong("json or raw");
};

export const execMode: Reader<"fork" | "cluster"> = (value) => {
  const [, mode] = /^(fork|cluster)(?:_mode)?$/.exec(String(value)) ?? [];
  if (mode === "fork" || mode === "cluster") return mode;
  throw wrong("fork or cluster");
};
