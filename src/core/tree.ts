import type { Identity, Platform } from "../platform/platform.ts";
import type { ProcessEntry } from "../platform/processes.ts";
import { forkedMark } from "../runner/start-runner.ts";
import { type Home, processOf } from "./home.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

export type Marks = Readonly<Record<string, string>>;

/** What a process begins with in its environment: by it, its children are known wherever they went. */
export function marksOf(home: Home, record: Pick<ProcessRecord, "tsm_id" | "name">): Marks {
  return { TSM_HOME: home.root, TSM_ID: String(record.tsm_id), TSM_NAME: record.name };
}

/** In the environment of every runner, so that none is ever taken for a child of what started it. */
export const runnerMark = "TSM_RUNNER";

/**
 * The process, its group and its descendants: what `list` and `info` count. One pass over a table that is there already.
 * Descendants in groups of their own count as long as their chain of parents is whole.
 */
export function familyOf(leader: Identity, table: Table): ProcessEntry[] {
  const entry = table.byPid.get(leader.pid);
  if (entry === undefined || entry.startMark !== leader.startMark) return [];
  const found = new Map<number, ProcessEntry>([[entry.pid, entry]]);
  for (const member of table.byGroup.get(leader.pid) ?? []) found.set(member.pid, member);
  for (const member of found.values()) {
    for (const child of table.byParent.get(member.pid) ?? []) found.set(child.pid, child);
  }
  return [...found.values()];
}

/** The process table with the ways through it. */
export interface Table {
  readonly byPid: ReadonlyMap<number, ProcessEntry>;
  readonly byParent: ReadonlyMap<number, readonly ProcessEntry[]>;
  readonly byGroup: ReadonlyMap<number, readonly ProcessEntry[]>;
}

export function tableOf(entries: readonly ProcessEntry[]): Table {
  const byPid = new Map<number, ProcessEntry>();
  const byParent = new Map<number, ProcessEntry[]>();
  const byGroup = new Map<number, ProcessEntry[]>();
  for (const entry of entries) {
    byPid.set(entry.pid, entry);
    push(byParent, entry.parentPid, entry);
    push(byGroup, entry.groupId, entry);
  }
  return { byPid, byParent, byGroup };
}

/** A process that must end with another, and whether it is still in the group that TERM reaches. */
export interface Belonging {
  readonly identity: Identity;
  readonly inGroup: boolean;
}

/** The process table and what everyone in it carries, as seen at one moment. */
export interface Sight {
  readonly table: Table;
  environment(pid: number): Environment | undefined;
}

type Environment = ReadonlyMap<string, string>;

/** Environments that the last sight has read, by pid and start mark. */
const lastRead = new WeakMap<Platform, ReadonlyMap<string, Environment>>();

/**
 * Looks now. An environment is read when it is first asked for, and once; the next sight takes it over, as reading them
 * is most of the work. But that of a runner's child is read anew: it may be on its way to become a process of ours. A runner
 * leads a session, its child does not.
 */
export function sightOf(platform: Platform): Sight {
  const { processes } = platform;
  const before = lastRead.get(platform);
  const lasting = new Map<string, Environment>();
  lastRead.set(platform, lasting);
  const known = new Map<number, Environment | undefined>();
  const table = tableOf(processes.table());
  const read = (pid: number): Environment | undefined => {
    const entry = table.byPid.get(pid);
    const key = `${pid} ${entry?.startMark}`;
    const environment = before?.get(key) ?? processes.environment(pid);
    const mayChange = environment?.has(runnerMark) && entry?.sessionId !== pid;
    if (environment !== undefined && environment.size > 0 && !mayChange) lasting.set(key, environment);
    return environment;
  };
  return {
    table,
    environment(pid) {
      if (!known.has(pid)) known.set(pid, read(pid));
      return known.get(pid);
    },
  };
}

const coming = new WeakMap<Platform, Promise<Sight>>();

/**
 * Looks in a moment, once for all who ask until then: a verb of many targets asks for all of them at a time, and reading
 * a few hundred environments takes as long as all else it does.
 */
export function nextSight(platform: Platform): Promise<Sight> {
  const asked = coming.get(platform);
  if (asked !== undefined) return asked;
  const sight = platform.clock.sleep(0).then(() => {
    coming.delete(platform);
    return sightOf(platform);
  });
  coming.set(platform, sight);
  return sight;
}

/**
 * Everything that belongs to a process and must end with it: its family and whoever carries its marks, wherever it
 * went (setsid, double fork). What carries other marks was started by `tsm start` from inside and is left alone.
 * @param leader the process itself while it lives, and as it was once it has ended.
 * @param groupLives a member of its group is known to live, so the group's number has not been given to strangers.
 */
export function belongings(
  world: World,
  marks: Marks,
  leader: Identity | undefined,
  groupLives: boolean,
  { table, environment }: Sight = sightOf(world.platform),
): Belonging[] {
  const { processes } = world.platform;
  const bootId = processes.bootId();
  const self = processes.self();
  const related =
    leader === undefined || leader.bootId !== bootId
      ? []
      : [...familyOf(leader, table), ...(groupLives ? (table.byGroup.get(leader.pid) ?? []) : [])];
  const family = new Set(related.map((entry) => entry.pid));
  const found: Belonging[] = [];
  for (const entry of table.byPid.values()) {
    if (entry.pid === self.pid || entry.pid <= 1) continue;
    const marked = markedAs(environment(entry.pid), marks);
    if (marked === "own" || (marked === "none" && family.has(entry.pid))) {
      const identity = { pid: entry.pid, startMark: entry.startMark, bootId };
      found.push({ identity, inGroup: entry.groupId === leader?.pid });
    }
  }
  return found;
}

/** "own": carries these marks. "other": carries those of another process, or is a runner. */
function markedAs(environment: ReadonlyMap<string, string> | undefined, marks: Marks): "own" | "other" | "none" {
  if (environment === undefined) return "none";
  if (environment.has(runnerMark)) return "other";
  if (!environment.has("TSM_ID")) return "none";
  return Object.entries(marks).every(([key, value]) => environment.get(key) === value) ? "own" : "other";
}

/**
 * The runners of a process whose record can no longer name them.
 * @returns isCertain: false while a child of some runner is about to become a process, and nobody can tell which.
 */
export function runnersOf(world: World, name: string): { readonly runners: Identity[]; readonly isCertain: boolean } {
  const { processes } = world.platform;
  const bootId = processes.bootId();
  const runners: Identity[] = [];
  let isCertain = true;
  for (const { pid, startMark } of processes.table()) {
    const environment = processes.environment(pid);
    if (environment?.get("TSM_HOME") !== world.home.root) continue;
    const whose = runnerName(world, { pid, startMark, bootId }, environment);
    if (whose === name) runners.push({ pid, startMark, bootId });
    if (whose === "") isCertain = false;
  }
  return { runners, isCertain };
}

/** Whose runner this is; undefined when it is none. One that was forked is known by the folder it stands in. */
export function runnerName(world: World, identity: Identity, environment: Environment): string | undefined {
  const name = environment.get(runnerMark);
  return name === forkedMark ? forkedName(world, identity) : name;
}

/** undefined: it is gone, or who forks them. "": a child of one, about to become a process. */
function forkedName({ platform, home }: World, identity: Identity): string | undefined {
  const folder = platform.processes.folder(identity, { deleted: true });
  // Told without links, and `runtime` may be one, to another disk.
  const processes = platform.files.realPath(home.processes) ?? home.processes;
  return folder === undefined || folder === processes ? undefined : (processOf({ processes }, folder) ?? "");
}

function push(groups: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [entry]);
  else group.push(entry);
}
