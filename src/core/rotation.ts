import { basename } from "node:path";
import type { LogSurgery } from "../platform/platform.ts";
import { isDiskUnwritable, isErrno, TsmError } from "./errors.ts";
import { archivesOf, takenNumbers } from "./log-archives.ts";
import type { LogLimits } from "./log-limits.ts";
import type { Stream } from "./log-parts.ts";
import type { LogShelf } from "./log-shelf.ts";
import type { ProcessRecord } from "./process.ts";
import { pruneClock } from "./prune-clock.ts";
import { baseAfter, type Moving, type RotationState, readState, tokenBytes, writeState } from "./rotation-state.ts";
import { whileSuspended } from "./suspend.ts";
import { runnerMark, runnersOf } from "./tree.ts";
import type { World } from "./world.ts";

/** What became of one stream's log. */
export interface Rotated {
  readonly stream: Stream;
  /** Bytes that went into the archive; 0: there was nothing to rotate. */
  readonly bytes: number;
  /** Where they are now; null when nothing was rotated, or no archive is kept. */
  readonly archive: string | null;
}

/** A log that can be rotated, and all who write to it: to one that a person has named there may be several. */
export interface SharedLog {
  readonly shelf: LogShelf;
  /** That for which it was asked: whose name and stream stand in what is said. */
  readonly record: ProcessRecord;
  readonly stream: Stream;
  readonly writers: readonly ProcessRecord[];
  /** The clocks that count in this log. */
  readonly clocks: readonly string[];
}

/** A log in the hand of whoever holds its lock. */
interface Log extends SharedLog {
  readonly world: World;
  readonly surgery: LogSurgery;
  readonly path: string;
}

/**
 * Moves what the live log holds into an archive, without a byte lost or doubled, whoever writes to it meanwhile and
 * whenever this program is killed: docs/notes/rotation.md says how. The caller holds the lock of the process's logs.
 * @param options.to a path of a user's own that takes the bytes instead of an archive.
 * @throws TsmError HOME when there is no space for the archive: the log is as it was.
 */
export async function rotate(
  world: World,
  shared: SharedLog,
  limits: LogLimits,
  options: { readonly to?: string } = {},
): Promise<Rotated> {
  const { stream, shelf } = shared;
  const log = await logOf(world, shared);
  await finishRotation(log);
  const entry = log.surgery.entry(log.path);
  if (entry?.kind !== "file" || entry.size === 0) {
    await tidy(log, limits);
    return { stream, bytes: 0, archive: null };
  }
  try {
    const bytes = (await byBlocks(log, entry.size, options.to)) ?? (await wholly(log, options.to));
    await tidy(log, limits);
    const archive = options.to ?? archivesOf(world.platform.files, shelf).at(0)?.path ?? null;
    return { stream, bytes, archive };
  } catch (error) {
    await giveUp(log);
    if (error instanceof Shrunk) return { stream, bytes: 0, archive: null };
    if (!isDiskUnwritable(error)) throw error;
    throw new TsmError("HOME", `no space to rotate the ${stream} log of '${shared.record.name}'`, {
      hint: "Free some: nothing was lost, and it is tried again",
    });
  }
}

/** Finishes or takes back what a killed rotation has begun, and nothing else. The caller holds the lock of the logs. */
export async function healRotation(world: World, log: SharedLog): Promise<void> {
  await finishRotation(await logOf(world, log));
}

async function logOf(world: World, log: SharedLog): Promise<Log> {
  return { ...log, world, surgery: await world.platform.logSurgery(), path: log.shelf.live };
}

/**
 * Whole blocks are taken out of the front while the process writes on behind them.
 * @returns undefined where the file system cannot, or there is less than a block.
 */
async function byBlocks(log: Log, size: number, to: string | undefined): Promise<number | undefined> {
  const unit = log.surgery.frontUnit(log.path);
  // The last byte stays: the system takes none but a true front.
  const bytes = unit === undefined ? 0 : Math.floor((size - 1) / unit) * unit;
  // A user's own file gets everything, and whole lines.
  if (bytes === 0 || to !== undefined) return undefined;
  await copyFront(log, 0, bytes);
  const moving = { bytes, token: token(), to };
  await stamp(log, moving);
  if (await log.surgery.removeFront(log.path, bytes, removerMarks(log))) {
    await place(log, moving);
    return bytes;
  }
  await takeBack(log);
  return undefined;
}

/** All of it is copied, the last of it while nobody can write, and the log emptied. */
async function wholly(log: Log, to: string | undefined): Promise<number> {
  const { world, surgery, writers, path } = log;
  let copied = await copyFront(log, 0, sizeOf(log));
  const rest = async (): Promise<Omit<Moving, "phase">> => {
    while (copied < sizeOf(log)) copied += await copyFront(log, copied, sizeOf(log) - copied);
    const moving = { bytes: copied, token: token(), to };
    await stamp(log, moving);
    await surgery.empty(log.path);
    return moving;
  };
  // Also when the process has ended: what it has left behind may write on, and its runner may start it again.
  await place(log, await whileSuspended(world, writers, path, rest));
  return copied;
}

function sizeOf({ surgery, path }: Log): number {
  return surgery.entry(path)?.size ?? 0;
}

async function copyFront({ surgery, path, shelf }: Log, position: number, length: number): Promise<number> {
  return await surgery.copy(path, shelf.moving, { position, length });
}

/** From now on the log itself tells whether the copied bytes have left it. */
async function stamp(log: Log, moving: Omit<Moving, "phase">): Promise<void> {
  setMoving(log, { ...moving, phase: "copied" });
  // What the clock says from here to the next base, nobody can tell from which base it counts.
  appendToClock(log, "~");
  // A process may empty its own log: what it wrote then is not what was copied.
  if (sizeOf(log) < moving.bytes) throw new Shrunk();
  const bytes = Buffer.from(moving.token, "latin1").subarray(0, Math.min(tokenBytes, moving.bytes));
  await log.surgery.overwriteFront(log.path, bytes);
  setMoving(log, { ...moving, phase: "stamped" });
}

class Shrunk extends Error {}

/** The bytes have left the log: the archive gets its place. Everything here can be done again. */
async function place(log: Log, moving: Omit<Moving, "phase">): Promise<void> {
  const { files } = log.world.platform;
  const { folder, archive, moving: from } = log.shelf;
  const before = state(log);
  if (before.moving?.phase !== "placing") {
    writeState(files, log.shelf, {
      ...before,
      base: baseAfter(before.base, moving),
      moving: { ...moving, phase: "placing" },
    });
  }
  const { base } = state(log);
  appendToClock(log, `= ${base}`);
  if (files.kind(from) === "file") {
    if (moving.to === undefined) {
      makeRoom(log);
      readableAsLive(log, from);
    }
    files.rename(from, moving.to ?? `${folder}/${archive}.1`);
  }
  const at = Math.floor(log.world.platform.clock.nowMs() / 1000);
  writeState(files, log.shelf, { base, at, moving: undefined, failing: false });
}

/** Who may read a file that was named may read what was in it. */
function readableAsLive({ world: { platform }, shelf }: Log, path: string): void {
  const live = shelf.isNamed ? platform.files.stat(shelf.live) : undefined;
  if (live !== undefined) platform.files.setMode(path, live.mode & 0o666);
}

/** Every archive below the first gap moves up by one, from the oldest: cut off anywhere, the gap has only moved. */
function makeRoom({ world: { platform }, surgery, shelf }: Log): void {
  const { folder, archive } = shelf;
  const taken = takenNumbers(platform.files, shelf);
  let gap = 1;
  while (taken.has(gap)) gap += 1;
  for (let number = gap - 1; number >= 1; number -= 1) {
    // Both are there when it was killed before it could remove what it had compressed.
    for (const ending of ["", ".gz"]) {
      const path = `${folder}/${archive}.${number}${ending}`;
      if (surgery.entry(path) !== undefined) platform.files.rename(path, `${folder}/${archive}.${number + 1}${ending}`);
    }
  }
}

async function finishRotation(log: Log): Promise<void> {
  const { moving } = state(log);
  if (moving === undefined) return;
  if (moving.phase === "stamped") await removerIsGone(log);
  if (moving.phase === "stamped" && !(await isStamped(log, moving))) await place(log, moving);
  else if (moving.phase === "placing") await place(log, moving);
  else await takeBack(log);
}

/** Who removes the front outlives a rotator that is killed: until it has ended, nobody can tell what becomes of the log. */
async function removerIsGone(log: Log): Promise<void> {
  const { world } = log;
  const { clock, processes } = world.platform;
  const remover = removerName(log);
  // Twice: the first look may come between its fork and its exec, when it still has our own environment.
  for (let looks = 0; looks < 2; looks += 1) {
    while (runnersOf(world, remover).runners.some((identity) => processes.isAlive(identity))) await clock.sleep(5);
    await clock.sleep(10);
  }
}

function removerMarks(log: Log): Readonly<Record<string, string>> {
  return { [runnerMark]: removerName(log), TSM_HOME: log.world.home.root };
}

/** No process is named like it. Whoever shares a file that was named calls it the same. */
function removerName({ record, shelf }: Log): string {
  return `.rotating-${shelf.isNamed ? shelf.live : record.name}`;
}

/** Nothing has left the log: it gets its front again, and the copy goes. */
async function takeBack(log: Log): Promise<void> {
  const { files } = log.world.platform;
  const { moving } = state(log);
  const copy = log.shelf.moving;
  if (moving !== undefined && (await isStamped(log, moving))) {
    // Without its token a stamped log is one that the bytes have left.
    if (moving.phase === "stamped") setMoving(log, { ...moving, phase: "copied" });
    const front = files.readRange(copy, 0, Math.min(tokenBytes, moving.bytes));
    if (front !== undefined && front.length > 0) await log.surgery.overwriteFront(log.path, front);
  }
  // First what gives space back: the disk may be full.
  files.remove(copy);
  setMoving(log, undefined);
  appendToClock(log, `= ${state(log).base}`);
}

async function isStamped({ world, path }: Log, moving: Moving): Promise<boolean> {
  const length = Math.min(tokenBytes, moving.bytes);
  const front = world.platform.files.readRange(path, 0, length);
  return front?.toString("latin1") === moving.token.slice(0, length);
}

/** After an error: the log is as it was, and the disk has its space again. */
async function giveUp(log: Log): Promise<void> {
  try {
    if (state(log).moving === undefined) log.world.platform.files.remove(log.shelf.moving);
    else await finishRotation(log);
  } catch (error) {
    // Nothing can be written down now; whoever comes next finds it as it is, and finishes it.
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** What is not needed any more goes, what is to be compressed is. Everything here can be done again. */
async function tidy(log: Log, { keep, compress }: LogLimits): Promise<void> {
  const { files } = log.world.platform;
  const { surgery, shelf } = log;
  const { folder } = shelf;
  // What killed rotations were writing: whoever holds the lock is the only one who does.
  const half = `.${basename(shelf.state)}.`;
  for (const name of files.list(folder)) if (name.startsWith(half)) files.remove(`${folder}/${name}`);
  for (const { number, path } of archivesOf(files, shelf)) {
    const plain = path.replace(/\.gz$/, "");
    if (number > keep) {
      files.remove(path);
      files.remove(plain);
    } else if (path !== plain) {
      files.remove(plain);
    } else if (compress && surgery.entry(`${plain}.gz`) === undefined) {
      const part = shelf.compressing;
      try {
        await surgery.compress(path, part);
      } catch (error) {
        files.remove(part);
        // It stays as it is, whole; the next rotation tries again.
        if (isDiskUnwritable(error)) return;
        throw error;
      }
      readableAsLive(log, part);
      files.rename(part, `${path}.gz`);
      files.remove(path);
    }
  }
  for (const clock of log.clocks) pruneClock(files, clock);
}

function state({ world, shelf }: Log): RotationState {
  return readState(world.platform.files, shelf);
}

function setMoving(log: Log, moving: Moving | undefined): void {
  writeState(log.world.platform.files, log.shelf, { ...state(log), moving });
}

/** Times are worth less than lines: without them the rotation goes on. */
function appendToClock({ world, clocks }: Log, line: string): void {
  for (const clock of clocks) {
    try {
      world.platform.files.appendLine(clock, line);
    } catch (error) {
      // One who shares the log may have been deleted meanwhile.
      if (!isDiskUnwritable(error) && !isErrno(error, "EISDIR", "EACCES", "EPERM", "ENOENT")) throw error;
    }
  }
}

/** Of control characters that no text has: a log that is shorter than a token must not begin like one by chance. */
function token(): string {
  return Array.from({ length: tokenBytes }, () => String.fromCharCode(0x0e + Math.floor(Math.random() * 13))).join("");
}
