import { TsmError } from "./errors.ts";
import { circlesIn, eachInOrder, type Needs } from "./needs.ts";
import type { StartRequest } from "./plan.ts";
import { readToStart, type StartableService } from "./service-read.ts";
import { type LaunchedService, startService } from "./service-start.ts";
import { type ServicePlace, serviceFrom } from "./service-store.ts";
import { withoutNeed } from "./turns.ts";
import type { World } from "./world.ts";

/** What became of a service that was to be started, or that another one needs. */
export interface ServiceOutcome {
  readonly place: ServicePlace;
  readonly result: LaunchedService | TsmError;
}

/** A service that is to be started, with all that its file says. */
export interface ServiceNode {
  readonly place: ServicePlace;
  readonly startable: StartableService | TsmError;
  /** Their files. */
  needs: readonly string[];
  /** Why it cannot be started, whatever becomes of the others. */
  fault: TsmError | undefined;
}

/** By file. */
export type ServiceNodes = ReadonlyMap<string, ServiceNode>;

/**
 * Starts services and before each what it depends on: side by side where nothing says otherwise, and waiting until each
 * is up. One that fails stops those that need it, and no other.
 * @param requestFor what was asked for beside the service itself.
 * @returns all of them, each behind what it depends on.
 */
export async function startInOrder(
  world: World,
  places: readonly ServicePlace[],
  requestFor: (place: ServicePlace) => StartRequest,
  signal: AbortSignal,
  order: (needs: Needs) => Needs = (needs) => needs,
): Promise<ServiceOutcome[]> {
  const nodes = await readServices(world, places, (place) => requestFor(place).noExec, signal);
  return await eachInOrder<ServiceOutcome>(order(needsIn(nodes)), async (file, before) => {
    const node = nodes.get(file);
    if (node === undefined) throw new Error("what is started was read");
    return await startOne(world, node, before, requestFor(node.place), signal);
  });
}

export function needsIn(nodes: ServiceNodes): Needs {
  return new Map([...nodes].map(([file, node]) => [file, node.needs]));
}

/** @param others what came of all that is begun before it, its needs among them. */
export async function startOne(
  world: World,
  { place, startable, fault, needs }: ServiceNode,
  others: readonly ServiceOutcome[],
  request: StartRequest,
  signal: AbortSignal,
): Promise<ServiceOutcome> {
  if (fault !== undefined) return { place, result: fault };
  if (startable instanceof TsmError) return { place, result: startable };
  const dependsOn: string[] = [];
  for (const { place: needed, result } of others) {
    if (!needs.includes(needed.file)) continue;
    if (result instanceof TsmError) return { place, result: withoutNeed(place.ref, needed.ref, result) };
    dependsOn.push(result.record.name);
  }
  return { place, result: await orError(() => startService(world, startable, { ...request, dependsOn }, signal)) };
}

/** These and every service that any of them needs. */
export async function readServices(
  world: World,
  places: readonly ServicePlace[],
  noExec: (place: ServicePlace) => boolean,
  signal: AbortSignal,
): Promise<ServiceNodes> {
  const nodes = new Map<string, ServiceNode>();
  const read = async (place: ServicePlace): Promise<void> => {
    if (nodes.has(place.file)) return;
    const startable = await orError(() => readToStart(world, place, noExec(place), signal));
    const node: ServiceNode = { place, startable, needs: [], fault: undefined };
    nodes.set(place.file, node);
    if (startable instanceof TsmError) return;
    const needed = await orError(async () => startable.definition.depends.map((word) => neededBy(world, place, word)));
    if (needed instanceof TsmError) {
      node.fault = needed;
      return;
    }
    node.needs = needed.map(({ file }) => file);
    for (const each of needed) await read(each);
  };
  for (const place of places) await read(place);
  for (const circle of circlesIn(needsIn(nodes))) refuseCircle(circle.flatMap((file) => nodes.get(file) ?? []));
  return nodes;
}

/** What a word of its TSM_DEPENDS means. */
export function neededBy(world: World, { ref, org, file }: ServicePlace, word: string): ServicePlace {
  const found = serviceFrom(world, org, word);
  if (found !== undefined) return found;
  throw new TsmError("NOT_FOUND", `'${ref}' depends on '${word}', which is not a service`, {
    hint: `TSM_DEPENDS of ${file} names it`,
  });
}

/** All that stand on a circle have a fault that names it. */
function refuseCircle(circle: readonly ServiceNode[]): void {
  const names = circle.map(({ place }) => place.ref).join(" → ");
  const fault = new TsmError("BAD_DATA", `services depend on each other: ${names}`, {
    hint: "Take one of them out of TSM_DEPENDS",
  });
  for (const each of circle) each.fault ??= fault;
}

async function orError<T>(act: () => Promise<T>): Promise<T | TsmError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TsmError) return error;
    throw error;
  }
}
