import type { Found, Outcome } from "./care.ts";
import { noteDueLogs } from "./due-logs.ts";
import { processPaths } from "./home.ts";
import { type Begun, forgetNote, interrupted } from "./interrupted.ts";
import { needsCare } from "./needs-care.ts";
import type { ProcessRecord } from "./process.ts";
import { tryLockProcess } from "./process-lock.ts";
import { goodRecord, readRecords } from "./records.ts";
import type { LogPass } from "./rotate-logs.ts";
import { takeSamples } from "./samples.ts";
import type { World } from "./world.ts";

/** What one pass found and did. */
export interface PatrolReport {
  readonly checked: number;
  /** Running without a runner: they have one again. */
  readonly adopted: readonly Found[];
  /** Died while nobody watched, and their policy brings them back; or their restart was cut off, and is finished. */
  readonly restarted: readonly Found[];
  /** Died while nobody watched. */
  readonly crashed: readonly Found[];
  /** Records of another boot, of starts and of stops that were cut off: stopped now, or being stopped. */
  readonly stopped: readonly Found[];
  /** Processes with the marks of this home whose record is gone. They are named and left alone. */
  readonly orphans: readonly Found[];
  /** Files and locks that killed programs had not finished or given back: they are gone now. */
  readonly leftovers: readonly string[];
  readonly damaged: readonly { readonly name: string; readonly problem: string }[];
  /** What was done about logs; null in a pass that only notes what there is to do. */
  readonly logs: LogPass | null;
}

/**
 * One idempotent pass over the home: every record is made true, every live process has a runner.
 * @param options.orphans look for them too, which takes as long as all the rest and mends nothing, see to the logs and remove what killed programs left;
 * without, what there is to do about logs is noted for the ticker.
 */
export async function patrol(world: World, options: { readonly orphans: boolean }): Promise<PatrolReport> {
  const { records, damaged } = readRecords(world);
  const report = { adopted: [] as Found[], restarted: [] as Found[], crashed: [] as Found[], stopped: [] as Found[] };
  const uncared = records.filter((record) => needsCare(world, record) || hasRunnerFile(world, record));
  for (const outcome of await careForAll(world, uncared)) report[outcome.did].push(outcome.found);
  for (const begun of interrupted(world)) {
    const outcome = await finished(world, begun);
    if (outcome !== undefined) report[outcome.did].push(outcome.found);
  }
  const changed = Object.values(report).some((found) => found.length > 0);
  if (changed || options.orphans) (await import("./keep-wanted.ts")).keepWanted(world, records);
  const logs = options.orphans ? await (await import("./rotate-logs.ts")).rotateDue(world) : null;
  if (logs === null) await noteDueLogs(world, records);
  await takeSamples(world, records);
  const leftovers: string[] = [];
  if (options.orphans) {
    const { sweepLeftovers } = await import("./leftovers.ts");
    leftovers.push(...(await sweepLeftovers(world)));
    const { sweepGroups } = await import("./held-memory.ts");
    await sweepGroups(world, readRecords(world).records);
  }
  return {
    checked: records.length,
    ...report,
    orphans: options.orphans
      ? orphans(
          world,
          records.map(({ name }) => name),
        )
      : [],
    leftovers,
    damaged,
    logs,
  };
}

/** Several at a time: what each waits for is mostly its new runner. */
async function careForAll(world: World, records: readonly ProcessRecord[]): Promise<Outcome[]> {
  if (records.length === 0) return [];
  // Loaded when it is needed: half of the engine, for what hardly ever happens.
  const [{ careFor }, { inStartSlot }] = await Promise.all([import("./care.ts"), import("./start-slots.ts")]);
  const outcomes = await Promise.all(records.map(({ name }) => inStartSlot(world, () => careFor(world, name))));
  return outcomes.filter((outcome) => outcome !== undefined);
}

async function finished(world: World, { name, what, how }: Begun): Promise<Outcome | undefined> {
  const release = await tryLockProcess(world, name);
  if (release === undefined) return undefined;
  try {
    // A start may have come first: what a person says last counts.
    if (!interrupted(world).some((begun) => begun.name === name && begun.what === what)) return undefined;
    const pid = goodRecord(world, name)?.pid ?? 0;
    if (what === "ready") {
      forgetNote(world, name);
      (await import("./resident.ts")).wantResident(world);
      return undefined;
    }
    if (what === "stop" || what === "kill") {
      const { finishStop } = await import("./finish-stop.ts");
      if (!(await finishStop(world, name, what === "kill"))) return undefined;
    } else if (what === "delete") {
      const { finishDelete } = await import("./delete.ts");
      if (!(await finishDelete(world, name, how))) return undefined;
    } else {
      const { finishRestart } = await import("./finish-restart.ts");
      if (!(await finishRestart(world, name, how))) return undefined;
    }
    const found = { name, pid: goodRecord(world, name)?.pid ?? pid };
    return { did: what === "restart" ? "restarted" : "stopped", found };
  } finally {
    release();
  }
}

/** Of a process that rests: its runner was killed, and somebody has seen to the rest. */
function hasRunnerFile({ platform: { files }, home }: World, { name, status }: ProcessRecord): boolean {
  const rests = status === "stopped" || status === "crashed";
  return rests && files.kind(processPaths(home, name).runnerPid) === "file";
}

function orphans(world: World, names: readonly string[]): Found[] {
  const { processes } = world.platform;
  const known = new Set(names);
  return processes.table().flatMap(({ pid }) => {
    const environment = processes.environment(pid);
    const name = environment?.get("TSM_NAME");
    if (environment?.get("TSM_HOME") !== world.home.root || name === undefined || known.has(name)) return [];
    return [{ name, pid }];
  });
}
