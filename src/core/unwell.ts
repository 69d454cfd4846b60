import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { identityOf } from "./observe.ts";
import type { Policy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { goodRecord } from "./records.ts";
import { stopProcess } from "./stop.ts";
import { writeIfPossible } from "./stopped-record.ts";
import type { World } from "./world.ts";

/**
 * How many lives in a row have not lasted when this one is ended because it is not well: counted as its runner counts those
 * that end by themselves. undefined: as many as the policy allows had gone before it.
 */
export function unstableWith(
  { platform: { processes } }: World,
  record: ProcessRecord,
  { minUptimeMs, maxRestarts }: Pick<Policy, "minUptimeMs" | "maxRestarts">,
): number | undefined {
  const identity = identityOf(record);
  if (identity === undefined || processes.ages()(identity) >= minUptimeMs) return 0;
  return record.unstable_restarts < maxRestarts ? record.unstable_restarts + 1 : undefined;
}

/** Ends it, and it is crashed, unless somebody else has ended or restarted it in the meantime. */
export async function giveUp(world: World, before: ProcessRecord, why: string): Promise<void> {
  const life = identityOf(before);
  const { name } = before;
  const options = { timeoutSeconds: undefined, by: "health", hard: false, event: "stop" } as const;
  const onlyThis = life === undefined ? {} : { onlyIf: life };
  const { wasRunning } = await stopProcess(world, name, { ...options, ...onlyThis }, new AbortController().signal);
  if (!wasRunning) return;
  const release = await lockProcess(world, name);
  try {
    const record = goodRecord(world, name);
    if (record?.status !== "stopped" || record.last_exit?.by !== "health") return;
    const count = before.unstable_restarts;
    const reason = `gave up after ${count} ${count === 1 ? "restart" : "restarts"} that did not last: ${why}`;
    writeIfPossible(world, { ...record, status: "crashed", reason });
    writeEvent(world, { event: "gave-up", id: record.tsm_id, name, reason });
    // Nobody has said that it is to rest.
    world.platform.files.remove(processPaths(world.home, name).rests);
  } finally {
    release();
  }
}
