import {
  type Before,
  type Deed,
  forgetDeed,
  isSame,
  isUntouched,
  type RecordBefore,
  readDeed,
  readDeeds,
  removeGone,
  wasLive,
} from "./deeds.ts";
import { dependsOn } from "./depends-on.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote, interrupted, note } from "./interrupted.ts";
import { writeEvent } from "./journal.ts";
import { keptFolder, putBack } from "./kept.ts";
import { among, eachInOrder } from "./needs.ts";
import { isLive, observe } from "./observe.ts";
import { writePortRegistry } from "./port-registry.ts";
import type { ProcessRecord, Status } from "./process.ts";
import { lockDeeds, lockIds, lockProcess } from "./process-lock.ts";
import type { Receipt } from "./receipt.ts";
import { formatRecord, parseRecord } from "./record.ts";
import { goodRecord, readRecord, readRecords } from "./records.ts";
import { idFor } from "./reserve.ts";
import { restartProcess } from "./restart.ts";
import { specOf } from "./spec-of.ts";
import { stopProcess } from "./stop.ts";
import { takenIds } from "./taken-ids.ts";
import type { World } from "./world.ts";

/** What undoing a deed would do to one of its processes, as things are now. */
export type UndoStep = { readonly name: string } & (
  | { readonly does: "start"; readonly id: number; readonly was: Status }
  | {
      readonly does: "re-create";
      /** The id that it will have; null for a damaged record, which is put back as it was. */
      readonly id: number | null;
      readonly idBefore: number | null;
      readonly was: Status | "damaged";
      readonly starts: boolean;
    }
  /** A restart had brought it back. */
  | { readonly does: "stop"; readonly id: number; readonly was: Status }
  /** It is as it was before. */
  | { readonly does: "nothing"; readonly id: number | null; readonly why: string }
  /** @param forGood: nothing that anybody does can change that. */
  | { readonly does: "cannot"; readonly id: number | null; readonly why: string; readonly forGood: boolean }
);

export interface UndoPlan {
  readonly deed: Omit<Deed, "processes"> & { readonly agoMs: number };
  readonly steps: readonly UndoStep[];
}

/** What became of a step. */
export interface Undone {
  readonly step: UndoStep;
  /** The record of what is there now; undefined when a damaged one was put back, and when it failed. */
  readonly record: ProcessRecord | undefined;
  /** Of what was stopped. */
  readonly receipt: Receipt | undefined;
  readonly error: TsmError | undefined;
}

/** What undoing would do now. Looks, and changes nothing. */
export function planUndo(world: World, { processes, ...deed }: Deed): UndoPlan {
  const agoMs = Math.max(0, world.platform.clock.nowMs() - deed.at);
  return { deed: { ...deed, agoMs }, steps: processes.map((before) => stepFor(world, deed, before)) };
}

/**
 * Undoes a deed, each of its processes by itself. It is forgotten when nothing of it is left to be undone.
 * @throws TsmError when another tsm has undone it meanwhile
 */
export async function undoDeed(world: World, id: string, signal: AbortSignal): Promise<Undone[]> {
  const release = await lockDeeds(world, signal);
  try {
    const deed = readDeed(world, id);
    if (deed === undefined)
      throw new TsmError("NOT_FOUND", "it has been undone or forgotten meanwhile", {
        hint: "tsm undo --list shows what can be undone",
      });
    const undone = await eachStep(world, deed, (step) => tried(world, deed, step, signal));
    const isOver = undone.every(({ step, error }) => error === undefined && (step.does !== "cannot" || step.forGood));
    const did = undone.some(({ step }) => step.does !== "cannot");
    if (isOver && did) forgetDeed(world, id);
    return undone;
  } finally {
    release();
  }
}

/** What depends on another of them comes behind that one, the others side by side. */
async function eachStep(world: World, deed: Deed, act: (step: UndoStep) => Promise<Undone>): Promise<Undone[]> {
  const steps = new Map(planUndo(world, deed).steps.map((step) => [step.name, step]));
  const names = [...steps.keys()];
  const needs = new Map(names.map((name) => [name, dependsOn(world, name, folderOf(world, deed.id, name))]));
  return await eachInOrder(among(needs, names), async (name) => {
    const step = steps.get(name);
    if (step === undefined) throw new Error("what is undone was planned");
    return await act(step);
  });
}

/** Forgets deeds and what is kept for them. */
export async function forgetDeeds(world: World, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const release = await lockDeeds(world, signal);
  try {
    for (const id of ids) forgetDeed(world, id);
    removeGone(world);
  } finally {
    release();
  }
}

function stepFor(world: World, deed: Pick<Deed, "id" | "verb">, { name, record: before }: Before): UndoStep {
  const deletes = deed.verb === "delete" || deed.verb === "cleanup";
  const cannot = (why: string, forGood = false): UndoStep => ({
    name,
    does: "cannot",
    id: before?.id ?? null,
    why,
    forGood,
  });
  const found = readRecord(world, name);
  const record = found === undefined || "problem" in found ? undefined : found;
  if (before !== undefined && record !== undefined && isSame(before, record)) {
    if (deletes && isHalfDeleted(world, deed.id, record))
      return recreating(world, deed.id, { name, record: before }, cannot);
    return deed.verb === "restart"
      ? afterRestart(world, before, record, cannot)
      : startingAgain(world, before, record, cannot);
  }
  if (found !== undefined) {
    if (deletes && before === undefined && !isKept(world, deed.id, name))
      return { name, does: "nothing", id: null, why: "its record is there" };
    return cannot(
      `the name '${name}' is taken by another process${record === undefined ? "" : ` (#${record.tsm_id})`}`,
    );
  }
  if (!deletes) return cannot(`'${name}' has been deleted since`);
  if (!isKept(world, deed.id, name)) return cannot(`what was kept of '${name}' is gone`, true);
  return recreating(world, deed.id, { name, record: before }, cannot);
}

type Cannot = (why: string, forGood?: boolean) => UndoStep;

function startingAgain(world: World, before: RecordBefore, record: ProcessRecord, cannot: Cannot): UndoStep {
  const { name, tsm_id: id } = record;
  const { kind } = observe(record, world.platform.processes);
  if (kind === "stopping") return cannot(`'${name}' is still being stopped`);
  const rests = kind === "stopped" || kind === "crashed";
  if (!rests || !wasLive(before)) return { name, does: "nothing", id, why: `it is ${kind}` };
  const { launch, launchBefore } = processPaths(world.home, name);
  // An undo that was killed has left them where the start will find them.
  const isThere = world.platform.files.kind(launch) === "directory";
  const problem = whyNotStarted(world, record, isThere ? launch : launchBefore);
  return problem === undefined ? { name, does: "start", id, was: before.status } : cannot(problem);
}

function afterRestart(world: World, before: RecordBefore, record: ProcessRecord, cannot: Cannot): UndoStep {
  const { name, tsm_id: id } = record;
  const observed = observe(record, world.platform.processes);
  if (!wasLive(before)) {
    if (isLive(observed)) return { name, does: "stop", id, was: before.status };
    return { name, does: "nothing", id, why: `it is ${observed.kind}` };
  }
  if (isUntouched(world, { name, record: before }))
    return { name, does: "nothing", id, why: "it is the same process as before" };
  const old = before.life === undefined ? "what ran" : `process ${before.life.pid}`;
  const now = isLive(observed) ? `'${name}' runs again, by the same command` : `'${name}' is ${observed.kind} now`;
  return cannot(`${old} has ended and no process can be brought back; ${now}`, true);
}

function recreating(world: World, deed: string, { name, record: before }: Before, cannot: Cannot): UndoStep {
  const { files } = world.platform;
  const kept = keptFolder(world, deed, name);
  const logs = ["current.out", "current.err"];
  const { folder } = processPaths(world.home, name);
  if (logs.some((log) => files.kind(`${folder}/${log}`) === "file" && files.kind(`${kept}/${log}`) === "file"))
    return cannot(`logs of another '${name}' lie in ${folder}`);
  if (before === undefined) return { name, does: "re-create", id: null, idBefore: null, was: "damaged", starts: false };
  const record = keptRecord(world, deed, name);
  if (record === undefined) return cannot(`what was kept of '${name}' cannot be read`);
  const starts = wasLive(before);
  const problem = starts ? whyNotStarted(world, record, launchOf(world, deed, name)) : undefined;
  if (problem !== undefined) return cannot(problem);
  const id = freeId(world, name, before.id);
  return { name, does: "re-create", id, idBefore: before.id, was: before.status, starts };
}

/** Why it could not be started now, in words. */
function whyNotStarted(world: World, record: ProcessRecord, launch: string): string | undefined {
  try {
    const { port } = specOf(world, record, 0, record.restarts, { folder: launch });
    if (port === "none" || !world.platform.ports.isListening(port)) return undefined;
    const holder = world.platform.ports.listenersOn(port).find(({ pid }) => pid !== undefined)?.pid;
    return `port ${port} of '${record.name}' is held by ${holder === undefined ? "another program" : `PID ${holder}`}`;
  } catch (error) {
    if (error instanceof TsmError) return error.message;
    throw error;
  }
}

/** One that fails does not keep the others from being undone. */
async function tried(world: World, deed: Deed, step: UndoStep, signal: AbortSignal): Promise<Undone> {
  const nothing = { step, record: undefined, receipt: undefined, error: undefined };
  try {
    switch (step.does) {
      case "cannot":
        return nothing;
      case "nothing":
        await callOff(world, deed, step.name, signal);
        return nothing;
      case "stop": {
        const options = { timeoutSeconds: undefined, hard: false, event: "stop", by: "user" } as const;
        const receipt = await stopProcess(world, step.name, options, signal);
        writeUndone(world, deed, step);
        return { ...nothing, receipt };
      }
      case "re-create":
        return { ...nothing, record: await recreate(world, deed, step, signal) };
      case "start": {
        const record = await started(world, step.name, signal);
        writeUndone(world, deed, step);
        return { ...nothing, record };
      }
    }
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return { ...nothing, error };
  }
}

/** Its command was cut off before it came to the process: nobody finishes what has been undone. */
async function callOff(world: World, deed: Deed, name: string, signal: AbortSignal): Promise<void> {
  const isPending = () => interrupted(world).some((begun) => begun.name === name && begun.what !== "ready");
  const last = readDeeds(world).find(({ processes }) => processes.some((each) => each.name === name));
  if (last?.id !== deed.id || !isPending()) return;
  const release = await lockProcess(world, name, signal);
  try {
    if (isPending()) forgetNote(world, name);
  } finally {
    release();
  }
}

async function recreate(
  world: World,
  deed: Deed,
  step: UndoStep & { readonly does: "re-create" },
  signal: AbortSignal,
): Promise<ProcessRecord | undefined> {
  const { name, starts } = step;
  try {
    await putBackLocked(world, deed, step, signal);
    writeUndone(world, deed, step);
    return starts ? await started(world, name, signal) : goodRecord(world, name);
  } finally {
    if (starts) forgetNote(world, name);
  }
}

async function putBackLocked(
  world: World,
  deed: Deed,
  { name, starts, was }: UndoStep & { readonly does: "re-create" },
  signal: AbortSignal,
): Promise<void> {
  const release = await lockProcess(world, name, signal);
  try {
    const releaseIds = await lockIds(world, signal);
    try {
      const there = goodRecord(world, name);
      const isHalf = there !== undefined && isHalfDeleted(world, deed.id, there);
      if (readRecord(world, name) !== undefined && !isHalf)
        throw new TsmError("NAME_TAKEN", `the name '${name}' was taken meanwhile`, { hint: "tsm undo --list" });
      const record = was === "damaged" ? undefined : keptRecord(world, deed.id, name);
      const id = record === undefined ? undefined : freeId(world, name, record.tsm_id);
      if (record !== undefined && id !== undefined && id !== record.tsm_id) {
        const meta = `${keptFolder(world, deed.id, name)}/meta.json`;
        world.platform.files.writeWhole(meta, formatRecord({ ...record, tsm_id: id }));
      }
      // Killed between here and its start, this is a restart between its halves: the next tsm finishes it.
      if (starts) note(world, name, "restart");
      putBack(world, deed.id, name);
      await writePortRegistry(world, readRecords(world).records);
    } finally {
      releaseIds();
    }
  } finally {
    release();
  }
}

async function started(world: World, name: string, signal: AbortSignal): Promise<ProcessRecord> {
  const { settle: settleMs } = world.settings();
  const options = { timeoutSeconds: undefined, settleMs, by: "user", unlessLive: true } as const;
  return await restartProcess(world, name, options, signal);
}

function writeUndone(world: World, { verb }: Deed, { name, id }: UndoStep): void {
  writeEvent(world, { event: "undo", id: id ?? -1, name, of: verb });
}

/** The id it had, when it is free. Ids of several that are put back at once are given out under the lock, as they come. */
function freeId(world: World, name: string, before: number): number {
  const { records, damaged } = readRecords(world);
  const others = records.filter((record) => record.name !== name);
  return idFor(takenIds(world, { records: others, damaged }), before);
}

/** A delete that leaves the logs was cut off when all was kept: what is left of the launch files is no whole. */
function isHalfDeleted(world: World, deed: string, record: ProcessRecord): boolean {
  const rests = !isLive(observe(record, world.platform.processes));
  return rests && keptRecord(world, deed, record.name) !== undefined;
}

function isKept(world: World, deed: string, name: string): boolean {
  return world.platform.files.kind(keptFolder(world, deed, name)) === "directory";
}

function keptRecord(world: World, deed: string, name: string): ProcessRecord | undefined {
  const text = world.platform.files.readText(`${keptFolder(world, deed, name)}/meta.json`);
  const record = text === undefined ? undefined : parseRecord(text, name);
  return record === undefined || "problem" in record ? undefined : record;
}

/** Where its launch files are now. */
function folderOf(world: World, deed: string, name: string): string {
  return isKept(world, deed, name) ? launchOf(world, deed, name) : processPaths(world.home, name).launch;
}

/** Half of it may have been put in its place already, by an undo that was killed. */
function launchOf(world: World, deed: string, name: string): string {
  const kept = `${keptFolder(world, deed, name)}/launch`;
  const { launchBefore } = processPaths(world.home, name);
  return world.platform.files.kind(kept) === "directory" ? kept : launchBefore;
}
