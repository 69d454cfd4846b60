import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { archivesOf } from "./log-archives.ts";
import { streams } from "./log-parts.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import type { ProcessRecord } from "./process.ts";
import { lockLogs } from "./process-lock.ts";
import { healRotation } from "./rotation.ts";
import { readState, writeState } from "./rotation-state.ts";
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
  const { files, clock } = world.platform;
  const own = processPaths(world.home, record.name);
  const { folder } = own;
  const surgery = await world.platform.logSurgery();
  const release = await lockLogs(world, record.name, signal);
  let bytes = 0;
  let archives = 0;
  try {
    const places = logPlaces(files, world.home, record.name);
    for (const stream of streamsOf(places, streams)) {
      await healRotation(world, record, stream);
      for (const { path } of archivesOf(files, folder, stream)) {
        bytes += files.stat(path)?.size ?? 0;
        archives += 1;
        files.remove(path);
      }
      const place = places[stream];
      // A link that a person has named is meant; one in the place of our own log is not.
      const path = place === own[stream] ? place : (files.realPath(place) ?? place);
      const entry = surgery.entry(path);
      if (entry?.kind !== "file" || entry.size === 0) continue;
      bytes += entry.size;
      await surgery.empty(path);
      const state = readState(files, folder, stream);
      const base = state.base + entry.size;
      writeState(files, folder, stream, { ...state, base, at: Math.floor(clock.nowMs() / 1000) });
      // Who follows must see a log that goes on, and runs keep their numbers.
      files.appendLine(`${folder}/clock.${stream}`, `= ${base}`);
    }
    writeEvent(world, { event: "flush", id: record.tsm_id, name: record.name, bytes });
    return { id: record.tsm_id, name: record.name, bytes, archives };
  } finally {
    release();
  }
}
