import type { Identity } from "../platform/platform.ts";
import { type RunnerRequest, startRunner } from "../runner/start-runner.ts";
import { type AppPart, writeApp } from "./app-part.ts";
import { atRest } from "./at-rest.ts";
import { TsmError } from "./errors.ts";
import { type ProcessPaths, processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { limitSettings } from "./limits.ts";
import { filesOf, logSettings, namedPlaces, openLogs, stampOrder } from "./log-files.ts";
import { lastLife } from "./log-life.ts";
import { boundOf } from "./log-limits.ts";
import { isLive, observe, runnerOf } from "./observe.ts";
import { needsResident } from "./oversight.ts";
import { type Policy, writePolicy } from "./policy.ts";
import { refusePromisedPort } from "./port-allocation.ts";
import type { Port } from "./port-choice.ts";
import { refuseHeldPort } from "./port-conflict.ts";
import { writePortRegistry } from "./port-registry.ts";
import { type PreHook, writePreHook } from "./pre-hook.ts";
import type { ProcessRecord } from "./process.ts";
import { lockIds, lockProcess } from "./process-lock.ts";
import { quoteLine } from "./quote.ts";
import { recordParts } from "./record.ts";
import { goodRecord, readRecord, readRecordsAgain, writeRecord } from "./records.ts";
import { wantResident } from "./resident.ts";
import { maskedArguments } from "./secrets.ts";
import { type AskedOfService, writeAsked } from "./service-asked.ts";
import { settle } from "./settle.ts";
import { startSlots } from "./start-slots.ts";
import { starterFor } from "./started-by.ts";
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
  return await startSlots(world).hold(async () => {
    const release = await lockProcess(world, spec.name, signal);
    let begun: Begun;
    try {
      begun = await begin(world, spec, signal);
    } finally {
      release();
    }
    return { record: await settle(world, spec, begun, signal), replaced: begun.replaced };
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
    const run = writeLaunchFiles(world, spec, record, token);
    replaceLaunchFiles(world, paths);
    // From here on a runner of the start that was cut off finds that it comes too late. This ends one that did not.
    if (cutOff !== undefined) await endStrays(world, spec.name, cutOff);
    isRunning = true;
    // Before and after: killed in between, it has been asked for; and one that was just leaving may have taken the first.
    if (needsResident(spec.policy.oversight)) wantResident(world);
    const spawned = await startRunner(platform, runnerRequest(world, record.name, token, spec.env["PATH"] ?? ""));
    // While the runner begins: to load what makes marks of secrets takes 5 ms.
    const { noteRun, tellChanges } = await import("./run-notes.ts");
    const noted = noteRun(world, spec, run);
    const runner = await takenOver(world, previous ?? record, spawned);
    if (needsResident(spec.policy.oversight)) wantResident(world);
    platform.files.removeFolder(paths.launchBefore);
    if (noted !== undefined) tellChanges(world, record, run, noted);
    return { runner, ...offsets, replaced: replacedCommand(previous, record) };
  } catch (error) {
    if (isRunning) await endStrays(world, spec.name, marksOf(home, record));
    undo(world, record, previous, madeFolder);
    throw error;
  }
}

interface Reserved {
  readonly previous: ProcessRecord | undefined;
  readonly record: ProcessRecord;
  /** Is the folder new, or did kept logs lie in it? */
  readonly madeFolder: boolean;
}

/**
 * Name and id become ours, under the one lock that all starts share. A new record is on disk before that is released.
 * One that is there already keeps its id, and stays as it is until the runner writes what has become of it.
 */
export async function reserve(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<Reserved> {
  const { platform, home } = world;
  const release = await lockIds(world, signal);
  try {
    const found = readRecord(world, spec.name);
    if (found !== undefined && "problem" in found) {
      throw new TsmError("NAME_TAKEN", `the record of '${spec.name}' is damaged: ${found.problem}`, {
        hint: `tsm delete ${spec.name} removes it`,
      });
    }
    if (found !== undefined) refuseLive(world, spec, found);
    const all = readRecordsAgain(world);
    refusePromisedPort(world, { allocated: false, ...spec }, all.records);
    refuseHeldPort(world, spec.port);
    const self = platform.processes.self();
    const nowSeconds = Math.floor(platform.clock.nowMs() / 1000);
    const record: ProcessRecord = {
      tsm_id: found?.tsm_id ?? idFor(all.records, spec.id),
      name: spec.name,
      pid: 0,
      command: quoteLine(maskedArguments(spec.argv)),
      port: spec.port,
      cwd: spec.cwd,
      interpreter: spec.interpreter,
      process_type: spec.type,
      env_file: spec.envFile,
      prehook: spec.preHook.file,
      ...atRest,
      start_time: nowSeconds,
      status: "starting",
      restarts: spec.restarts,
      boot_id: self.bootId,
      runner_pid: self.pid,
      runner_mark: self.startMark,
      last_exit: found?.last_exit ?? null,
      restart_policy: spec.policy.restart,
      created: found?.created ?? nowSeconds,
      ...(spec.namespace === "" ? {} : { namespace: spec.namespace }),
    };
    const madeFolder = platform.files.kind(processPaths(home, spec.name).folder) === "missing";
    try {
      platform.files.makeFolder(processPaths(home, spec.name).folder);
      if (found === undefined) writeRecord(world, record);
      await writePortRegistry(world, [...all.records.filter((each) => each.name !== record.name), record]);
    } catch (error) {
      undo(world, record, found, madeFolder);
      throw error;
    }
    return { previous: found, record, madeFolder };
  } finally {
    release();
  }
}

function refuseLive(world: World, spec: LaunchSpec, holder: ProcessRecord): void {
  const observed = observe(holder, world.platform.processes);
  if (!isLive(observed)) return;
  const same =
    holder.cwd === spec.cwd &&
    sameWords(readWords(world, processPaths(world.home, holder.name).launch, "argv"), spec.argv);
  const who = `TSM ID: ${holder.tsm_id}, PID: ${holder.pid}${holder.port === "none" ? "" : `, Port: ${holder.port}`}`;
  if (same) {
    throw new TsmError("ALREADY_RUNNING", `'${spec.name}' is already running (${who})`, {
      hint: `tsm restart ${holder.name} starts it anew, start -f another one of it`,
      candidates: [{ id: holder.tsm_id, name: holder.name }],
    });
  }
  throw new TsmError(
    "NAME_TAKEN",
    `the name '${spec.name}' is taken by another running process (${who}): ${holder.command.slice(0, 200)}`,
    {
      hint: "Give this one another name with --name, or -f for a number behind it",
      candidates: [{ id: holder.tsm_id, name: holder.name }],
    },
  );
}

function replacedCommand(previous: ProcessRecord | undefined, record: ProcessRecord): string | undefined {
  return previous === undefined || previous.command === record.command ? undefined : previous.command;
}

function sameWords(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((word, index) => word === b[index]);
}

/** The one that is wished for where nobody has it, else the lowest. */
export function idFor(records: readonly Pick<ProcessRecord, "tsm_id">[], wished: number | undefined): number {
  const taken = records.map((each) => each.tsm_id);
  return wished === undefined || taken.includes(wished) ? lowestFree(taken) : wished;
}

/** Ids of ended processes that were deleted are used again, lowest first. */
export function lowestFree(used: readonly number[]): number {
  const taken = new Set(used);
  let id = 0;
  while (taken.has(id)) id += 1;
  return id;
}

/**
 * All that the runner is handed, beside what stands there: a disk that is full now has cost nothing.
 * @returns the number of the run that it would begin.
 */
export function writeLaunchFiles(world: World, spec: LaunchSpec, record: ProcessRecord, token: string): number {
  const { files } = world.platform;
  const { launchNext: folder } = processPaths(world.home, record.name);
  files.removeFolder(folder);
  files.makeFolder(folder);
  // What the runner writes before it moves it into place.
  files.makeFolder(`${folder}/new`);
  files.makeFolder(processPaths(world.home, record.name).run);
  const parts = recordParts(record);
  const overlay = overlayOf(world, spec, record);
  const write = (name: string, data: string) => files.writeWhole(`${folder}/${name}`, data);
  write("argv", nulEnded(withoutEqualsSign(spec.argv)));
  write("env", nulEnded(Object.entries(spec.env).map(([key, value]) => `${key}=${value}`)));
  write("overlay", nulEnded(Object.entries(overlay).map(([key, value]) => `${key}=${value}`)));
  write("port-from", spec.portFrom);
  writePreHook(world, folder, spec);
  if (spec.service !== "") write("service", spec.service);
  if (spec.asked !== undefined) writeAsked(files, folder, spec.asked);
  if (spec.dependsOn.length > 0) write("depends-on", spec.dependsOn.map((name) => `${name}\n`).join(""));
  if (spec.app !== undefined) writeApp(files, folder, spec.app);
  const starter = starterFor(world, spec.name, spec.restarts);
  if (starter !== "") write("started-by", starter);
  writePolicy(files, folder, spec.policy);
  // For the ticker; without it the limit of the home holds.
  if (spec.policy.logs.maxBytes !== undefined) write("log-limit", `${boundOf(spec.policy.logs.maxBytes)}\n`);
  const named = namedPlaces(spec.policy.streams, processPaths(world.home, record.name));
  const onOneLine = named.filter((path) => !path.includes("\n"));
  if (onOneLine.length > 0) write("named-logs", `${onOneLine.join("\n")}\n`);
  write("meta.head", parts.head);
  write("meta.body", parts.body);
  write("meta.tail", parts.tail);
  const zone = spec.envFileValues.get("TZ") ?? spec.env["TZ"];
  const stamps = stampOrder(spec.policy.streams, processPaths(world.home, record.name), {
    id: record.tsm_id,
    name: record.name,
    zone,
  });
  if (stamps !== undefined) write("stamp.json", stamps);
  const trialMs = spec.policy.restartAsked ? 0 : spec.settleMs;
  const run = writeRunnerSettings(world, folder, record, spec.policy, token, trialMs, "new");
  const { stop, rests, limits } = processPaths(world.home, record.name);
  for (const path of [stop, rests, limits]) files.remove(path);
  return run;
}

/** The same for a process that another program has started: it runs already, or rests. */
export function writeMigratedLaunch(world: World, spec: LaunchSpec, record: ProcessRecord, token: string): void {
  writeLaunchFiles(world, spec, record, token);
  replaceLaunchFiles(world, processPaths(world.home, record.name));
  world.platform.files.removeFolder(processPaths(world.home, record.name).launchBefore);
}

/** What wins over the environment that the process begins with. */
export function overlayOf(
  { home }: World,
  { envFileValues, app, port }: Pick<LaunchSpec, "envFileValues" | "app" | "port">,
  record: Pick<ProcessRecord, "tsm_id" | "name">,
): Record<string, string> {
  return {
    ...Object.fromEntries(envFileValues),
    ...app?.variables,
    ...(port === "none" ? {} : { PORT: String(port) }),
    ...marksOf(home, record),
    TSM_RUN_DIR: processPaths(home, record.name).run,
  };
}

/**
 * What the runner is handed besides words: see the beginning of runner.bash.
 * @param trialMs a first life that is shorter is the last, whatever the policy; 0: as the policy says.
 * @returns the number of the first life, or of the one that is watched.
 */
export function writeRunnerSettings(
  world: World,
  folder: string,
  record: ProcessRecord,
  policy: Policy,
  token: string,
  trialMs: number,
  life: "new" | "adopted",
): number {
  const before = logsBefore(world, record, policy, life);
  const settings: Record<string, string | number> = {
    token,
    name: record.name,
    cwd: record.cwd,
    events: world.home.events,
    subject: `"id":${record.tsm_id},"name":${JSON.stringify(record.name)}`,
    boot_id: record.boot_id,
    policy: policy.restart,
    trial: trialMs,
    port_hex: record.port === "none" ? "" : record.port.toString(16).toUpperCase().padStart(4, "0"),
    restart_delay: policy.restartDelayMs ?? "",
    max_backoff: policy.maxBackoffMs,
    backoff: policy.backoffMs ?? "",
    min_uptime: policy.minUptimeMs,
    max_restarts: policy.maxRestarts,
    first_phase: policy.oversight.ready === null ? "online" : "starting",
    phase: policy.oversight.ready !== null && record.status === "starting" ? "starting" : "online",
    offsets: policy.oversight.ready?.kind === "log" ? 1 : "",
    ...before,
    stop_exit_codes: `,${policy.stopExitCodes.join(",")},`,
    kill_signal: policy.killSignal.replace(/^SIG/, ""),
    kill_timeout: policy.killTimeoutSeconds,
    treekill: policy.treekill ? 1 : "",
    pid_file: policy.pidFile ?? "",
    ...logSettings(world, policy.streams, processPaths(world.home, record.name)),
    ...limitSettings(policy.limits),
    restarts: record.restarts,
    unstable_restarts: record.unstable_restarts,
    last_exit: JSON.stringify(record.last_exit),
    actual_port: record.actual_port ?? "",
    status: record.status,
    pid: record.pid,
    mark: record.start_mark,
    started: record.start_time,
  };
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  world.platform.files.writeWhole(`${folder}/settings`, nulEnded(pairs));
  return before.run;
}

/** The runner is told what it would need a fork for. */
function logsBefore(
  { platform: { files }, home }: World,
  { name }: ProcessRecord,
  { streams }: Policy,
  life: "new" | "adopted",
): { run: number; logs: string } {
  const paths = processPaths(home, name);
  const { out, err } = filesOf(streams, paths);
  const last = lastLife(files, paths.folder, "out")?.run ?? 0;
  const nothing = { size: 0, inode: 0 };
  const sizes = [out, err].map((path) => (path === null ? nothing : (files.stat(path) ?? nothing)));
  return {
    run: life === "new" ? last + 1 : Math.max(1, last),
    logs: sizes.map(({ size, inode }) => `${size} ${inode}`).join(" "),
  };
}

export function replaceLaunchFiles({ platform: { files } }: World, paths: ProcessPaths): void {
  files.removeFolder(paths.launchBefore);
  if (files.kind(paths.launch) === "directory") files.rename(paths.launch, paths.launchBefore);
  files.rename(paths.launchNext, paths.launch);
}

/** A start that was killed halfway is finished when its runner has written the record, and undone when not. */
export function healLaunchFiles(world: World, record: ProcessRecord): void {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  if (files.kind(paths.launchBefore) !== "directory") return;
  if (files.readText(`${paths.launch}/meta.body`) === recordParts(record).body) files.removeFolder(paths.launchBefore);
  else restoreLaunchFiles(world, paths);
}

function restoreLaunchFiles({ platform: { files } }: World, paths: ProcessPaths): void {
  if (files.kind(paths.launchBefore) !== "directory") return;
  files.removeFolder(paths.launch);
  files.rename(paths.launchBefore, paths.launch);
}

/** `env`, which executes the vector, takes a first word with `=` in it for a variable; `sh` does not. */
function withoutEqualsSign(argv: readonly string[]): readonly string[] {
  return argv[0]?.includes("=") ? ["/bin/sh", "-c", 'exec "$0" "$@"', ...argv] : argv;
}

function nulEnded(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join("");
}

/**
 * Waits until the runner has written the record: from then on it is the only writer.
 * @param before the record as it is on disk until then.
 * @param spawned the runner, unless it has ended already.
 * @returns the runner as it calls itself.
 */
async function takenOver(world: World, before: ProcessRecord, spawned: Identity | undefined): Promise<Identity> {
  const { platform } = world;
  while (true) {
    const alive = spawned !== undefined && platform.processes.isAlive(spawned);
    const current = goodRecord(world, before.name);
    const runner = current === undefined ? undefined : runnerOf(current);
    const isOurs = current?.runner_pid !== before.runner_pid || current.runner_mark !== before.runner_mark;
    // "starting" is written before the fork; a pid means there is something to watch.
    if (runner !== undefined && isOurs && (current?.status !== "starting" || current.pid > 0)) return runner;
    if (!alive) throw runnerFailed(world, before.name);
    await platform.clock.sleep(2);
  }
}

/** It writes the record before and after it starts the process: nearly always it could not, for want of space. */
function runnerFailed({ platform, home }: World, name: string): TsmError {
  return platform.files.freeBytes(home.root) < leastBytes
    ? new TsmError("HOME", `'${name}' could not be started: the disk of ${home.root} is full`, {
        hint: "Free some space and try again; nothing was lost",
      })
    : new TsmError("START_FAILED", `the runner of '${name}' ended before it could start the process`, {
        hint: `Is there space on the disk of ${home.root}, and a working bash?`,
      });
}

/** What the files of one start take on any file system, and more. */
const leastBytes = 1024 * 1024;

/** As if nothing had been asked: a new record goes, an old one is as it was. */
export function undo(
  world: World,
  record: ProcessRecord,
  previous: ProcessRecord | undefined,
  madeFolder: boolean,
): void {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  if (previous === undefined) {
    files.remove(paths.meta);
    for (const folder of madeFolder ? [paths.folder] : [paths.launch, paths.launchNext]) files.removeFolder(folder);
    return;
  }
  // First what gives space back: the disk may be full.
  files.removeFolder(paths.launchNext);
  restoreLaunchFiles(world, paths);
  if (goodRecord(world, record.name)?.runner_pid !== previous.runner_pid) writeRecord(world, previous);
}
