import { controlCharacters } from "./control-characters.ts";
import { parsedJson } from "./parsed-json.ts";
import { validPort } from "./port-choice.ts";
import { plainWords } from "./quote.ts";

/** What an older TSM has written down about one process. Whoever wrote it may have been anybody: it is text, and stays text. */
export interface OldFacts {
  readonly name: string | undefined;
  readonly id: number | undefined;
  readonly pid: number | undefined;
  /** Epoch seconds. */
  readonly startTime: number | undefined;
  readonly port: number | "none" | undefined;
  /** A command line, as it was written down. */
  readonly command: string | undefined;
  /** The path of a script. */
  readonly script: string | undefined;
  readonly cwd: string | undefined;
  readonly envFile: string | undefined;
  readonly status: string | undefined;
  readonly restarts: number | undefined;
  /** Where its logs are said to be. */
  readonly out: string | undefined;
  readonly err: string | undefined;
}

/** A file that is longer is none of theirs: the longest they ever wrote is a command line. */
export const mostBytes = 64 * 1024;

/**
 * JSON, one `key=value` a line, or all of them on one line.
 * @returns undefined when it is none of these, or says nothing about a process.
 */
export function parseOldRecord(text: string): OldFacts | undefined {
  const isJson = text.trimStart().startsWith("{");
  const values = isJson ? fromJson(text) : fromLines(text);
  if (values === undefined || !telling.some((key) => values.has(key))) return undefined;
  const first = (...keys: string[]) => keys.map((key) => values.get(key)).find((value) => value !== undefined);
  return {
    name: plainText(first("name")),
    id: count(first("tsm_id", "tpm_id"), 1_000_000),
    pid: count(first("pid"), 2 ** 31),
    startTime: seconds(first("start_time")),
    port: portOf(first("port")),
    command: commandLine(first("command"), isJson),
    script: path(first("script")),
    cwd: path(first("cwd")),
    envFile: path(first("env_file")),
    status: plainText(first("status")),
    restarts: count(first("restarts"), 2 ** 31),
    out: path(first("logs.out", "out")),
    err: path(first("logs.err", "err")),
  };
}

/** Without any of these it is not about a process. */
const telling = ["pid", "script", "command", "tsm_id", "tpm_id", "start_time"];

const known = [
  ...telling,
  "name",
  "port",
  "cwd",
  "env_file",
  "status",
  "restarts",
  "out",
  "err",
  "type",
  "interpreter",
  "process_type",
  "prehook",
];

function fromJson(text: string): Map<string, string> | undefined {
  const value = parsedJson(text);
  if (value === undefined) return undefined;
  const entries = entriesOf(value);
  const logs = entriesOf(entries.find(([key]) => key === "logs")?.[1]).map(([key, each]) => [`logs.${key}`, each]);
  return new Map(
    [...entries, ...logs].flatMap(([key, each]) =>
      typeof key === "string" && (typeof each === "string" || typeof each === "number") ? [[key, String(each)]] : [],
    ),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function fromLines(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => /^\s*(?:export\s+)?\w+=/.test(line));
  const [only] = lines;
  // On one line a value ends where the next key that they knew begins: a path may hold blanks.
  const parts = lines.length === 1 && only !== undefined ? only.split(oneLine) : lines;
  return new Map(
    parts.flatMap((part) => {
      const [, key, value] = /^\s*(?:export\s+)?(\w+)=(.*)$/s.exec(part) ?? [];
      return key === undefined || value === undefined ? [] : [[key, unquoted(value.trim())]];
    }),
  );
}

const oneLine = new RegExp(`\\s+(?=(?:${known.join("|")})=)`);

/** It was made to be sourced by bash: quotes and backslashes are bash's. What bash would run is text. */
function unquoted(value: string): string {
  if (!/["'\\]/.test(value)) return value;
  const words = plainWords(value);
  return words?.length === 1 && words[0] !== undefined ? words[0] : value;
}

function count(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return undefined;
  const number = Number(text);
  return number < most ? number : undefined;
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{9,13}(?:\.\d+)?$/.test(text)) return undefined;
  const number = Math.floor(Number(text));
  return number > 1e11 ? Math.floor(number / 1000) : number;
}

/** A number, that number as text, or what they wrote where there was none. */
function portOf(text: string | undefined): number | "none" | undefined {
  return text === undefined ? undefined : (validPort(text) ?? "none");
}

function plainText(text: string | undefined): string | undefined {
  return text === undefined || text === "" || hasControl.test(text) ? undefined : text;
}

function path(text: string | undefined): string | undefined {
  const plain = plainText(text);
  return plain === undefined || plain.length > 4096 ? undefined : plain;
}

/** What was to be sourced is words at most: a command that needs a shell stands in JSON, where it was one. */
function commandLine(text: string | undefined, mayBeShell: boolean): string | undefined {
  if (text === undefined || text.trim() === "" || text.includes("\0")) return undefined;
  return mayBeShell || plainWords(text) !== undefined ? text : undefined;
}

const hasControl = new RegExp(`[${controlCharacters}]`);
