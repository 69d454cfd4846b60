import type { Identity } from "../platform/platform.ts";
import { deedIds, doneAt, isOld, nextDeedId } from "./deed-ids.ts";
import { isDiskUnwritable, isErrno } from "./errors.ts";
import { isName } from "./names.ts";
import { identityOf, isLive, observe } from "./observe.ts";
import { parsedJson } from "./parsed-json.ts";
import { type ProcessRecord, recordedStatuses, type Status } from "./process.ts";
import { tryLockDeeds } from "./process-lock.ts";
import { readRecord } from "./records.ts";
import { hasRoomToStart } from "./room.ts";
import type { World } from "./world.ts";

/**
 * What a command did to processes, so that it can be undone: written before anything is touched, as they were then.
 * What has come of it is read from the processes themselves when it is asked for, so a `tsm` that is killed halfway
 * leaves nothing that is not so.
 */
export interface Deed {
  readonly id: string;
  readonly verb: DeedVerb;
  readonly by: DeedBy;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly processes: readonly Before[];
}

export const deedVerbs = ["stop", "kill", "delete", "cleanup", "restart"] as const;
export type DeedVerb = (typeof deedVerbs)[number];
const doers = ["shell", "command line"] as const;
export type DeedBy = (typeof doers)[number];

/** A process as it was before. */
export interface Before {
  readonly name: string;
  /** undefined when its record was damaged. */
  readonly record: RecordBefore | undefined;
}

/** Of its record, what tells it from another of the same name, and one life of it from the next. */
export interface RecordBefore {
  readonly id: number;
  readonly status: Status;
  readonly created: number;
  readonly command: string;
  /** Who ran; undefined when nothing did. */
  readonly life: Identity | undefined;
}

/** Deeper nothing is undone. */
export const deedsKept = 20;

/**
 * Puts a deed on record that is about to be done. Never keeps it from being done.
 * @returns its id; undefined when it changes nothing, or when the disk is full.
 */
export function beginDeed(world: World, verb: DeedVerb, by: DeedBy, names: readonly string[]): string | undefined {
  const { files } = world.platform;
  const all = names.flatMap((name) => beforeOf(world, name));
  // What rests already cannot be stopped.
  const ends = verb === "stop" || verb === "kill";
  const processes = ends ? all.filter(({ record }) => record !== undefined && wasLive(record)) : all;
  if (processes.length === 0) return undefined;
  // Who deletes where nothing can be started any more wants the space back.
  if ((verb === "delete" || verb === "cleanup") && !hasRoomToStart(world)) return undefined;
  try {
    const id = nextDeedId(world);
    const folder = `${world.home.deeds}/${id}`;
    try {
      files.makeFolder(folder);
      files.writeWhole(`${folder}/deed.json`, `${JSON.stringify({ verb, by, processes })}\n`);
    } catch (error) {
      files.removeFolder(folder);
      throw error;
    }
    return id;
  } catch (error) {
    if (isDiskUnwritable(error) || isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EEXIST", "EISDIR")) return undefined;
    throw error;
  }
}

/** It has been done, or has failed: what has touched nothing is no deed, and others may be too many now. */
export async function endDeed(world: World, id: string): Promise<void> {
  const deed = readDeed(world, id);
  if (deed?.processes.every((before) => isUntouched(world, before))) forgetDeed(world, id);
  else await forgetOldDeeds(world);
}

export function wasLive({ status }: RecordBefore): boolean {
  return status !== "stopped" && status !== "crashed";
}

/** The record of this name, while it is still that of the process that the deed was done to. */
export function isSame(before: RecordBefore, record: ProcessRecord): boolean {
  // By both: a start under the name of what rests keeps the first, and a name is soon given again.
  return before.created === record.created && before.command === record.command;
}

/** Does it stand as it stood: the same life goes on, or it rests as it rested? */
export function isUntouched(world: World, { name, record: before }: Before): boolean {
  const found = readRecord(world, name);
  if (found === undefined) return false;
  if ("problem" in found || before === undefined) return "problem" in found && before === undefined;
  if (!isSame(before, found)) return false;
  const { kind } = observe(found, world.platform.processes);
  if (!wasLive(before)) return kind === before.status;
  const life = identityOf(found);
  const goesOn = life?.pid === before.life?.pid && life?.startMark === before.life?.startMark;
  return goesOn && kind !== "stopped" && kind !== "crashed" && kind !== "stopping";
}

/** The last first; at most as many as can be undone. */
export function readDeeds(world: World): Deed[] {
  return deedIds(world)
    .filter((id) => !isOld(world, id))
    .flatMap((id) => readDeed(world, id) ?? [])
    .slice(0, deedsKept);
}

/** undefined when there is none, or when nobody can make sense of it. */
export function readDeed({ platform: { files }, home }: World, id: string): Deed | undefined {
  const text = files.readText(`${home.deeds}/${id}/deed.json`);
  if (text === undefined) return undefined;
  // Of one that was cut short by a power failure there are no fields: it goes when its day is over.
  const value = parsedJson(text);
  const fields = fieldsOf(value);
  const verb = deedVerbs.find((each) => each === fields.get("verb"));
  const by = doers.find((each) => each === fields.get("by"));
  const processes = fields.get("processes");
  if (verb === undefined || by === undefined || !Array.isArray(processes)) return undefined;
  return { id, verb, by, at: doneAt(id), processes: processes.flatMap(parseBefore) };
}

/** What is kept for it goes too. It leaves its place in one step: whoever looks sees all of it or none. */
export function forgetDeed({ platform: { files }, home }: World, id: string): void {
  const aside = `${home.deeds}/.gone-${id}`;
  if (files.kind(`${home.deeds}/${id}`) === "missing") return;
  files.rename(`${home.deeds}/${id}`, aside);
  files.removeFolder(aside);
}

/** Forgets what is older than a day, and all beyond the last 20. Not while something is being undone: the next time. */
export async function forgetOldDeeds(world: World): Promise<void> {
  const release = await tryLockDeeds(world);
  if (release === undefined) return;
  try {
    const ids = deedIds(world);
    for (const [index, id] of ids.entries()) if (index >= deedsKept || isOld(world, id)) forgetDeed(world, id);
    removeGone(world);
  } finally {
    release();
  }
}

/** What a `tsm` that was killed while it forgot a deed has left. The caller holds the lock of the deeds. */
export function removeGone({ platform: { files }, home }: World): void {
  for (const name of files.list(home.deeds)) if (name.startsWith(".gone-")) files.removeFolder(`${home.deeds}/${name}`);
}

function beforeOf(world: World, name: string): Before[] {
  const found = readRecord(world, name);
  if (found === undefined) return [];
  if ("problem" in found) return [{ name, record: undefined }];
  const observed = observe(found, world.platform.processes);
  const { tsm_id: id, created, command } = found;
  const life = isLive(observed) ? identityOf(found) : undefined;
  return [{ name, record: { id, status: observed.kind, created, command, life } }];
}

function parseBefore(value: unknown): Before[] {
  const fields = fieldsOf(value);
  const name = fields.get("name");
  // It becomes a part of paths.
  if (typeof name !== "string" || !isName(name)) return [];
  const record = fields.get("record");
  if (record === undefined) return [{ name, record: undefined }];
  const parts = fieldsOf(record);
  const [id, created, command] = [parts.get("id"), parts.get("created"), parts.get("command")];
  const status = recordedStatuses.find((each) => each === parts.get("status"));
  if (typeof id !== "number" || typeof created !== "number" || typeof command !== "string" || status === undefined)
    return [];
  return [{ name, record: { id, created, command, status, life: parseLife(parts.get("life")) } }];
}

function parseLife(value: unknown): Identity | undefined {
  const fields = fieldsOf(value);
  const [pid, startMark, bootId] = [fields.get("pid"), fields.get("startMark"), fields.get("bootId")];
  if (typeof pid !== "number" || typeof startMark !== "string" || typeof bootId !== "string") return undefined;
  return { pid, startMark, bootId };
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
