import { dirname, isAbsolute, join } from "node:path";
import type { Files } from "../platform/platform.ts";
import { TsmError } from "./errors.ts";
import type { ProcessPaths } from "./home.ts";
import { filesOf, isOwn, type LogChoice, nowhere, placesOf, type Stamp, timeFormat } from "./log-files.ts";
import type { World } from "./world.ts";

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
  for (const path of placesOf(filesOf(choice, paths))) {
    if (!isOwn(path, paths)) refuseBadLog(files, path);
    else if (files.kind(path) === "directory" && files.linkTarget(path) === undefined)
      throw new TsmError("HOME", `${path} is a folder where a log should be`, { hint: "Move it away and try again" });
  }
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
