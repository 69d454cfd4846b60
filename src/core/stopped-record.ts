import type { Files } from "../platform/platform.ts";
import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import { identityOf } from "./observe.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { goodRecord, writeRecord } from "./records.ts";
import type { World } from "./world.ts";

/** Puts on record that a process was stopped, where its runner is gone and has not said so itself. */
export function recordStopped(world: World, before: ProcessRecord, by: ExitCause, pidFile: string | null): void {
  const { clock, files } = world.platform;
  const paths = processPaths(world.home, before.name);
  const record = goodRecord(world, before.name) ?? before;
  if (record.status === "stopped") {
    removeIfPossible(files, [paths.runnerPid]);
    return;
  }
  const at = Math.floor(clock.nowMs() / 1000);
  const exit = { code: null, signal: null, core: false, at, uptime: secondsSinceStart(world, record), by };
  writeIfPossible(world, {
    ...record,
    status: "stopped",
    last_exit: record.status === "crashed" ? record.last_exit : exit,
  });
  removeIfPossible(files, [paths.pid, paths.stop, paths.runnerPid, ...(pidFile === null ? [] : [pidFile])]);
}
/** By the kernel's clock, which nobody sets. */
function secondsSinceStart({ platform: { processes } }: World, record: ProcessRecord): number {
  const identity = identityOf(record);
  if (identity === undefined || identity.bootId !== processes.bootId()) return 0;
  return Math.floor(processes.ages()(identity) / 1000);
}

/** What is stopped stays stopped on a full disk too: there its record says what it said, and is held against the kernel. */
export function writeIfPossible(world: World, record: ProcessRecord): void {
  try {
    writeRecord(world, record);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

function removeIfPossible(files: Files, paths: readonly string[]): void {
  try {
    for (const path of paths) files.remove(path);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}
