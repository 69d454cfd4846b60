import { stripColours } from "./log-lines.ts";

/** The part of a line that says what went wrong: without colours, and without time and level before it. */
export function messageOf(line: string): string {
  const text = stripColours(line.slice(0, mostRead));
  const said = fromJson(line) ?? fromLogfmt(text) ?? text;
  const [first = ""] = said.trim().split("\n");
  return withoutPrefix(first).slice(0, mostKept);
}

/** Of a line that is a dump of something. */
const mostRead = 4096;
const mostKept = 500;

function fromJson(line: string): string | undefined {
  if (!/^\s*\{/.test(line) || line.length > mostParsed) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return said(value);
}

const mostParsed = 256 * 1024;

function said(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const key of ["msg", "message", "err", "error", "exception"]) {
    const found = fields.get(key);
    const text = typeof found === "string" ? found : said(found);
    if (text !== undefined && text.trim() !== "") return text;
  }
  return undefined;
}

function fromLogfmt(text: string): string | undefined {
  if (!/\b(?:level|lvl|severity)=/.test(text)) return undefined;
  const [, quoted, plain] = /\b(?:msg|message|err|error)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(text) ?? [];
  return quoted?.replaceAll('\\"', '"') ?? plain;
}

/** `2026-01-02T10:00:00Z [ERROR] (worker 3): ` says when, how bad and who, not what. */
function withoutPrefix(text: string): string {
  const prefix =
    /^(?:[[(<]?(?:\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d\d:\d\d:\d\d(?:[.,]\d+)?|(?:error|err|critical|crit|fatal|severe)(?=[\])>:\s-]))[\])>]?\s*[:|-]?\s*)+/i;
  const rest = text.replace(prefix, "");
  return rest === "" ? text : rest;
}

/** What of a message is different each time, and what stands for it; in the order in which they are looked for. */
const folds: readonly (readonly [RegExp, string])[] = [
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, "<id>"],
  [/\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, "<time>"],
  [
    /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d(?: \d{4})?(?= \d)/g,
    "<time>",
  ],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, "<time>"],
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s'"<>)\]]+/gi, "<url>"],
  [/\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g, "<email>"],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+|\/\d+)?\b/g, "<ip>"],
  [/\[(?=[^\]]*:[^\]]*:)[\da-f:.]+\](?::\d+)?/gi, "<ip>"],
  [/(?<![\w:])(?=[\da-f:]*\d)(?:[\da-f]{1,4}:|:){2,7}(?:\d+|[\da-f]{1,4})?(?![\w:])/gi, "<ip>"],
  [/(?<=^|[\s'"`(=[<:,])(?:file:)?(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][\w.@%+~$-]+)+[/\\]?(?::\d+)*/g, "<path>"],
  [/\b0x[\da-f]+\b/gi, "<hex>"],
  [/\b(?=[a-f]*\d)[\da-f]{8,}\b/gi, "<hex>"],
  [/\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{20,}\b/g, "<id>"],
  [
    /(?<![\w.])[-+]?\d+(?:[.,]\d+)*\s?(?:ns|µs|us|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)\b/g,
    "<duration>",
  ],
  [/[-+]?\d+(?:[.,]\d+)*/g, "<n>"],
  [/\s+/g, " "],
];

/** The same for two messages that differ only in numbers, ids, times, addresses and paths. What stands in quotes counts. */
export function fingerprint(message: string): string {
  let text = message;
  for (const [pattern, stands] of folds) text = text.replaceAll(pattern, stands);
  return text.trim().slice(0, mostKept);
}
