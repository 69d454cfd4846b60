import { stripColours } from "./log-lines.ts";
import type { Stream } from "./log-parts.ts";
import { parsedJson } from "./parsed-json.ts";

/** How bad a line is, the worst first. */
export const levels = ["error", "warn", "info", "debug"] as const;
export type Level = (typeof levels)[number];

/** Is it as bad as that, or worse? */
export function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(least);
}

/** Reads the lines of one stream in their order: a stack trace belongs to the line above it. */
export class LevelReader {
  readonly #otherwise: Level;
  #before: Level | undefined;

  /** @param stream what says nothing of itself is an error on stderr and information on stdout */
  constructor(stream: Stream) {
    this.#otherwise = stream === "err" ? "error" : "info";
  }

  next(text: string): Level {
    const line = stripColours(text.length > mostRead && !text.startsWith("{") ? text.slice(0, mostRead) : text);
    const own = goesOn(line) ? undefined : levelOf(line);
    if (own === undefined && this.#before !== undefined && goesOn(line)) return this.#before;
    const level = own ?? this.#otherwise;
    this.#before = level;
    return level;
  }
}

const mostRead = 400;

/** An indented line, a frame of a stack, the closing bracket of a printed object. */
function goesOn(line: string): boolean {
  return (
    line === "" ||
    /^(?:[ \t]|at |Caused by: |\.\.\. \d+ more|[\])}]+[;,)]*$|During handling of |The above exception )/.test(line)
  );
}

/** What a line says of itself; undefined when it says nothing. */
export function levelOf(line: string): Level | undefined {
  if (line.startsWith("{")) return ofObject(line);
  const named = /(?:^|\s)(?:level|lvl|severity|loglevel)="?([A-Za-z]+)"?(?=\s|$)/.exec(line)?.[1];
  if (named !== undefined) return byName.get(named.toLowerCase());
  const glog = /^([EWIFD])\d{4}(?= |$)/.exec(line)?.[1];
  if (glog !== undefined) return { E: "error", F: "error", W: "warn", I: "info", D: "debug" }[glog] as Level; // its five letters
  if (isException(line)) return "error";
  return ofPrefix(line);
}

const byName: ReadonlyMap<string, Level> = new Map([
  ...["emerg", "emergency", "alert", "fatal", "panic", "crit", "critical", "severe", "err", "error", "dpanic"].map(
    (name) => [name, "error"] as const,
  ),
  ...["warn", "warning"].map((name) => [name, "warn"] as const),
  ...["notice", "info", "information", "log", "http", "success"].map((name) => [name, "info"] as const),
  ...["debug", "dbg", "trace", "verbose", "silly", "fine", "finer", "finest"].map((name) => [name, "debug"] as const),
]);

/** pino and bunyan count in tens, from trace to fatal; winston and most others have words. */
function ofObject(line: string): Level | undefined {
  // Of many lines only the first character is that of an object.
  const value = parsedJson(line);
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const key of ["level", "severity", "lvl", "levelname", "@level", "log.level", "loglevel", "s"]) {
    const said = fields.get(key);
    if (typeof said === "number") return said >= 50 ? "error" : said >= 40 ? "warn" : said >= 30 ? "info" : "debug";
    const level = typeof said === "string" ? byName.get(said.toLowerCase()) : undefined;
    if (level !== undefined) return level;
  }
  return undefined;
}

function isException(line: string): boolean {
  return (
    /^(?:Uncaught |Unhandled |\[?Unhandled\w* )?(?:[\w$]+\.)*\w*(?:Error|Exception)(?:: |:$|$| \[| at )/.test(line) ||
    /^(?:Traceback \(most recent call last\)|panic: |fatal error: |thread '[^']*' (?:\(\d+\) )?panicked|Exception in thread |npm (?:ERR!|error)|Segmentation fault)/.test(
      line,
    ) ||
    /^error(?:\[[A-Z]\d+\])?: /.test(line)
  );
}

/**
 * A level among what stands before the message: times, numbers, names in brackets. A word in capitals is one; another only
 * in brackets, or first and before a colon or dash. `Starting the ERROR handler` is a message and says nothing.
 */
function ofPrefix(line: string): Level | undefined {
  let hasTime = false;
  let names = 0;
  for (const [word] of line.slice(0, 160).matchAll(/\S+/g)) {
    const bare = word.replace(/^[[(<|]+|[\])>|:,]+$/g, "");
    const name = /^[A-Za-z]+/.exec(bare)?.[0] ?? "";
    const level = byName.get(name.toLowerCase());
    const rest = bare.slice(name.length);
    // `INFO:root:message`, `ERROR/MainProcess`, `WARN(12)`.
    if (level !== undefined && (rest === "" || /^[:/|([]/.test(rest)) && name.length > 2) {
      if (name === name.toUpperCase()) return level;
      if (/^[[(<|]/.test(word) && /[\])>|]:?$/.test(word)) return level;
      if (names === 0 && (/:$/.test(word) || /^:/.test(rest) || /^\S+\s+-\s/.test(line))) return level;
    }
    if (/\d/.test(word) && /^[[(<]?[\d.:,/+TZ-]+[\])>:]*$/.test(word)) hasTime = true;
    else if (/^[-|:>]+$/.test(word) || /^[[(<].*[\])>]:?$/.test(word)) continue;
    // Half of a bracket: `[2026-01-02 10:00:00]`.
    else if (/^[[(<]/.test(word) || /[\])>]$/.test(word)) continue;
    else {
      names += 1;
      if (!hasTime || names > 2) return undefined;
    }
  }
  return undefined;
}
