import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";
import { parseExit } from "./happenings.ts";
import { parseLine } from "./journal-line.ts";
import type { Exit } from "./process.ts";
import { isoTime } from "./why-found.ts";
import type { World } from "./world.ts";

/** What the journal says of one process, as far as a reader may rely on it. */
export interface JournalLine {
  /** Epoch seconds. */
  readonly at: number;
  readonly event: string;
  readonly run: number | undefined;
  /** Of a start: somebody asked for it; its runner begins the other ones by itself. */
  readonly isAsked: boolean;
  readonly exit: Exit | undefined;
  /** Who wanted it: `user`, `health`, … */
  readonly by: string | undefined;
  readonly signal: string | undefined;
  readonly reason: string | undefined;
}

/** So much is read, from the end: what is asked about happened last, and a journal is never thrown away. */
const mostBytes = 32 * 1024 * 1024;

/** Its lines since that time (epoch seconds), the oldest first. A journal that is missing or damaged says less, or nothing. */
export function journalOf({ platform: { files }, home }: World, name: string, since: number): JournalLine[] {
  const first = isoTime(since).slice(0, 10);
  const mark = `"name":${JSON.stringify(name)}`;
  const days = namesIn(files, home.events).filter((day) => day.endsWith(".jsonl") && day.slice(0, 10) >= first);
  const found: JournalLine[][] = [];
  let left = mostBytes;
  for (const day of days.sort().reverse()) {
    if (left === 0) break;
    const text = endOf(files, `${home.events}/${day}`, left);
    left = Math.max(0, left - text.length);
    found.unshift(text.split("\n").flatMap((line) => (line.includes(mark) ? (parsed(line, name) ?? []) : [])));
  }
  return found.flat().filter(({ at }) => at >= since);
}

function namesIn(files: Files, folder: string): string[] {
  try {
    return files.list(folder);
  } catch (error) {
    if (isErrno(error, ...unreadable)) return [];
    throw error;
  }
}

function endOf(files: Files, path: string, bytes: number): string {
  try {
    const size = files.stat(path)?.size ?? 0;
    const from = Math.max(0, size - bytes);
    return files.readRange(path, from, size - from)?.toString("utf8") ?? "";
  } catch (error) {
    if (isErrno(error, ...unreadable)) return "";
    throw error;
  }
}

const unreadable = ["EISDIR", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "EIO"];

function parsed(line: string, name: string): JournalLine | undefined {
  const value = parseLine(line);
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const text = (key: string) => {
    const found = fields.get(key);
    return typeof found === "string" ? found : undefined;
  };
  const at = Date.parse(text("time") ?? "") / 1000;
  const event = text("event");
  if (event === undefined || text("name") !== name || !Number.isFinite(at)) return undefined;
  const run = fields.get("run");
  return {
    at,
    event,
    run: typeof run === "number" ? run : undefined,
    isAsked: fields.get("asked") === true,
    exit: parseExit(fields.get("exit")),
    by: text("by"),
    signal: text("signal"),
    reason: text("reason"),
  };
}
