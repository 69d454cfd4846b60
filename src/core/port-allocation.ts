import { TsmError } from "./errors.ts";
import type { PortRange } from "./port-choice.ts";
import { promisedPorts } from "./port-registry.ts";
import type { ProcessRecord } from "./process.ts";
import { tryLockPort } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** Whom a port is wanted for. */
interface Wanted {
  readonly range: PortRange;
  /** The name to which the registry may have promised one. */
  readonly name: string | undefined;
  /** Does this record give way: is it what is started again? */
  replaces(record: ProcessRecord): boolean;
}

/**
 * Finds a port that nobody listens on, no record declares and the registry has promised to nobody else, and acts on it
 * while it is held: two that look at the same time never get the same. When it is on record, that is its hold.
 * @throws TsmError when there is none in the range
 */
export async function withFreePort<T>(world: World, wanted: Wanted, act: (port: number) => Promise<T>): Promise<T> {
  for (const port of candidates(world, wanted)) {
    if (!isFree(world, port, wanted)) continue;
    const release = await tryLockPort(world, port);
    if (release === undefined) continue;
    try {
      // Whoever held it until now has put it on record.
      if (isFree(world, port, wanted)) return await act(port);
    } catch (error) {
      // Taken by somebody who asked for this very port.
      if (!(error instanceof TsmError) || error.code !== "PORT_PROMISED") throw error;
    } finally {
      release();
    }
  }
  throw noneFree(wanted.range);
}

/** So many of them, the lowest first. @throws TsmError when the range has not so many */
export async function withFreePorts<T>(
  world: World,
  range: PortRange,
  count: number,
  act: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  const take = async (ports: readonly number[]): Promise<T> => {
    if (ports.length === count) return await act(ports);
    const from = (ports.at(-1) ?? range.from - 1) + 1;
    if (from > range.to) throw noneFree(range);
    const wanted = { range: { from, to: range.to }, name: undefined, replaces: () => false };
    return await withFreePort(world, wanted, (port) => take([...ports, port]));
  };
  return await take([]);
}

/** The one that would be found now, and is not held. @throws TsmError when there is none in the range */
export function firstFreePort(world: World, wanted: Wanted): number {
  for (const port of candidates(world, wanted)) if (isFree(world, port, wanted)) return port;
  throw noneFree(wanted.range);
}

/** The ports of a range that could be given out now, the lowest first. */
export function* freePorts(world: World, range: PortRange): Generator<number> {
  const declared = new Set([
    ...readRecords(world).records.map(({ port }) => port),
    ...promisedPorts(world).map(({ port }) => port),
  ]);
  for (let port = range.from; port <= range.to; port += 1)
    if (!declared.has(port) && !world.platform.ports.isListening(port)) yield port;
}

export function noneFree({ from, to }: PortRange): TsmError {
  return new TsmError("PORT_TAKEN", `no port from ${from} to ${to} is free`, {
    hint: "tsm ports scan shows who listens, tsm ports what is declared",
  });
}

/** @throws TsmError PORT_PROMISED when a port that was allocated is another's by now. Called under the ids lock. */
export function refusePromisedPort(
  world: World,
  { name, port, allocated }: { readonly name: string; readonly port: number | "none"; readonly allocated: boolean },
  records: readonly ProcessRecord[],
): void {
  if (!allocated || port === "none") return;
  const holder = records.find((record) => record.port === port && record.name !== name);
  if (holder === undefined && !world.platform.ports.isListening(port)) return;
  throw new TsmError("PORT_PROMISED", `port ${port} was taken meanwhile`, { hint: "Try again" });
}

function* candidates(world: World, { range, name }: Wanted): Generator<number> {
  const own = promisedPorts(world).find((promised) => promised.name === name)?.port;
  if (own !== undefined && own >= range.from && own <= range.to) yield own;
  for (let port = range.from; port <= range.to; port += 1) yield port;
}

function isFree(world: World, port: number, { name, replaces }: Wanted): boolean {
  if (world.platform.ports.isListening(port)) return false;
  if (promisedPorts(world).some((promised) => promised.port === port && promised.name !== name)) return false;
  return readRecords(world).records.every((record) => record.port !== port || replaces(record));
}
