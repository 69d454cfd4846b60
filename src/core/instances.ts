import type { AppPart } from "./app-part.ts";
import { type AppRecord, instancesToScale, recordsOfApp } from "./app-records.ts";
import { instancesOf } from "./app-request.ts";
import type { PlannedStep } from "./app-steps.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { filesOf } from "./log-files.ts";
import { withoutPort } from "./names.ts";
import { fileOfAnother, numberedFile } from "./numbered-file.ts";
import { isLive, observe } from "./observe.ts";
import { plan, type StartRequest } from "./plan.ts";
import { withFreePorts } from "./port-allocation.ts";
import { type Port, type PortRange, withWinningPort } from "./port-choice.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { readRecords } from "./records.ts";
import { specOf } from "./spec-of.ts";
import type { World } from "./world.ts";

/** So many in all, so many more, or so many fewer. */
export interface ScaleChange {
  readonly by: "to" | "more" | "fewer";
  readonly count: number;
}

/**
 * `start -i N`: the same several times, as NAME-0, NAME-1 and so on, each with the next port, or the next free one where that
 * is asked for. What is there already keeps its port.
 * @param act with the plan, while the ports are held that were looked for.
 */
export async function withInstances<T>(
  world: World,
  { allocate, ...request }: StartRequest,
  asked: number | "max",
  act: (steps: PlannedStep[]) => Promise<T>,
): Promise<T> {
  const of = instancesOf(asked, world.platform.processors());
  const one = plan(world, request);
  const app = request.name ?? withoutPort(one.name, one.port);
  const existing = recordsOfApp(world, app, readRecords(world).records);
  const places = Array.from({ length: of }, (_, instance) => {
    const record = existing.find((each) => (each.app?.instance ?? 0) === instance)?.record;
    const isUp = record !== undefined && isLive(observe(record, world.platform.processes));
    return { instance, record, isUp, port: ownPort(world, record, isUp, allocate) };
  });
  const steps = (free: readonly number[]) => {
    const left = [...free];
    return places.map(({ instance, record, isUp, port: own }): PlannedStep => {
      const name = record?.name ?? `${app}-${instance}`;
      const next = one.port === "none" ? undefined : one.port + instance;
      const found = allocate === undefined || own !== undefined ? undefined : left.shift();
      const port = own ?? found ?? next;
      const asWell = { name, port, app: partOf(app, instance, undefined), allocated: found !== undefined };
      const spec = plan(world, { ...request, ...asWell, ...withOwnFiles(request, instance) });
      return { name, app, id: record?.tsm_id ?? null, does: isUp ? "restart" : "start", changes: [], why: "", spec };
    });
  };
  if (allocate === undefined) return await act(steps([]));
  const wanted = places.filter(({ port }) => port === undefined).length;
  return await withFreePorts(world, allocate, wanted, (free) => act(steps(free)));
}

/** Two that write into one file are what nobody asked for who did not say --merge-logs, and a pid file holds one pid. */
function withOwnFiles({ policy, streams }: StartRequest, instance: number): Pick<StartRequest, "policy" | "streams"> {
  const { pidFile: pid } = policy;
  const numbered = (path: string | undefined) =>
    path === undefined || streams.merged ? path : numberedFile(path, instance);
  return {
    policy: { ...policy, pidFile: pid === null ? null : numberedFile(pid, instance) },
    streams: { ...streams, out: numbered(streams.out), err: numbered(streams.err), both: numbered(streams.both) },
  };
}

/** The one that an instance has already, where any of a range will do. */
function ownPort(
  { platform: { ports } }: World,
  record: ProcessRecord | undefined,
  isUp: boolean,
  range: PortRange | undefined,
): number | undefined {
  if (range === undefined || record === undefined || record.port === "none") return undefined;
  const { port } = record;
  return port >= range.from && port <= range.to && (isUp || !ports.isListening(port)) ? port : undefined;
}

/** What `start` says of one of several; of one that an app has already, all but which one it is. */
function partOf(app: string, instance: number, first: AppPart | undefined): AppPart {
  const { instanceVariable = "NODE_APP_INSTANCE", incrementVariable = "" } = first ?? {};
  const variables = first?.variables ?? {};
  const before = first?.instance ?? 0;
  const increment = Number(variables[incrementVariable] ?? "0") || 0;
  return {
    file: first?.file ?? "",
    name: app,
    instance,
    environment: first?.environment ?? "",
    namespace: first?.namespace ?? "",
    variables: {
      ...variables,
      [instanceVariable]: String(instance),
      ...(incrementVariable === "" ? {} : { [incrementVariable]: String(increment - before + instance) }),
    },
    instanceVariable,
    incrementVariable,
    filter: first?.filter ?? [],
    hooks: first?.hooks ?? {},
    said: first?.said ?? {},
  };
}

/**
 * Those that run stay as they are, and what rests is started where it is said how many there are to be; more are made like
 * the first one, and the last ones go.
 * @throws TsmError when there is none of that name, and when there are not so many to take away
 */
export function planScale(world: World, name: string, change: ScaleChange, settleMs: number): PlannedStep[] {
  const { records } = readRecords(world);
  const existing = instancesToScale(world, name, records);
  const [first] = existing;
  if (first === undefined) {
    throw new TsmError("NOT_FOUND", `there is no app '${name}'`, { hint: "tsm list all shows every process" });
  }
  const { by, count } = change;
  const wanted = by === "to" ? count : existing.length + (by === "more" ? count : -count);
  if (wanted < 0) {
    throw new TsmError(
      "USAGE",
      `'${name}' has ${existing.length} ${existing.length === 1 ? "instance" : "instances"}, and not ${count}`,
      {
        hint: `tsm scale ${quoteWord(name)} 0 deletes them all`,
      },
    );
  }
  if (wanted > most) throw new TsmError("USAGE", `${wanted} instances are too many`, { hint: `At most ${most}` });
  const step = ({ record }: AppRecord) => ({
    name: record.name,
    app: name,
    id: record.tsm_id,
    changes: [],
    spec: undefined,
  });
  const stay = existing.slice(0, wanted).map((each): PlannedStep => {
    // So many are to run: one that somebody has stopped is one of them.
    const rests = by === "to" && !isLive(observe(each.record, world.platform.processes));
    if (!rests) return { ...step(each), does: "nothing", why: "it stays" };
    const spec = specOf(world, each.record, settleMs, each.record.restarts);
    return { ...step(each), does: "start", why: "it does not run", spec };
  });
  const go = existing
    .slice(wanted)
    .map((each): PlannedStep => ({ ...step(each), does: "delete", why: "fewer are wanted" }));
  const numbers = new Set(existing.map(({ app }) => app?.instance ?? 0));
  const isTaken = (number: number) => records.some((record) => record.name === `${name}-${number}`);
  const free = Array.from({ length: wanted + records.length }, (_, number) => number).filter(
    (each) => !numbers.has(each) && !isTaken(each),
  );
  const taken = new Set(existing.map(({ record }) => record.port));
  const made = free
    .slice(0, Math.max(0, wanted - existing.length))
    .map((instance) => another(world, name, first, { instance, taken }, settleMs));
  return [...stay, ...made, ...go];
}

const most = 1000;

function another(
  world: World,
  app: string,
  { record, app: first }: AppRecord,
  { instance, taken }: { readonly instance: number; readonly taken: Set<Port> },
  settleMs: number,
): PlannedStep {
  const base = specOf(world, record, settleMs, 0);
  const before = first?.instance ?? 0;
  const { pidFile: pid } = base.policy;
  const name = `${app}-${instance}`;
  // Those that were looked for need not stand side by side.
  let port: Port = base.port === "none" ? "none" : base.port - before + instance;
  while (port !== "none" && taken.has(port)) port += 1;
  taken.add(port);
  const spec: LaunchSpec = {
    ...base,
    name,
    argv: withWinningPort(base.argv, port),
    port,
    // An env file has one port for all of them.
    portFrom: port === "none" ? base.portFrom : "flag",
    policy: {
      ...base.policy,
      pidFile: pid === null ? null : fileOfAnother(pid, before, instance),
      streams: { ...base.policy.streams, ...logsFor(world, record.name, base, before, instance) },
    },
    app: partOf(app, instance, first),
  };
  return { name, app, id: null, does: "start", changes: [], why: "", spec };
}

/** Files that somebody named get the number of the instance behind their names, where the first one has one or is alone. */
function logsFor(
  world: World,
  name: string,
  { policy, app }: LaunchSpec,
  before: number,
  instance: number,
): Pick<LaunchSpec["policy"]["streams"], "out" | "err"> {
  const { out, err } = filesOf(policy.streams, processPaths(world.home, name));
  const isShared = app?.said["merge_logs"] === "true";
  const numbered = (said: string | null, path: string | null) => {
    if (said === null || path === null || isShared) return said;
    return fileOfAnother(path, before, instance);
  };
  return { out: numbered(policy.streams.out, out), err: numbered(policy.streams.err, err) };
}
