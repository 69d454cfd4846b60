import { bytesIn } from "./amounts.ts";
import { isDiskUnwritable, isErrno, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { archivesOf } from "./log-archives.ts";
import type { LogLimits } from "./log-limits.ts";
import { type Stream, streams } from "./log-parts.ts";
import { type LogShelf, ownShelf } from "./log-shelf.ts";
import { movedLogs, takeOver } from "./moved-log.ts";
import type { ProcessRecord } from "./process.ts";
import { lockLogs, lockNamedLog, tryLockLogs, tryLockNamedLog } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { healRotation, type Rotated, rotate, type SharedLog } from "./rotation.ts";
import { readState, writeState } from "./rotation-state.ts";
import { type AskedOfLogs, logsAsked, type NamedLog, namedLogs, ownLog } from "./shared-logs.ts";
import type { World } from "./world.ts";

export interface RotatedProcess {
  readonly id: number;
  readonly name: string;
  readonly logs: readonly Rotated[];
  /** Files that a person has named for its streams and that are not rotated. */
  readonly leftAlone: readonly LeftAlone[];
}

export interface LeftAlone {
  readonly file: string;
  readonly reason: string;
}

/** Both logs of a process, whatever their size. */
export async function rotateLogs(world: World, record: ProcessRecord, signal: AbortSignal): Promise<RotatedProcess> {
  const release = await lockLogs(world, record.name, signal);
  try {
    const settings = world.settings();
    const { limits } = logsAsked(world, record, settings);
    const logs: Rotated[] = [];
    for (const stream of streams) {
      const taken = await takeOver(world, record, stream, limits);
      logs.push(taken ?? (await rotate(world, ownLog(world, record, stream), limits)));
    }
    const leftAlone: LeftAlone[] = [];
    const all = readRecords(world).records.map((each) => logsAsked(world, each, settings));
    for (const log of await namedLogs(world, all)) {
      if (!log.writers.some(({ name }) => name === record.name)) continue;
      if (log.leftAlone !== undefined) leftAlone.push({ file: log.shelf.live, reason: log.leftAlone });
      else logs.push(await rotateNamed(world, log, log.limits, signal));
    }
    return { id: record.tsm_id, name: record.name, logs, leftAlone };
  } finally {
    release();
  }
}

async function rotateNamed(world: World, log: SharedLog, limits: LogLimits, signal: AbortSignal): Promise<Rotated> {
  const release = await lockNamedLog(world, log.shelf, signal);
  try {
    return await rotate(world, log, limits);
  } finally {
    release();
  }
}

/** What one look at all logs did. */
export interface LogPass {
  readonly rotated: readonly RotatedProcess[];
  /** Below the floor: the bytes that the disk has left, and those that archives gave back. */
  readonly low: { readonly freeBytes: number; readonly freedBytes: number } | undefined;
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
}

/**
 * Rotates what has reached its limit, finishes what was cut off, and makes space where the disk has little. What others
 * are at is left to them. What fails is said once, and tried again by the next pass.
 */
export async function rotateDue(world: World): Promise<LogPass> {
  const { files } = world.platform;
  files.remove(world.home.logsDue);
  const { records } = readRecords(world);
  if (records.length === 0) return { rotated: [], low: undefined, failed: [] };
  const settings = world.settings();
  const floor = bytesIn(settings.diskFloor) ?? 0;
  const free = files.freeBytes(world.home.root);
  const isLow = free < floor;
  const asked = records.map((record) => logsAsked(world, record, settings));
  const freedBytes = isLow ? dropArchives(world, await ownAndNamed(world, asked, floor), floor) : 0;
  const rotated: RotatedProcess[] = [];
  const failed: { name: string; problem: string }[] = [];
  for (const each of asked) {
    const { record, limits } = each;
    const due = dueOwn(world, each, isLow);
    if (due.length === 0) continue;
    const release = await tryLockLogs(world, record.name);
    if (release === undefined) continue;
    try {
      const logs: Rotated[] = [];
      for (const stream of due) {
        const log = ownLog(world, record, stream);
        const done = await attempt(world, log, isLow ? hard(limits) : limits);
        if ("problem" in done) failed.push({ name: record.name, problem: done.problem });
        else if (done.bytes > 0) logs.push(done);
      }
      if (logs.length > 0) rotated.push({ id: record.tsm_id, name: record.name, logs, leftAlone: [] });
    } finally {
      release();
    }
  }
  for (const log of await dueNamed(world, asked, { isLow, floor })) {
    const { tsm_id: id, name } = log.record;
    const release = await tryLockNamedLog(world, log.shelf);
    if (release === undefined) continue;
    try {
      const done = await attempt(world, log, isLow && isOnLowDisk(world, log, floor) ? hard(log.limits) : log.limits);
      if ("problem" in done) failed.push({ name, problem: done.problem });
      else if (done.bytes > 0) rotated.push({ id, name, logs: [done], leftAlone: [] });
    } finally {
      release();
    }
  }
  sayLowOnce(world, isLow, { free, floor, freed: freedBytes });
  return { rotated, low: isLow ? { freeBytes: free, freedBytes } : undefined, failed };
}

async function attempt(
  world: World,
  log: SharedLog,
  limits: LogLimits,
): Promise<Rotated | { readonly problem: string }> {
  const { files } = world.platform;
  const { record, stream, shelf } = log;
  try {
    const taken = shelf.isNamed ? undefined : await takeOver(world, record, stream, limits);
    if (taken !== undefined) return taken;
    if (isFull(world, log, limits, readState(files, shelf).at)) return await rotate(world, log, limits);
    await healRotation(world, log);
    return { stream, bytes: 0, archive: null };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { stream, bytes: 0, archive: null }; // deleted meanwhile
    if (!(error instanceof TsmError) && !isErrno(error, "EACCES", "EPERM", "EISDIR", "ELOOP", "EIO")) throw error;
    const state = readState(files, shelf);
    if (!state.failing && files.kind(shelf.folder) === "directory") {
      writeState(files, shelf, { ...state, failing: true });
      writeEvent(world, { event: "rotation-failed", id: record.tsm_id, name: record.name, reason: error.message });
    }
    return { problem: error.message };
  }
}

/** Is one of their logs to be rotated, on a disk that has space? */
export async function areLogsDue(world: World, records: readonly ProcessRecord[]): Promise<boolean> {
  const settings = world.settings();
  const asked = records.map((record) => logsAsked(world, record, settings));
  if (asked.some((each) => dueOwn(world, each, false).length > 0)) return true;
  return (await dueNamed(world, asked, { isLow: false, floor: bytesIn(settings.diskFloor) ?? 0 })).length > 0;
}

/** Each pass finds the disk as full as the last one did. */
function sayLowOnce(world: World, isLow: boolean, figures: { free: number; floor: number; freed: number }): void {
  const { files } = world.platform;
  const said = `${world.home.root}/runtime/disk-low`;
  const isSaid = files.kind(said) !== "missing";
  if (isLow === isSaid) return;
  if (!isLow) files.remove(said);
  else {
    writeEvent(world, { event: "disk-low", id: -1, name: "", ...figures });
    try {
      files.writeWhole(said, "");
    } catch (error) {
      if (!isDiskUnwritable(error)) throw error; // as full as that: then it is said again
    }
  }
}

function dueOwn(world: World, { record, limits, places }: AskedOfLogs, isLow: boolean): Stream[] {
  const moved = movedLogs(world, record, places);
  return streams.filter((stream) => {
    if (moved.includes(stream)) return true;
    const log = ownLog(world, record, stream);
    return isDue(world, log, limits) || (isLow && sizeOf(world, log) > hardBytes);
  });
}

async function dueNamed(
  world: World,
  asked: readonly AskedOfLogs[],
  { isLow, floor }: { readonly isLow: boolean; readonly floor: number },
): Promise<NamedLog[]> {
  const named = await namedLogs(world, asked);
  return named.filter((log) => {
    if (log.leftAlone !== undefined) return false;
    return isDue(world, log, log.limits) || (isLow && sizeOf(world, log) > hardBytes && isOnLowDisk(world, log, floor));
  });
}

/** It may lie on another disk than the home. */
function isOnLowDisk({ platform: { files } }: World, { shelf }: SharedLog, floor: number): boolean {
  return files.freeBytes(shelf.folder) < floor;
}

function isDue(world: World, log: SharedLog, limits: LogLimits): boolean {
  const { moving, at } = readState(world.platform.files, log.shelf);
  return moving !== undefined || isFull(world, log, limits, at);
}

/** Below the floor a log of this size is worth its rotation. */
const hardBytes = 1024 * 1024;

function hard(limits: LogLimits): LogLimits {
  return { ...limits, maxBytes: Math.min(limits.maxBytes, hardBytes), compress: true };
}

/** @param at when it was last rotated, in seconds; 0: never. */
function isFull(world: World, log: SharedLog, { maxBytes, maxAgeMs }: LogLimits, at: number): boolean {
  const size = sizeOf(world, log);
  if (size > maxBytes) return true;
  if (size === 0 || maxAgeMs === null) return false;
  return world.platform.clock.nowMs() - (at === 0 ? log.record.created : at) * 1000 > maxAgeMs;
}

function sizeOf({ platform }: World, { shelf }: SharedLog): number {
  return platform.files.stat(shelf.live)?.size ?? 0;
}

async function ownAndNamed(world: World, asked: readonly AskedOfLogs[], floor: number): Promise<LogShelf[]> {
  const named = await namedLogs(world, asked);
  return [
    ...asked.flatMap(({ record }) =>
      streams.map((stream) => ownShelf(processPaths(world.home, record.name).folder, stream)),
    ),
    ...named.filter((log) => log.leftAlone === undefined && isOnLowDisk(world, log, floor)).map(({ shelf }) => shelf),
  ];
}

/** The oldest archives of all logs, one after another, until there is space. @returns the bytes they had. */
function dropArchives({ platform: { files }, home }: World, shelves: readonly LogShelf[], floor: number): number {
  const archives = shelves.flatMap((shelf) => archivesOf(files, shelf));
  let freed = 0;
  for (const { path } of archives.sort((a, b) => b.number - a.number)) {
    if (files.freeBytes(home.root) >= floor) break;
    freed += files.stat(path)?.size ?? 0;
    files.remove(path);
  }
  return freed;
}
