import { readFileSync } from "node:fs";
import { join } from "node:path";
import { detectPlatform } from "../../src/platform/detect.ts";
import type { Identity } from "../../src/platform/platform.ts";
import type { Home, HomeProcess } from "./home.ts";
import { tsmJson } from "./tsm.ts";

export const { processes } = detectPlatform();

/** A row of `list --json`, as far as tests look at it. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly supervised: boolean;
  readonly command: string;
}

/** `tsm list all --json`. */
export async function list(home: Home): Promise<Row[]> {
  const rows = await tsmJson(home, ["list", "all"]);
  // The program under test wrote it; a row that is not one fails the expectation that looks at it.
  return rows as Row[];
}

/** The row of one process. @throws when there is none. */
export async function row(home: Home, name: string): Promise<Row> {
  const found = (await list(home)).find((each) => each.name === name);
  if (found === undefined) throw new Error(`list has no '${name}'`);
  return found;
}

/** What `meta.json` holds. */
export interface Meta {
  readonly [field: string]: unknown;
  readonly tsm_id: number;
  readonly name: string;
  readonly pid: number;
  readonly status: string;
  readonly start_mark: string;
  readonly boot_id: string;
  readonly runner_pid: number;
  readonly runner_mark: string;
  readonly last_exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly core: boolean;
    readonly by: string;
  } | null;
}

export function folderOf(home: Home, name: string): string {
  return join(home.path, "runtime/processes", name);
}

export function metaPath(home: Home, name: string): string {
  return join(folderOf(home, name), "meta.json");
}

export function meta(home: Home, name: string): Meta {
  // As with `list`: what is wrong in it fails the expectation.
  return JSON.parse(readFileSync(metaPath(home, name), "utf8")) as Meta;
}

/** Who a pid is now. @throws when it is nobody. */
export function identify(pid: number): Identity {
  const identity = processes.identify(pid);
  if (identity === undefined) throw new Error(`there is no process ${pid}`);
  return identity;
}

/**
 * What the home's records run and what that started: no runners nor the `sleep` of one that was killed, no `tsm`.
 * What a runner has just forked counts before it has become its command.
 */
export function services(home: Home): HomeProcess[] {
  const all = home.processes();
  const running = new Set(all.filter(isOfRunner).map(({ pid }) => pid));
  const onTheirWay = new Set(
    processes
      .table()
      .flatMap(({ pid, groupId, parentPid }) => (pid === groupId && running.has(parentPid) ? [pid] : [])),
  );
  return all.filter((found) => {
    if (found.command.includes("tsm.js")) return false;
    if (onTheirWay.has(found.pid)) return processes.identify(found.pid) !== undefined;
    if (isOfRunner(found)) return false;
    const environment = processes.environment(found.pid);
    // What a runner calls ends within a moment: then its environment is none or empty, and the question means nothing.
    return processes.identify(found.pid) !== undefined && environment?.has("TSM_RUNNER") !== true;
  });
}

/** Without what they have just forked, and without who forks them. */
export function runners(home: Home): HomeProcess[] {
  const all = home.processes().filter((found) => isOfRunner(found) && !forksRunners(found));
  const parents = new Map(processes.table().map(({ pid, parentPid }) => [pid, parentPid]));
  return all.filter(({ pid }) => parents.has(pid) && !all.some((other) => other.pid === parents.get(pid)));
}

function forksRunners({ pid }: HomeProcess): boolean {
  const identity = processes.identify(pid);
  return identity !== undefined && processes.folder(identity)?.endsWith("/runtime/processes") === true;
}

function isOfRunner({ command }: HomeProcess): boolean {
  return command.includes("runner.bash");
}
