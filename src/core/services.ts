import { resolve } from "node:path";
import type { Started } from "./engine.ts";
import { isErrno, TsmError } from "./errors.ts";
import { restarting } from "./interrupted.ts";
import { isLive, observe, unlessRestarting } from "./observe.ts";
import { plainRequest } from "./plain-request.ts";
import type { ProcessRecord, Status } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { readRecords } from "./records.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { type ServiceOutcome, startInOrder } from "./service-graph.ts";
import { serviceFileOf } from "./service-of.ts";
import { type ReadService, readService } from "./service-read.ts";
import { type Saved, type SaveRequest, saveCommand, saveProcess } from "./service-save.ts";
import { byHandOf } from "./service-start.ts";
import {
  allServices,
  disableService,
  type EnabledLink,
  enabledLinks,
  enabledOrDefined,
  enableService,
  isEnabled,
  lostPlace,
  type NoService,
  oneService,
  placeOfFile,
  type ServicePlace,
  servicesNamed,
} from "./service-store.ts";
import type { World } from "./world.ts";

/** Services as verbs see them. */
export interface Services {
  list(): readonly ServiceRow[];
  /** Links in services-enabled that lead to nothing. */
  broken(): readonly EnabledLink[];
  named(ref: string): readonly ServicePlace[];
  /** A definition by its path, wherever it lies; undefined where the word is none. */
  at(path: string): ServicePlace | undefined;
  /** @throws TsmError when there is none, in these words, or several. */
  one(ref: string, saying: NoService): ServicePlace;
  /** What `disable` means by a word: also a service whose file is gone. */
  enabledOrDefined(ref: string): ServicePlace;
  page(place: ServicePlace): ServicePage;
  /** What runs as ORG/NAME says, and was started by hand: the same name, command and folder. */
  byHand(ref: string): ProcessRecord | undefined;
  /** @returns false when it was so already. */
  enable(place: ServicePlace): boolean;
  disable(place: ServicePlace): boolean;
  save(request: SaveRequest): Saved;
  saveProcess(record: ProcessRecord, ref: string | undefined, force: boolean): Saved;
  /** Everything that is enabled, and what that depends on. */
  startup(settleMs: number, signal: AbortSignal): Promise<StartupRow[]>;
  /** Opens its file in the person's editor. Its exit code. */
  edit(place: ServicePlace, passthrough: ((line: string) => Promise<number>) | undefined): Promise<number>;
}

/** One service of `services` and `list available`. */
export interface ServiceRow {
  readonly ref: string;
  readonly org: string | null;
  readonly name: string;
  readonly file: string;
  readonly enabled: boolean;
  /** null: it has never been started, or its process was deleted. */
  readonly status: Status | null;
  readonly process: string | null;
  readonly port: number | null;
  readonly description: string;
  readonly command: string;
  /** What is wrong with its file, by line where that can be said. */
  readonly problems: readonly string[];
}

/** All that is known of one service. */
export interface ServicePage extends ServiceRow {
  readonly cwd: string;
  readonly env: string | null;
  readonly before: string | null;
  readonly depends: readonly string[];
  readonly ready: string | null;
  readonly health: string | null;
  readonly restart: string | null;
  readonly maxMemory: number | null;
  readonly autostart: boolean;
}

/** What became of a service at `startup`. */
export interface StartupRow {
  readonly ref: string;
  readonly outcome: "started" | "restarted" | "running" | "skipped" | "failed";
  readonly process: Started | null;
  readonly problem: string | null;
}

export function createServices(world: World, startedAs: (record: ProcessRecord) => Started): Services {
  return {
    list: () => rowsOf(world, listed(world)),
    broken: () => enabledLinks(world).filter(({ broken }) => broken),
    named: (ref) => servicesNamed(world, ref),
    at: (path) => definitionAt(world, path),
    one: (ref, saying) => oneService(world, ref, saying),
    enabledOrDefined: (ref) => enabledOrDefined(world, ref),
    page: (place) => pageOf(world, place),
    byHand: (ref) => byHand(world, ref),
    enable: (place) => enableService(world, place),
    disable: (place) => disableService(world, place),
    save: (request) => saveCommand(world, request),
    saveProcess: (record, ref, force) => saveProcess(world, record, ref, force),
    startup: (settleMs, signal) => startup(world, startedAs, settleMs, signal),
    edit: (place, passthrough) => edit(world, place, passthrough),
  };
}

function definitionAt(world: World, path: string): ServicePlace | undefined {
  if (!path.endsWith(".tsm")) return undefined;
  const file = resolve(world.cwd, path);
  try {
    return world.platform.files.kind(file) === "file" ? placeOfFile(world, file, path) : undefined;
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

function byHand(world: World, ref: string): ProcessRecord | undefined {
  const [place] = ref.includes("/") ? servicesNamed(world, ref) : [];
  return place === undefined ? undefined : runningByHand(world, place, readOrSay(world, place));
}

function runningByHand(world: World, place: ServicePlace, read: ReadService | string): ProcessRecord | undefined {
  if (typeof read === "string" || read.problems.length > 0 || read.definition.faults.length > 0) return undefined;
  try {
    return byHandOf(world, { place, definition: read.definition, ran: undefined });
  } catch (error) {
    if (error instanceof TsmError) return undefined; // it could not be started, so nothing runs as it says
    throw error;
  }
}

/** Those of all orgs, and what is enabled without belonging to one. */
function listed(world: World): ServicePlace[] {
  const own = allServices(world);
  const others = enabledLinks(world)
    .filter(({ broken }) => !broken)
    .map(({ file }) => placeOfFile(world, file, file))
    .filter(({ org }) => org === null);
  return [...own, ...others];
}

function rowsOf(world: World, places: readonly ServicePlace[]): ServiceRow[] {
  const links = enabledLinks(world);
  const processes = serviceProcesses(world);
  return places.map((place) => rowOf(world, place, links, processes, readOrSay(world, place)));
}

function rowOf(
  world: World,
  place: ServicePlace,
  links: readonly EnabledLink[],
  processes: ServiceProcesses,
  read: ReadService | string,
): ServiceRow {
  const record = processOf(world, place, read, processes);
  const definition = typeof read === "string" ? undefined : read.definition;
  return {
    ...place,
    enabled: isEnabled(world, place, links),
    status: record === undefined ? null : statusOf(world, record),
    process: record?.name ?? null,
    port: definition?.port ?? (typeof record?.port === "number" ? record.port : null),
    description: definition?.description ?? "",
    command: definition === undefined ? "" : commandOf(definition),
    problems: typeof read === "string" ? [read] : problemsOf(read),
  };
}

function statusOf(world: World, record: ProcessRecord): Status {
  return unlessRestarting(observe(record, world.platform.processes), () => restarting(world).has(record.name)).kind;
}

function commandOf({ command }: ServiceDefinition): string {
  return command.length === 1 ? (command[0] ?? "") : quoteLine(command);
}

function problemsOf({ problems, definition }: ReadService): string[] {
  const unknown = definition.unknown.map((key) => `${key} means nothing to tsm`);
  // What only bash can read may say what seems to be missing.
  const faults = problems.length > 0 ? [] : definition.faults;
  return [...problems.map(({ line, what }) => `line ${line}: ${what}`), ...faults, ...unknown];
}

function readOrSay(world: World, place: ServicePlace): ReadService | string {
  try {
    return readService(world, place);
  } catch (error) {
    if (error instanceof TsmError) return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
    throw error;
  }
}

interface ServiceProcesses {
  /** Of each service's file the process that it is now: one that runs before one that rests. */
  readonly byFile: ReadonlyMap<string, ProcessRecord>;
  /** What was started as no service. */
  readonly others: readonly ProcessRecord[];
}

function serviceProcesses(world: World): ServiceProcesses {
  const byFile = new Map<string, ProcessRecord>();
  const others: ProcessRecord[] = [];
  for (const record of readRecords(world).records) {
    const file = serviceFileOf(world, record.name);
    if (file === "") others.push(record);
    else if (!byFile.has(file) || isLive(observe(record, world.platform.processes))) byFile.set(file, record);
  }
  return { byFile, others };
}

/** What `start` of the service would find: its own process where that runs, else one that was started by hand. */
function processOf(
  world: World,
  place: ServicePlace,
  read: ReadService | string,
  { byFile, others }: ServiceProcesses,
): ProcessRecord | undefined {
  const own = byFile.get(place.file);
  if (typeof read === "string" || (own !== undefined && isLive(observe(own, world.platform.processes)))) return own;
  const { processName } = read.definition;
  // To know what the service would run costs a look along PATH.
  const maybe = others.some(({ name }) => name === processName || name.startsWith(`${processName}-`));
  return (maybe ? runningByHand(world, place, read) : undefined) ?? own;
}

function pageOf(world: World, place: ServicePlace): ServicePage {
  const read = readService(world, place);
  const { definition } = read;
  return {
    ...rowOf(world, place, enabledLinks(world), serviceProcesses(world), read),
    cwd: definition.cwd,
    env: definition.env ?? null,
    before: definition.before ?? null,
    depends: definition.depends,
    ready: definition.ready?.text ?? null,
    health: definition.health?.text ?? null,
    restart: definition.restart ?? null,
    maxMemory: definition.maxMemory ?? null,
    autostart: definition.autostart,
  };
}

async function startup(
  world: World,
  startedAs: (record: ProcessRecord) => Started,
  settleMs: number,
  signal: AbortSignal,
): Promise<StartupRow[]> {
  const links = enabledLinks(world);
  const lost = links
    .filter(({ broken }) => broken)
    .map(({ link, file }) => {
      const ref = lostPlace(world, file)?.ref ?? file;
      return { ref, outcome: "failed", process: null, problem: `${link} leads to nothing` } as const;
    });
  const places = links.filter(({ broken }) => !broken).map(({ file }) => placeOfFile(world, file, file));
  const wanted = places.filter((place) => wantsStart(world, place));
  const skipped = places
    .filter((place) => !wanted.includes(place))
    .map(({ ref }) => ({ ref, outcome: "skipped", process: null, problem: null }) as const);
  const outcomes = await startInOrder(world, wanted, () => plainRequest(settleMs), signal);
  return [...outcomes.map((outcome) => startupRow(outcome, startedAs)), ...skipped, ...lost];
}

export function startupRow(
  { place: { ref }, result }: ServiceOutcome,
  startedAs: (record: ProcessRecord) => Started,
): StartupRow {
  if (result instanceof TsmError) return { ref, outcome: "failed", process: null, problem: result.message };
  const outcome = result.service.alreadyRunning ? "running" : "started";
  return { ref, outcome, process: startedAs(result.record), problem: null };
}

function wantsStart(world: World, place: ServicePlace): boolean {
  const read = readOrSay(world, place);
  return typeof read === "string" || read.definition.autostart;
}

async function edit(
  world: World,
  { file }: ServicePlace,
  passthrough: ((line: string) => Promise<number>) | undefined,
): Promise<number> {
  const editor = world.env["VISUAL"] || world.env["EDITOR"] || "vi";
  const line = `${editor} ${quoteLine([file])}`;
  if (passthrough !== undefined) return await passthrough(line);
  return await world.platform.spawner.onTerminal({ file: "bash", args: ["-c", line], env: world.env, cwd: world.cwd });
}
