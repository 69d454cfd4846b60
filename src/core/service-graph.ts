import { TsmError } from "./errors.ts";
import type { StartRequest } from "./plan.ts";
import { readToStart, type StartableService } from "./service-read.ts";
import { type LaunchedService, startService } from "./service-start.ts";
import { ambiguousService, type ServicePlace, servicesNamed } from "./service-store.ts";
import type { World } from "./world.ts";

/** What became of a service that was to be started, or that another one needs. */
export interface ServiceOutcome {
  readonly place: ServicePlace;
  readonly result: LaunchedService | TsmError;
}

interface Node {
  readonly place: ServicePlace;
  readonly startable: StartableService | TsmError;
  needs: readonly Node[];
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
  const inOrder: Node[] = [];
  for (const node of nodes.values()) visit(node, [], inOrder);
  const begun = new Map<Node, Promise<ServiceOutcome>>();
  const begin = (node: Node): Promise<ServiceOutcome> => {
    const outcome = begun.get(node) ?? startNode(world, node, begin, requestFor(node.place), signal);
    begun.set(node, outcome);
    return outcome;
  };
  return await Promise.all(inOrder.map(begin));
}

async function startNode(
  world: World,
  { place, startable, needs, fault }: Node,
  begin: (node: Node) => Promise<ServiceOutcome>,
  request: StartRequest,
  signal: AbortSignal,
): Promise<ServiceOutcome> {
  if (fault !== undefined) return { place, result: fault };
  if (startable instanceof TsmError) return { place, result: startable };
  const before = await Promise.all(needs.map(begin));
  const failed = before.find(({ result }) => result instanceof TsmError);
  if (failed !== undefined) {
    const why = failed.result instanceof TsmError ? failed.result.message : "";
    const message = `'${place.ref}' was not started, as it depends on '${failed.place.ref}': ${why}`;
    return { place, result: new TsmError("START_FAILED", message) };
  }
  return { place, result: await orError(() => startService(world, startable, request, signal)) };
}

/** Every service that any of these needs, by its file. */
async function readAll(
  world: World,
  places: readonly ServicePlace[],
  requestFor: (place: ServicePlace) => StartRequest,
  signal: AbortSignal,
): Promise<Map<string, Node>> {
  const nodes = new Map<string, Node>();
  const read = async (place: ServicePlace): Promise<Node> => {
    const known = nodes.get(place.file);
    if (known !== undefined) return known;
    const startable = await orError(() => readToStart(world, place, requestFor(place).noExec, signal));
    const node: Node = { place, startable, needs: [], fault: undefined };
    nodes.set(place.file, node);
    if (startable instanceof TsmError) return node;
    const needed = await orError(async () => startable.definition.depends.map((word) => neededBy(world, place, word)));
    if (needed instanceof TsmError) {
      node.fault = needed;
      return node;
    }
    const needs: Node[] = [];
    for (const each of needed) needs.push(await read(each));
    node.needs = needs;
    return node;
  };
  for (const place of places) await read(place);
  return nodes;
}

/** A name is looked for in the same org first. @throws TsmError when none or several have it */
export function neededBy(world: World, place: ServicePlace, word: string): ServicePlace {
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

/** Puts each behind what it needs; all that stand on a circle have a fault that names it. */
function visit(node: Node, path: readonly Node[], done: Node[]): void {
  if (done.includes(node)) return;
  const at = path.indexOf(node);
  if (at !== -1) {
    const circle = path.slice(at);
    const names = [...circle, node].map(({ place }) => place.ref).join(" → ");
    const fault = new TsmError("BAD_DATA", `services depend on each other: ${names}`, {
      hint: "Take one of them out of TSM_DEPENDS",
    });
    for (const each of circle) each.fault ??= fault;
    return;
  }
  for (const each of node.needs) visit(each, [...path, node], done);
  done.push(node);
}

async function orError<T>(act: () => Promise<T>): Promise<T | TsmError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TsmError) return error;
    throw error;
  }
}
