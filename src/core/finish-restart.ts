import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote } from "./interrupted.ts";
import { isObject } from "./is-object.ts";
import { writeEvent } from "./journal.ts";
import { begin, type LaunchSpec } from "./launch.ts";
import { healLaunchFiles } from "./launch-files.ts";
import { isLive, observe } from "./observe.ts";
import { parsedJson } from "./parsed-json.ts";
import { defaultPolicy, knownPolicy, policyFrom, writtenPolicy } from "./policy.ts";
import { type ExitCause, exitCauses, type ProcessRecord, restartPolicies } from "./process.ts";
import { goodRecord } from "./records.ts";
import { specOf } from "./spec-of.ts";
import { endStrays } from "./strays.ts";
import { marksOf } from "./tree.ts";
import type { World } from "./world.ts";

/** In one word: who runs, and who watches it. Of two lives of a process at least one of them is another. */
function lifeOf(record: ProcessRecord): string {
  return [record.pid, record.start_mark, record.runner_pid, record.runner_mark].join(",");
}

/** What a restart's note says, for whoever finishes it. @param changed what is to run, where that is not what ran. */
export function restartNote(record: ProcessRecord, by: ExitCause, changed: LaunchSpec | undefined): string[] {
  const words =
    changed &&
    JSON.stringify({ ...changed, policy: writtenPolicy(changed.policy), envFileValues: [...changed.envFileValues] });
  return [lifeOf(record), by, ...(words === undefined ? [] : [Buffer.from(words).toString("base64url")])];
}

/** What it says is to run; undefined where it says nothing, or nothing that makes sense. */
function notedSpec(words: string | undefined, { name, restarts }: ProcessRecord): LaunchSpec | undefined {
  const noted = parsedJson(Buffer.from(words ?? "", "base64url").toString());
  if (!isObject(noted) || !isObject(noted["policy"]) || !Array.isArray(noted["argv"])) return undefined;
  const { policy, envFileValues, ...said } = noted;
  const { restart } = noted["policy"];
  return {
    // `restartNote` wrote it, whole or not at all. What of it is no JSON is read behind it.
    ...(said as Omit<LaunchSpec, "policy" | "envFileValues">),
    envFileValues: new Map(Array.isArray(envFileValues) ? envFileValues : []),
    policy: policyFrom(noted["policy"], restartPolicies.find((each) => each === restart) ?? defaultPolicy.restart),
    name,
    settleMs: 0,
    restarts: restarts + 1,
  };
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
export async function finishRestart(
  world: World,
  name: string,
  [life, by, changed]: readonly string[],
): Promise<boolean> {
  const before = goodRecord(world, name);
  if (before !== undefined && life !== undefined && isStillThere(before, life))
    await endFirst(world, before, causeFrom(by));
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
    const spec = notedSpec(changed, record) ?? specOf(world, record, 0, record.restarts + 1);
    await begin(world, spec, new AbortController().signal);
    return true;
  } catch (error) {
    // Its program or its folder is gone, its port taken: it stays stopped, and the journal says why.
    if (!(error instanceof TsmError)) throw error;
    writeEvent(world, { event: "start-failed", id: record.tsm_id, name, reason: error.message });
    return false;
  }
}

/** Who wanted it. */
function causeFrom(word: string | undefined): ExitCause {
  return exitCauses.find((each) => each === word) ?? "user";
}

/** Waits until it has ended: nobody else would start it again soon. */
async function endFirst(world: World, record: ProcessRecord, by: ExitCause): Promise<void> {
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
  if (!isLiveStill() || !(await finishStop(world, record.name, false, by))) return;
  while (isLiveStill() && clock.monotonicMs() < deadline) await clock.sleep(10);
}
