import type { Identity } from "../platform/platform.ts";
import { TsmError } from "./errors.ts";
import { restartNote } from "./finish-restart.ts";
import { forgetNote, note } from "./interrupted.ts";
import { notWaitedFor, orSaying } from "./interruption.ts";
import { type Begun, begin, type LaunchSpec } from "./launch.ts";
import { healLaunchFiles } from "./launch-files.ts";
import { isLive, observe } from "./observe.ts";
import type { PolicyChanges } from "./policy-changes.ts";
import type { Port } from "./port-choice.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { type Meant, recordMeant } from "./records.ts";
import { refuseBeforeEnd } from "./restart-refusals.ts";
import { settle } from "./settle.ts";
import { specOf } from "./spec-of.ts";
import { inStartSlot, startSlots } from "./start-slots.ts";
import { end } from "./stop.ts";
import { turnedWatch } from "./turned-watch.ts";
import type { Turn } from "./turns.ts";
import { refuseOwnFolder } from "./watched.ts";
import type { World } from "./world.ts";

export interface RestartOptions {
  readonly timeoutSeconds: number | undefined;
  readonly settleMs: number;
  readonly by: ExitCause;
  /** The caller's environment instead of the one it was started with. */
  readonly updateEnv?: boolean;
  /** Its files are watched from now on where they were not, and not where they were. */
  readonly turnWatch?: boolean;
  readonly changes?: PolicyChanges | undefined;
  /** Do nothing unless this very process is still what runs. */
  readonly onlyIf?: Identity;
  /** Nor to another that has its name by now. */
  readonly meant?: Meant;
  /** Do nothing when it runs, or will by itself. */
  readonly unlessLive?: boolean;
  /** How many lives in a row have not lasted, with this one. */
  readonly unstableRestarts?: number;
  /** Of several that need each other. */
  readonly turn?: Turn;
  /** What is to run, where somebody knows it better than record and launch files. */
  readonly specFor?: (record: ProcessRecord, restarts: number) => LaunchSpec | Promise<LaunchSpec | undefined>;
}

/** Stops what runs and launches the same again: same id, folder, arguments and environment, env file read anew. */
export async function restartProcess(
  world: World,
  name: string,
  options: RestartOptions,
  signal: AbortSignal,
): Promise<ProcessRecord> {
  await options.turn?.mayEnd;
  return await inStartSlot(world, () => restartNow(world, name, options, signal));
}

async function restartNow(
  world: World,
  name: string,
  options: RestartOptions,
  signal: AbortSignal,
): Promise<ProcessRecord> {
  const release = await lockProcess(world, name, signal);
  let wasLive = false;
  try {
    const record = recordMeant(world, name, options.meant);
    wasLive = isLive(observe(record, world.platform.processes));
    const { onlyIf, unlessLive } = options;
    if (unlessLive === true && wasLive) return record;
    if (onlyIf !== undefined && !(wasLive && record.pid === onlyIf.pid && record.start_mark === onlyIf.startMark))
      return record;
    healLaunchFiles(world, record);
    // Whatever is wrong is found while the old one still runs.
    const restarts = wasLive ? record.restarts + 1 : record.restarts;
    const known = await options.specFor?.(record, restarts);
    const asItWas = known ?? specOf(world, record, options.settleMs, restarts, { updateEnv: options.updateEnv });
    const turned = options.turnWatch === true ? turnedWatch(asItWas) : asItWas;
    if (turned !== asItWas) for (const path of turned.policy.oversight.watch) refuseOwnFolder(world, path);
    const spec = options.changes === undefined ? turned : await changed(turned, options.changes);
    const isChanged = known !== undefined || options.updateEnv === true || spec !== asItWas;
    if (wasLive) refuseBeforeEnd(world, record, spec, options.turn);
    if (wasLive) note(world, name, "restart", restartNote(record, options.by, isChanged ? spec : undefined));
    const { unstableRestarts = 0 } = options;
    const begun = await endAndBegin(world, record, { ...spec, unstableRestarts }, options);
    release();
    const up = settle(world, spec, begun, signal);
    return await orSaying(up, signal, notWaitedFor(name, wasLive ? "restarted" : "started"));
  } catch (error) {
    if (error instanceof TsmError && !error.block && error.code !== "NOT_FOUND" && error.code !== "INTERRUPTED") {
      throw new TsmError(error.code, `failed to ${wasLive ? "restart" : "start"} '${name}': ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        exitCode: 1,
      });
    }
    throw error;
  } finally {
    release();
  }
}

async function changed(spec: LaunchSpec, changes: PolicyChanges): Promise<LaunchSpec> {
  const { withChanges } = await import("./policy-changes.ts");
  return await withChanges(spec, changes);
}

async function endAndBegin(
  world: World,
  record: ProcessRecord,
  spec: LaunchSpec,
  { timeoutSeconds, by, turn }: RestartOptions,
): Promise<Begun> {
  try {
    await end(world, record, { timeoutSeconds, hard: false, event: "restart", by });
    turn?.ended();
    // Nobody keeps a place while he waits for one who has none.
    if (turn !== undefined) await startSlots(world).without(() => turn.mayBegin());
    await waitForPort(world, spec.port);
    // What has been ended begins again, however impatient the person is.
    return await begin(world, spec, new AbortController().signal);
  } finally {
    forgetNote(world, record.name);
  }
}

/** The kernel frees a port with the last process that holds it: a moment, or somebody else has it. */
async function waitForPort(world: World, port: Port): Promise<void> {
  const { clock, ports } = world.platform;
  const deadline = clock.monotonicMs() + 2000;
  while (port !== "none" && ports.isListening(port) && clock.monotonicMs() < deadline) await clock.sleep(5);
}
