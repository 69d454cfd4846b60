import { adopt } from "./adopt.ts";
import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { healLaunchFiles } from "./launch-files.ts";
import { needsCare } from "./needs-care.ts";
import { isLive, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { tryLockProcess } from "./process-lock.ts";
import { goodRecord, writeRecord } from "./records.ts";
import { endStrayRunners, endStrays } from "./strays.ts";
import { marksOf } from "./tree.ts";
import type { World } from "./world.ts";

export interface Found {
  readonly name: string;
  readonly pid: number;
}

/** What a pass did about a process. */
export type Outcome = { readonly did: "adopted" | "restarted" | "crashed" | "stopped"; readonly found: Found };

/** Makes true what the record of a process says, and gives it a runner where it lives without one. undefined: nothing to do. */
export async function careFor(world: World, name: string): Promise<Outcome | undefined> {
  const release = await tryLockProcess(world, name);
  // Whoever changes it now leaves it as it should be, or the next pass finds it.
  if (release === undefined) return undefined;
  try {
    const record = goodRecord(world, name);
    if (record === undefined) return undefined;
    forgetDeadRunner(world, record);
    if (!needsCare(world, record)) return undefined;
    const observed = observe(record, world.platform.processes);
    const found = { name, pid: record.pid };
    await endStrayRunners(world, record);
    healLaunchFiles(world, record);
    if (isLive(observed)) {
      await adopt(world, record);
      return { did: "adopted", found };
    }
    // A runner that was killed between a fork and the record of it has left a process that no record names.
    if (record.restart_policy !== "no" || record.status !== "online") {
      await endStrays(world, name, marksOf(world.home, record));
    }
    if (observed.kind === "stopped") {
      writeRecord(world, { ...record, status: "stopped" });
      return { did: "stopped", found };
    }
    return await afterUnseenDeath(world, record, found);
  } finally {
    release();
  }
}

/** Neither the process nor its runner lives. How it ended is not known; what comes of that is for its policy. */
async function afterUnseenDeath(world: World, record: ProcessRecord, found: Found): Promise<Outcome> {
  if (record.status !== "waiting") {
    writeEvent(world, { event: "unseen-exit", id: record.tsm_id, name: record.name, pid: record.pid });
  }
  await adopt(world, record);
  const after = goodRecord(world, record.name);
  const isOver = after === undefined || after.status === "crashed" || after.status === "stopped";
  return { did: isOver ? "crashed" : "restarted", found };
}

/** The ticker takes a `runner.pid` whose runner is dead for work to be done. */
function forgetDeadRunner({ platform: { files, processes }, home }: World, { name }: ProcessRecord): void {
  const { runnerPid } = processPaths(home, name);
  const [pid, startMark] = (files.readText(runnerPid) ?? "").trim().split(" ");
  if (pid === undefined || startMark === undefined) return;
  if (!processes.isAlive({ pid: Number(pid), startMark, bootId: processes.bootId() })) files.remove(runnerPid);
}
