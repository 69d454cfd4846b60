import type { Level } from "../core/log-level.ts";
import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";

/**
 * A line that is a JSON object as a person reads it: `10:00:00.123 WARN slow request path=/api ms=1200`.
 * undefined: it is none, or says nothing that a person would look for first.
 */
export function prettyJson(line: string, level: Level | undefined, paint: Paint): string | undefined {
  if (!line.startsWith("{") || !line.trimEnd().endsWith("}")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // looks like one, and is none
    throw error;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const takeFirst = (keys: readonly string[]): unknown => {
    const key = keys.find((each) => isPlain(fields.get(each)));
    const found = key === undefined ? undefined : fields.get(key);
    if (key !== undefined) fields.delete(key);
    return found;
  };
  const message = takeFirst(["msg", "message", "@message", "event"]);
  const said = takeFirst(["level", "severity", "lvl", "levelname", "@level"]);
  if (message === undefined && said === undefined) return undefined;
  const time = clockOf(takeFirst(["time", "timestamp", "ts", "@timestamp", "t", "date"]));
  // bunyan's version of its own format, and what pino says of where it runs: the same in every line.
  for (const key of ["v", "pid", "hostname"]) if (isPlain(fields.get(key))) fields.delete(key);
  const parts = [
    time === undefined ? "" : paint.faint(time),
    said === undefined
      ? ""
      : painted(typeof said === "string" ? said.toUpperCase() : (level ?? "").toUpperCase(), level, paint),
    message === undefined ? "" : sanitize(String(message)),
    ...[...fields].map(([key, each]) => `${paint.faint(`${sanitize(key)}=`)}${sanitize(shown(each))}`),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function painted(name: string, level: Level | undefined, paint: Paint): string {
  const text = sanitize(name);
  if (level === "error") return paint.bad(text);
  if (level === "warn") return paint.warn(text);
  return level === "debug" ? paint.faint(text) : paint.good(text);
}

/** A word stands as it is; anything else as JSON. */
function shown(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** Epoch seconds or milliseconds, or a date as text: the time of day on this machine. */
function clockOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const at = new Date(typeof value === "number" ? (value < 1e11 ? value * 1000 : value) : String(value));
  if (Number.isNaN(at.getTime())) return sanitize(String(value));
  const two = (number: number): string => String(number).padStart(2, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return `${clock}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
