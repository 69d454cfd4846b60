import { isDiskUnwritable, TsmError } from "./errors.ts";
import { describeExit } from "./exit-text.ts";
import { processPaths } from "./home.ts";
import { forgetNote, note } from "./interrupted.ts";
import type { Begun, LaunchSpec } from "./launch.ts";
import { listens } from "./listening.ts";
import { filesOf } from "./log-files.ts";
import { lastLines } from "./log-lines.ts";
import { identityOf, isLive, observe, runnerOf } from "./observe.ts";
import { unwatched } from "./plain-request.ts";
import { withActualPort } from "./port-actual.ts";
import { portTaken } from "./port-conflict.ts";
import { lookForOwners } from "./port-owners.ts";
import { isInHook } from "./pre-hook.ts";
import type { Probe } from "./probe.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { quoteWord } from "./quote.ts";
import { goodRecord, readRecordsAgain, writeRecord } from "./records.ts";
import { wantResident } from "./resident.ts";
import type { World } from "./world.ts";

/**
 * Waits until the process is ready, where it says when that is; else until the declared port listens or the settle time
 * has passed. In any case until it has ended.
 * @returns the record of a process that is up.
 * @param signal ends the wait, and nothing else: the process goes on.
 * @throws TsmError START_FAILED with its last words, or PORT_TAKEN, when it ended or did not get ready.
 */
export async function settle(
  world: World,
  spec: LaunchSpec,
  begun: Begun,
  signal: AbortSignal,
): Promise<ProcessRecord> {
  const { ready } = spec.policy.oversight;
  if (spec.settleMs === unwatched) {
    if (ready !== null) wantResident(world);
    return foundAgain(world, spec);
  }
  if (ready !== null) return await withActualPort(world, await untilReady(world, spec, begun, ready, signal));
  const { clock } = world.platform;
  while (spec.preHook.file !== "") {
    const record = foundAgain(world, spec);
    if (hasEnded(record, spec)) return await over(world, spec, begun, record, signal);
    // Its runner looks a few times a second whether the hook is done.
    if (!isInHook(world, spec.name) && record.status !== "starting") break;
    await clock.sleep(5, signal);
  }
  const begin = clock.monotonicMs();
  const deadline = begin + spec.settleMs;
  let rivals: readonly ProcessRecord[] | undefined;
  for (let look = 0; ; look += 1) {
    const record = foundAgain(world, spec);
    if (hasEnded(record, spec)) return await over(world, spec, begun, record, signal);
    const from = clock.monotonicMs();
    if (spec.port !== "none" && listens(world, record, spec.port, look % 8 === 7)) return record;
    const now = clock.monotonicMs();
    const late = now - deadline;
    if (late >= 0) {
      rivals ??= rivalsOf(world, record);
      // In this order: one that ends in between is drained.
      const isOpen = isContested(world, record, spec, rivals) || isDraining(world, record);
      if (late >= drainMs || (!isOpen && !hasEnded(foundAgain(world, spec), spec)))
        return await withActualPort(world, record);
    }
    // What starts needs the processor more than who looks at it. Who waits for no port only wants to know that it lives.
    const pause = spec.port === "none" ? Math.min((now - begin) / 20, 20, Math.max(0, -late)) : 0;
    await clock.sleep(late >= 0 ? 50 : Math.max(2, pause, 2 * (now - from)), signal);
  }
}

/** It has ended, and its runner says so a moment later, or when its stamper has written all. */
function isDraining({ platform: { processes } }: World, record: ProcessRecord): boolean {
  const [life, runner] = [identityOf(record), runnerOf(record)];
  return life !== undefined && !processes.isAlive(life) && runner !== undefined && processes.isAlive(runner);
}

/** Who of this home was begun at the same time, for the same port. */
function rivalsOf(world: World, { name, port, start_time }: ProcessRecord): readonly ProcessRecord[] {
  if (port === "none") return [];
  const isRival = (other: ProcessRecord) =>
    other.name !== name && other.port === port && Math.abs(other.start_time - start_time) <= rivalSeconds;
  return readRecordsAgain(world).records.filter(isRival);
}

/** Who has not listened by then declares a port that it does not want. */
const rivalSeconds = 30;

/**
 * Another process of this home was quicker on its port, or may yet be: then this one is about to end of that, or never
 * wanted to listen.
 */
function isContested(
  world: World,
  record: ProcessRecord,
  { name, port }: LaunchSpec,
  rivals: readonly ProcessRecord[],
): boolean {
  const { ports, processes } = world.platform;
  const life = identityOf(record);
  if (port === "none" || life === undefined || !processes.isAlive(life)) return false;
  if (!ports.isListening(port)) return rivals.some((rival) => isLive(observe(rival, processes)));
  const holder = ports.listenersOn(port).find(({ pid }) => pid !== undefined)?.pid;
  const owner = holder === undefined ? undefined : lookForOwners(world).of(holder);
  return owner?.kind === "managed" && owner.record.name !== name;
}

/** Longer than the runner waits for the stamper. */
const drainMs = 5000;

async function untilReady(
  world: World,
  spec: LaunchSpec,
  begun: Begun,
  probe: Probe,
  signal: AbortSignal,
): Promise<ProcessRecord> {
  const life = foundAgain(world, spec);
  if (hasEnded(life, spec)) return await over(world, spec, begun, life, signal);
  const { awaitReady } = await import("./ready.ts");
  const { oversight, killTimeoutSeconds: killSeconds } = spec.policy;
  noteIfPossible(world, spec.name);
  try {
    const wait = { probe, timeoutMs: oversight.readyTimeoutMs, killSeconds };
    const readiness = await awaitReady(world, life, wait, signal);
    const record = foundAgain(world, spec);
    if (readiness.kind === "ready" && !hasEnded(record, spec)) return record;
    if (readiness.kind === "late") return await failed(world, spec, begun, record, `was ${readiness.why}`);
    return await over(world, spec, begun, record, signal);
  } catch (error) {
    // Ctrl-C ends this wait and nothing else: somebody else must find out when it is ready.
    if (signal.aborted) wantResident(world);
    throw error;
  } finally {
    forgetNote(world, spec.name);
  }
}

/** It runs already: without room for the note, only a kill of this very command would go unnoticed. */
function noteIfPossible(world: World, name: string): void {
  try {
    note(world, name, "ready");
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

function foundAgain(world: World, { name }: LaunchSpec): ProcessRecord {
  const record = goodRecord(world, name);
  if (record !== undefined) return record;
  throw new TsmError("START_FAILED", `'${name}' was deleted while it started`);
}

function hasEnded(record: ProcessRecord, spec: LaunchSpec): boolean {
  if (record.status === "crashed" || record.status === "stopped" || record.status === "waiting") return true;
  // Its runner may have brought it back already.
  return record.restarts > spec.restarts;
}

/** It has ended. Who stopped or restarted it has asked for that after us: then it has not failed, and may be up again. */
async function over(
  world: World,
  spec: LaunchSpec,
  begun: Begun,
  record: ProcessRecord,
  signal: AbortSignal,
): Promise<ProcessRecord> {
  if (record.last_exit?.by !== "user") return await failed(world, spec, begun, record);
  const { waitFor } = await import("./wait-for.ts");
  try {
    await waitFor(world, spec.name, { kind: "online" }, undefined, signal);
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "UNREACHABLE") throw error;
    foundAgain(world, spec);
    throw new TsmError("START_FAILED", `'${spec.name}' was stopped while it started`, {
      hint: `tsm start ${quoteWord(spec.name)} starts it again`,
      candidates: [{ id: record.tsm_id, name: record.name }],
    });
  }
  return foundAgain(world, spec);
}

/** @param why when it is not that it ended. */
async function failed(
  world: World,
  spec: LaunchSpec,
  begun: Begun,
  record: ProcessRecord,
  why?: string,
): Promise<never> {
  const exit = record.last_exit;
  // Its runner has looked at the policy by now: whoever rests is not brought back.
  const retried = record.status !== "crashed" && record.status !== "stopped";
  if (!retried && (exit === null || exit.by === "crash")) await markCrashed(world, spec.name, begun);
  const { out, err } = filesOf(spec.policy.streams, processPaths(world.home, spec.name));
  const said = (path: string | null, from: number) =>
    path === null ? [] : lastLines(world.platform.files, path, 40, from);
  const stderr = said(err, begun.errOffset);
  if (why === undefined && isInHook(world, spec.name)) {
    const stdout = out === err ? [] : said(out, begun.outOffset);
    const what = `'${spec.name}' was not started, as its pre-hook failed: ${describeExit(exit)}`;
    throw startFailed(spec, record, [what, ...inset(stdout), ...inset(stderr)], retried);
  }
  const port = spec.port === "none" ? portInUse(stderr) : spec.port;
  if (port !== undefined && world.platform.ports.isListening(port) && !retried && why === undefined)
    throw portTaken(world, port);
  const what = `'${spec.name}' ${why ?? `ended as soon as it was started: ${describeExit(exit)}`}`;
  throw startFailed(spec, record, [what, ...inset(stderr)], retried);
}

function inset(lines: readonly string[]): string[] {
  return lines.slice(-10).map((line) => (line.length > longest ? `   ${line.slice(0, longest)}…` : `   ${line}`));
}

/** Characters of a line in an error; a program may write megabytes without a newline. */
const longest = 1000;

function startFailed(spec: LaunchSpec, record: ProcessRecord, lines: readonly string[], retried: boolean): TsmError {
  return new TsmError("START_FAILED", lines.join("\n"), {
    hint: retried
      ? `It is started again by its policy '${spec.policy.restart}'; tsm stop ${quoteWord(spec.name)} ends that`
      : `tsm logs ${quoteWord(spec.name)} shows all it wrote`,
    candidates: [{ id: record.tsm_id, name: record.name }],
  });
}

/** The port of which Node says that it is taken: `Error: listen EADDRINUSE: address already in use :::3000`. */
function portInUse(stderr: readonly string[]): number | undefined {
  const port = Number(/\bEADDRINUSE\b.*:(\d{1,5})\b/.exec(stderr.join("\n"))?.[1]);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** A service that ends while it is being started has failed, whatever code it ended with. Its runner is gone by now. */
async function markCrashed(world: World, name: string, begun: Begun): Promise<void> {
  const { platform } = world;
  const release = await lockProcess(world, name);
  try {
    while (platform.processes.isAlive(begun.runner)) await platform.clock.sleep(2);
    const record = goodRecord(world, name);
    if (record?.status === "stopped" && record.runner_pid === begun.runner.pid)
      writeRecord(world, { ...record, status: "crashed" });
  } finally {
    release();
  }
}
