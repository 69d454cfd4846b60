import type { Identity } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import { type MemoryHolder, memoryHolder, orderMemory } from "./held-memory.ts";
import { processPaths } from "./home.ts";
import { healLaunchFiles } from "./launch-files.ts";
import type { WriteLaunchFile } from "./launch-stage.ts";
import { type Limits, refuseNiceness } from "./limits.ts";
import { isLive, livingIdentity, observe, runnerOf } from "./observe.ts";
import { needsResident } from "./oversight.ts";
import { type Policy, readPolicy, writePolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { recordMeant } from "./records.ts";
import { wantResident } from "./resident.ts";
import { readAsked, writeAsked } from "./service-asked.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** Limits in a person's words: undefined leaves one as it is, null takes it away. */
export interface NewLimits {
  readonly nice: number | null | undefined;
  readonly openFiles: number | null | undefined;
  /** Of all processes of its user together. */
  readonly processes: number | null | undefined;
  /** Bytes of the whole tree. */
  readonly maxMemory: number | null | undefined;
}

export type LimitName = keyof NewLimits;

/** What became of one limit that was named. */
export interface LimitSet {
  readonly limit: LimitName;
  /** null: none any more. */
  readonly value: number | null;
  /** Does what runs have it already? null: nothing runs. */
  readonly now: boolean | null;
  /** Why it has to wait for the next restart. */
  readonly why: string | null;
}

export interface LimitsSet {
  readonly id: number;
  readonly name: string;
  /** All that holds from the next start on. */
  readonly asked: Limits & { readonly maxMemory: number | null };
  /** Who sees to its limit of memory; null where the kernel was not asked to. */
  readonly memoryHolder: MemoryHolder | null;
  /** How many processes of the tree were looked at. */
  readonly processes: number;
  readonly changes: readonly LimitSet[];
}

/**
 * Changes what a process may use: on record, for its runner, and as far as the system permits on all that runs of it.
 * @throws TsmError USAGE when a start with these limits would fail.
 */
export async function setLimits(
  world: World,
  meant: ProcessRecord,
  limits: NewLimits,
  signal: AbortSignal,
): Promise<LimitsSet> {
  const { name } = meant;
  await refuseImpossible(world, limits, signal);
  const release = await lockProcess(world, name, signal);
  try {
    const record = recordMeant(world, name, meant);
    healLaunchFiles(world, record);
    const policy = putOnRecord(world, record, limits);
    await tellRunner(world, record, policy, signal);
    if (limits.maxMemory !== undefined) await orderMemory(world, record.name, policy, record);
    const identity = livingIdentity(observe(record, world.platform.processes));
    const tree = identity === undefined ? [] : identitiesOf(world, identity);
    const changes: LimitSet[] = [];
    for (const limit of limitNames) {
      const value = limits[limit];
      if (value === undefined) continue;
      const why = tree.length === 0 ? null : ((await applyTo(world, tree, limit, value, signal)) ?? null);
      changes.push({ limit, value, now: tree.length === 0 ? null : why === null, why });
    }
    const asked = { ...policy.limits, maxMemory: policy.oversight.maxMemory };
    const holder = (await memoryHolder(world, record, policy)) ?? null;
    return { id: record.tsm_id, name, asked, memoryHolder: holder, processes: tree.length, changes };
  } finally {
    release();
  }
}

const limitNames = ["nice", "openFiles", "processes", "maxMemory"] as const satisfies readonly LimitName[];

/** Found now, and not by the restart that would fail in the night. */
async function refuseImpossible(world: World, limits: NewLimits, signal: AbortSignal): Promise<void> {
  const { nice, openFiles, processes } = limits;
  if (typeof nice === "number") refuseNiceness(world, nice);
  for (const [option, value, what] of [
    ["-n", openFiles, "open files"],
    ["-u", processes, "processes"],
  ] as const) {
    if (typeof value !== "number") continue;
    const words = [
      "-c",
      `ulimit ${option} "$1" 2>/dev/null || { ulimit -H ${option}; exit 1; }`,
      "bash",
      String(value),
    ];
    const request = { file: "bash", args: words, env: world.env, cwd: "/" };
    const { code, stdout } = await world.platform.spawner.capture(request, patienceMs, signal);
    if (code === 0) continue;
    throw new TsmError("USAGE", `${value} ${what} are more than this system gives: at most ${stdout.trim()}`, {
      hint: "Give fewer, or raise the limit of the system",
    });
  }
}

function putOnRecord(world: World, record: ProcessRecord, { maxMemory, ...limits }: NewLimits): Policy {
  const { files } = world.platform;
  const { launch } = processPaths(world.home, record.name);
  const write: WriteLaunchFile = (name, data) => files.writeWhole(`${launch}/${name}`, data);
  const before = readPolicy(files, launch, record.restart_policy);
  const {
    nice = before.limits.nice,
    openFiles = before.limits.openFiles,
    processes = before.limits.processes,
  } = limits;
  const memoryBy = maxMemory === undefined ? before.limits.memoryBy : maxMemory === null ? null : "kernel";
  const policy: Policy = {
    ...before,
    limits: { ...before.limits, nice, openFiles, processes, memoryBy },
    oversight: { ...before.oversight, maxMemory: maxMemory === undefined ? before.oversight.maxMemory : maxMemory },
  };
  const asked = readAsked(files, launch);
  if (asked !== undefined && maxMemory !== undefined) {
    // What a service's file says of memory is asked for anew by a restart; what a person says wins over it.
    const others = asked.flags.filter((flag) => flag !== "maxMemory");
    writeAsked(write, { ...asked, flags: maxMemory === null ? others : [...others, "maxMemory"] });
  }
  writePolicy(write, policy);
  return policy;
}

/** It brings the process back by what it has in memory. */
async function tellRunner(
  world: World,
  record: ProcessRecord,
  { limits, oversight }: Policy,
  signal: AbortSignal,
): Promise<void> {
  const { files, processes, clock } = world.platform;
  const asked = processPaths(world.home, record.name).limits;
  const runner = runnerOf(record);
  if (runner === undefined || !isLive(observe(record, processes)) || !processes.isAlive(runner)) return;
  const { nice, openFiles, processes: most } = limits;
  files.writeWhole(asked, [nice, openFiles, most].map((value) => `${value ?? ""}\n`).join(""));
  processes.signal(runner, "SIGUSR1");
  // It may have been stopped, and then hears only when it goes on.
  processes.signal(runner, "SIGCONT");
  while (processes.isAlive(runner) && files.kind(asked) === "file") await clock.sleep(2, signal);
  files.remove(asked);
  if (needsResident(oversight)) wantResident(world);
}

function identitiesOf({ platform: { processes } }: World, leader: Identity): Identity[] {
  const family = familyOf(leader, tableOf(processes.table()));
  return family.map(({ pid, startMark }) => ({ pid, startMark, bootId: leader.bootId }));
}

/** @returns why not, when what runs does not have it now. */
async function applyTo(
  world: World,
  tree: readonly Identity[],
  limit: LimitName,
  value: number | null,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The patrol reads it anew at each look.
  if (limit === "maxMemory") return undefined;
  for (const identity of tree) {
    const problem =
      limit === "nice"
        ? reniced(world, identity, value ?? world.platform.accounts.niceness())
        : await limited(world, identity, limit, value, signal);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function reniced({ platform: { processes } }: World, identity: Identity, niceness: number): string | undefined {
  try {
    processes.renice(identity, niceness);
    return undefined;
  } catch (error) {
    if (isErrno(error, "EACCES")) return "only root may make what runs less nice";
    if (isErrno(error, "EPERM")) return `PID ${identity.pid} is another user's`;
    throw error;
  }
}

/** Without a limit it gets what a process has that is started here with none. */
async function limited(
  { platform: { processes, spawner }, env }: World,
  identity: Identity,
  limit: "openFiles" | "processes",
  value: number | null,
  signal: AbortSignal,
): Promise<string | undefined> {
  const most = value ?? processes.limits(processes.self())?.[limit].hard ?? "unlimited";
  const resource = limit === "openFiles" ? "nofile" : "nproc";
  const args = ["--pid", String(identity.pid), `--${resource}=${most}:${most}`];
  try {
    if (!processes.isAlive(identity)) return undefined;
    const { code, stderr } = await spawner.capture({ file: "prlimit", args, env, cwd: "/" }, patienceMs, signal);
    if (code === 0 || !processes.isAlive(identity)) return undefined;
    return /not permitted|denied/i.test(stderr) ? "the system does not let it be raised while it runs" : stderr.trim();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "there is no prlimit here (util-linux has it)";
    throw error;
  }
}

const patienceMs = 10_000;
