import { isAbsolute } from "node:path";
import type { Files } from "../platform/platform.ts";
import type { ProcessPaths } from "./home.ts";

/** Where the streams of a process go, and what is put before their lines: part of its policy, so that a restart keeps it. */
export interface LogChoice {
  /** An absolute path; null: the file in its own folder. `nowhere` keeps nothing. */
  readonly out: string | null;
  readonly err: string | null;
  /** null: the process writes its files itself. */
  readonly stamp: Stamp | null;
}

/** A stamper stands between the process and its logs: see runner/stamper.cjs. */
export interface Stamp {
  readonly kind: "text" | "json";
  /** Tokens as moment has them; null, for JSON only: ISO. */
  readonly format: string | null;
}

export const plainLogs: LogChoice = { out: null, err: null, stamp: null };

/** As the runner opens it, who knows of no other way to keep nothing. */
export const nowhere = "/dev/null";

/** The file of each stream; null when nothing is kept. Both may be the same file. */
export interface LogFiles {
  readonly out: string | null;
  readonly err: string | null;
}

/** Where does each stream of this process go? */
export function logFiles(files: Files, paths: ProcessPaths): LogFiles {
  return filesOf(writtenChoice(files, paths), paths);
}

/** The same, where its choice is known. */
export function filesOf({ out, err }: Pick<LogChoice, "out" | "err">, paths: ProcessPaths): LogFiles {
  const kept = (place: string) => (place === nowhere ? null : place);
  return { out: kept(out ?? paths.out), err: kept(err ?? paths.err) };
}

/** The files that a person has named, each once. */
export function namedPlaces(choice: LogChoice, paths: ProcessPaths): string[] {
  return [...placesOf(filesOf(choice, paths))].filter((path) => !isOwn(path, paths));
}

/** The files themselves, each once. */
export function placesOf({ out, err }: LogFiles): Set<string> {
  return new Set([out, err].filter((path) => path !== null));
}

/** In its own folder: what else is wrong there is wrong with the home, and said so. */
export function isOwn(path: string, paths: ProcessPaths): boolean {
  return path === paths.out || path === paths.err;
}

function writtenChoice(files: Files, { launch }: ProcessPaths): LogChoice {
  const text = files.readText(`${launch}/policy.json`);
  // Nearly always: it says nothing of logs that would be worth a look.
  if (text === undefined || !text.includes('"streams"')) return plainLogs;
  try {
    const value: unknown = JSON.parse(text);
    return readLogChoice(typeof value === "object" && value !== null && "streams" in value ? value.streams : undefined);
  } catch (error) {
    if (error instanceof SyntaxError) return plainLogs;
    throw error;
  }
}

/** What policy.json says of them; what makes no sense is as it would be by default. */
export function readLogChoice(value: unknown): LogChoice {
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const path = (key: string): string | null => {
    const found = fields.get(key);
    return typeof found === "string" && isAbsolute(found) ? found : null;
  };
  return { out: path("out"), err: path("err"), stamp: readStamp(fields.get("stamp")) };
}

function readStamp(value: unknown): Stamp | null {
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  const format = "format" in value && typeof value.format === "string" ? value.format : null;
  if (value.kind === "json") return { kind: "json", format };
  return value.kind === "text" ? { kind: "text", format: format ?? timeFormat } : null;
}

/** What `--time` stands for. */
export const timeFormat = "YYYY-MM-DDTHH:mm:ss";
