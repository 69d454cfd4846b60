import type { Identity } from "../platform/platform.ts";
import { ForkServerLost, type RunnerRequest, startRunner } from "../runner/start-runner.ts";
import type { AppPart } from "./app-part.ts";
import { TsmError } from "./errors.ts";
import { lacksPipes } from "./handed-logs.ts";
import { processPaths } from "./home.ts";
import { forgetNote } from "./interrupted.ts";
import { notWaitedFor, orSaying } from "./interruption.ts";
import { healLaunchFiles, putAwayLaunchFiles, replaceLaunchFiles, writeLaunchFiles } from "./launch-files.ts";
import { runnerOf } from "./observe.ts";
import { openLogs } from "./open-logs.ts";
import { needsResident } from "./oversight.ts";
import type { Policy } from "./policy.ts";
import type { Port } from "./port-choice.ts";
import type { PreHook } from "./pre-hook.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { goodRecord } from "./records.ts";
import { reserve, undo } from "./reserve.ts";
import { wantResident } from "./resident.ts";
import { noteRun, tellChanges } from "./run-notes.ts";
import type { AskedOfService } from "./service-asked.ts";
import { settle } from "./settle.ts";
import { inStartSlot, startSlots } from "./start-slots.ts";
import { endStrays, isUnsettled } from "./strays.ts";
import { marksOf, runnerMark } from "./tree.ts";
import type { World } from "./world.ts";

/** Everything that decides what will run. `start`, `restart` and all that comes later make one and call `launch`. */
export interface LaunchSpec {
  readonly name: string;
  readonly argv: readonly string[];
  readonly interpreter: string;
  readonly type: string;
  readonly port: Port;
  /** Who said so: a restart asks the env file again, and only then. */
  readonly portFrom: PortOrigin;
  /** It was looked for, and another will do as well. */
  readonly allocated?: boolean;
  readonly cwd: string;
  /** Absolute path, or "". */
  readonly envFile: string;
  /** What the process begins with, before the env file, PORT and our marks. */
  readonly env: Readonly<Record<string, string>>;
  readonly envFileValues: ReadonlyMap<string, string>;
  readonly preHook: PreHook;
  /** The name under which the program was found in PATH, for a pre-hook that changes PATH; "": as it is. */
  readonly lookup: string;
  readonly policy: Policy;
  /** "": the default one. */
  readonly namespace: string;
  /** The file of the service that it is; "" when it is none. */
  readonly service: string;
  /** What was asked for beside that file. */
  readonly asked: AskedOfService | undefined;
  /** The processes that it needs, by name: what is started before it and stopped behind it. */
  readonly dependsOn: readonly string[];
  /** What only an ecosystem file or `start -i` says; undefined for everything else. */
  readonly app: AppPart | undefined;
  readonly settleMs: number;
  readonly restarts: number;
  /** How many lives in a row have not lasted; undefined: none that counts. */
  readonly unstableRestarts?: number;
  /** What it was called by before, for one of which no record is left: its id again, when nobody else has it. */
  readonly id?: number;
}

export type PortOrigin = "flag" | "env-file" | "command" | "none";

export interface Launched {
  readonly record: ProcessRecord;
  /** The command that stood under this name before and is forgotten now; undefined when there was none or the same. */
  readonly replaced: string | undefined;
}

/**
 * THE start path: claims name and id, hands everything to a runner, and comes back when the process is up.
 * @throws TsmError NAME_TAKEN, ALREADY_RUNNING, PORT_TAKEN before anything started; START_FAILED when it ended at once.
 */
export async function launch(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<Launched> {
  return await inStartSlot(world, async () => {
    const release = await lockProcess(world, spec.name, signal);
    let begun: Begun;
    try {
      // What a person says last counts: of a stop that was cut off nothing is left.
      forgetNote(world, spec.name);
      begun = await begin(world, spec, signal);
    } finally {
      release();
    }
    const up = settle(world, spec, begun, signal);
    const record = await orSaying(up, signal, notWaitedFor(spec.name, "started"));
    return { record, replaced: begun.replaced };
  });
}

/** @param path the PATH of the process. */
export function runnerRequest(world: World, name: string, token: string, path: string): RunnerRequest {
  return {
    runnerFile: world.programs.runner,
    folder: processPaths(world.home, name).folder,
    token,
    // Its own marks, never the caller's: ending what called `tsm start` must not end this runner.
    marks: { [runnerMark]: name, TSM_HOME: world.home.root },
    path,
  };
}

/** Names one start and no other. */
export function startToken({ platform }: World): string {
  const self = platform.processes.self();
  return `${self.pid}-${self.startMark}-${platform.clock.monotonicMs()}`;
}

/** What the wait for a good start needs to know. */
export interface Begun {
  readonly runner: Identity;
  /** Where this run's stdout and stderr begin. */
  readonly outOffset: number;
  readonly errOffset: number;
  readonly replaced: string | undefined;
}

/** Under the process's lock: from nothing running to a runner that has taken over the record. */
export async function begin(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<Begun> {
  try {
    return await beginOnce(world, spec, signal, startSlots(world).held > 1);
  } catch (error) {
    if (!(error instanceof ForkServerLost)) throw error;
    // What it may have forked was ended.
    return await beginOnce(world, spec, signal, false);
  }
}

async function beginOnce(world: World, spec: LaunchSpec, signal: AbortSignal, isOneOfMany: boolean): Promise<Begun> {
  const { platform, home } = world;
  const paths = processPaths(home, spec.name);
  if (platform.files.kind(spec.cwd) !== "directory") {
    throw new TsmError("NO_FILE", `the folder ${spec.cwd} is gone`, {
      hint: "Start it from a folder that exists, or give --cwd",
    });
  }
  const before = goodRecord(world, spec.name);
  const cutOff = before !== undefined && isUnsettled(world, before) ? marksOf(home, before) : undefined;
  if (cutOff !== undefined) await endStrays(world, spec.name, cutOff);
  const { previous, record, madeFolder } = await reserve(world, spec, signal);
  const token = startToken(world);
  let isRunning = false;
  try {
    if (previous !== undefined) healLaunchFiles(world, previous);
    const offsets = openLogs(platform.files, spec.policy.streams, paths);
    const run = writeLaunchFiles(world, spec, record, token, previous);
    replaceLaunchFiles(world, paths);
    if (spec.policy.limits.memoryBy !== null)
      await (await import("./held-memory.ts")).orderMemory(world, spec.name, spec.policy);
    // From here on a runner of the start that was cut off finds that it comes too late. This ends one that did not.
    if (cutOff !== undefined) await endStrays(world, spec.name, cutOff);
    isRunning = true;
    // Before and after: killed in between, it has been asked for; and one that was just leaving may have taken the first.
    if (needsResident(spec.policy.oversight)) wantResident(world);
    const request = runnerRequest(world, record.name, token, spec.env["PATH"] ?? "");
    const spawned = await startRunner(platform, { ...request, isOneOfMany });
    // While the runner begins: `node:crypto`, which makes marks of secrets, takes 5 ms to load (see src/build/builtins.mjs).
    const noted = noteRun(world, spec, run);
    const runner = await takenOver(world, spec, previous ?? record, spawned);
    if (needsResident(spec.policy.oversight)) wantResident(world);
    putAwayLaunchFiles(world, paths);
    if (noted !== undefined) tellChanges(world, record, run, noted);
    return { runner, ...offsets, replaced: replacedCommand(previous, record) };
  } catch (error) {
    if (isRunning) await endStrays(world, spec.name, marksOf(home, record));
    undo(world, record, previous, madeFolder);
    throw error;
  }
}

function replacedCommand(previous: ProcessRecord | undefined, record: ProcessRecord): string | undefined {
  return previous === undefined || previous.command === record.command ? undefined : previous.command;
}

/**
 * Waits until the runner has written the record: from then on it is the only writer.
 * @param before the record as it is on disk until then.
 * @param spawned the runner, unless it has ended already.
 * @returns the runner as it calls itself.
 */
async function takenOver(
  world: World,
  spec: LaunchSpec,
  before: ProcessRecord,
  spawned: Identity | undefined,
): Promise<Identity> {
  const { platform } = world;
  const slots = startSlots(world);
  while (true) {
    const alive = spawned !== undefined && platform.processes.isAlive(spawned);
    const current = goodRecord(world, before.name);
    const runner = current === undefined ? undefined : runnerOf(current);
    const isOurs = current?.runner_pid !== before.runner_pid || current.runner_mark !== before.runner_mark;
    // "starting" is written before the fork; a pid means there is something to watch.
    if (runner !== undefined && isOurs && (current?.status !== "starting" || current.pid > 0)) return runner;
    if (!alive) throw runnerFailed(world, spec);
    // What starts needs the processor more than those who look at it.
    await platform.clock.sleep(2 * Math.max(1, slots.held));
  }
}

/** It writes the record before and after it starts the process: nearly always it could not, for want of space. */
function runnerFailed(world: World, { name, policy }: LaunchSpec): TsmError {
  const { platform, home } = world;
  if (platform.files.freeBytes(home.root) < leastBytes) {
    return new TsmError("HOME", `'${name}' could not be started: the disk of ${home.root} is full`, {
      hint: "Free some space and try again; nothing was lost",
    });
  }
  const hint = lacksPipes(world, policy.streams, processPaths(home, name))
    ? `Times in its logs take named pipes, and there is none: can the disk of ${home.root} hold them? exFAT cannot`
    : `Is there space on the disk of ${home.root}, and a working bash?`;
  return new TsmError("START_FAILED", `the runner of '${name}' ended before it could start the process`, { hint });
}

/** What the files of one start take on any file system, and more. */
const leastBytes = 1024 * 1024;
