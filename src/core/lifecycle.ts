import type { Identity } from "../platform/platform.ts";
import { readApp, withoutFiltered } from "./app-part.ts";
import { refuseBadLogs } from "./asked-logs.ts";
import { dependsOn } from "./depends-on.ts";
import { isDiskUnwritable, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote, note } from "./interrupted.ts";
import { writeEvent } from "./journal.ts";
import { keepCopy, setAside } from "./kept.ts";
import { type Begun, begin, type LaunchSpec } from "./launch.ts";
import { healLaunchFiles } from "./launch-files.ts";
import { readWords } from "./launch-words.ts";
import { limitsAgain } from "./limits.ts";
import { isLogFile } from "./log-archives.ts";
import { isLive, observe } from "./observe.ts";
import { callerEnvironment, filtered, readEnvFile } from "./plan.ts";
import { knownPolicy, readPolicy } from "./policy.ts";
import type { PolicyChanges } from "./policy-changes.ts";
import { type Port, validPort, withWinningPort } from "./port-choice.ts";
import { writePortRegistry } from "./port-registry.ts";
import { preHookAgain } from "./pre-hook.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { lockIds, lockLogs, lockProcess } from "./process-lock.ts";
import { goodRecord, readRecord, readRecordsAgain } from "./records.ts";
import { refuseBeforeEnd } from "./restart-refusals.ts";
import { readAsked } from "./service-asked.ts";
import { settle } from "./settle.ts";
import { startSlots } from "./start-slots.ts";
import { end, noteEnd, type Receipt, type StopOptions } from "./stop.ts";
import { endStrays, isUnsettled } from "./strays.ts";
import { marksOf } from "./tree.ts";
import { turnedWatch } from "./turned-watch.ts";
import type { Turn } from "./turns.ts";
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
  /** Do nothing when it runs, or will by itself. */
  readonly unlessLive?: boolean;
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
  return await startSlots(world).hold(() => restartNow(world, name, options, signal));
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
    const record = goodRecord(world, name);
    if (record === undefined) throw new TsmError("NOT_FOUND", `process '${name}' was deleted meanwhile`);
    wasLive = isLive(observe(record, world.platform.processes));
    const { onlyIf, unlessLive } = options;
    if (unlessLive === true && wasLive) return record;
    if (onlyIf !== undefined && !(wasLive && record.pid === onlyIf.pid && record.start_mark === onlyIf.startMark))
      return record;
    healLaunchFiles(world, record);
    // Whatever is wrong is found while the old one still runs.
    const restarts = wasLive ? record.restarts + 1 : record.restarts;
    const asItWas =
      (await options.specFor?.(record, restarts)) ??
      specOf(world, record, options.settleMs, restarts, { updateEnv: options.updateEnv });
    const turned = options.turnWatch === true ? turnedWatch(asItWas) : asItWas;
    const spec = options.changes === undefined ? turned : await changed(turned, options.changes);
    if (wasLive) refuseBeforeEnd(world, record, spec, options.turn);
    if (wasLive) note(world, name, "restart", [lifeOf(record)]);
    const begun = await endAndBegin(world, record, spec, options, signal);
    release();
    return await settle(world, spec, begun, signal);
  } catch (error) {
    if (error instanceof TsmError && !error.block && error.code !== "NOT_FOUND") {
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
  signal: AbortSignal,
): Promise<Begun> {
  try {
    await end(world, record, { timeoutSeconds, hard: false, event: "restart", by });
    turn?.ended();
    // Nobody keeps a place while he waits for one who has none.
    if (turn !== undefined) await startSlots(world).without(() => turn.mayBegin());
    await waitForPort(world, spec.port);
    return await begin(world, spec, signal);
  } finally {
    forgetNote(world, record.name);
  }
}

/** In one word: who runs, and who watches it. Of two lives of a process at least one of them is another. */
function lifeOf(record: ProcessRecord): string {
  return [record.pid, record.start_mark, record.runner_pid, record.runner_mark].join(",");
}

/** The life that a restart was to end; a new runner may watch it by now, or its own have brought it back. */
function isStillThere(record: ProcessRecord, life: string): boolean {
  const [pid, startMark, runnerPid, runnerMark] = life.split(",");
  const is = (now: readonly (string | number | undefined)[], then: readonly (string | undefined)[]) =>
    now.every((each, at) => String(each) === then[at]);
  return (
    is([record.pid, record.start_mark], [pid, startMark]) ||
    is([record.runner_pid, record.runner_mark], [runnerPid, runnerMark])
  );
}

/**
 * Goes on with a restart whose `tsm` was killed: what still runs as it did is ended first, without its `pre_stop` hook once
 * more. The caller holds the process's lock.
 * @param how nothing where only the second half is left.
 * @returns whether it was started; what is still ending is left for the next look.
 */
export async function finishRestart(world: World, name: string, [life]: readonly string[]): Promise<boolean> {
  const before = goodRecord(world, name);
  if (before !== undefined && life !== undefined && isStillThere(before, life)) await endFirst(world, before);
  const record = goodRecord(world, name);
  const observed = record === undefined ? undefined : observe(record, world.platform.processes);
  const isOld = record !== undefined && life !== undefined && isStillThere(record, life);
  if (observed !== undefined && (observed.kind === "stopping" || (isOld && isLive(observed)))) return false;
  forgetNote(world, name);
  if (record === undefined || observed === undefined || isLive(observed)) return false;
  try {
    if (knownPolicy(world.platform.files, processPaths(world.home, name).launch, record.restart_policy).treekill) {
      await endStrays(world, name, marksOf(world.home, record));
    }
    healLaunchFiles(world, record);
    await begin(world, specOf(world, record, 0, record.restarts + 1), new AbortController().signal);
    return true;
  } catch (error) {
    // Its program or its folder is gone, its port taken: it stays stopped, and the journal says why.
    if (!(error instanceof TsmError)) throw error;
    writeEvent(world, { event: "start-failed", id: record.tsm_id, name, reason: error.message });
    return false;
  }
}

/** Waits until it has ended: nobody else would start it again soon. */
async function endFirst(world: World, record: ProcessRecord): Promise<void> {
  const { clock, processes } = world.platform;
  const { finishStop } = await import("./finish-stop.ts");
  const isLiveStill = () => {
    const now = goodRecord(world, record.name);
    return now !== undefined && isLive(observe(now, processes));
  };
  const { killTimeoutSeconds } = knownPolicy(
    world.platform.files,
    processPaths(world.home, record.name).launch,
    record.restart_policy,
  );
  const deadline = clock.monotonicMs() + (killTimeoutSeconds + 5) * 1000;
  if (!isLiveStill() || !(await finishStop(world, record.name, false))) return;
  while (isLiveStill() && clock.monotonicMs() < deadline) await clock.sleep(10);
}

/** What a record and its launch files say should run. */
export function specOf(
  world: World,
  record: ProcessRecord,
  settleMs: number,
  restarts: number,
  options: {
    /** Of the launch files, where they are not in their place. */
    readonly folder?: string;
    /** The caller's environment instead of theirs. */
    readonly updateEnv?: boolean | undefined;
  } = {},
): LaunchSpec {
  const { folder = processPaths(world.home, record.name).launch, updateEnv = false } = options;
  const argv = readWords(world, folder, "argv");
  const env = readWords(world, folder, "env");
  if (argv === undefined || env === undefined || argv[0] === undefined) {
    throw new TsmError("BAD_DATA", `the launch files of '${record.name}' are missing`, {
      hint: `tsm delete ${record.name}, then start it anew`,
    });
  }
  const { files } = world.platform;
  const preHook = preHookAgain(world, record, folder);
  if (!files.isExecutable(argv[0]) && preHook.file === "") {
    throw new TsmError("NO_FILE", `${argv[0]} is gone or can no longer be executed`, {
      hint: `Start '${record.name}' anew with the program as it is now`,
    });
  }
  if (files.kind(record.cwd) !== "directory") {
    throw new TsmError("NO_FILE", `the folder ${record.cwd} is gone`, {
      hint: `Make it again, or start '${record.name}' from another folder`,
    });
  }
  const app = readApp(files, folder);
  const policy = readPolicy(files, folder, record.restart_policy);
  const base = updateEnv
    ? withoutFiltered(filtered(callerEnvironment(world, record.cwd), policy.filterEnv), app)
    : Object.fromEntries(env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  refuseBadLogs(files, policy.streams, processPaths(world.home, record.name));
  const envFileValues = readEnvFile(world, record.env_file, base);
  const origin = files.readText(`${folder}/port-from`);
  const fromFile = origin === "flag" ? undefined : validPort(envFileValues.get("PORT") ?? "");
  const port = fromFile ?? record.port;
  return {
    name: record.name,
    argv: withWinningPort(argv, port),
    interpreter: record.interpreter,
    type: record.process_type,
    port,
    portFrom:
      fromFile !== undefined ? "env-file" : origin === "flag" ? "flag" : record.port === "none" ? "none" : "command",
    cwd: record.cwd,
    envFile: record.env_file,
    env: base,
    envFileValues,
    preHook,
    lookup: files.readText(`${folder}/lookup`) ?? "",
    policy: { ...policy, limits: limitsAgain(world, policy.limits) },
    namespace: record.namespace ?? "",
    service: files.readText(`${folder}/service`) ?? "",
    asked: readAsked(files, folder),
    dependsOn: dependsOn(world, record.name, folder),
    app,
    settleMs,
    restarts,
  };
}

/** The kernel frees a port with the last process that holds it: a moment, or somebody else has it. */
async function waitForPort(world: World, port: Port): Promise<void> {
  const { clock, ports } = world.platform;
  const deadline = clock.monotonicMs() + 2000;
  while (port !== "none" && ports.isListening(port) && clock.monotonicMs() < deadline) await clock.sleep(5);
}

/** What was forgotten. */
export interface Deleted {
  readonly name: string;
  readonly id: number | null;
  /** undefined when its record was damaged. */
  readonly receipt: Receipt | undefined;
  /** Where the logs are, when they were kept. */
  readonly logs: string | undefined;
  /** Is it kept, to be undone? Not on a full disk, which a delete is to give space back to. */
  readonly kept: boolean;
}

export interface DeleteOptions {
  readonly timeoutSeconds: number | undefined;
  readonly keepLogs: boolean;
  /** Keeps what goes, to be undone; undefined: for good. */
  readonly deed: string | undefined;
}

/** Ends a process and forgets it: its folder goes, with `keepLogs` all of it but the logs. Damaged records too. */
export async function deleteProcess(
  world: World,
  name: string,
  options: DeleteOptions,
  signal: AbortSignal,
): Promise<Deleted> {
  const release = await lockProcess(world, name, signal);
  try {
    return await deleteHeld(world, name, options, signal);
  } finally {
    release();
  }
}

/** The same, for a caller that holds the process's lock. */
export async function deleteHeld(
  world: World,
  name: string,
  options: DeleteOptions,
  signal: AbortSignal,
): Promise<Deleted> {
  const paths = processPaths(world.home, name);
  try {
    const found = readRecord(world, name);
    if (found === undefined) throw new TsmError("NOT_FOUND", `process '${name}' was deleted meanwhile`);
    const record = "problem" in found ? undefined : found;
    // Who carries the name is all that can be told of a damaged record's processes.
    const marks = record === undefined ? { TSM_HOME: world.home.root, TSM_NAME: name } : marksOf(world.home, record);
    const isCutOff = record === undefined || isUnsettled(world, record);
    const stopOptions: StopOptions = {
      timeoutSeconds: options.timeoutSeconds,
      hard: false,
      event: "delete",
      by: "user",
    };
    const { deed, keepLogs } = options;
    if (record !== undefined && isLive(observe(record, world.platform.processes))) {
      noteEnd(world, name, "delete", [keepLogs ? "but-logs" : "all", ...(deed === undefined ? [] : [deed])]);
    }
    const receipt = record === undefined ? undefined : await end(world, record, stopOptions);
    if (isCutOff) await endStrays(world, name, marks);
    // Not in the middle of a rotation.
    const releaseLogs = await lockLogs(world, name, signal);
    let kept = false;
    try {
      kept = deed !== undefined && (keepLogs ? keepCopy(world, deed, name) : setAside(world, deed, name));
      if (keepLogs) forgetAllButLogs(world, name);
      else if (!kept) forget(world, name);
    } finally {
      releaseLogs();
    }
    // A runner that came late finds nothing to read now; one that came just before is ended here.
    if (isCutOff) await endStrays(world, name, marks);
    await dropFromRegistry(world, name, signal);
    writeEvent(world, { event: "delete", id: record?.tsm_id ?? -1, name });
    return { name, id: record?.tsm_id ?? null, receipt, logs: keepLogs ? paths.folder : undefined, kept };
  } finally {
    forgetNote(world, name);
  }
}

/**
 * Goes on with a delete whose `tsm` was killed: what runs is told to end, and forgotten by a later look, when it is gone.
 * The caller holds the process's lock.
 * @returns whether it was told or forgotten now.
 */
export async function finishDelete(world: World, name: string, how: readonly string[]): Promise<boolean> {
  const record = goodRecord(world, name);
  const observed = record === undefined ? undefined : observe(record, world.platform.processes);
  if (observed === undefined || isLive(observed)) {
    const { finishStop } = await import("./finish-stop.ts");
    return await finishStop(world, name, false);
  }
  const [what, deed] = how;
  // Who has forgotten the deed meanwhile does not want it back.
  const isOnRecord = deed !== undefined && world.platform.files.kind(`${world.home.deeds}/${deed}`) === "directory";
  const options = { timeoutSeconds: undefined, keepLogs: what === "but-logs", deed: isOnRecord ? deed : undefined };
  await deleteHeld(world, name, options, new AbortController().signal);
  return true;
}

/** The folder leaves its place in one step: whoever looks sees all of it or none. */
function forget(world: World, name: string): void {
  const { files } = world.platform;
  // Not a name that a process can have. What a killed `delete` leaves here goes with the next of the same name.
  const aside = `${world.home.processes}/.deleted-${name}`;
  files.removeFolder(aside);
  files.rename(processPaths(world.home, name).folder, aside);
  files.removeFolder(aside);
}

/** The logs are never moved, so nothing that happens halfway can lose them. The record goes last. */
function forgetAllButLogs(world: World, name: string): void {
  const { files } = world.platform;
  const { folder, meta } = processPaths(world.home, name);
  for (const entry of files.list(folder)) {
    const path = `${folder}/${entry}`;
    if (!isLogFile(entry) && path !== meta) files.removeFolder(path);
  }
  files.removeFolder(meta);
}

/** On a full disk the registry keeps the name until the next start or delete writes it. */
async function dropFromRegistry(world: World, name: string, signal: AbortSignal): Promise<void> {
  const release = await lockIds(world, signal);
  try {
    await writePortRegistry(
      world,
      readRecordsAgain(world).records.filter((record) => record.name !== name),
    );
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  } finally {
    release();
  }
}
