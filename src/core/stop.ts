import type { Files, Identity } from "../platform/platform.ts";
import { isDiskUnwritable, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote, note } from "./interrupted.ts";
import { writeEvent } from "./journal.ts";
import { identityOf, isLive, observe, runnerOf } from "./observe.ts";
import { knownPolicy, type Policy } from "./policy.ts";
import { tellPreStop } from "./pre-stop.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { goodRecord, writeRecord } from "./records.ts";
import { endStrayRunners } from "./strays.ts";
import { type Belonging, belongings, marksOf, nextSight } from "./tree.ts";
import type { World } from "./world.ts";

/** What a stop did, counted and not assumed. */
export interface Receipt {
  readonly id: number;
  readonly name: string;
  /** False when nothing of it was running. */
  readonly wasRunning: boolean;
  /** What it rests as: who had crashed before stays so. */
  readonly status: "stopped" | "crashed";
  /** Processes that were ended, the whole tree. */
  readonly processes: number;
  readonly seconds: number;
  /** How many needed SIGKILL. */
  readonly forced: number;
  /** How many are alive afterwards: 0, or something is wrong with the machine. */
  readonly left: number;
}

export interface StopOptions {
  /** Between the kill signal and SIGKILL; undefined: as the process's policy says. */
  readonly timeoutSeconds: number | undefined;
  /** Who wants it: goes on record with the exit. */
  readonly by: ExitCause;
  /** KILL at once. */
  readonly hard: boolean;
  readonly event: "stop" | "restart" | "delete" | "kill";
  /** Do nothing unless this very process is still what runs. */
  readonly onlyIf?: Identity;
}

/** No slower than the 20 ms that a person cannot see, and cheap: one small file per process. */
const pollMs = 5;
/** What escaped its group has had the group's time already; it gets this much to end well. */
const escapedSeconds = 2;
/** The runner's own KILL comes so much after ours: who was forced is counted here, and ended there if this `tsm` is gone. */
const runnerPatienceSeconds = 2;

/** Ends a process for good, with everything it started. */
export async function stopProcess(
  world: World,
  name: string,
  options: StopOptions,
  signal: AbortSignal,
): Promise<Receipt> {
  const release = await lockProcess(world, name, signal);
  try {
    const record = goodRecord(world, name);
    if (record === undefined) throw new TsmError("NOT_FOUND", `process '${name}' was deleted meanwhile`);
    const { onlyIf } = options;
    if (onlyIf !== undefined && (record.pid !== onlyIf.pid || record.start_mark !== onlyIf.startMark))
      return receipt(record, 0, 0, 0, 0, false);
    return await end(world, record, options, signal);
  } finally {
    release();
  }
}

/**
 * The same, for a caller that holds the process's lock.
 * @param signal ends the patience between TERM and KILL: the runner goes on alone.
 */
export async function end(
  world: World,
  record: ProcessRecord,
  options: StopOptions,
  signal?: AbortSignal,
): Promise<Receipt> {
  // A restart and a delete have a note of their own; what watches over a process finds out again that it is to end.
  const isOwn = options.event !== "restart" && options.event !== "delete";
  const isNoted = isOwn && options.by === "user";
  if (isNoted && isLive(observe(record, world.platform.processes))) {
    noteEnd(world, record.name, options.hard ? "kill" : "stop");
  }
  try {
    return await endAll(world, record, options, signal);
  } finally {
    if (isOwn) forgetNote(world, record.name);
    const { memory } = processPaths(world.home, record.name);
    if (world.platform.files.kind(memory) === "file") {
      const { leaveGroup } = await import("./held-memory.ts");
      await leaveGroup(world, record.name);
    }
  }
}

/** It is ended on a full disk too: there nobody finishes it for whoever is killed at it. */
export function noteEnd(
  world: World,
  name: string,
  what: "stop" | "kill" | "delete",
  how: readonly string[] = [],
): void {
  try {
    note(world, name, what, how);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

async function endAll(
  world: World,
  record: ProcessRecord,
  options: StopOptions,
  signal: AbortSignal | undefined,
): Promise<Receipt> {
  const { platform } = world;
  const { processes, clock } = platform;
  const begun = clock.monotonicMs();
  // Also the machine that goes down ends the runner with TERM: this tells a person's stop from that.
  if (options.event === "stop" || options.event === "kill") noteRest(world, record.name);
  await endStrayRunners(world, record);
  const observed = observe(record, processes);
  const leader = identityOf(record);
  const marks = marksOf(world.home, record);
  const policy = knownPolicy(platform.files, processPaths(world.home, record.name).launch, record.restart_policy);
  const isWanted = ({ identity }: Belonging) =>
    policy.treekill || (identity.pid === leader?.pid && identity.startMark === leader.startMark);
  const seen = new Map<string, Belonging>();
  const look = async (): Promise<Belonging[]> => {
    const sight = await nextSight(platform);
    // Once seen, one of ours stays ours, whatever becomes of its parents.
    const known = [...seen.values()].filter(({ identity }) => processes.isAlive(identity));
    const groupLives = known.some((each) => each.inGroup);
    for (const each of [...known, ...belongings(world, marks, leader, groupLives, sight).filter(isWanted)]) {
      seen.set(`${each.identity.pid} ${each.identity.startMark}`, each);
    }
    return [...seen.values()].filter(({ identity }) => processes.isAlive(identity));
  };

  if (isLive(observed) && record.pid > 0 && !options.hard) await tellPreStop(world, record, options.by, signal);
  const atFirst = await look();
  const runner = runnerOf(record);
  const supervised = isLive(observed) && runner !== undefined && processes.isAlive(runner);
  if (!isLive(observed) && atFirst.length === 0) {
    if (record.status !== observed.kind) writeIfPossible(world, { ...record, status: "stopped" });
    const status = record.status === "crashed" ? "crashed" : "stopped";
    return { ...receipt(record, 0, 0, 0, 0, false), status };
  }

  const timeoutSeconds = options.timeoutSeconds ?? policy.killTimeoutSeconds;
  const kill = () => forceEnd(world, look);
  let forced = 0;
  const members = atFirst.filter((each) => each.inGroup);
  askToEnd(world, record, supervised ? runner : undefined, leader, members, {
    timeoutSeconds,
    killSignal: options.hard ? "SIGKILL" : policy.killSignal,
    by: options.by,
    treekill: policy.treekill,
  });
  if (options.hard) {
    await kill();
  } else {
    let found = atFirst;
    const inGroup = async () => {
      found = await look();
      return found.filter((each) => each.inGroup);
    };
    const survivors = await waitForEnd(world, members, inGroup, timeoutSeconds, signal);
    if (survivors > 0) forced += await forceEnd(world, inGroup);
    // Both end with a look that finds nobody of the group: who was seen then has escaped it.
    forced += await endEscaped(world, found, look, Math.min(escapedSeconds, timeoutSeconds));
  }
  await settleRecord(world, record, supervised ? runner : undefined, options.by, policy.pidFile);
  const left = (await look()).length;
  const done = receipt(
    record,
    seen.size - left,
    (clock.monotonicMs() - begun) / 1000,
    options.hard ? 0 : forced,
    left,
    true,
  );
  writeEvent(world, {
    event: options.event,
    id: done.id,
    name: done.name,
    by: options.by,
    processes: done.processes,
    forced: done.forced,
    left,
  });
  return done;
}

/** On a full disk it is stopped all the same, and the next boot may start it. */
function noteRest({ platform: { files }, home }: World, name: string): void {
  try {
    files.touch(processPaths(home, name).rests);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** The runner passes TERM on and does not restart; without one we signal the group ourselves. */
export function askToEnd(
  world: World,
  record: ProcessRecord,
  runner: Identity | undefined,
  leader: Identity | undefined,
  members: readonly Belonging[],
  { timeoutSeconds, killSignal, by, treekill }: Asking,
): void {
  const { processes } = world.platform;
  if (runner !== undefined) {
    const how = killSignal === "SIGKILL" ? " KILL" : "";
    tellRunner(world, record, `${timeoutSeconds + runnerPatienceSeconds} ${by}${how}`);
    processes.signal(runner, "SIGTERM");
    // It too may have been stopped, and then hears TERM only when it goes on.
    processes.signal(runner, "SIGCONT");
    return;
  }
  if (treekill && leader !== undefined && processes.signalGroup(leader, killSignal)) {
    // Whoever is stopped hears TERM only when it goes on.
    processes.signalGroup(leader, "SIGCONT");
    return;
  }
  // Without its leader a group's number may be anybody's: each of ours by itself.
  for (const { identity } of members) askOne(world, identity, killSignal);
}

/** How a process is asked to end. */
interface Asking extends Pick<Policy, "killSignal" | "treekill"> {
  readonly timeoutSeconds: number;
  readonly by: ExitCause;
}

/** Seconds until KILL, who wants it and, in place of its kill signal, KILL. On a full disk the runner goes by its own time: the KILL that counts is ours. */
function tellRunner({ platform: { files }, home }: World, record: ProcessRecord, request: string): void {
  try {
    files.writeWhole(processPaths(home, record.name).stop, `${request}\n`);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

function askOne({ platform: { processes } }: World, identity: Identity, signal: NodeJS.Signals): void {
  processes.signal(identity, signal);
  processes.signal(identity, "SIGCONT");
}

/** Waits until none of them lives; looks for new ones only when the known are gone. How many are left at the end. */
async function waitForEnd(
  world: World,
  first: readonly Belonging[],
  look: () => Promise<Belonging[]>,
  seconds: number,
  signal?: AbortSignal,
): Promise<number> {
  const { clock, processes } = world.platform;
  const deadline = clock.monotonicMs() + seconds * 1000;
  let waitingFor = first;
  while (true) {
    waitingFor = waitingFor.filter(({ identity }) => processes.isAlive(identity));
    if (waitingFor.length === 0) waitingFor = await look();
    if (waitingFor.length === 0 || clock.monotonicMs() >= deadline) return waitingFor.length;
    await clock.sleep(pollMs, signal);
  }
}

/** KILL, again and again until nothing new has been forked meanwhile. How many got it. */
async function forceEnd(world: World, look: () => Promise<Belonging[]>): Promise<number> {
  const { clock, processes } = world.platform;
  const killed = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    const found = await look();
    if (found.length === 0) break;
    for (const { identity } of found) {
      if (processes.signal(identity, "SIGKILL")) killed.add(`${identity.pid} ${identity.startMark}`);
    }
    await clock.sleep(pollMs);
  }
  return killed.size;
}

/** What left the group (setsid, a double fork) and carries the marks: TERM, a moment, KILL. How many needed KILL. */
async function endEscaped(
  world: World,
  escaped: readonly Belonging[],
  look: () => Promise<Belonging[]>,
  seconds: number,
): Promise<number> {
  if (escaped.length === 0) return 0;
  for (const { identity } of escaped) askOne(world, identity, "SIGTERM");
  const survivors = await waitForEnd(world, escaped, look, seconds);
  return survivors > 0 ? await forceEnd(world, look) : 0;
}

/** The runner says `stopped` and goes. One that is gone or hangs leaves that to us. */
async function settleRecord(
  world: World,
  before: ProcessRecord,
  runner: Identity | undefined,
  by: ExitCause,
  pidFile: string | null,
): Promise<void> {
  const { clock, processes, files } = world.platform;
  const paths = processPaths(world.home, before.name);
  const deadline = clock.monotonicMs() + 5000;
  while (runner !== undefined && processes.isAlive(runner)) {
    if (clock.monotonicMs() >= deadline) processes.signal(runner, "SIGKILL");
    await clock.sleep(pollMs);
  }
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
function writeIfPossible(world: World, record: ProcessRecord): void {
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

function receipt(
  record: ProcessRecord,
  processes: number,
  seconds: number,
  forced: number,
  left: number,
  wasRunning: boolean,
): Receipt {
  return {
    id: record.tsm_id,
    name: record.name,
    wasRunning,
    status: "stopped",
    processes,
    seconds: Math.round(seconds * 100) / 100,
    forced,
    left,
  };
}
