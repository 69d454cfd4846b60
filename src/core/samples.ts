import { isDiskUnwritable, isErrno } from "./errors.ts";
import { identityOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { tryLockSamples } from "./process-lock.ts";
import { namesLine, type Sample, sampleLine, samplesIn } from "./sample-lines.ts";
import { familyOf, tableOf } from "./tree.ts";
import { treeUse } from "./tree-use.ts";
import type { World } from "./world.ts";

/** A pass that comes sooner after the last sample takes none. */
const leastPauseMs = 30_000;
const dayMs = 86_400_000;
/** Of one core; a sample would have it as none at all. */
const idlePercent = 0.05;

/**
 * Writes down what each process uses, with all that it has started: one line for all of them, in the file of the day (UTC).
 * What is lost here is history: a disk on which nothing can be written down stops nobody.
 */
export async function takeSamples(world: World, records: readonly ProcessRecord[]): Promise<void> {
  const days = world.settings().metricsDays;
  if (days === 0) return;
  const { processes, files, clock } = world.platform;
  const live = records.filter(({ status }) => status !== "stopped" && status !== "crashed" && status !== "waiting");
  if (live.length === 0) return;
  try {
    if (isFresh(world)) return;
    const release = await tryLockSamples(world);
    if (release === undefined) return;
    try {
      // Once more: another pass may have taken one and let go between the two.
      if (isFresh(world)) return;
      files.makeFolder(world.home.samples);
      const found = seen(live, tableOf(processes.table()), processes.bootId());
      noteIdle(world, write(world, clock.nowMs(), readLast(world), found, days));
    } finally {
      release();
    }
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ELOOP"))
      throw error;
  }
}

function isFresh(world: World): boolean {
  const [head] = lastLines(world);
  const age = world.platform.clock.nowMs() - (head?.at ?? Number.NEGATIVE_INFINITY);
  return age >= 0 && age < leastPauseMs;
}

/** The samples since then, the oldest first. @param wanted of this process alone. */
export function* readSamples(world: World, sinceMs: number, wanted?: string): Generator<Sample> {
  const { files } = world.platform;
  const folder = world.home.samples;
  const first = fileOf(sinceMs);
  for (const file of dayFiles(world).filter((name) => name >= first)) {
    const text = files.readText(`${folder}/${file}`);
    if (text !== undefined) yield* samplesIn(text, Math.ceil(sinceMs / 1000), wanted);
  }
}

/** A process as it was seen in a pass. */
interface Seen {
  readonly id: number;
  readonly name: string;
  readonly pid: number;
  readonly startMark: string;
  readonly cpuMs: number;
  readonly memory: number;
}

function seen(records: readonly ProcessRecord[], table: ReturnType<typeof tableOf>, bootId: string): Seen[] {
  return records.flatMap((record) => {
    const identity = identityOf(record);
    if (identity === undefined || identity.bootId !== bootId) return [];
    const use = treeUse(familyOf(identity, table));
    if (use === undefined) return [];
    const { pid, startMark } = identity;
    return [{ id: record.tsm_id, name: record.name, pid, startMark, cpuMs: use.cpuMs, memory: use.memoryBytes }];
  });
}

/** Anew each time: what has begun since is newer. */
function noteIdle({ platform: { files }, home }: World, isIdle: boolean): void {
  if (isIdle) files.writeWhole(home.idle, "");
  else files.remove(home.idle);
}

/** @returns whether none of them has used the processor. */
function write(world: World, now: number, last: Last | undefined, found: readonly Seen[], days: number): boolean {
  const { files, processes } = world.platform;
  const file = fileOf(now);
  const path = `${world.home.samples}/${file}`;
  const ages = processes.ages();
  const bootId = processes.bootId();
  const lines = found.map((process) => {
    const before = last?.seen.get(process.name);
    const isSame = before !== undefined && before.pid === process.pid && before.startMark === process.startMark;
    const since = last === undefined || now <= last.at || !isSame ? undefined : last.at;
    const spanMs = since === undefined ? ages({ pid: process.pid, startMark: process.startMark, bootId }) : now - since;
    const usedMs = process.cpuMs - (since === undefined ? 0 : (before?.cpuMs ?? 0));
    // Less than before: some of its children have ended, and nobody of the tree has waited for them.
    return { id: process.id, cpu: (Math.max(0, usedMs) / Math.max(1, spanMs)) * 100, memory: process.memory };
  });
  const isNew = last?.file !== file || files.kind(path) === "missing";
  const knows = !isNew && found.every(({ id, name }) => last.seen.get(name)?.id === id);
  const names = knows ? "" : `${namesLine(found.map(({ id, name }) => [id, name]))}\n`;
  // A line that was cut has no end: what follows begins on a line of its own.
  files.appendLine(path, `\n${names}${sampleLine(Math.floor(now / 1000), lines)}`);
  files.writeWhole(lastPath(world), lastText({ at: now, file, seen: found }));
  if (isNew) forgetOld(world, now, days);
  return lines.every(({ cpu }) => cpu < idlePercent);
}

/** All that the next pass has to know of this one. */
interface Last {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly file: string;
  readonly seen: ReadonlyMap<string, Seen>;
}

function lastPath({ home }: World): string {
  return `${home.samples}/last`;
}

function lastText({ at, file, seen }: { at: number; file: string; seen: readonly Seen[] }): string {
  // The name stands last: there may be blanks in it.
  const lines = seen.map(({ id, name, pid, startMark, cpuMs }) => `${id} ${pid} ${startMark} ${cpuMs} ${name}`);
  return `${[`${at} ${file}`, ...lines].join("\n")}\n`;
}

function readLast(world: World): Last | undefined {
  const [head, lines] = lastLines(world);
  if (head === undefined) return undefined;
  const seen = lines.flatMap((line) => {
    const [, id, pid, startMark = "", cpuMs, name = ""] = /^(\d+) (\d+) (\S+) ([\d.]+) (.+)$/.exec(line) ?? [];
    return id === undefined
      ? []
      : [{ id: Number(id), pid: Number(pid), startMark, cpuMs: Number(cpuMs), name, memory: 0 }];
  });
  return { ...head, seen: new Map(seen.map((process) => [process.name, process])) };
}

function lastLines(world: World): [head: Pick<Last, "at" | "file"> | undefined, lines: readonly string[]] {
  const [head = "", ...lines] = (world.platform.files.readText(lastPath(world)) ?? "").trimEnd().split("\n");
  const [at, file] = head.split(" ");
  return [file === undefined || !(Number(at) > 0) ? undefined : { at: Number(at), file }, lines];
}

/** `2026-01-31.samples`: in the order of their names they are in that of their days. */
function fileOf(ms: number): string {
  return `${new Date(Math.max(0, ms)).toISOString().slice(0, 10)}.samples`;
}

function dayFiles(world: World): string[] {
  return world.platform.files
    .listFiles(world.home.samples)
    .filter((name) => /^\d{4}-\d\d-\d\d\.samples$/.test(name))
    .sort();
}

function forgetOld(world: World, now: number, days: number): void {
  const first = fileOf(now - days * dayMs);
  for (const file of dayFiles(world)) if (file < first) world.platform.files.remove(`${world.home.samples}/${file}`);
}
