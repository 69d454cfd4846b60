import type { Platform } from "../platform/platform.ts";
import { dependsOn } from "./depends-on.ts";
import type { MemoryHolder } from "./held-memory.ts";
import { processPaths } from "./home.ts";
import type { Limits } from "./limits.ts";
import { filesOf, type Stamp } from "./log-files.ts";
import { splitLines } from "./log-lines.ts";
import { livingIdentity, observe } from "./observe.ts";
import { type WrittenOversight, writtenOversight } from "./oversight.ts";
import { knownPolicy, type Policy } from "./policy.ts";
import type { Observed, ProcessRecord, ProcessSummary, RestartPolicy } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { type RuntimeReport, readRuntimeReport } from "./runtime-report.ts";
import { maskedArguments } from "./secrets.ts";
import { serviceFileOf } from "./service-of.ts";
import { readSightings, type Sightings } from "./sightings.ts";
import { summarize } from "./summary.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** All that one screen says about one process. */
export interface Inspection extends ProcessSummary {
  readonly interpreter: string;
  readonly envFile: string;
  /** Absolute path, or "". */
  readonly preHook: string;
  readonly restartPolicy: RestartPolicy;
  /** The file of the service that it was started as; "": none. */
  readonly service: string;
  /** The processes that it needs. */
  readonly dependsOn: readonly string[];
  readonly limits: Limits;
  /** Who sees to its limit of memory; null where the kernel was not asked to. */
  readonly memoryHolder: MemoryHolder | null;
  readonly oversight: WrittenOversight;
  /** What the resident patrol has seen. */
  readonly sightings: Sightings;
  /** What it says of itself; null: nothing. */
  readonly runtime: RuntimeReport | null;
  /** Epoch seconds. */
  readonly created: number;
  readonly startedAt: number;
  /** The kernel's start mark: with the pid, the identity. */
  readonly startMark: string;
  readonly runnerPid: number | null;
  /** Does somebody of its tree listen on the declared port? null without a port or while it does not run. */
  readonly listening: boolean | null;
  /** The port that the record holds beside the declared one: on which it was seen to listen instead. */
  readonly actualPort: number | null;
  /** Every port that its tree listens on. */
  readonly ports: readonly number[];
  readonly tree: readonly TreeMember[];
  /** The end of stderr, when it has crashed. */
  readonly lastWords: readonly string[];
  readonly logs: { readonly out: LogFile; readonly err: LogFile; readonly stamp: Stamp | null };
}

export interface TreeMember {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
  readonly memory: number;
}

export interface LogFile {
  /** null: nothing is kept. */
  readonly path: string | null;
  /** Bytes; null when there is no such file. */
  readonly size: number | null;
}

export async function inspect(world: World, record: ProcessRecord): Promise<Inspection> {
  const { platform } = world;
  const [summary] = summarize([record], world);
  if (summary === undefined) throw new Error("one record gives one summary");
  const observed = observe(record, platform.processes);
  const identity = livingIdentity(observed);
  const family = identity === undefined ? [] : familyOf(identity, tableOf(platform.processes.table()));
  const ports = identity === undefined ? [] : platform.ports.portsOf(family.map((member) => member.pid));
  const paths = processPaths(world.home, record.name);
  const policy = knownPolicy(platform.files, paths.launch, record.restart_policy);
  const logs = filesOf(policy.streams, paths);
  return {
    ...summary.toJSON(),
    reason: isWaitingForPort(observed) ? portReason(world, record) : record.reason,
    interpreter: record.interpreter,
    envFile: record.env_file,
    preHook: record.prehook,
    restartPolicy: record.restart_policy,
    service: serviceFileOf(world, record.name),
    dependsOn: dependsOn(world, record.name),
    limits: policy.limits,
    memoryHolder: await holderOf(world, record, policy),
    oversight: writtenOversight(policy.oversight),
    sightings: readSightings(world, record.name),
    runtime: readRuntimeReport(world, record),
    created: record.created,
    startedAt: record.start_time,
    startMark: record.start_mark,
    runnerPid: "supervised" in observed && observed.supervised ? record.runner_pid : null,
    listening: identity === undefined || record.port === "none" ? null : ports.includes(record.port),
    actualPort: record.actual_port,
    ports,
    tree: family.map((member) => ({
      pid: member.pid,
      parentPid: member.parentPid,
      command: member.name,
      memory: member.memoryBytes,
    })),
    lastWords: observed.kind === "crashed" ? splitLines(platform.files.readText(paths.lastWords) ?? "").slice(-20) : [],
    logs: { out: logFile(platform, logs.out), err: logFile(platform, logs.err), stamp: policy.streams.stamp },
  };
}

async function holderOf(world: World, record: ProcessRecord, policy: Policy): Promise<MemoryHolder | null> {
  if (policy.limits.memoryBy === null) return null;
  const { memoryHolder } = await import("./held-memory.ts");
  return (await memoryHolder(world, record, policy)) ?? null;
}

function isWaitingForPort(observed: Observed): boolean {
  return observed.kind === "waiting" && observed.retryAt === undefined;
}

/** The runner knows that somebody holds the port; who it is, is looked up when somebody asks. */
function portReason({ platform: { ports, processes } }: World, { port, reason }: ProcessRecord): string {
  if (port === "none" || reason === "") return reason;
  const holder = ports.listenersOn(port).find(({ pid }) => pid !== undefined)?.pid;
  if (holder === undefined) return reason;
  const command = quoteLine(maskedArguments(processes.commandLine(holder) ?? [])).slice(0, 200);
  return `port ${port} is held by PID ${holder} (${command})`;
}

function logFile(platform: Platform, path: string | null): LogFile {
  return { path, size: path === null ? null : (platform.files.stat(path)?.size ?? null) };
}
