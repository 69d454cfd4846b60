import { askRunner } from "./ask-to-end.ts";
import { processPaths } from "./home.ts";
import { forgetNote } from "./interrupted.ts";
import { isLive, observe, runnerOf } from "./observe.ts";
import { knownPolicy } from "./policy.ts";
import type { ExitCause } from "./process.ts";
import { goodRecord } from "./records.ts";
import { endStrays } from "./strays.ts";
import { marksOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * Goes on with a stop whose `tsm` was killed: the runner is told and left alone with it, and what has escaped it is ended
 * by a later look, when the rest is gone. The caller holds the process's lock.
 * @param by who wanted it.
 * @returns whether it was told now.
 */
export async function finishStop(world: World, name: string, hard: boolean, by: ExitCause = "user"): Promise<boolean> {
  const { files, processes } = world.platform;
  const record = goodRecord(world, name);
  const observed = record === undefined ? undefined : observe(record, processes);
  if (record === undefined || observed === undefined) {
    forgetNote(world, name);
    return false;
  }
  const { treekill, killSignal, killTimeoutSeconds } = knownPolicy(
    files,
    processPaths(world.home, name).launch,
    record.restart_policy,
  );
  if (!isLive(observed)) {
    forgetNote(world, name);
    if (treekill) await endStrays(world, name, marksOf(world.home, record));
    return false;
  }
  const runner = runnerOf(record);
  // Its own runner sees to it already; who has lost it is given another first.
  if (observed.kind === "stopping" || runner === undefined || !processes.isAlive(runner)) return false;
  askRunner(world, record, runner, {
    timeoutSeconds: killTimeoutSeconds,
    killSignal: hard ? "SIGKILL" : killSignal,
    by,
  });
  return true;
}
