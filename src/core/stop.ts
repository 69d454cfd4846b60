import type { Identity } from "../platform/platform.ts";
import { askGroup, askOne, askRunner } from "./ask-to-end.ts";
import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote, note } from "./interrupted.ts";
import { orSaying } from "./interruption.ts";
import { writeEvent } from "./journal.ts";
import { identityOf, isLive, observe, runnerOf } from "./observe.ts";
import { knownPolicy } from "./policy.ts";
import { tellPreStop } from "./pre-stop.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { emptyReceipt, type Receipt, receiptOf } from "./receipt.ts";
import { type Meant, recordMeant } from "./records.ts";
import { recordStopped, writeIfPossible } from "./stopped-record.ts";
import { endStrayRunners } from "./strays.ts";
import { type Belonging, belongings, marksOf, nextSight } from "./tree.ts";
import type { World } from "./world.ts";

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
  /** Nor to another that has its name by now. */
  readonly meant?: Meant;
}

/** No slower than the 20 ms that a person cannot see, and cheap: one small file per process. */
const pollMs = 5;
/** What escaped its group has had the group's time already; it gets this much to end well. */
const escapedSeconds = 2;
/** Ends a process for good, with everything it started. */
export async function stopProcess(
  world: World,
  name: string,
  options: StopOptions,
  signal: AbortSignal,
): Promise<Receipt> {
  const release = await orSaying(lockProcess(world, name, signal), signal, `'${name}' was left as it is`);
  try {
    const record = recordMeant(world, name, options.meant);
    const { onlyIf } = options;
    if (onlyIf !== undefined && (record.pid !== onlyIf.pid || record.start_mark !== onlyIf.startMark))
      return emptyReceipt(record);
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
  const successor = await successorOf(world, record);
  try {
    return await endAll(world, record, options, signal);
  } finally {
    if (isOwn) forgetNote(world, record.name);
    await successor?.end();
    const { memory } = processPaths(world.home, record.name);
    if (world.platform.files.kind(memory) === "file") {
      const { leaveGroup } = await import("./held-memory.ts");
      await leaveGroup(world, record.name);
    }
  }
}

/** Who ends what it was called by itself ends with that, and nobody would start it again. */
async function successorOf(world: World, record: ProcessRecord): Promise<{ end(): Promise<void> } | undefined> {
  const { platform, home, env, programs } = world;
  if (Object.entries(marksOf(home, record)).some(([name, value]) => env[name] !== value)) return undefined;
  const { startSuccessor } = await import("../runner/start-successor.ts");
  return startSuccessor(platform, { home: home.root, node: programs.node, tsm: programs.tsm, env });
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
  if (options.event === "stop" || options.event === "kill") noteRest(world, record.name, options);
  await endStrayRunners(world, record);
  const observed = observe(record, processes);
  const leader = identityOf(record);
  const policy = knownPolicy(platform.files, processPaths(world.home, record.name).launch, record.restart_policy);
  const seen = new Map<string, Belonging>();
  const look = () => lookAgain(world, record, policy.treekill, seen);

  if (isLive(observed) && record.pid > 0 && !options.hard) await tellPreStop(world, record, options.by, signal);
  const atFirst = await look();
  const known = runnerOf(record);
  const runner = isLive(observed) && known !== undefined && processes.isAlive(known) ? known : undefined;
  if (!isLive(observed) && atFirst.length === 0) {
    if (record.status !== observed.kind) writeIfPossible(world, { ...record, status: "stopped" });
    const status = record.status === "crashed" ? "crashed" : "stopped";
    return { ...emptyReceipt(record), status };
  }

  const timeoutSeconds = options.timeoutSeconds ?? policy.killTimeoutSeconds;
  const members = atFirst.filter((each) => each.inGroup);
  const killSignal = options.hard ? "SIGKILL" : policy.killSignal;
  if (runner === undefined) askGroup(world, leader, members, { killSignal, treekill: policy.treekill });
  else {
    // Of an earlier stop that nobody of us waited for.
    forcedByRunner(world, record.name);
    askRunner(world, record, runner, { timeoutSeconds, killSignal, by: options.by });
  }
  let forced = 0;
  if (options.hard) await forceEnd(world, look);
  else {
    const killed = runner === undefined ? "" : `, and is killed when ${timeoutSeconds} s are over`;
    const ending = endInTime(world, record.name, atFirst, look, timeoutSeconds, signal);
    forced = await orSaying(ending, signal, `'${record.name}' still runs: it was told to end${killed}`);
  }
  if (runner !== undefined) await untilGone(world, runner);
  recordStopped(world, record, options.by, policy.pidFile);
  const left = (await look()).length;
  const done = receiptOf(record, {
    processes: seen.size - left,
    seconds: (clock.monotonicMs() - begun) / 1000,
    forced,
    left,
  });
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

/** What the note of a rest holds where `kill` has ended everything: who resurrects after that wants it back. */
export const endedWithAll = "all\n";

/** On a full disk it is stopped all the same, and the next boot may start it. */
function noteRest({ platform: { files }, home }: World, name: string, { event, hard }: StopOptions): void {
  const { rests } = processPaths(home, name);
  try {
    // Only `kill` without a name is both: all were meant, and none of them in particular.
    if (event === "kill" && !hard && files.kind(rests) === "missing") files.writeWhole(rests, endedWithAll);
    else files.touch(rests);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** Who belongs to it and lives. Once seen, one of ours stays ours, whatever becomes of its parents: `seen` grows with each look. */
async function lookAgain(
  world: World,
  record: ProcessRecord,
  treekill: boolean,
  seen: Map<string, Belonging>,
): Promise<Belonging[]> {
  const { processes } = world.platform;
  const leader = identityOf(record);
  const isWanted = ({ identity }: Belonging) =>
    treekill || (identity.pid === leader?.pid && identity.startMark === leader.startMark);
  const sight = await nextSight(world.platform);
  const known = [...seen.values()].filter(({ identity }) => processes.isAlive(identity));
  const groupLives = known.some((each) => each.inGroup);
  const found = belongings(world, marksOf(world.home, record), leader, groupLives, sight).filter(isWanted);
  for (const each of [...known, ...found]) seen.set(`${each.identity.pid} ${each.identity.startMark}`, each);
  return [...seen.values()].filter(({ identity }) => processes.isAlive(identity));
}

/** Who was asked to end has this time; then KILL. How many needed it. */
async function endInTime(
  world: World,
  name: string,
  atFirst: readonly Belonging[],
  look: () => Promise<Belonging[]>,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let found = atFirst;
  const inGroup = async () => {
    found = await look();
    return found.filter((each) => each.inGroup);
  };
  const members = atFirst.filter((each) => each.inGroup);
  const survivors = await waitForEnd(world, members, inGroup, seconds, signal);
  const forced = Math.max(survivors > 0 ? await forceEnd(world, inGroup) : 0, forcedByRunner(world, name));
  // Both end with a look that finds nobody of the group: who was seen then has escaped it.
  return forced + (await endEscaped(world, found, look, Math.min(escapedSeconds, seconds)));
}

/** The runner has the same patience, and was first where this program had too much to look at. */
function forcedByRunner({ platform: { files }, home }: World, name: string): number {
  const { forced } = processPaths(home, name);
  const count = Number(files.readText(forced) ?? 0);
  if (files.kind(forced) === "file") files.remove(forced);
  return Number.isSafeInteger(count) ? count : 0;
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

/** The runner says `stopped` and goes. One that hangs leaves that to us. */
async function untilGone({ platform: { clock, processes } }: World, runner: Identity): Promise<void> {
  const deadline = clock.monotonicMs() + 5000;
  while (processes.isAlive(runner)) {
    if (clock.monotonicMs() >= deadline) processes.signal(runner, "SIGKILL");
    await clock.sleep(pollMs);
  }
}
