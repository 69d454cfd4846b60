import { TsmError } from "./errors.ts";
import { checkName, withoutPort } from "./names.ts";
import { isLive, observe } from "./observe.ts";
import { freePorts, noneFree } from "./port-allocation.ts";
import { autoRange, type PortRange } from "./port-choice.ts";
import { type PortConflict, portConflicts } from "./port-conflicts.ts";
import { exportPorts, type PortFormat, parsePorts } from "./port-exchange.ts";
import { fixPorts, type PortFix, planPortFixes } from "./port-fixes.ts";
import { type Ended, endHolders, type Holder, type HolderDetails, holders, holdersOf } from "./port-holders.ts";
import { lookForOwners } from "./port-owners.ts";
import { changePromises, type Promised, promisedPorts, strangeLines } from "./port-registry.ts";
import { tryLockPort } from "./process-lock.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** A declared port against what the kernel says. */
export interface PortRow {
  /** null: declared in the registry, and by no process. */
  readonly id: number | null;
  readonly name: string | null;
  /** The name without its `-PORT`: what the registry calls it. */
  readonly service: string;
  readonly port: number;
  /** Does its tree listen on it now? */
  readonly listening: boolean;
  readonly pid: number | null;
  /** The ports that it listens on. */
  readonly actual: readonly number[];
  /** Who listens on it instead. */
  readonly heldBy: Holder | null;
}

/** Ports as verbs see them. */
export interface Ports {
  /** What is declared, by processes first. */
  list(): PortRow[];
  /** What stands in the registry and nobody can follow, in words. */
  strange(): string[];
  scan(range: PortRange | undefined): Holder[];
  /** Of a port, or of a unix socket by its path. */
  who(place: number | string): HolderDetails[];
  /** Ends strangers. */
  end(pids: readonly number[], signal: AbortSignal): Promise<Ended[]>;
  free(range: PortRange | undefined, most: number): number[];
  /** Promises a port to a name. @throws TsmError when it is another's. */
  set(promised: Promised, signal: AbortSignal): Promise<Changed>;
  /** By name or port. @throws TsmError when there is none, and for a process's own. */
  remove(what: string, signal: AbortSignal): Promise<Promised[]>;
  /** The port that is promised to this name; a free one that is from now on, where there was none. */
  allocate(
    name: string,
    range: PortRange | undefined,
    signal: AbortSignal,
  ): Promise<Promised & { readonly isNew: boolean }>;
  conflicts(): Promise<PortConflict[]>;
  /** What a program may do about them. */
  planFixes(conflicts: readonly PortConflict[]): PortFix[];
  /** @returns the conflicts that are left. */
  fix(fixes: readonly PortFix[], signal: AbortSignal): Promise<PortConflict[]>;
  export(format: PortFormat): { readonly text: string; readonly promised: readonly Promised[] };
  /** All of a file, or nothing. @throws TsmError BAD_DATA when a line is no port, and when one is another's */
  import(file: string, signal: AbortSignal): Promise<Promised[]>;
}

/** A promise, and what it was before. */
export interface Changed extends Promised {
  readonly before: number | null;
}

export function createPorts(world: World): Ports {
  return {
    list: () => rows(world),
    strange: () => strangeLines(world),
    scan: (range) => holders(world, range),
    who: (place) => holdersOf(world, place),
    end: (pids, signal) => endHolders(world, pids, signal),
    free(range = autoRange, most) {
      const found: number[] = [];
      for (const port of freePorts(world, range)) if (found.push(port) >= most) break;
      if (found.length === 0) throw noneFree(range);
      return found;
    },
    set: (promised, signal) => set(world, promised, signal),
    remove: (what, signal) => remove(world, what, signal),
    allocate: (name, range, signal) => allocate(world, name, range, signal),
    conflicts: () => portConflicts(world),
    planFixes: (conflicts) => planPortFixes(world, conflicts),
    fix: (fixes, signal) => fixPorts(world, fixes, signal),
    export(format) {
      const promised = declared(world);
      return { text: exportPorts(promised, format), promised };
    },
    import: (file, signal) => importFrom(world, file, signal),
  };
}

function rows(world: World): PortRow[] {
  const { processes } = world.platform;
  const { records } = readRecords(world);
  const promised = promisedPorts(world);
  const isDeclared = records.some(({ port }) => port !== "none") || promised.length > 0;
  const listening = isDeclared ? holders(world, undefined, lookForOwners(world)) : [];
  const onPort = (port: number, name: string | null) => {
    const all = listening.filter((holder) => holder.port === port);
    return all.find((holder) => holder.process === name && holder.owner === "managed") ?? all[0] ?? null;
  };
  const ofRecords = records.flatMap((record): PortRow[] => {
    const { tsm_id: id, name, port } = record;
    if (port === "none") return [];
    const observed = observe(record, processes);
    const own = listening.filter((holder) => holder.owner === "managed" && holder.process === name);
    const actual = [...new Set(own.flatMap((holder) => holder.port ?? []))];
    const holder = onPort(port, name);
    const isOwn = actual.includes(port);
    const pid = isLive(observed) && "identity" in observed ? (observed.identity?.pid ?? null) : null;
    const service = withoutPort(name, port);
    return [{ id, name, service, port, listening: isOwn, pid, actual, heldBy: isOwn ? null : holder }];
  });
  const known = new Set(ofRecords.map(({ service, port }) => `${service}:${port}`));
  const others = promised.filter(({ name, port }) => !known.has(`${name}:${port}`));
  const ofRegistry = others.map(({ name, port }): PortRow => {
    const none = { id: null, name: null, pid: null, actual: [], listening: false };
    return { ...none, service: name, port, heldBy: onPort(port, null) };
  });
  return [...ofRecords, ...ofRegistry];
}

/** By processes and people, each fact once. */
function declared(world: World): Promised[] {
  const own = readRecords(world).records.flatMap(({ name, port }) =>
    port === "none" ? [] : [{ name: withoutPort(name, port), port }],
  );
  return [...new Map([...own, ...promisedPorts(world)].map((each) => [`${each.name}:${each.port}`, each])).values()];
}

/** @throws TsmError BAD_NAME also for what a line name:port cannot hold */
function checkPromised(name: string): void {
  checkName(name);
  if (!/[:#]|^\s|\s$/.test(name)) return;
  throw new TsmError("BAD_NAME", `the name '${name}' cannot stand in a line name:port`, {
    hint: "Leave : and # out of it",
  });
}

async function set(world: World, { name, port }: Promised, signal: AbortSignal): Promise<Changed> {
  checkPromised(name);
  let before: number | null = null;
  await changePromises(
    world,
    (promised) => {
      refuseOthers(world, promised, { name, port });
      before = promised.find((each) => each.name === name)?.port ?? null;
      return { keep: (line) => line.name !== name, add: [{ name, port }] };
    },
    signal,
  );
  return { name, port, before };
}

/** @throws TsmError when a port is another name's */
function refuseOthers(world: World, promised: readonly Promised[], { name, port }: Promised): void {
  const holder = promised.find((each) => each.port === port && each.name !== name);
  const record = readRecords(world).records.find((each) => each.port === port && withoutPort(each.name, port) !== name);
  const other = holder?.name ?? (record && withoutPort(record.name, port));
  if (other === undefined) return;
  throw new TsmError("PORT_TAKEN", `port ${port} is already assigned to ${other}`, {
    hint:
      holder === undefined
        ? `The process '${record?.name}' has declared it`
        : `tsm ports remove ${quoteLine([other])} gives it back; tsm ports free shows others`,
  });
}

async function remove(world: World, what: string, signal: AbortSignal): Promise<Promised[]> {
  const isMeant = ({ name, port }: Promised) => name === what || String(port) === what;
  let gone: Promised[] = [];
  await changePromises(
    world,
    (promised) => {
      gone = promised.filter(isMeant);
      return { keep: (line) => !isMeant(line), add: [] };
    },
    signal,
  );
  if (gone.length > 0) return gone;
  const record = readRecords(world).records.find(
    ({ name, port }) => name === what || withoutPort(name, port) === what || String(port) === what,
  );
  if (record !== undefined && record.port !== "none") {
    throw new TsmError("NOT_FOUND", `port ${record.port} is declared by the process '${record.name}'`, {
      hint: `tsm delete ${quoteWord(record.name)} forgets both`,
    });
  }
  throw new TsmError("NOT_FOUND", `the registry has no port of '${what}'`, {
    hint: "tsm ports lists what is declared",
  });
}

async function allocate(
  world: World,
  name: string,
  range: PortRange = autoRange,
  signal: AbortSignal,
): Promise<Promised & { readonly isNew: boolean }> {
  checkPromised(name);
  const isKnown = (promised: readonly Promised[]) =>
    promised.find((each) => each.name === name && each.port >= range.from && each.port <= range.to);
  for (const port of freePorts(world, range)) {
    const known = isKnown(promisedPorts(world));
    if (known !== undefined) return { ...known, isNew: false };
    // Not while a start is about to put it on record.
    const release = await tryLockPort(world, port);
    if (release === undefined) continue;
    try {
      let given: (Promised & { readonly isNew: boolean }) | undefined;
      await changePromises(
        world,
        (promised) => {
          const already = isKnown(promised);
          const isTaken = promised.some((each) => each.port === port) || isOnRecord(world, port);
          given =
            already !== undefined ? { ...already, isNew: false } : isTaken ? undefined : { name, port, isNew: true };
          const add = given?.isNew === true ? [{ name, port }] : [];
          return { keep: (line) => add.length === 0 || line.name !== name, add };
        },
        signal,
      );
      if (given !== undefined) return given;
    } finally {
      release();
    }
  }
  const known = isKnown(promisedPorts(world));
  if (known !== undefined) return { ...known, isNew: false };
  throw noneFree(range);
}

function isOnRecord(world: World, port: number): boolean {
  return readRecords(world).records.some((record) => record.port === port);
}

async function importFrom(world: World, file: string, signal: AbortSignal): Promise<Promised[]> {
  const { files } = world.platform;
  const path = file.startsWith("/") ? file : `${world.cwd}/${file}`;
  const text = file === "-" ? await written(world) : files.kind(path) === "file" ? files.readText(path) : undefined;
  if (text === undefined)
    throw new TsmError("NO_FILE", `'${file}' not found`, {
      hint: "Name a file of ports, as tsm ports export writes it; - is standard input",
    });
  const found = parsePorts(text, file === "-" ? "standard input" : file);
  for (const { name } of found) checkPromised(name);
  await changePromises(
    world,
    (promised) => {
      const names = new Set(found.map(({ name }) => name));
      const staying = promised.filter(({ name }) => !names.has(name));
      for (const each of found) refuseOthers(world, [...staying, ...found], each);
      // A process's own line needs no other beside it.
      const own = new Set(readRecords(world).records.map(({ name, port }) => `${withoutPort(name, port)}:${port}`));
      return {
        keep: ({ name }) => !names.has(name),
        add: found.filter(({ name, port }) => !own.has(`${name}:${port}`)),
      };
    },
    signal,
  );
  return found;
}

const mostBytes = 1024 * 1024;

async function written({ platform }: World): Promise<string> {
  const bytes = await platform.readInput(mostBytes + 1);
  if (bytes.length > mostBytes)
    throw new TsmError("BAD_DATA", "standard input is longer than a megabyte", { hint: "A line is name:port" });
  return bytes.toString();
}
