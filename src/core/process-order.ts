import { dependsOn } from "./depends-on.ts";
import { among, eachInOrder, type Needs, reversed } from "./needs.ts";
import { observe } from "./observe.ts";
import { goodRecord, readRecords } from "./records.ts";
import { Turns } from "./turns.ts";
import type { World } from "./world.ts";

/** Ends several processes: each behind those of them that need it, the others side by side. @returns in that order. */
export async function inStopOrder<R>(
  world: World,
  names: readonly string[],
  end: (name: string) => Promise<R>,
): Promise<R[]> {
  return await eachInOrder(reversed(needsAmong(world, names)), end);
}

/** For a restart of several. */
export function turnsOf(world: World, names: readonly string[]): Turns {
  return new Turns(needsAmong(world, names), (name) => {
    const record = goodRecord(world, name);
    return record !== undefined && observe(record, world.platform.processes).kind === "online";
  });
}

function needsAmong(world: World, names: readonly string[]): Needs {
  // One alone needs none of them, and what it needs is not read.
  const all = names.length < 2 ? [] : readRecords(world).records.map(({ name }) => name);
  return among(new Map(all.map((name) => [name, dependsOn(world, name)])), names);
}
