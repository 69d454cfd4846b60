import { writeApp } from "./app-part.ts";
import { logSettings, stampOrder } from "./handed-logs.ts";
import { type ProcessPaths, processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { nulEnded, openStage } from "./launch-stage.ts";
import { readSettings } from "./launch-words.ts";
import { limitSettings, ownerVariables } from "./limits.ts";
import { filesOf, namedPlaces } from "./log-files.ts";
import { lastLife } from "./log-life.ts";
import { boundOf } from "./log-limits.ts";
import { type Policy, writePolicy } from "./policy.ts";
import { writePreHook } from "./pre-hook.ts";
import type { ProcessRecord } from "./process.ts";
import { recordParts } from "./record.ts";
import { writeAsked } from "./service-asked.ts";
import { starterFor } from "./started-by.ts";
import { marksOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * All that the runner is handed, beside what stands there: a disk that is full now has cost nothing.
 * @param previous the record on disk, unless that is this one, and says that a start is under way.
 * @returns the number of the run that it would begin.
 */
export function writeLaunchFiles(
  world: World,
  spec: LaunchSpec,
  record: ProcessRecord,
  token: string,
  previous: ProcessRecord | undefined,
): number {
  const { files } = world.platform;
  const { launchNext, run: runtime } = processPaths(world.home, record.name);
  const { write, finish } = openStage(files, launchNext);
  files.makeFolder(runtime);
  const overlay = overlayOf(world, spec, record);
  write("argv", nulEnded(withoutEqualsSign(spec.argv)));
  write("env", nulEnded(Object.entries(spec.env).map(([key, value]) => `${key}=${value}`)));
  write("overlay", nulEnded(Object.entries(overlay).map(([key, value]) => `${key}=${value}`)));
  if (spec.portFrom !== "none") write("port-from", spec.portFrom);
  writePreHook(world, write, spec);
  if (spec.service !== "") write("service", spec.service);
  if (spec.asked !== undefined) writeAsked(write, spec.asked);
  if (spec.dependsOn.length > 0) write("depends-on", spec.dependsOn.map((name) => `${name}\n`).join(""));
  if (spec.app !== undefined) writeApp(write, spec.app);
  const starter = starterFor(world, spec.name, spec.restarts);
  if (starter !== "") write("started-by", starter);
  writePolicy(write, spec.policy);
  // For the ticker; without it the limit of the home holds.
  if (spec.policy.logs.maxBytes !== undefined) write("log-limit", `${boundOf(spec.policy.logs.maxBytes)}\n`);
  const named = namedPlaces(spec.policy.streams, processPaths(world.home, record.name));
  const onOneLine = named.filter((path) => !path.includes("\n"));
  if (onOneLine.length > 0) write("named-logs", `${onOneLine.join("\n")}\n`);
  const zone = spec.envFileValues.get("TZ") ?? spec.env["TZ"];
  const stamps = stampOrder(spec.policy.streams, processPaths(world.home, record.name), {
    id: record.tsm_id,
    name: record.name,
    zone,
  });
  if (stamps !== undefined) write("stamp.json", stamps);
  const trialMs = spec.policy.restartAsked ? 0 : spec.settleMs;
  const { run, text } = runnerSettings(world, record, spec.policy, { token, trialMs, previous, life: "new" });
  write("settings", text);
  finish();
  const { stop, rests, limits } = processPaths(world.home, record.name);
  for (const path of [stop, rests, limits]) files.remove(path);
  return run;
}

/** The same for a process that another program has started: it runs already, or rests. */
export function writeMigratedLaunch(world: World, spec: LaunchSpec, record: ProcessRecord, token: string): void {
  writeLaunchFiles(world, spec, record, token, undefined);
  replaceLaunchFiles(world, processPaths(world.home, record.name));
  putAwayLaunchFiles(world, processPaths(world.home, record.name));
}

/** What wins over the environment that the process begins with. */
export function overlayOf(
  { home }: World,
  { envFileValues, app, port, policy }: Pick<LaunchSpec, "envFileValues" | "app" | "port" | "policy">,
  record: Pick<ProcessRecord, "tsm_id" | "name">,
): Record<string, string> {
  return {
    ...ownerVariables(policy.limits),
    ...Object.fromEntries(envFileValues),
    ...app?.variables,
    ...(port === "none" ? {} : { PORT: String(port) }),
    ...marksOf(home, record),
    TSM_RUN_DIR: processPaths(home, record.name).run,
  };
}

/** For a runner that takes the place of one that is gone. */
export function writeAdoptersSettings(world: World, record: ProcessRecord, policy: Policy, token: string): void {
  const { launch } = processPaths(world.home, record.name);
  const { text } = runnerSettings(world, record, policy, { token, trialMs: 0, previous: record, life: "adopted" });
  world.platform.files.writeWhole(`${launch}/settings`, text);
}

/**
 * What the runner is handed besides words: see the beginning of runner.bash.
 * @param request.trialMs a first life that is shorter is the last, whatever the policy; 0: as the policy says.
 * @returns run: the number of the first life, or of the one that is watched.
 */
function runnerSettings(
  world: World,
  record: ProcessRecord,
  policy: Policy,
  request: {
    readonly token: string;
    readonly trialMs: number;
    readonly previous: ProcessRecord | undefined;
    readonly life: "new" | "adopted";
  },
): { run: number; text: string } {
  const { token, trialMs, previous, life } = request;
  const parts = recordParts(record);
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
    reserved: previous === undefined ? 1 : "",
    takes_over_from: previous === undefined ? "" : runnerWords(previous),
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
    hook_seconds: world.settings().hookTimeout,
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
    meta_head: parts.head,
    meta_body: parts.body,
    meta_tail: parts.tail,
  };
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return { run: before.run, text: nulEnded(pairs) };
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

/** What was there is put aside until the start has come true. */
export function replaceLaunchFiles({ platform: { files } }: World, paths: ProcessPaths): void {
  files.removeFolder(paths.launchBefore);
  if (files.kind(paths.launch) === "directory") files.rename(paths.launch, paths.launchBefore);
  files.rename(paths.launchNext, paths.launch);
}

/** The start has come true: what was there before makes room for the next. */
export function putAwayLaunchFiles({ platform: { files } }: World, paths: ProcessPaths): void {
  if (files.kind(paths.launchBefore) !== "directory") return;
  if (files.kind(paths.launchNext) === "directory") files.removeFolder(paths.launchBefore);
  else files.rename(paths.launchBefore, paths.launchNext);
}

/** A start that was killed halfway is finished when its runner has written the record, and undone when not. */
export function healLaunchFiles(world: World, record: ProcessRecord): void {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  if (files.kind(paths.launchBefore) !== "directory") return;
  const settings = readSettings(files, paths.launch);
  const isOfRecord = settings?.get("meta_body") === recordParts(record).body;
  // One that was put on record and never started has no runner by whom to tell.
  const isRunners = record.runner_pid === 0 || settings?.get("takes_over_from") !== runnerWords(record);
  if (isOfRecord && isRunners) putAwayLaunchFiles(world, paths);
  else restoreLaunchFiles(world, paths);
}

function runnerWords({ runner_pid: pid, runner_mark: mark }: ProcessRecord): string {
  return `${pid} ${mark}`;
}

/** What a start that was cut off or undone had put aside is in its place again. */
export function restoreLaunchFiles({ platform: { files } }: World, paths: ProcessPaths): void {
  if (files.kind(paths.launchBefore) !== "directory") return;
  files.removeFolder(paths.launch);
  files.rename(paths.launchBefore, paths.launch);
}

/** `env`, which executes the vector, takes a first word with `=` in it for a variable; `sh` does not. */
function withoutEqualsSign(argv: readonly string[]): readonly string[] {
  return argv[0]?.includes("=") ? ["/bin/sh", "-c", 'exec "$0" "$@"', ...argv] : argv;
}
