import { isErrno } from "./errors.ts";
import { parseLine } from "./journal-line.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** How a life of a process came to a bad end. */
export interface Crash {
  /** Epoch seconds. */
  readonly at: number;
  /** Which life; undefined in lines of the journal that do not count them. */
  readonly run: number | undefined;
}

/** The last crash that the journal knows of; failing that, that of the record. */
export function lastCrash({ platform: { files }, home }: World, record: ProcessRecord): Crash | undefined {
  for (const day of files
    .list(home.events)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .reverse()) {
    const text = textOf(() => files.readText(`${home.events}/${day}`));
    const line = text.split("\n").findLast((each) => each.includes('"exit"') && crashIn(each, record) !== undefined);
    if (line !== undefined) return crashIn(line, record);
  }
  const { last_exit: last } = record;
  return last?.by === "crash" && last.code !== 0 ? { at: last.at, run: undefined } : undefined;
}

function crashIn(line: string, { name, created }: ProcessRecord): Crash | undefined {
  const value = parseLine(line);
  if (field(value, "event") !== "exit" || field(value, "name") !== name) return undefined;
  const exit = field(value, "exit");
  const at = field(exit, "at");
  // Nobody wanted it, and nothing went wrong: it was done.
  const isGood = field(exit, "code") === 0;
  // One of the same name may have been here before.
  if (field(exit, "by") !== "crash" || isGood || typeof at !== "number" || at < created) return undefined;
  const run = field(value, "run");
  return { at, run: typeof run === "number" ? run : undefined };
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(key)
    : undefined;
}

function textOf(read: () => string | undefined): string {
  try {
    return read() ?? "";
  } catch (error) {
    if (isErrno(error, "EISDIR", "EACCES", "EPERM")) return "";
    throw error;
  }
}
