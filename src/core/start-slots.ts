import type { Platform } from "../platform/platform.ts";
import { endForkServers } from "../runner/start-runner.ts";
import { Slots } from "./slots.ts";
import type { World } from "./world.ts";

/** The places of all that this program starts, by what was asked for when they were made. */
const shared = new WeakMap<Platform, { readonly most: number; readonly slots: Slots }>();

/**
 * A place to start in: so many of one program's processes are between their fork and being up at the same time, as the
 * setting says. Whoever holds one waits for no other process.
 */
export function startSlots(world: World): Slots {
  if (world.startSlots !== undefined) return world.startSlots;
  const most = mostStarts(world);
  const known = shared.get(world.platform);
  if (known?.most === most) return known.slots;
  const slots = new Slots(most);
  shared.set(world.platform, { most, slots });
  return slots;
}

/** Does it in such a place. */
export async function inStartSlot<R>(world: World, act: () => Promise<R>): Promise<R> {
  const slots = startSlots(world);
  try {
    return await slots.hold(act);
  } finally {
    if (slots.held === 0) endForkServers(world.platform);
  }
}

/** The same world with places of its own; undefined: as the setting says. */
export function startingAtMost(world: World, most: number | undefined): World {
  return most === undefined ? world : { ...world, startSlots: new Slots(most) };
}

function mostStarts(world: World): number {
  const { startConcurrency } = world.settings();
  return startConcurrency === 0 ? Math.max(16, 4 * world.platform.processors()) : startConcurrency;
}
