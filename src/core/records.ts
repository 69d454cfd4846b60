import { isErrno, TsmError } from "./errors.ts";
import { metaPath, processPaths } from "./home.ts";
import { isName } from "./names.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { formatRecord, parseRecord } from "./record.ts";
import type { World } from "./world.ts";

/** A folder among the processes whose `meta.json` cannot be used. */
export interface DamagedRecord {
  readonly name: string;
  readonly problem: string;
}

/** What whoever names it is told. */
export function damagedRecord({ name, problem }: DamagedRecord): TsmError {
  return new TsmError("BAD_DATA", `the record of '${name}' is damaged: ${problem}`, {
    hint: damageAdvice(name),
  });
}

export function damageAdvice(name: string): string {
  return `tsm doctor --fix mends it where it can, tsm delete ${quoteWord(name)} removes it`;
}

export interface Records {
  /** By id. */
  readonly records: readonly ProcessRecord[];
  readonly damaged: readonly DamagedRecord[];
}

/** Everything on record. One unreadable file never hides the others. */
export function readRecords(world: World): Records {
  return inOrder(recordReader(world)());
}

const readers = new WeakMap<World, ReturnType<typeof recordReader>>();

/** As `readRecords`, for what is done to many one after another: a file that is as it was at the last look is not read again. */
export function readRecordsAgain(world: World): Records {
  const reader = readers.get(world) ?? recordReader(world);
  readers.set(world, reader);
  return inOrder(reader());
}

/** What is found, the good ones by id. */
export function inOrder(found: Iterable<Found>): Records {
  const records: ProcessRecord[] = [];
  const damaged: DamagedRecord[] = [];
  for (const { name, record } of found) {
    if ("problem" in record) damaged.push({ name, problem: record.problem });
    else records.push(record);
  }
  records.sort((a, b) => a.tsm_id - b.tsm_id || (a.name < b.name ? -1 : 1));
  return { records, damaged };
}

/** What stands under a name. */
export interface Found {
  readonly name: string;
  readonly record: ProcessRecord | { readonly problem: string };
}

/**
 * A reader of everything on record, for who looks again and again: each is handed over as it is read, and from the second
 * look on a file that is the same as at the last one is not read again. A thousand then take 4 ms instead of 20; and a
 * program that looks once has not paid for it.
 */
export function recordReader(world: World): () => Generator<Found> {
  let looks = 0;
  let known: ReadonlyMap<string, Known> = new Map();
  return function* () {
    const keeps = looks++ > 0;
    const now = new Map<string, Known>();
    for (const name of folderNames(world)) {
      const before = known.get(name);
      // Before the file is read: one that is written in between is read again at the next look.
      const stamp = keeps ? stampOf(world, name) : undefined;
      const isSame = before !== undefined && stamp !== undefined && isEqual(stamp, before.stamp);
      const record = isSame ? before.record : readRecord(world, name);
      if (record === undefined) continue;
      if (stamp !== undefined) now.set(name, { stamp, record });
      yield { name, record };
    }
    known = now;
  };
}

interface Known {
  readonly stamp: Stamp;
  readonly record: Found["record"];
}

type Stamp = Pick<NonNullable<ReturnType<World["platform"]["files"]["stat"]>>, "inode" | "size" | "modifiedMs">;

function isEqual(a: Stamp, b: Stamp): boolean {
  return a.inode === b.inode && a.modifiedMs === b.modifiedMs && a.size === b.size;
}

function stampOf(world: World, name: string): Stamp | undefined {
  try {
    return world.platform.files.stat(metaPath(world.home, name));
  } catch (error) {
    // The read will say what is wrong.
    if (isErrno(error, "ENOTDIR", "EACCES", "EPERM", "ELOOP", "EIO", "ENXIO")) return undefined;
    throw error;
  }
}

/** undefined when there is nothing under this name. */
export function readRecord(world: World, name: string): ProcessRecord | { readonly problem: string } | undefined {
  const { files } = world.platform;
  try {
    const text = files.readText(metaPath(world.home, name));
    if (text !== undefined) return parseRecord(text, name);
  } catch (error) {
    if (isErrno(error, "ENOTDIR")) return undefined; // a stray file beside the folders
    if (isErrno(error, "EISDIR")) return { problem: "meta.json is a folder" };
    if (isErrno(error, "EACCES", "EPERM")) return { problem: "meta.json may not be read" };
    if (isErrno(error, "ELOOP", "EIO", "ENXIO")) return { problem: `meta.json cannot be read (${error.code})` };
    throw error;
  }
  // A folder with nothing but logs in it is what `delete --keep-logs` leaves.
  return files.kind(processPaths(world.home, name).launch) === "directory"
    ? { problem: "meta.json is missing" }
    : undefined;
}

/** The record under this name, when it is a good one. */
export function goodRecord(world: World, name: string): ProcessRecord | undefined {
  const found = readRecord(world, name);
  return found === undefined || "problem" in found ? undefined : found;
}

/** What tells a process from another that had its name before. */
export type Meant = Pick<ProcessRecord, "tsm_id" | "created">;

/** As `goodRecord`, for whoever has waited since. @throws TsmError when what was meant is gone, whoever is called so by now */
export function recordMeant(world: World, name: string, meant: Meant | undefined): ProcessRecord {
  const record = goodRecord(world, name);
  if (record === undefined || isAnother(record, meant)) throw deletedMeanwhile(name);
  return record;
}

export function isAnother(record: Meant, meant: Meant | undefined): boolean {
  return meant !== undefined && (record.tsm_id !== meant.tsm_id || record.created !== meant.created);
}

export function deletedMeanwhile(name: string): TsmError {
  return new TsmError("NOT_FOUND", `process '${name}' was deleted meanwhile`);
}

export function writeRecord(world: World, record: ProcessRecord): void {
  world.platform.files.writeWhole(metaPath(world.home, record.name), formatRecord(record));
}

function folderNames(world: World): string[] {
  try {
    const names = world.platform.files.list(world.home.processes).filter(isName);
    if (names.length === 0 && world.platform.files.kind(world.home.root) === "file") {
      throw new TsmError("HOME", `the home ${world.home.root} is a file`, { hint: "Set TSM_HOME to a folder" });
    }
    return names;
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR")) {
      throw new TsmError("HOME", `the home ${world.home.root} cannot be read`, {
        hint: "Check its owner and permissions, or set TSM_HOME to another folder",
      });
    }
    throw error;
  }
}
