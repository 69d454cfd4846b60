import { isErrno } from "./errors.ts";
import type { ProcessRecord } from "./process.ts";
import type { RunRow } from "./run-history.ts";
import type { Sample } from "./sample-lines.ts";
import { readSamples } from "./samples.ts";
import { usageOf } from "./usage.ts";
import type { World } from "./world.ts";

type Life = Pick<RunRow, "run" | "start" | "end" | "how">;

/** The most memory (bytes) that each run was seen with, by its number; of what runs, now counts too. */
export function peaksOf(world: World, record: ProcessRecord, lives: readonly Life[]): Map<number, number> {
  const peaks = new Map<number, number>();
  const seen = (run: number, memory: number) => peaks.set(run, Math.max(memory, peaks.get(run) ?? 0));
  const timed = lives.flatMap(({ run, start, end }) => (start === null ? [] : [{ run, start, end }]));
  const [first] = timed;
  let index = 0;
  for (const { at, memory } of first === undefined ? [] : samplesOf(world, record.name, first.start)) {
    while (index + 1 < timed.length && (timed[index + 1]?.start ?? 0) <= at) index += 1;
    // The clock was put back: what comes now may belong to a run before.
    while (index > 0 && (timed[index]?.start ?? 0) > at) index -= 1;
    const life = timed[index];
    if (life !== undefined && at >= life.start && at <= (life.end ?? at)) seen(life.run, memory);
  }
  const last = lives.at(-1);
  if (last?.how === "running") {
    const [now] = usageOf(world, [record]).processes;
    if (now?.use !== undefined) seen(last.run, now.use.memoryBytes);
  }
  return peaks;
}

function* samplesOf(world: World, name: string, since: number): Generator<Sample> {
  try {
    yield* readSamples(world, since * 1000, name);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ELOOP", "EIO")) throw error;
  }
}
