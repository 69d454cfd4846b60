import type { ProcessMetrics } from "./metrics.ts";
import type { Sample } from "./sample-lines.ts";

/** What was used in each of so many stretches of time, the oldest first; undefined where nothing is known. */
export interface Buckets {
  readonly cpu: (number | undefined)[];
  readonly memory: (number | undefined)[];
}

/** Two samples are up to three minutes apart, and their second may slip: so long a hole is none. */
const slipMs = 210_000;

/** All of its time in so many stretches. */
export function divided({ name, since, until, samples }: ProcessMetrics, count: number): Buckets {
  const stepMs = Math.max(1000, ((until - since + 1) * 1000) / count);
  const named = samples.map((sample) => ({ ...sample, name }));
  return bucketsOf(named, { sinceMs: since * 1000, stepMs, count }).get(name) ?? { cpu: [], memory: [] };
}

/** The mean of each stretch, by process. What falls into none is left out. */
function bucketsOf(
  samples: Iterable<Sample>,
  { sinceMs, stepMs, count }: { readonly sinceMs: number; readonly stepMs: number; readonly count: number },
): Map<string, Buckets> {
  const sums = new Map<string, { cpu: number; memory: number; times: number }[]>();
  for (const { at, name, cpu, memory } of samples) {
    const index = Math.floor((at * 1000 - sinceMs) / stepMs);
    if (index < 0 || index >= count) continue;
    const own = sums.get(name) ?? Array.from({ length: count }, () => ({ cpu: 0, memory: 0, times: 0 }));
    sums.set(name, own);
    const sum = own[index];
    if (sum === undefined) continue;
    sum.cpu += cpu;
    sum.memory += memory;
    sum.times += 1;
  }
  return new Map([...sums].map(([name, own]) => [name, meansOf(own, Math.ceil(slipMs / stepMs))]));
}

function meansOf(sums: readonly { cpu: number; memory: number; times: number }[], slip: number): Buckets {
  const cpu = sums.map(({ cpu, times }) => (times === 0 ? undefined : cpu / times));
  const memory = sums.map(({ memory, times }) => (times === 0 ? undefined : memory / times));
  return { cpu: bridged(cpu, slip), memory: bridged(memory, slip) };
}

/** A hole of fewer stretches than `slip` between two values has the one before it. */
export function bridged(values: readonly (number | undefined)[], slip: number): (number | undefined)[] {
  const filled = [...values];
  let last = -1;
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    if (last >= 0 && index - last <= slip) filled.fill(values[last], last + 1, index);
    last = index;
  }
  return filled;
}
