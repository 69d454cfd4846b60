import { isLive, observe, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** Does the record say something that is not so, or does a live process have no runner? Cheap: asked by every command. */
export function needsCare(world: World, record: ProcessRecord): boolean {
  const { processes } = world.platform;
  const observed = observe(record, processes);
  const recordedLive = record.status !== "stopped" && record.status !== "crashed";
  if (!recordedLive) return false;
  if ("supervised" in observed && observed.supervised) return false;
  const runner = runnerOf(record);
  return (runner === undefined || !processes.isAlive(runner)) && (isLive(observed) || record.status !== observed.kind);
}
