import { dependsOn } from "./depends-on.ts";
import type { Started } from "./engine.ts";
import { TsmError } from "./errors.ts";
import { among, eachInOrder, inLine, reversed } from "./needs.ts";
import { isLive, observe } from "./observe.ts";
import { plainRequest } from "./plain-request.ts";
import type { ProcessRecord, ProcessSummary } from "./process.ts";
import type { Receipt } from "./receipt.ts";
import { readRecords } from "./records.ts";
import { needsIn, readServices, startInOrder } from "./service-graph.ts";
import { serviceFileOf } from "./service-of.ts";
import type { ServicePlace } from "./service-store.ts";
import { type StartupRow, startupRow } from "./services.ts";
import { restartStack } from "./stack-restart.ts";
import { allStacks, oneStack, readStack, type StackContent, type StackPlace } from "./stack-store.ts";
import { stopProcess } from "./stop.ts";
import { summarize } from "./summary.ts";
import type { World } from "./world.ts";

/** Stacks as verbs see them: services that are started in the order of their lines, and stopped the other way round. */
export interface Stacks {
  /** All of them; or those of this name, or the one at this path. @throws TsmError when there is none */
  list(word?: string): StackSummary[];
  /** @throws TsmError when there is none, and when several orgs have it. */
  one(word: string): StackPlace;
  status(place: StackPlace): StackRow[];
  /** What its lines name. @throws TsmError naming each bad line. */
  services(place: StackPlace): readonly ServicePlace[];
  /** The processes of its services that run, by name. */
  running(place: StackPlace): string[];
  /** @throws TsmError naming each bad line, and nothing is done. */
  start(place: StackPlace, settleMs: number, signal: AbortSignal): Promise<StartupRow[]>;
  restart(place: StackPlace, settleMs: number, signal: AbortSignal): Promise<StartupRow[]>;
  stop(place: StackPlace, signal: AbortSignal): Promise<StackStop[]>;
}

/** A stack in the list of all. */
export interface StackSummary extends StackPlace {
  readonly services: number;
  /** How many of them are online. */
  readonly online: number;
  readonly problems: readonly string[];
}

/** A service of a stack and its process; of a line that nobody can follow, why. */
export interface StackRow {
  readonly ref: string;
  /** null: it has never been started, or its process was deleted. */
  readonly process: ProcessSummary | null;
  readonly problem: string | null;
}

/** What a stop did to one of its services. */
export interface StackStop {
  readonly ref: string;
  /** null: nothing of it was running. */
  readonly receipt: Receipt | null;
  readonly problem: string | null;
}

export function createStacks(world: World, startedAs: (record: ProcessRecord) => Started): Stacks {
  return {
    list(word) {
      const all = allStacks(world);
      const named = word === undefined ? all : all.filter(({ ref, name }) => ref === word || name === word);
      const meant = word === undefined || named.length > 0 ? named : [oneStack(world, word)];
      return meant.map((place) => summaryOf(world, place));
    },
    one: (word) => oneStack(world, word),
    status: (place) => statusOf(world, readStack(world, place)),
    services: (place) => soundly(world, place),
    running: (place) => readStack(world, place).services.flatMap((each) => liveOf(world, each).map(({ name }) => name)),
    async start(place, settleMs, signal) {
      const services = soundly(world, place);
      const outcomes = await startInOrder(world, services, () => plainRequest(settleMs), signal, inLine);
      return outcomes.map((outcome) => startupRow(outcome, startedAs));
    },
    restart: (place, settleMs, signal) => restartStack(world, soundly(world, place), settleMs, startedAs, signal),
    stop: (place, signal) => stop(world, place, signal),
  };
}

/** @throws TsmError naming each line that nobody can follow. */
function soundly(world: World, place: StackPlace): readonly ServicePlace[] {
  const { services, problems } = readStack(world, place);
  if (problems.length === 0) return services;
  const lines = problems.map(({ line, what }) => `${place.file}: line ${line}: ${what}`);
  throw new TsmError("BAD_DATA", lines.join("\n"), { hint: "Nothing was started; tsm services lists what there is" });
}

function summaryOf(world: World, place: StackPlace): StackSummary {
  try {
    const content = readStack(world, place);
    const rows = statusOf(world, content).filter(({ problem }) => problem === null);
    const refs = new Set(rows.flatMap(({ ref, process }) => (process?.status === "online" ? [ref] : [])));
    return { ...place, services: content.services.length, online: refs.size, problems: problemsOf(content) };
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return { ...place, services: 0, online: 0, problems: [error.message] };
  }
}

function problemsOf({ problems }: StackContent): string[] {
  return problems.map(({ line, what }) => `line ${line}: ${what}`);
}

/** In the order of the file; what it cannot follow comes last. */
function statusOf(world: World, { services, problems }: StackContent): StackRow[] {
  const all = processesByFile(world);
  return [
    ...services.flatMap(({ ref, file }): StackRow[] => {
      const records = all.get(file) ?? [];
      if (records.length === 0) return [{ ref, process: null, problem: null }];
      return summarize(records, world).map((process) => ({ ref, process, problem: null }));
    }),
    ...problems.map(({ line, what, text }) => ({ ref: text, process: null, problem: `line ${line}: ${what}` })),
  ];
}

function processesByFile(world: World): Map<string, ProcessRecord[]> {
  const found = new Map<string, ProcessRecord[]>();
  for (const record of readRecords(world).records) {
    const file = serviceFileOf(world, record.name);
    if (file !== "") found.set(file, [...(found.get(file) ?? []), record]);
  }
  return found;
}

function liveOf(world: World, { file }: ServicePlace): ProcessRecord[] {
  const { processes } = world.platform;
  return (processesByFile(world).get(file) ?? []).filter((record) => isLive(observe(record, processes)));
}

/** The last line first, but what needs another before that one. What the file names wrongly stops nobody from stopping the rest. */
async function stop(world: World, place: StackPlace, signal: AbortSignal): Promise<StackStop[]> {
  const { services, problems } = readStack(world, place);
  // Nothing is run to find out what they need: who was started as what on record knows that too.
  const nodes = await readServices(world, services, () => true, signal);
  const files = [...inLine(needsIn(nodes)).keys()].filter((file) => services.some((each) => each.file === file));
  const refOf = new Map(services.map(({ file, ref }) => [file, ref]));
  const byFile = processesByFile(world);
  const live = new Map(
    files.flatMap((file) =>
      (byFile.get(file) ?? [])
        .filter((record) => isLive(observe(record, world.platform.processes)))
        .map((record) => [record.name, refOf.get(file) ?? file] as const),
    ),
  );
  const names = [...live.keys()];
  const needs = among(new Map(names.map((name) => [name, dependsOn(world, name)])), names);
  const options = { timeoutSeconds: undefined, hard: false, event: "stop", by: "user" } as const;
  const stopped = await eachInOrder(reversed(inLine(needs)), async (name): Promise<StackStop> => {
    const ref = live.get(name) ?? name;
    return { ref, receipt: await stopProcess(world, name, options, signal), problem: null };
  });
  const resting = services.filter(({ ref }) => ![...live.values()].includes(ref));
  return [
    ...stopped,
    ...resting.map(({ ref }) => ({ ref, receipt: null, problem: null })),
    ...problems.map(({ line, what, text }) => ({ ref: text, receipt: null, problem: `line ${line}: ${what}` })),
  ];
}
