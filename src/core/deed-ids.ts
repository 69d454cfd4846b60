import type { World } from "./world.ts";

/** So long a deed can be undone. */
const keptMs = 24 * 60 * 60 * 1000;

/** The deeds on record, the last first: each id begins with when it was done. */
export function deedIds({ platform: { files }, home }: World): string[] {
  return files.list(home.deeds).filter(isDeedId).sort().reverse();
}

/** Can it be undone no longer? */
export function isOld({ platform: { clock } }: World, id: string): boolean {
  return clock.nowMs() - doneAt(id) > keptMs;
}

/** Epoch milliseconds. */
export function doneAt(id: string): number {
  return Number(id.slice(0, id.indexOf("-")));
}

/** Later than all others, also where the clock was set back; a pid and the moment make it one of its own. */
export function nextDeedId(world: World): string {
  const { clock, processes } = world.platform;
  const [newest] = deedIds(world);
  const at = Math.max(clock.nowMs(), newest === undefined ? 0 : doneAt(newest) + 1);
  return `${String(at).padStart(15, "0")}-${processes.self().pid}-${Math.floor(clock.monotonicMs() * 1000)}`;
}

function isDeedId(name: string): boolean {
  return /^\d{15}-\d+-\d+$/.test(name);
}
