import { TsmError } from "./errors.ts";
import { circlesIn, eachInOrder, type Needs } from "./needs.ts";
import type { StartRequest } from "./plan.ts";
import { readToStart, type StartableService } from "./service-read.ts";
import { type LaunchedService, startService } from "./service-start.ts";
import { ambiguousService, type ServicePlace, servicesNamed } from "./service-store.ts";
import { withoutNeed } from "./turns.ts";
import type { World } from "./world.ts";

/** What became of a service that was to be started, or that another one needs. */
export interface ServiceOutcome {
  readonly place: ServicePlace;
  readonly result: LaunchedService | TsmError;
}

interface Node {
  readonly place: ServicePlace;
  readonly startable: StartableService | TsmError;
  /** Their files. */
  needs: readonly string[];
  /** Why it cannot be started, whatever becomes of the others. */
  fault: TsmError | undefined;
}

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
): Promise<ServiceOutcome[]> {
  const nodes = await readAll(world, places, requestFor, signal);
  const needs: Needs = new Map([...nodes].map(([file, node]) => [file, node.needs]));
  for (const circle of circlesIn(needs)) refuseCircle(circle.flatMap((file) => nodes.get(file) ?? []));
  return await eachInOrder<ServiceOutcome>(needs, async (file, before) => {
    const node = nodes.get(file);
    if (node === undefined) throw new Error("what is started was read");
    return await startNode(world, node, before, requestFor(node.place), signal);
  });
}

async function startNode(
  world: World,
  { place, startable, fault }: Node,
  before: readonly ServiceOutcome[],
  request: StartRequest,
  signal: AbortSignal,
): Promise<ServiceOutcome> {
  if (fault !== undefined) return { place, result: fault };
  if (startable instanceof TsmError) return { place, result: startable };
  const dependsOn: string[] = [];
  for (const { place: needed, result } of before) {
    if (result instanceof TsmError) return { place, result: withoutNeed(place.ref, needed.ref, result) };
    dependsOn.push(result.record.name);
  }
  return { place, result: await orError(() => startService(world, startable, { ...request, dependsOn }, signal)) };
}

/** Every service that any of these needs, by its file. */
async function readAll(
  world: World,
  places: readonly ServicePlace[],
  requestFor: (place: ServicePlace) => StartRequest,
  signal: AbortSignal,
): Promise<Map<string, Node>> {
  const nodes = new Map<string, Node>();
  const read = async (place: ServicePlace): Promise<void> => {
    if (nodes.has(place.file)) return;
    const startable = await orError(() => readToStart(world, place, requestFor(place).noExec, signal));
    const node: Node = { place, startable, needs: [], fault: undefined };
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
  return nodes;
}

/** A name is looked for in the same org first. */
function neededBy(world: World, place: ServicePlace, word: string): ServicePlace {
  const own = place.org === null || word.includes("/") ? [] : servicesNamed(world, `${place.org}/${word}`);
  const found = own.length > 0 ? own : servicesNamed(world, word);
  const [only, another] = found;
  if (only === undefined)
    throw new TsmError("NOT_FOUND", `'${place.ref}' depends on '${word}', which is no service`, {
      hint: `TSM_DEPENDS of ${place.file} names it`,
    });
  if (another !== undefined) throw ambiguousService(word, found);
  return only;
}

/** All that stand on a circle have a fault that names it. */
function refuseCircle(circle: readonly Node[]): void {
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
