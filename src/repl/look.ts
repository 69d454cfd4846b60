import { setImmediate as afterKeys } from "node:timers/promises";
import type { ProcessSummary } from "../core/process.ts";

/** A key that comes during a look waits for so long at most. */
const stepMs = 0.5;

/** All processes, by id, looked at in steps with room for keys between them. */
export async function lookBetweenKeys(each: Iterable<ProcessSummary>): Promise<ProcessSummary[]> {
  const found: ProcessSummary[] = [];
  let until = performance.now() + stepMs;
  for (const summary of each) {
    found.push(summary);
    if (performance.now() < until) continue;
    await afterKeys();
    until = performance.now() + stepMs;
  }
  return found.sort((a, b) => a.id - b.id || (a.name < b.name ? -1 : 1));
}
