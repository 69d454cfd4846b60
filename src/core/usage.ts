import type { ProcessRecord, ProcessSummary } from "./process.ts";
import { summarizeEach } from "./summary.ts";
import { familyOf, tableOf } from "./tree.ts";
import { type TreeUse, treeUse } from "./tree-use.ts";
import type { World } from "./world.ts";

/** A process, and what it and all that it has started use at this moment. */
export interface ProcessUse {
  readonly summary: ProcessSummary;
  /** undefined: nothing of it runs. */
  readonly use: TreeUse | undefined;
}

/** What processes use, of one look at the kernel. */
export interface Usage {
  /** Epoch milliseconds. */
  readonly at: number;
  /** From a clock that does not jump: for the time between two looks. */
  readonly monotonicMs: number;
  readonly processes: readonly ProcessUse[];
}

export function usageOf(world: World, records: readonly ProcessRecord[]): Usage {
  const { processes, clock } = world.platform;
  const table = tableOf(processes.table());
  const at = clock.nowMs();
  const monotonicMs = clock.monotonicMs();
  const bootId = processes.bootId();
  const found = [...summarizeEach(records, world, table)].map((summary) => {
    const leader = summary.pid === null ? undefined : table.byPid.get(summary.pid);
    const family =
      leader === undefined ? [] : familyOf({ pid: leader.pid, startMark: leader.startMark, bootId }, table);
    return { summary, use: treeUse(family) };
  });
  return { at, monotonicMs, processes: found };
}

/**
 * Percent of one core between two looks, of the process that it was at the first; undefined when it has not run at both,
 * or is another by now.
 */
export function cpuBetween(before: Usage, now: Usage): ReadonlyMap<string, number> {
  const spanMs = now.monotonicMs - before.monotonicMs;
  const first = new Map(before.processes.map((process) => [process.summary.name, process]));
  const rates = now.processes.flatMap(({ summary, use }) => {
    const earlier = first.get(summary.name);
    if (spanMs <= 0 || use === undefined || earlier?.use === undefined || earlier.summary.pid !== summary.pid)
      return [];
    return [[summary.name, (Math.max(0, use.cpuMs - earlier.use.cpuMs) / spanMs) * 100] as const];
  });
  return new Map(rates);
}
