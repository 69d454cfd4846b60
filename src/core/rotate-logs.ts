import { bytesIn } from "./amounts.ts";
import { isDiskUnwritable, isErrno, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { archivesOf } from "./log-archives.ts";
import { filesOf, type LogFiles, logFiles } from "./log-files.ts";
import { type LogLimits, logLimits, noteHomeLimit } from "./log-limits.ts";
import { type Stream, streams } from "./log-parts.ts";
import { movedLogs, takeOver } from "./moved-log.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { lockLogs, tryLockLogs } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { healRotation, type Rotated, rotate } from "./rotation.ts";
import { type RotationState, readState, writeState } from "./rotation-state.ts";
import type { Settings } from "./settings.ts";
import type { World } from "./world.ts";

export interface RotatedProcess {
  readonly id: number;
  readonly name: string;
  readonly logs: readonly Rotated[];
  /** Files that a person has named for its streams: they are that person's to rotate. */
  readonly elsewhere: readonly string[];
}

/** Both logs of a process, whatever their size. */
export async function rotateLogs(world: World, record: ProcessRecord, signal: AbortSignal): Promise<RotatedProcess> {
  const release = await lockLogs(world, record.name, signal);
  try {
    const { limits } = logsAsked(world, record, world.settings());
    const logs: Rotated[] = [];
    for (const stream of streams) {
      const taken = await takeOver(world, record, stream, limits);
      logs.push(taken ?? (await rotate(world, record, stream, limits)));
    }
    return { id: record.tsm_id, name: record.name, logs, elsewhere: filesElsewhere(world, record) };
  } finally {
    release();
  }
}

function filesElsewhere({ platform: { files }, home }: World, { name }: ProcessRecord): string[] {
  const paths = processPaths(home, name);
  const { out, err } = logFiles(files, paths);
  const isElsewhere = (path: string | null): path is string =>
    path !== null && path !== paths.out && path !== paths.err;
  return [...new Set([out, err])].filter(isElsewhere);
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
  const freedBytes = isLow ? dropArchives(world, records, floor) : 0;
  const rotated: RotatedProcess[] = [];
  const failed: { name: string; problem: string }[] = [];
  for (const record of records) {
    const { limits, places } = logsAsked(world, record, settings);
    const due = dueStreams(world, record, { limits, places }, isLow);
    if (due.length === 0) continue;
    const release = await tryLockLogs(world, record.name);
    if (release === undefined) continue;
    try {
      const logs: Rotated[] = [];
      for (const stream of due) {
        const done = await attempt(world, record, stream, isLow ? { ...limits, compress: true } : limits);
        if ("problem" in done) failed.push({ name: record.name, problem: done.problem });
        else if (done.bytes > 0) logs.push(done);
      }
      if (logs.length > 0) rotated.push({ id: record.tsm_id, name: record.name, logs, elsewhere: [] });
    } finally {
      release();
    }
  }
  sayLowOnce(world, isLow, { free, floor, freed: freedBytes });
  return { rotated, low: isLow ? { freeBytes: free, freedBytes } : undefined, failed };
}

async function attempt(
  world: World,
  record: ProcessRecord,
  stream: Stream,
  limits: LogLimits,
): Promise<Rotated | { readonly problem: string }> {
  const { files } = world.platform;
  const { folder } = processPaths(world.home, record.name);
  try {
    const taken = await takeOver(world, record, stream, limits);
    if (taken !== undefined) return taken;
    const log = { size: sizeOf(world, record, stream), state: readState(files, folder, stream) };
    if (isFull(world, record, log, limits)) return await rotate(world, record, stream, limits);
    await healRotation(world, record, stream);
    return { stream, bytes: 0, archive: null };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { stream, bytes: 0, archive: null }; // deleted meanwhile
    if (!(error instanceof TsmError) && !isErrno(error, "EACCES", "EPERM", "EISDIR", "ELOOP", "EIO")) throw error;
    const state = readState(files, folder, stream);
    if (!state.failing && files.kind(folder) === "directory") {
      writeState(files, folder, stream, { ...state, failing: true });
      writeEvent(world, { event: "rotation-failed", id: record.tsm_id, name: record.name, reason: error.message });
    }
    return { problem: error.message };
  }
}

/**
 * For the pass of each minute, which is not to wait for a rotation: notes for the ticker whether one is due, and the
 * limit that it holds the sizes against each second.
 */
export function noteDueLogs(world: World, records: readonly ProcessRecord[]): void {
  const { files } = world.platform;
  const { home } = world;
  if (records.length === 0) return;
  const settings = world.settings();
  try {
    noteHomeLimit(files, home, settings);
    const isLow = files.freeBytes(home.root) < (bytesIn(settings.diskFloor) ?? 0);
    const isWanted = records.some(
      (record) => dueStreams(world, record, logsAsked(world, record, settings), isLow).length > 0,
    );
    if (isWanted || isLow) files.writeWhole(home.logsDue, "");
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR")) throw error;
  }
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

/** Cheap: this is asked of every log each minute. */
function dueStreams(world: World, record: ProcessRecord, { limits, places }: LogsAsked, isLow: boolean): Stream[] {
  const { folder } = processPaths(world.home, record.name);
  const moved = movedLogs(world, record, places);
  return streams.filter((stream) => {
    if (moved.includes(stream)) return true;
    const size = sizeOf(world, record, stream);
    const state = readState(world.platform.files, folder, stream);
    return isFull(world, record, { size, state }, limits) || (isLow && size > hardBytes) || state.moving !== undefined;
  });
}

/** Below the floor a log of this size is worth its rotation. */
const hardBytes = 1024 * 1024;

function isFull(
  { platform: { clock } }: World,
  { created }: ProcessRecord,
  { size, state: { at } }: { readonly size: number; readonly state: RotationState },
  { maxBytes, maxAgeMs }: LogLimits,
): boolean {
  if (size > maxBytes) return true;
  if (size === 0 || maxAgeMs === null) return false;
  return clock.nowMs() - (at === 0 ? created : at) * 1000 > maxAgeMs;
}

function sizeOf({ platform, home }: World, record: ProcessRecord, stream: Stream): number {
  return platform.files.stat(processPaths(home, record.name)[stream])?.size ?? 0;
}

interface LogsAsked {
  readonly limits: LogLimits;
  readonly places: LogFiles;
}

function logsAsked({ platform, home }: World, { name, restart_policy }: ProcessRecord, settings: Settings): LogsAsked {
  const paths = processPaths(home, name);
  const { logs, streams: choice } = knownPolicy(platform.files, paths.launch, restart_policy);
  return { limits: logLimits(logs, settings), places: filesOf(choice, paths) };
}

/** The oldest archives of all processes, one after another, until there is space. @returns the bytes they had. */
function dropArchives({ platform: { files }, home }: World, records: readonly ProcessRecord[], floor: number): number {
  const archives = records.flatMap(({ name }) =>
    streams.flatMap((stream) => archivesOf(files, processPaths(home, name).folder, stream)),
  );
  let freed = 0;
  for (const { path } of archives.sort((a, b) => b.number - a.number)) {
    if (files.freeBytes(home.root) >= floor) break;
    freed += files.stat(path)?.size ?? 0;
    files.remove(path);
  }
  return freed;
}
