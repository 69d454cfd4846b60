import { withoutPort } from "./names.ts";
import { isLive, observe } from "./observe.ts";
import { type Holder, holders } from "./port-holders.ts";
import { promisedPorts } from "./port-registry.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** A port that several want, or that somebody has who is none of them. */
export interface PortConflict {
  readonly port: number;
  readonly claims: readonly PortClaim[];
  /** Who listens and is none of them. */
  readonly heldBy: Holder | null;
}

export interface PortClaim {
  readonly by: "process" | "registry" | "service";
  readonly name: string;
}

/** By port. A service, its process and its line in the registry are one and the same. */
export async function portConflicts(world: World): Promise<PortConflict[]> {
  const { records } = readRecords(world);
  const claims = await portClaims(world, records);
  const listening = claims.size === 0 ? [] : holders(world);
  return [...claims]
    .map(([port, known]) => ({
      port,
      claims: [...known.values()],
      heldBy: strangerOn(world, port, records, listening),
    }))
    .filter((each) => each.claims.length > 1 || each.heldBy !== null)
    .sort((a, b) => a.port - b.port);
}

/** Who wants which port, each once. */
export async function portClaims(
  world: World,
  records: readonly ProcessRecord[],
): Promise<ReadonlyMap<number, ReadonlyMap<string, PortClaim>>> {
  const claims = new Map<number, Map<string, PortClaim>>();
  const claim = (port: number, key: string, by: PortClaim["by"], name: string) => {
    const known = claims.get(port) ?? new Map<string, PortClaim>();
    if (!known.has(key)) known.set(key, { by, name });
    claims.set(port, known);
  };
  for (const { name, port } of records) if (port !== "none") claim(port, withoutPort(name, port), "process", name);
  for (const { name, port } of promisedPorts(world)) claim(port, name, "registry", name);
  const { createServices } = await import("./services.ts");
  const services = createServices(world, () => {
    throw new Error("a look at services starts none");
  }).list();
  const firstOf = new Map<string, string>();
  for (const { ref, name, port, process } of services) {
    if (port === null) continue;
    const own = process === null ? name : withoutPort(process, port);
    // Two orgs may have services of one name.
    const key = (firstOf.get(`${own}:${port}`) ?? ref) === ref ? own : ref;
    firstOf.set(`${own}:${port}`, firstOf.get(`${own}:${port}`) ?? ref);
    claim(port, key, "service", ref);
  }
  return claims;
}

/** Who listens there and is no process that declares it. */
function strangerOn(
  world: World,
  port: number,
  records: readonly ProcessRecord[],
  listening: readonly Holder[],
): Holder | null {
  const declaring = records.filter((record) => record.port === port);
  const on = listening.filter((holder) => holder.port === port);
  const isOwn = (holder: Holder) =>
    holder.owner === "managed" && declaring.some((record) => record.name === holder.process);
  if (on.some(isOwn)) return null;
  // One that runs as another user looks like a stranger's to us.
  const mayBeOwn = declaring.some((record) => isLive(observe(record, world.platform.processes)));
  return on.find((holder) => holder.owner !== "unknown" || !mayBeOwn) ?? null;
}
