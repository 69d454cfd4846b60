import type { Moment } from "./log-moment.ts";
import { resolveMoment } from "./log-moment.ts";
import type { ProcessRecord } from "./process.ts";
import type { Sample } from "./sample-lines.ts";
import { readSamples } from "./samples.ts";
import { cpuBetween, usageOf } from "./usage.ts";
import type { World } from "./world.ts";

/** What one process has used for some time, and uses now, with all that it has started. */
export interface ProcessMetrics {
  readonly id: number;
  readonly name: string;
  /** Epoch seconds, both. */
  readonly since: number;
  readonly until: number;
  /** Percent of one core; null: it does not run. */
  readonly cpu: number | null;
  /** Bytes resident. */
  readonly memory: number | null;
  readonly samples: readonly Omit<Sample, "name">[];
}

/** Between the two looks that tell what is used now. */
const lookMs = 250;

export async function metricsOf(
  world: World,
  records: readonly ProcessRecord[],
  since: Moment,
  signal: AbortSignal,
): Promise<ProcessMetrics[]> {
  const { clock } = world.platform;
  const before = usageOf(world, records);
  await clock.sleep(lookMs, signal);
  const now = usageOf(world, records);
  const cpu = cpuBetween(before, now);
  const uses = new Map(now.processes.map(({ summary, use }) => [summary.name, use]));
  const sinceOf = (record: ProcessRecord): number =>
    since.kind === "start"
      ? record.start_time * 1000
      : resolveMoment(since, { nowMs: now.at, sinceBootMs: clock.sinceBootMs() });
  const found = new Map(
    records.map((record) => [record.name, { record, since: sinceOf(record), own: [] as Sample[] }]),
  );
  const only = records.length === 1 ? records[0]?.name : undefined;
  for (const sample of readSamples(world, Math.min(now.at, ...[...found.values()].map((each) => each.since)), only)) {
    const process = found.get(sample.name);
    if (process !== undefined && sample.at * 1000 >= process.since) process.own.push(sample);
  }
  return [...found.values()].map(({ record, since: sinceMs, own }) => ({
    id: record.tsm_id,
    name: record.name,
    since: Math.floor(sinceMs / 1000),
    until: Math.floor(now.at / 1000),
    cpu: rounded(cpu.get(record.name)),
    memory: uses.get(record.name)?.memoryBytes ?? null,
    samples: own.map(({ at, cpu: used, memory }) => ({ at, cpu: used, memory })),
  }));
}

function rounded(percent: number | undefined): number | null {
  return percent === undefined ? null : Math.round(percent * 10) / 10;
}
