import type { Identity } from "../platform/platform.ts";
import { atRest } from "./at-rest.ts";
import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { type LaunchSpec, startToken } from "./launch.ts";
import { writeMigratedLaunch } from "./launch-files.ts";
import { plainLogs } from "./log-files.ts";
import type { Stream } from "./log-parts.ts";
import type { MigratedProcess } from "./migration.ts";
import type { MigrationBackup } from "./migration-backup.ts";
import { withoutPort } from "./names.ts";
import type { OldFacts } from "./old-facts.ts";
import type { OldProcess } from "./old-files.ts";
import { livingOf } from "./old-identity.ts";
import { oldLogs } from "./old-logs.ts";
import { type OldProgram, programOf } from "./old-program.ts";
import { defaultPolicy } from "./policy.ts";
import { defaultNamespace, type ProcessRecord } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { readRecord, readRecords, writeRecord } from "./records.ts";
import { lowestFree } from "./reserve.ts";
import { maskedArguments } from "./secrets.ts";
import type { World } from "./world.ts";

/** How one process is to be brought over. */
export interface ProcessPlan {
  readonly old: OldProcess;
  readonly migrated: MigratedProcess;
  readonly record: ProcessRecord;
  readonly program: OldProgram;
  readonly logs: Readonly<Record<Stream, OldLog | undefined>>;
}

interface OldLog {
  readonly path: string;
  /** Does it go into the folder of the process? */
  readonly moves: boolean;
}

export interface ProcessPlans {
  readonly plans: readonly ProcessPlan[];
  /** Records of these are there already: an interrupted run has written them. Their old files only go. */
  readonly done: readonly OldProcess[];
  readonly notes: readonly string[];
  /** Old files of names that another process has. */
  readonly refused: readonly OldProcess[];
}

/**
 * Who lives, what each is called and which id it keeps: its own where that is free, else the lowest that is.
 * @param begun names of an interrupted run.
 */
export function planProcesses(
  world: World,
  found: readonly OldProcess[],
  ports: ReadonlyMap<string, number>,
  begun: ReadonlySet<string>,
): ProcessPlans {
  const notes: string[] = [];
  const done: OldProcess[] = [];
  const refused: OldProcess[] = [];
  const open: OldProcess[] = [];
  for (const old of found) {
    const stands = old.inPlace ? undefined : readRecord(world, old.name);
    const isOurs = stands !== undefined && !("problem" in stands);
    if (isOurs && begun.has(old.name)) done.push(old);
    else if (isOurs) {
      refused.push(old);
      notes.push(`'${old.name}' was not brought over: a process of that name is on record`);
    } else open.push(old);
  }
  const claimed = new Set<number>();
  const known = open.map((old) => {
    const logs = { out: logsOf(world, old, "out"), err: logsOf(world, old, "err") };
    const living = livingFacts(world, old, [...logs.out, ...logs.err], claimed);
    if (living !== undefined) claimed.add(living.identity.pid);
    return { old, logs, living, facts: merged(old, living?.facts) };
  });
  for (const { old, facts, living } of known) {
    const pid = living === undefined ? (facts.pid ?? old.pids[0]) : undefined;
    if (pid === undefined || pid <= 1 || world.platform.processes.identify(pid) === undefined) continue;
    notes.push(`'${old.name}' is taken for stopped: PID ${pid} is another process now, and was left alone`);
  }
  // Who runs is known by its id to whoever looks at it: it comes first.
  known.sort((a, b) => Number(b.living !== undefined) - Number(a.living !== undefined));
  const ids = idsFor(
    known.map(({ facts }) => facts.id),
    readRecords(world).records.map(({ tsm_id }) => tsm_id),
  );
  const plans = known
    .map(({ old, logs, living, facts }, index): ProcessPlan => {
      const program = programOf(world, facts, living?.identity);
      const port = facts.port ?? ports.get(old.name) ?? "none";
      const named = ports.get(withoutPort(old.name, port)) ?? port;
      const record = recordFor(world, old.name, ids[index] ?? 0, {
        facts,
        program,
        living: living?.identity,
        port: port === "none" ? named : port,
      });
      return {
        old,
        record,
        program,
        logs: {
          out: logOf(world, old, living?.identity, logs.out, "out"),
          err: logOf(world, old, living?.identity, logs.err, "err"),
        },
        migrated: {
          id: record.tsm_id,
          formerId: facts.id ?? null,
          name: old.name,
          outcome: living !== undefined ? "adopted" : record.status === "crashed" ? "crashed" : "stopped",
          pid: living?.identity.pid ?? null,
          port: record.port,
          startable: program.argv.length > 0,
        },
      };
    })
    .sort((a, b) => a.record.tsm_id - b.record.tsm_id);
  return { plans, done, notes, refused };
}

/** Their own ids, first come, first served; then the lowest that nobody has. */
function idsFor(wanted: readonly (number | undefined)[], used: readonly number[]): number[] {
  const taken = new Set(used);
  const kept = wanted.map((id) => {
    if (id === undefined || taken.has(id)) return undefined;
    taken.add(id);
    return id;
  });
  return kept.map((id) => {
    const given = id ?? lowestFree([...taken]);
    taken.add(given);
    return given;
  });
}

function livingFacts(
  world: World,
  old: OldProcess,
  logs: readonly string[],
  claimed: ReadonlySet<number>,
): { readonly identity: Identity; readonly facts: OldFacts } | undefined {
  for (const facts of old.said) {
    const identity = livingOf(world, facts, old.pids, logs);
    if (identity !== undefined && !claimed.has(identity.pid)) return { identity, facts };
  }
  return undefined;
}

/** Of several records the one of the process that lives counts, else the newest; the others add what it does not say. */
function merged({ said }: OldProcess, living: OldFacts | undefined): OldFacts {
  const order = living === undefined ? said : [living, ...said.filter((facts) => facts !== living)];
  return order.reduce((all, more) => ({
    name: all.name ?? more.name,
    id: all.id ?? more.id,
    pid: all.pid ?? more.pid,
    startTime: all.startTime ?? more.startTime,
    port: all.port ?? more.port,
    command: all.command ?? more.command,
    script: all.script ?? more.script,
    cwd: all.cwd ?? more.cwd,
    envFile: all.envFile ?? more.envFile,
    status: all.status ?? more.status,
    restarts: all.restarts ?? more.restarts,
    out: all.out ?? more.out,
    err: all.err ?? more.err,
  }));
}

function logsOf(world: World, { name, said, inPlace }: OldProcess, stream: Stream): string[] {
  const own = processPaths(world.home, name)[stream];
  const found = oldLogs(world.platform.files, world.home, name, said, stream);
  return inPlace && world.platform.files.kind(own) === "file" ? [own, ...found] : found;
}

/** The one that it writes to, where it lives and the system tells; else the first that there is. */
function logOf(
  { platform: { files, processes }, home }: World,
  { name }: OldProcess,
  living: Identity | undefined,
  found: readonly string[],
  stream: Stream,
): OldLog | undefined {
  const open = living === undefined ? undefined : processes.openFile(living, stream === "out" ? 1 : 2);
  const written = open === undefined ? undefined : found.find((path) => files.stat(path)?.inode === open.inode);
  // Somebody gave it another file: that one stays where it is, and is its log.
  const isElsewhere = open !== undefined && written === undefined && files.stat(open.path)?.inode === open.inode;
  if (isElsewhere) return { path: open.path, moves: false };
  const path = written ?? found[0];
  return path === undefined || path === processPaths(home, name)[stream] ? undefined : { path, moves: true };
}

function recordFor(
  world: World,
  name: string,
  id: number,
  was: {
    readonly facts: OldFacts;
    readonly program: OldProgram;
    readonly living: Identity | undefined;
    readonly port: number | "none";
  },
): ProcessRecord {
  const { facts, program, living, port } = was;
  const { files, clock, processes } = world.platform;
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const started =
    facts.startTime ?? (living === undefined ? nowSeconds : nowSeconds - Math.floor(processes.ages()(living) / 1000));
  const envFile = facts.envFile ?? "";
  return {
    tsm_id: id,
    name,
    pid: living?.pid ?? 0,
    command: program.argv.length > 0 ? quoteLine(maskedArguments(program.argv)) : "",
    port,
    cwd: program.cwd,
    interpreter: program.interpreter,
    process_type: program.type,
    // One that is gone would keep it from ever being started again.
    env_file: envFile.startsWith("/") && files.isReadable(envFile) ? envFile : "",
    prehook: "",
    ...atRest,
    start_time: started,
    status: living !== undefined ? "online" : facts.status === "crashed" ? "crashed" : "stopped",
    restarts: facts.restarts ?? 0,
    ...(living === undefined ? {} : { start_mark: living.startMark }),
    boot_id: processes.bootId(),
    restart_policy: defaultPolicy.restart,
    created: started,
  };
}

/**
 * Its folder, its launch files, its logs, and last its record: until that is there, the next run begins with it anew.
 * What is there in its folder stays. The old files go when all that is done.
 */
export function applyProcess(world: World, plan: ProcessPlan, backup: MigrationBackup): void {
  const { files } = world.platform;
  const { old, record, program } = plan;
  const paths = processPaths(world.home, record.name);
  backup.begin(record.name);
  if (old.inPlace) backup.copy(paths.meta);
  files.makeFolder(paths.folder);
  const streams = { ...plainLogs, out: moveLog(world, plan, "out"), err: moveLog(world, plan, "err") };
  if (program.argv.length > 0) {
    writeMigratedLaunch(world, specFor(plan, { ...defaultPolicy, streams }), record, startToken(world));
  }
  writeRecord(world, record);
  takeSources(old, backup);
}

export function takeSources(old: OldProcess, backup: MigrationBackup): void {
  for (const source of old.sources) backup.take(source);
}

/**
 * A log goes where the logs of a process are; who writes to it goes on doing so, as the file stays the same one.
 * @returns its path where it cannot: on another disk it stays where it is.
 */
function moveLog(world: World, { logs, record }: ProcessPlan, stream: Stream): string | null {
  const { files } = world.platform;
  const from = logs[stream];
  const to = processPaths(world.home, record.name)[stream];
  // One that is there already was written by whatever had the name before: both are kept, each in its place.
  if (from === undefined) return null;
  if (!from.moves) return from.path;
  if (files.kind(to) !== "missing") return null;
  try {
    files.rename(from.path, to);
    return null;
  } catch (error) {
    if (isErrno(error, "EXDEV", "EACCES", "EPERM")) return from.path;
    throw error;
  }
}

function specFor({ record, program }: ProcessPlan, policy: LaunchSpec["policy"]): LaunchSpec {
  return {
    name: record.name,
    argv: program.argv,
    interpreter: program.interpreter,
    type: program.type,
    port: record.port,
    portFrom: record.port === "none" ? "none" : "command",
    cwd: record.cwd,
    envFile: record.env_file,
    env: program.env,
    envFileValues: new Map(),
    preHook: { file: "", asked: false },
    lookup: program.lookup,
    policy,
    service: "",
    asked: undefined,
    dependsOn: [],
    app: undefined,
    namespace: defaultNamespace,
    settleMs: 0,
    restarts: record.restarts,
  };
}
