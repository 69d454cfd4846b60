import { isDiskUnwritable, TsmError } from "./errors.ts";
import { type DamagedRecord, damagedRecord, readRecord, readRecords } from "./records.ts";
import { damagedOf } from "./taken-ids.ts";
import type { World } from "./world.ts";

/*
 * Somebody may remove the folder of what runs. That a process was started under a name is told by an empty file elsewhere, until
 * it is deleted: only where that is there and the record is not, somebody looks for what still runs.
 */

/** To be called before anything of it is started. */
export function rememberName({ platform: { files }, home }: World, name: string): void {
  const path = `${home.known}/${name}`;
  if (files.kind(path) !== "missing") return;
  files.makeFolder(home.known);
  files.touch(path);
}

/** One that stays costs the next start of this name a look. */
export function forgetName({ platform: { files }, home }: World, name: string): void {
  try {
    files.remove(`${home.known}/${name}`);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** @throws TsmError NAME_TAKEN for a name of which there is no record, and something that runs. */
export function refuseLost(world: World, name: string): void {
  if (world.platform.files.kind(`${world.home.known}/${name}`) === "missing") return;
  const pid = withoutRecord(world, new Set([name])).get(name);
  if (pid === undefined) return;
  throw new TsmError("NAME_TAKEN", stillRuns(name, pid), {
    hint: `kill ${pid}, or tsm doctor --fix, ends it; then start it again`,
  });
}

/**
 * Whoever names a process of which no record tells means nobody else, of whose name that is a part.
 * @param word an id that none on record has, or a name, with its port or without.
 * @throws TsmError BAD_DATA where its record is damaged, NOT_FOUND where it runs and there is none.
 */
export function refuseUnrecorded(world: World, word: string): void {
  const damaged = /^\d+$/.test(word) ? damagedOf(world, word, readRecords(world).damaged) : undefined;
  if (damaged !== undefined) throw damagedRecord(damaged);
  const [problem] = unrecorded(world, (name) => mayMean(word, name));
  if (problem === undefined) return;
  if ("problem" in problem) throw damagedRecord(problem);
  throw new TsmError("NOT_FOUND", stillRuns(problem.name, problem.pid), {
    hint: "tsm doctor --fix ends it, and all that belongs to it",
  });
}

/** A process of which no record tells. */
export type Unrecorded = DamagedRecord | { readonly name: string; readonly pid: number };

/**
 * Those of these names whose record is damaged, and then those that run and have none.
 * @param gone those of which earlier looks have found nothing, for who looks again and again: all environments are read for
 * new ones alone.
 */
export function unrecorded(world: World, isAsked: (name: string) => boolean, gone = new Set<string>()): Unrecorded[] {
  const { platform, home } = world;
  const names = new Set([home.processes, home.known].flatMap((folder) => platform.files.list(folder)).filter(isAsked));
  const found: Unrecorded[] = [];
  const lost = new Set<string>();
  for (const name of names) {
    const record = readRecord(world, name);
    if (record === undefined) lost.add(name);
    else if ("problem" in record) found.push({ name, problem: record.problem });
  }
  for (const name of gone) if (!lost.delete(name)) gone.delete(name);
  const running = withoutRecord(world, lost);
  for (const name of lost) if (!running.has(name)) gone.add(name);
  for (const [name, pid] of running) found.push({ name, pid });
  return found;
}

/** Is it this name, with its port or without? An id, a port or a pid is none. */
export function mayMean(word: string, name: string): boolean {
  if (/^(?:\d+$|:|pid:)/.test(word)) return false;
  return name === word || (name.startsWith(`${word}-`) && /^\d+$/.test(name.slice(word.length + 1)));
}

function stillRuns(name: string, pid: number): string {
  return `'${name}' still runs (PID: ${pid}), though its record was removed`;
}

/** Pids of processes that carry the marks of names of which there is no record. */
export function withoutRecord(
  { platform: { processes }, home }: World,
  lost: ReadonlySet<string>,
): Map<string, number> {
  const found = new Map<string, number>();
  const self = processes.self().pid;
  for (const { pid } of lost.size === 0 ? [] : processes.table()) {
    const environment = processes.environment(pid);
    const name = environment?.get("TSM_NAME");
    const isLost = name !== undefined && lost.has(name) && environment?.get("TSM_HOME") === home.root;
    if (isLost && pid !== self && !found.has(name)) found.set(name, pid);
  }
  return found;
}
