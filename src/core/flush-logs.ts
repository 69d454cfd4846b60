import { writeEvent } from "./journal.ts";
import { archivesOf } from "./log-archives.ts";
import { type Stream, shelfOf, streams } from "./log-parts.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import { standingShelf } from "./log-shelf.ts";
import type { ProcessRecord } from "./process.ts";
import { lockLogs, lockNamedLog } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { healRotation, type SharedLog } from "./rotation.ts";
import { readState, writeState } from "./rotation-state.ts";
import { logsAsked, namedLogs, ownLog } from "./shared-logs.ts";
import type { World } from "./world.ts";

export interface Flushed {
  readonly id: number;
  readonly name: string;
  /** Of live logs and archives, on disk. */
  readonly bytes: number;
  readonly archives: number;
}

/**
 * Throws away all that a process has written so far, archives too, also from files that a person has named. It writes on
 * into empty logs.
 */
export async function flushLogs(world: World, record: ProcessRecord, signal: AbortSignal): Promise<Flushed> {
  const release = await lockLogs(world, record.name, signal);
  let bytes = 0;
  let archives = 0;
  try {
    const places = logPlaces(world.platform.files, world.home, record.name);
    for (const stream of streamsOf(places, streams)) {
      const shelf = shelfOf(places, stream);
      const flushed = shelf.isNamed
        ? await flushNamed(world, record, stream, signal)
        : await flush(world, { ...ownLog(world, record, stream), shelf });
      bytes += flushed.bytes;
      archives += flushed.archives;
    }
    writeEvent(world, { event: "flush", id: record.tsm_id, name: record.name, bytes });
    return { id: record.tsm_id, name: record.name, bytes, archives };
  } finally {
    release();
  }
}

async function flushNamed(world: World, record: ProcessRecord, stream: Stream, signal: AbortSignal) {
  const { files } = world.platform;
  const path = logPlaces(files, world.home, record.name)[stream];
  const shelf = standingShelf(files, path);
  const settings = world.settings();
  const asked = readRecords(world).records.map((each) => logsAsked(world, each, settings));
  const named = await namedLogs(world, asked);
  const log = named.find(({ shelf: { live } }) => live === shelf?.live);
  if (log === undefined) return { bytes: 0, archives: 0 };
  // Where nothing can be written nothing has been rotated either.
  if (!files.isWritable(log.shelf.folder)) return await flush(world, log);
  const release = await lockNamedLog(world, log.shelf, signal);
  try {
    return await flush(world, log);
  } finally {
    release();
  }
}

/** The caller holds its lock. */
async function flush(world: World, log: SharedLog): Promise<Pick<Flushed, "bytes" | "archives">> {
  const { files, clock } = world.platform;
  const surgery = await world.platform.logSurgery();
  const { shelf } = log;
  await healRotation(world, log);
  const archives = archivesOf(files, shelf);
  let bytes = 0;
  for (const { path } of archives) {
    bytes += files.stat(path)?.size ?? 0;
    files.remove(path);
  }
  // A link that a person has named is meant; one in the place of our own log is not.
  const path = shelf.isNamed ? (files.realPath(shelf.live) ?? shelf.live) : shelf.live;
  const entry = surgery.entry(path);
  if (entry?.kind !== "file" || entry.size === 0) return { bytes, archives: archives.length };
  await surgery.empty(path);
  const state = readState(files, shelf);
  const base = state.base + entry.size;
  // Of a file that was named `at` says that archives beside it are ours.
  const at = shelf.isNamed ? state.at : Math.floor(clock.nowMs() / 1000);
  if (!shelf.isNamed || files.isWritable(shelf.folder)) writeState(files, shelf, { ...state, base, at });
  // Who follows must see a log that goes on, and runs keep their numbers.
  for (const each of log.clocks) files.appendLine(each, `= ${base}`);
  return { bytes: bytes + entry.size, archives: archives.length };
}
