import { atRest } from "./at-rest.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { firstLineInShort } from "./in-short.ts";
import type { LaunchSpec } from "./launch.ts";
import { restoreLaunchFiles } from "./launch-files.ts";
import { readWords } from "./launch-words.ts";
import { forgetName, refuseLost, rememberName } from "./lost-record.ts";
import { isLive, observe } from "./observe.ts";
import { refusePromisedPort } from "./port-allocation.ts";
import { refuseHeldPort } from "./port-conflict.ts";
import { writePortRegistry } from "./port-registry.ts";
import type { ProcessRecord } from "./process.ts";
import { lockIds } from "./process-lock.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { damageAdvice, goodRecord, readRecord, readRecordsAgain, writeRecord } from "./records.ts";
import { maskedArguments } from "./secrets.ts";
import { takenIds } from "./taken-ids.ts";
import type { World } from "./world.ts";

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
        hint: damageAdvice(spec.name),
      });
    }
    if (found === undefined) refuseLost(world, spec.name);
    else refuseLive(world, spec, found);
    const all = readRecordsAgain(world);
    refusePromisedPort(world, { allocated: false, ...spec }, all.records);
    refuseHeldPort(world, spec.port);
    const self = platform.processes.self();
    const nowSeconds = Math.floor(platform.clock.nowMs() / 1000);
    const record: ProcessRecord = {
      tsm_id: found?.tsm_id ?? idFor(takenIds(world, all), spec.id),
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
      unstable_restarts: spec.unstableRestarts ?? 0,
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
      rememberName(world, spec.name);
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
      hint: `tsm restart ${quoteWord(holder.name)} starts it anew, start -f another one of it`,
      candidates: [{ id: holder.tsm_id, name: holder.name }],
    });
  }
  throw new TsmError(
    "NAME_TAKEN",
    `the name '${spec.name}' is taken by another running process (${who}): ${firstLineInShort(holder.command)}`,
    {
      hint: "Give this one another name with --name, or -f for a number behind it",
      candidates: [{ id: holder.tsm_id, name: holder.name }],
    },
  );
}

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
    forgetName(world, record.name);
    for (const folder of madeFolder ? [paths.folder] : [paths.launch, paths.launchNext]) files.removeFolder(folder);
    return;
  }
  // First what gives space back: the disk may be full.
  files.removeFolder(paths.launchNext);
  restoreLaunchFiles(world, paths);
  if (goodRecord(world, record.name)?.runner_pid !== previous.runner_pid) writeRecord(world, previous);
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
