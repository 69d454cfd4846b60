import { dirname, resolve } from "node:path";
import { type Dump, formatDump, parseDump } from "./dump.ts";
import { isDiskUnwritable, isErrno, TsmError } from "./errors.ts";
import type { World } from "./world.ts";

/** What it asks of the world. */
type DumpWorld = Pick<World, "platform" | "home">;

/** Behind the current one. */
const oldGenerations = 4;

/** A saved list that could not be read, and where it is now. */
export interface SetAside {
  readonly file: string;
  readonly movedTo: string;
  readonly problem: string;
}

export interface FoundDump {
  readonly dump: Dump;
  readonly file: string;
  /** Of newer ones that could not be read. */
  readonly setAside: readonly SetAside[];
}

/**
 * The newest that is whole, or the one that was asked for. What cannot be read on the way is renamed, never removed.
 * The caller holds the lock.
 * @param generation 0 is the current one, 4 the oldest; undefined: the newest that is good.
 * @returns undefined when nothing was ever saved.
 */
export function newestDump(world: DumpWorld, generation?: number): FoundDump | undefined {
  const { found, damaged } = lookForDump(world, generation);
  const setAside = damaged.map((each) => ({ ...each, movedTo: putAside(world, each.file) }));
  if (found !== undefined) return { ...found, setAside };
  const [first] = setAside;
  if (first === undefined) return undefined;
  throw new TsmError("BAD_DATA", `${first.file} is damaged (${first.problem}), and there is no older one`, {
    hint: `It is kept as ${first.movedTo}; tsm save writes a new one`,
  });
}

/** What `newestDump` would find, and what it would have to put aside. */
export interface DumpSeen {
  readonly found: Pick<FoundDump, "dump" | "file"> | undefined;
  readonly damaged: readonly Pick<SetAside, "file" | "problem">[];
}

/** Changes nothing. */
export function lookForDump(world: DumpWorld, generation?: number): DumpSeen {
  const damaged: Pick<SetAside, "file" | "problem">[] = [];
  for (const file of generation === undefined ? dumpFiles(world) : [dumpFile(world, generation)]) {
    const dump = readDump(world, file);
    if (dump === undefined) continue;
    if (!("problem" in dump)) return { found: { dump, file }, damaged };
    damaged.push({ file, problem: dump.problem });
  }
  return { found: undefined, damaged };
}

/** What a write has done beside it. */
export interface WrittenDump {
  readonly file: string;
  /** What stood there could not be read. */
  readonly setAside: readonly SetAside[];
}

/** The current one becomes the first of the older; the same processes again make no new generation. The caller holds the lock. */
export function writeDump(world: DumpWorld, dump: Dump): WrittenDump {
  const { files } = world.platform;
  const { dump: file } = world.home;
  const before = readDump(world, file);
  const setAside: SetAside[] = [];
  if (before !== undefined && "problem" in before)
    setAside.push({ file, movedTo: putAside(world, file), problem: before.problem });
  else if (before !== undefined && !isSame(before, dump)) keepAsOlder(world, formatDump(before));
  files.makeFolder(world.home.root);
  files.writeWhole(behindLink(world, file), formatDump(dump), { durable: true });
  return { file, setAside };
}

/** Where a link in its place leads, be it to nothing yet: whoever made it wants the list there. */
function behindLink({ platform: { files } }: DumpWorld, file: string): string {
  const target = files.linkTarget(file);
  return target === undefined ? file : (files.realPath(file) ?? resolve(dirname(file), target));
}

function readDump({ platform: { files } }: DumpWorld, file: string): ReturnType<typeof parseDump> | undefined {
  try {
    // A pipe would be waited for, for ever.
    if (files.kind(file) === "other") return { problem: "it is not a file" };
    const bytes = files.readBytes(file);
    return bytes === undefined ? undefined : parseDump(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return { problem: "it is not UTF-8" };
    if (isErrno(error, "EISDIR")) return { problem: "it is a folder" };
    throw error;
  }
}

/** At every moment the current one stands in its place; a copy of it becomes the first of the older. */
function keepAsOlder(world: DumpWorld, text: string): void {
  const { files } = world.platform;
  const numbers = Array.from({ length: oldGenerations }, (_, index) => index + 1);
  // As far as the first gap: what lies behind that need not move.
  const gap = numbers.find((each) => files.kind(dumpFile(world, each)) === "missing") ?? oldGenerations;
  for (let to = gap; to > 1; to -= 1) files.rename(dumpFile(world, to - 1), dumpFile(world, to));
  files.writeWhole(dumpFile(world, 1), text, { durable: true });
}

function isSame(before: Dump, now: Dump): boolean {
  return formatDump({ ...before, savedAt: "" }) === formatDump({ ...now, savedAt: "" });
}

function putAside(world: DumpWorld, file: string): string {
  const { files, clock } = world.platform;
  const time = new Date(clock.nowMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const free = (number: number): string => {
    const path = `${file}.corrupt-${time}${number === 1 ? "" : `-${number}`}`;
    return files.kind(path) === "missing" ? path : free(number + 1);
  };
  const movedTo = free(1);
  try {
    files.rename(file, movedTo);
    return movedTo;
  } catch (error) {
    // It stays where it is, and is passed over all the same.
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM")) throw error;
    return file;
  }
}

function dumpFiles(world: DumpWorld): string[] {
  return Array.from({ length: oldGenerations + 1 }, (_, generation) => dumpFile(world, generation));
}

function dumpFile({ home }: Pick<World, "home">, generation: number): string {
  return generation === 0 ? home.dump : `${home.dump}.${generation}`;
}
