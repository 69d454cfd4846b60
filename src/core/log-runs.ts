import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** When a life of a process began. */
export interface RunStart {
  readonly run: number;
  /** Epoch seconds. */
  readonly time: number;
}

/** The lives that the log clocks of a process know, the oldest first. */
export function runsOf({ platform: { files }, home }: World, name: string): RunStart[] {
  const runs = new Map<number, RunStart>();
  for (const stream of ["out", "err"]) {
    const text = textOf(() => files.readText(`${processPaths(home, name).folder}/clock.${stream}`));
    for (const [, time, run] of text.matchAll(/^@ (\d{1,11}) \d+ (\d{1,9})\b/gm)) {
      if (!runs.has(Number(run))) runs.set(Number(run), { run: Number(run), time: Number(time) });
    }
  }
  return [...runs.values()].sort((a, b) => a.run - b.run);
}

/** In words, for who has named one that there is not: `There are runs 1 to 4, 7`. */
export function runSpans(runs: readonly number[]): string {
  const spans: string[] = [];
  for (let index = 0; index < runs.length; ) {
    const first = runs[index] ?? 0;
    while (runs[index + 1] === (runs[index] ?? 0) + 1) index += 1;
    spans.push(first === runs[index] ? `${first}` : `${first} to ${runs[index]}`);
    index += 1;
  }
  return `There ${runs.length === 1 ? "is run" : "are runs"} ${spans.join(", ")}`;
}

function textOf(read: () => string | undefined): string {
  try {
    return read() ?? "";
  } catch (error) {
    if (isErrno(error, "EISDIR", "EACCES", "EPERM", "ELOOP")) return "";
    throw error;
  }
}
