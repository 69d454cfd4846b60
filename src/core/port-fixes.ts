import { freePorts } from "./port-allocation.ts";
import { type PortConflict, portConflicts } from "./port-conflicts.ts";
import { endHolders } from "./port-holders.ts";
import { changePromises } from "./port-registry.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** What a program may do about a conflict: what was promised moves, what was left behind ends. The rest is a person's. */
export type PortFix =
  | { readonly does: "move"; readonly name: string; readonly from: number; readonly to: number }
  | { readonly does: "end"; readonly pid: number; readonly name: string; readonly port: number };

export function planPortFixes(world: World, conflicts: readonly PortConflict[]): PortFix[] {
  const given = new Set<number>();
  return conflicts.flatMap(({ port, claims, heldBy }): PortFix[] => {
    const orphan: PortFix[] =
      heldBy?.owner === "orphan" && heldBy.pid !== null
        ? [{ does: "end", pid: heldBy.pid, name: heldBy.process ?? "", port }]
        : [];
    const promised = claims.filter(({ by }) => by === "registry");
    // One of those to whom it is promised may keep it where nobody else wants it.
    const moving = promised.length === claims.length ? promised.slice(1) : promised;
    const moves = moving.flatMap(({ name }): PortFix[] => {
      const to = nextFree(world, port, given);
      if (to === undefined) return [];
      given.add(to);
      return [{ does: "move", name, from: port, to }];
    });
    return [...orphan, ...moves];
  });
}

function nextFree(world: World, port: number, given: ReadonlySet<number>): number | undefined {
  for (const free of freePorts(world, { from: Math.min(port + 1, 65_535), to: 65_535 }))
    if (!given.has(free)) return free;
  return undefined;
}

/** @returns the conflicts that are left. */
export async function fixPorts(world: World, fixes: readonly PortFix[], signal: AbortSignal): Promise<PortConflict[]> {
  const pids = fixes.flatMap((fix) => (fix.does === "end" ? [fix.pid] : []));
  // They were seen a question ago: whoever is no longer an orphan on that port is left alone.
  const current = (await portConflicts(world)).flatMap(({ heldBy }) =>
    heldBy?.owner === "orphan" ? heldBy.pid : null,
  );
  await endHolders(
    world,
    pids.filter((pid) => current.includes(pid)),
    signal,
  );
  const moves = fixes.flatMap((fix) => (fix.does === "move" ? [fix] : []));
  if (moves.length > 0)
    await changePromises(
      world,
      (promised) => {
        const { records } = readRecords(world);
        const isTaken = (port: number) =>
          promised.some((each) => each.port === port) || records.some((each) => each.port === port);
        const doing = moves.filter(
          ({ name, from, to }) => promised.some((each) => each.name === name && each.port === from) && !isTaken(to),
        );
        return {
          keep: ({ name, port }) => !doing.some((move) => move.name === name && move.from === port),
          add: doing.map(({ name, to }) => ({ name, port: to })),
        };
      },
      signal,
    );
  return await portConflicts(world);
}

export function portFixWords(fix: PortFix): string {
  return fix.does === "move"
    ? `promise port ${fix.to} to ${fix.name}, and not ${fix.from}`
    : `end PID ${fix.pid}, which '${fix.name}' has left behind on port ${fix.port}`;
}
