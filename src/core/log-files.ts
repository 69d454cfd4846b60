import { dirname, isAbsolute, join } from "node:path";
import type { Files } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { ProcessPaths } from "./home.ts";
import { streams } from "./log-parts.ts";
import { namedShelf } from "./log-shelf.ts";
import { readState } from "./rotation-state.ts";
import type { World } from "./world.ts";

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
const timeFormat = "YYYY-MM-DDTHH:mm:ss";

/** Where logs go, in a person's words. */
export interface AskedLogs {
  readonly out: string | undefined;
  readonly err: string | undefined;
  /** Both into one. */
  readonly both: string | undefined;
  /** Both into one, wherever that is. */
  readonly merged: boolean;
  readonly disabled: boolean;
  readonly time: boolean;
  readonly format: string | undefined;
  readonly json: boolean;
}

/** @throws TsmError when two wishes exclude each other, or a file cannot be one. Makes nothing. */
export function chosenLogs(world: World, asked: AskedLogs, cwd: string, paths: ProcessPaths): LogChoice {
  const { out, err, both, merged, disabled } = asked;
  if (both !== undefined && (out !== undefined || err !== undefined)) {
    throw new TsmError("USAGE", "--log is for both streams, so there is nothing left for --output and --error", {
      hint: "Give --log alone, or --output and --error",
    });
  }
  const place = (path: string | undefined) => (path === undefined ? null : placed(world, path, cwd));
  const named = { out: place(both ?? out), err: place(both ?? err) };
  const one = named.out ?? named.err ?? paths.out;
  const places = disabled
    ? { out: nowhere, err: nowhere }
    : merged
      ? { out: named.out ?? one, err: named.err ?? one }
      : named;
  // Its own file is where it always is: the folder may be moved with the home.
  const choice = { ...places, out: places.out === paths.out ? null : places.out, stamp: stampOf(asked) };
  refuseBadLogs(world.platform.files, choice, paths);
  return choice;
}

function stampOf({ time, format, json }: AskedLogs): Stamp | null {
  const dates = format === undefined || format === "" ? (time ? timeFormat : null) : format;
  if (json) return { kind: "json", format: dates };
  return dates === null ? null : { kind: "text", format: dates };
}

function placed(world: World, path: string, cwd: string): string {
  if (path === "NULL" || path === nowhere) return nowhere;
  const home = world.env["HOME"];
  if (home !== undefined && (path === "~" || path.startsWith("~/"))) return join(home, path.slice(1));
  return isAbsolute(path) ? join(path) : join(cwd, path);
}

/** Before anything starts or ends. @throws TsmError NO_FILE when the process could not be given such a log. */
export function refuseBadLogs(files: Files, choice: LogChoice, paths: ProcessPaths): void {
  for (const path of placesOf(filesOf(choice, paths))) if (!isOwn(path, paths)) refuseBadLog(files, path);
}

function placesOf({ out, err }: LogFiles): Set<string> {
  return new Set([out, err].filter((path) => path !== null));
}

/** In its own folder: what is wrong there is wrong with the home, and said so. */
function isOwn(path: string, paths: ProcessPaths): boolean {
  return path === paths.out || path === paths.err;
}

function refuseBadLog(files: Files, path: string): void {
  const why = (what: string) =>
    new TsmError("NO_FILE", `the log ${path} ${what}`, {
      hint: "Name a file that can be written, or NULL to keep nothing",
    });
  const kind = files.kind(path);
  if (kind === "directory" || path.endsWith("/")) throw why("is a folder where a file should be");
  if (kind === "other") throw why("is not a regular file");
  if (kind === "file") {
    if (!files.isWritable(path)) throw why("cannot be written");
    return;
  }
  const folder = nearestFolder(files, dirname(path));
  if (files.kind(folder) !== "directory") throw why(`cannot be made: ${folder} is not a folder`);
  if (!files.isWritable(folder)) throw why(`cannot be made in ${folder}`);
}

function nearestFolder(files: Files, path: string): string {
  return files.kind(path) === "missing" && path !== "/" ? nearestFolder(files, dirname(path)) : path;
}

/**
 * Makes the logs, and the folders they lie in, so that a full or unwritable disk is told before anything starts.
 * @returns where stderr will begin.
 */
export function openLogs(
  files: Files,
  choice: LogChoice,
  paths: ProcessPaths,
): { outOffset: number; errOffset: number } {
  const { out, err } = filesOf(choice, paths);
  for (const path of placesOf({ out, err })) {
    try {
      if (files.kind(dirname(path)) === "missing") files.makeFolder(dirname(path));
      // In its own folder nobody has named a link: what it leads to is none of the process's.
      if (isOwn(path, paths) && files.linkTarget(path) !== undefined) files.remove(path);
      files.touch(path);
    } catch (error) {
      if (isOwn(path, paths) || !isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR", "ENXIO", "ETXTBSY", "ENOENT"))
        throw error;
      throw new TsmError("NO_FILE", `the log ${path} cannot be written: ${error.code}`, {
        hint: "Name a file that can be written, or NULL to keep nothing",
      });
    }
  }
  beginClocks(files, { out, err }, paths);
  const sizeOf = (path: string | null) => (path === null ? 0 : (files.stat(path)?.size ?? 0));
  return { outOffset: sizeOf(out), errOffset: sizeOf(err) };
}

/** A clock counts from the log's beginning: who joins those that write to a file which has been rotated is told of it. */
function beginClocks(files: Files, places: LogFiles, paths: ProcessPaths): void {
  for (const stream of streams) {
    const path = places[stream];
    const clock = `${paths.folder}/clock.${stream}`;
    if (path === null || isOwn(path, paths) || files.kind(clock) !== "missing") continue;
    const { base } = readState(files, namedShelf(path));
    if (base > 0) files.appendLine(clock, `= ${base}`);
  }
}

/** What the runner is handed: see the beginning of runner.bash. */
export function logSettings(world: World, choice: LogChoice, paths: ProcessPaths): Record<string, string> {
  const { out, err } = filesOf(choice, paths);
  const [outPipe, errPipe] = choice.stamp === null ? ["", ""] : pipesOf(choice, paths);
  return {
    out: out ?? nowhere,
    err: err ?? nowhere,
    pipe_out: outPipe,
    pipe_err: errPipe,
    ...(choice.stamp === null ? {} : { stamper: `${world.programs.node}\n${world.programs.stamper}` }),
  };
}

/** One pipe is enough where both streams become the same lines: then they stand in the order in which they were written. */
function pipesOf(choice: LogChoice, paths: ProcessPaths): [out: string, err: string] {
  const { out, err } = filesOf(choice, paths);
  const pipe = (stream: "out" | "err") => `${paths.folder}/.pipe.${stream}`;
  const isOne = out === err && choice.stamp?.kind === "text";
  return [out === null ? "" : pipe("out"), err === null ? "" : pipe(isOne ? "out" : "err")];
}

/** What the stamper is handed; undefined where none is wanted. The descriptors are those on which the runner opens the pipes. */
export function stampOrder(
  choice: LogChoice,
  paths: ProcessPaths,
  { id, name, zone }: { readonly id: number; readonly name: string; readonly zone: string | undefined },
): string | undefined {
  if (choice.stamp === null) return undefined;
  const { out, err } = filesOf(choice, paths);
  const [outPipe, errPipe] = pipesOf(choice, paths);
  const streams = [
    ...(out === null ? [] : [{ fd: 3, type: "out", file: out }]),
    ...(err === null || errPipe === outPipe ? [] : [{ fd: 4, type: "err", file: err }]),
  ];
  return `${JSON.stringify({ ...choice.stamp, zone: zone ?? null, id, name, streams })}\n`;
}
