import type { Files } from "../platform/platform.ts";
import { bytesIn, millisecondsIn } from "./amounts.ts";
import { isDiskUnwritable, isErrno } from "./errors.ts";
import type { Home } from "./home.ts";
import type { Settings } from "./settings.ts";

/** How much of a stream's lines is kept. */
export interface LogLimits {
  /** A live log that is longer is rotated. */
  readonly maxBytes: number;
  /** Archives beside the live log. */
  readonly keep: number;
  /** A live log that was begun so long ago is rotated; null: whatever its age. */
  readonly maxAgeMs: number | null;
  readonly compress: boolean;
  /** A file that a person has named is that person's to rotate. */
  readonly sparesNamed: boolean;
}

/** What was said of one process; what was not is as the home's settings say. */
export type AskedLogLimits = {
  readonly [Key in Exclude<keyof LogLimits, "sparesNamed">]: LogLimits[Key] | undefined;
};

export const noLogLimits: AskedLogLimits = {
  maxBytes: undefined,
  keep: undefined,
  maxAgeMs: undefined,
  compress: undefined,
};

export function logLimits(asked: AskedLogLimits, settings: Settings): LogLimits {
  return {
    maxBytes: boundOf(asked.maxBytes ?? bytesIn(settings.logMaxSize) ?? 0),
    keep: asked.keep ?? settings.logKeep,
    maxAgeMs: asked.maxAgeMs === undefined ? (millisecondsIn(settings.logMaxAge, "s") ?? null) : asked.maxAgeMs,
    compress: asked.compress ?? settings.logCompress === "on",
    sparesNamed: asked.maxBytes === 0,
  };
}

/** 0 is no limit. */
export function boundOf(bytes: number): number {
  return bytes === 0 ? Number.MAX_SAFE_INTEGER : bytes;
}

/** What policy.json says of them. */
export function readLogLimits(value: unknown): AskedLogLimits {
  if (typeof value !== "object" || value === null) return noLogLimits;
  const values = new Map(Object.entries(value));
  const number = (key: string): number | undefined => {
    const found: unknown = values.get(key);
    return typeof found === "number" && Number.isFinite(found) && found >= 0 ? found : undefined;
  };
  const compress: unknown = values.get("compress");
  const maxAgeMs: unknown = values.get("maxAgeMs");
  return {
    maxBytes: number("maxBytes"),
    keep: number("keep"),
    maxAgeMs: maxAgeMs === null ? null : number("maxAgeMs"),
    compress: typeof compress === "boolean" ? compress : undefined,
  };
}

/** For the ticker, which holds the sizes against it each second; a process's own limit lies in its launch files. */
export function writeTickerLimit(files: Files, path: string, bytes: number | undefined): void {
  const text = bytes === undefined ? undefined : `${bytes}\n`;
  if (files.readText(path) === text) return;
  if (text === undefined) files.remove(path);
  else files.writeWhole(path, text);
}

/** The home's own limit, for all who have none: when a ticker begins, when the setting changes, and in each pass. */
export function noteHomeLimit(files: Files, home: Home, settings: Settings): void {
  // Without it nothing has been started here yet.
  if (files.kind(`${home.root}/runtime`) !== "directory") return;
  try {
    writeTickerLimit(files, `${home.root}/runtime/log-limit`, bytesIn(settings.logMaxSize));
  } catch (error) {
    // The ticker goes by what it has until the next pass.
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR")) throw error;
  }
}
