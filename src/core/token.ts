import { TsmError } from "./errors.ts";
import type { LogLine } from "./log-line.ts";
import { stripColours } from "./log-lines.ts";

/** One event that a program has written down: `TETRA:CATEGORY:EVENT {json}`, or a line that is a JSON object. */
export interface Token {
  /** Epoch milliseconds: its own time, else that of the line; null when nothing tells. */
  readonly time: number | null;
  readonly category: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly session: string | null;
  readonly user: string | null;
  readonly ip: string | null;
  readonly fingerprint: string | null;
  readonly element: string | null;
  readonly page: string | null;
  /** Milliseconds. */
  readonly duration: number | null;
  readonly status: number | null;
}

const roles = {
  time: ["timestamp", "time", "ts", "@timestamp", "datetime"],
  category: ["category", "component", "module", "logger", "type"],
  event: ["event", "eventName", "action", "msg", "message", "name"],
  session: ["sessionId", "session_id", "session", "sid"],
  user: ["userId", "user_id", "user", "username", "uid"],
  ip: ["ip", "ipAddress", "ip_address", "clientIp", "remoteAddress", "remote_addr"],
  fingerprint: ["fingerprint", "fp", "deviceId"],
  element: ["element", "elementId", "target", "selector", "button", "label"],
  page: ["page", "path", "url", "route"],
  duration: ["duration", "durationMs", "duration_ms", "responseTime", "response_time", "elapsed", "elapsedMs"],
  status: ["status", "statusCode", "status_code"],
} as const;

type Role = keyof typeof roles;
/** Where in an event each fact stands: names, or paths with dots. */
export type TokenFields = Readonly<Record<Role, readonly string[]>>;

/** `session=ctx.sid,event=kind`: of these the named place alone counts, the last of each. @throws TsmError USAGE */
export function tokenFields(word: string): TokenFields {
  const fields: Record<Role, readonly string[]> = { ...roles };
  for (const part of word.split(",").filter((each) => each.trim() !== "")) {
    const [, name, place] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    const role = roleNames.find((each) => each === name);
    if (role === undefined || place === undefined)
      throw new TsmError("USAGE", `'${part}' is not a field`, {
        hint: `As session=sid or user=ctx.user.id. The fields are ${roleNames.join(", ")}`,
      });
    fields[role] = [place];
  }
  return fields;
}

// Its keys are the roles.
const roleNames = Object.keys(roles) as Role[];

/** The event of a line; undefined when it is none. "damaged": it begins as one and its JSON cannot be read. */
export function tokenOf(line: Pick<LogLine, "text" | "time">, fields: TokenFields): Token | "damaged" | undefined {
  const text = stripColours(line.text).trim();
  const tetra = /(?:^|[\s\]>|])TETRA:([\w.-]+):([\w.:-]+)(?:\s*(\{.*))?/s.exec(text);
  if (tetra !== null) {
    const [, category = "", event = "", json] = tetra;
    const data = json === undefined ? {} : objectIn(json);
    return data === undefined ? "damaged" : tokenFrom(data, fields, line.time, { category, event });
  }
  if (!text.startsWith("{")) return undefined;
  const data = objectIn(text);
  return data === undefined ? undefined : tokenFrom(data, fields, line.time, undefined);
}

function tokenFrom(
  data: Readonly<Record<string, unknown>>,
  fields: TokenFields,
  lineTime: number | null,
  named: { readonly category: string; readonly event: string } | undefined,
): Token {
  const find = (role: Role): unknown => {
    for (const place of fields[role]) {
      const value = valueAt(data, place);
      if (value !== undefined && value !== null && value !== "") return value;
    }
    return undefined;
  };
  const words = (role: Role): string | null => {
    const value = find(role);
    if (typeof value === "string") return value;
    return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
  };
  const number = (role: Role): number | null => {
    const [, digits, unit] = /^\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(ms|s)?\s*$/i.exec(words(role) ?? "") ?? [];
    const value = Number(digits ?? Number.NaN) * (unit?.toLowerCase() === "s" ? 1000 : 1);
    return Number.isFinite(value) ? value : null;
  };
  const { category, event } = named ?? nameIn(words("category"), words("event"), data["level"]);
  return {
    time: timeIn(find("time")) ?? (lineTime === null ? null : lineTime * 1000),
    category,
    event,
    data,
    session: words("session"),
    user: words("user"),
    ip: words("ip"),
    fingerprint: words("fingerprint"),
    element: words("element"),
    page: words("page"),
    duration: number("duration"),
    status: number("status"),
  };
}

/** Where nothing else names the category, the event may: `UI:CLICK`. */
function nameIn(
  category: string | null,
  event: string | null,
  level: unknown,
): { readonly category: string; readonly event: string } {
  const [, before, behind] =
    category === null ? (/^(?:TETRA:)?([A-Za-z_][\w.-]*):([\w.:-]+)$/.exec(event ?? "") ?? []) : [];
  return { category: category ?? before ?? levelWord(level), event: behind ?? event ?? "-" };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (isTooDeep(value, text)) return undefined;
    // Any object's own keys are words.
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** So deep that it could be read but not written again: nobody's event, but anybody may log it. */
function isTooDeep(value: unknown, text: string): boolean {
  if (text.length < 2 * deepest) return false;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}

const deepest = 500;

/** `ctx.user.id`; a name that holds dots itself comes first. */
function valueAt(data: Readonly<Record<string, unknown>>, place: string): unknown {
  if (Object.hasOwn(data, place)) return data[place];
  if (!place.includes(".")) return undefined;
  let value: unknown = data;
  for (const name of place.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

/** ISO text, or since the epoch: seconds, milliseconds, microseconds or nanoseconds, by how many they are. */
function timeIn(value: unknown): number | null {
  const number = typeof value === "number" ? value : /^\d{9,19}(?:\.\d+)?$/.test(String(value)) ? Number(value) : null;
  if (number !== null) {
    if (!(number > 0 && number < 1e20)) return null;
    return number < 1e11 ? number * 1000 : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6;
  }
  // Without a year a word is read as some time, too: "1" is in 2001.
  const parsed = typeof value === "string" && /\d{4}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}

function levelWord(level: unknown): string {
  if (typeof level === "string" && level !== "") return level.toUpperCase();
  if (typeof level !== "number") return "LOG";
  return level >= 60 ? "FATAL" : level >= 50 ? "ERROR" : level >= 40 ? "WARN" : level >= 30 ? "INFO" : "DEBUG";
}

const saysClick = /(?:^|[^a-z])click/i;
const saysApi = /(?:^|[^a-z])(?:api|https?|request|response)(?![a-z])/i;
const saysError = /(?:^|[^a-z])(?:error|fatal|failed|failure|exception)(?![a-z])/i;
const saysPage = /(?:^|[^a-z])(?:page|navigat|route)/i;
const saysFeature = /(?:^|[^a-z])feature/i;

/** What an event is to the reports. */
export function kindOf(token: Token): "click" | "error" | "api" | "page" | "feature" | "start" | "end" | "other" {
  const words = `${token.category} ${token.event}`;
  if (/session[_. -]?(?:start|new|created|begin)/i.test(words)) return "start";
  if (/session[_. -]?(?:end|stop|closed|expired)/i.test(words)) return "end";
  if (isError(token)) return "error";
  if (saysClick.test(words)) return "click";
  if (isApi(token)) return "api";
  if (saysPage.test(words)) return "page";
  return saysFeature.test(words) ? "feature" : "other";
}

export function isError({ category, event, status, data }: Token): boolean {
  const { level } = data;
  const isLevel = typeof level === "number" ? level >= 50 : typeof level === "string" && saysError.test(level);
  return isLevel || saysError.test(category) || saysError.test(event) || (status !== null && status >= 500);
}

export function isApi({ category, event }: Token): boolean {
  return saysApi.test(category) || saysApi.test(event);
}

/** `TETRA:UI:CLICK` without its first word. */
export function tokenName({ category, event }: Token): string {
  return `${category}:${event}`;
}
