import { alreadyRunning } from "./already-running.ts";
import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import { forgetNote } from "./interrupted.ts";
import { writeEvent } from "./journal.ts";
import { keepCopy, setAside } from "./kept.ts";
import { isLogFile } from "./log-archives.ts";
import { forgetName } from "./lost-record.ts";
import { isLive, observe } from "./observe.ts";
import { writePortRegistry } from "./port-registry.ts";
import { lockIds, lockLogs, lockProcess } from "./process-lock.ts";
import type { Receipt } from "./receipt.ts";
import { deletedMeanwhile, goodRecord, isAnother, type Meant, readRecord, readRecordsAgain } from "./records.ts";
import { end, noteEnd, type StopOptions } from "./stop.ts";
import { endStrays, isUnsettled } from "./strays.ts";
import { marksOf } from "./tree.ts";
import type { World } from "./world.ts";

/** What was forgotten. */
export interface Deleted {
  readonly name: string;
  readonly id: number | null;
  /** undefined when its record was damaged. */
  readonly receipt: Receipt | undefined;
  /** Where the logs are, when they were kept. */
  readonly logs: string | undefined;
  /** Is it kept, to be undone? Not on a full disk, which a delete is to give space back to. */
  readonly kept: boolean;
}

export interface DeleteOptions {
  readonly timeoutSeconds: number | undefined;
  readonly keepLogs: boolean;
  /** Keeps what goes, to be undone; undefined: for good. */
  readonly deed: string | undefined;
  /** Not when it runs, or will by itself. */
  readonly unlessLive?: boolean;
  /** Not another that has its name by now. */
  readonly meant?: Meant | undefined;
}

/** Ends a process and forgets it: its folder goes, with `keepLogs` all of it but the logs. Damaged records too. */
export async function deleteProcess(
  world: World,
  name: string,
  options: DeleteOptions,
  signal: AbortSignal,
): Promise<Deleted> {
  const release = await lockProcess(world, name, signal);
  try {
    return await deleteHeld(world, name, options);
  } finally {
    release();
  }
}

/** The same, for a caller that holds the process's lock. */
export async function deleteHeld(world: World, name: string, options: DeleteOptions): Promise<Deleted> {
  const paths = processPaths(world.home, name);
  try {
    const found = readRecord(world, name);
    const record = found === undefined || "problem" in found ? undefined : found;
    if (found === undefined || (record !== undefined && isAnother(record, options.meant))) throw deletedMeanwhile(name);
    if (options.unlessLive === true && record !== undefined && isLive(observe(record, world.platform.processes)))
      throw alreadyRunning(record);
    // Who carries the name is all that can be told of a damaged record's processes.
    const marks = record === undefined ? { TSM_HOME: world.home.root, TSM_NAME: name } : marksOf(world.home, record);
    const isCutOff = record === undefined || isUnsettled(world, record);
    const stopOptions: StopOptions = {
      timeoutSeconds: options.timeoutSeconds,
      hard: false,
      event: "delete",
      by: "user",
    };
    const { deed, keepLogs } = options;
    if (record !== undefined && isLive(observe(record, world.platform.processes))) {
      noteEnd(world, name, "delete", [keepLogs ? "but-logs" : "all", ...(deed === undefined ? [] : [deed])]);
    }
    const receipt = record === undefined ? undefined : await end(world, record, stopOptions);
    if (isCutOff) await endStrays(world, name, marks);
    // Not in the middle of a rotation.
    const releaseLogs = await lockLogs(world, name);
    let kept = false;
    try {
      kept = deed !== undefined && (keepLogs ? keepCopy(world, deed, name) : setAside(world, deed, name));
      if (keepLogs) forgetAllButLogs(world, name);
      else if (!kept) forget(world, name);
    } finally {
      releaseLogs();
    }
    // A runner that came late finds nothing to read now; one that came just before is ended here.
    if (isCutOff) await endStrays(world, name, marks);
    forgetName(world, name);
    await dropFromRegistry(world, name);
    writeEvent(world, { event: "delete", id: record?.tsm_id ?? -1, name });
    return { name, id: record?.tsm_id ?? null, receipt, logs: keepLogs ? paths.folder : undefined, kept };
  } finally {
    forgetNote(world, name);
  }
}

/**
 * Goes on with a delete whose `tsm` was killed: what runs is told to end, and forgotten by a later look, when it is gone.
 * The caller holds the process's lock.
 * @returns whether it was told or forgotten now.
 */
export async function finishDelete(world: World, name: string, how: readonly string[]): Promise<boolean> {
  const record = goodRecord(world, name);
  const observed = record === undefined ? undefined : observe(record, world.platform.processes);
  if (observed === undefined || isLive(observed)) {
    const { finishStop } = await import("./finish-stop.ts");
    return await finishStop(world, name, false);
  }
  const [what, deed] = how;
  // Who has forgotten the deed meanwhile does not want it back.
  const isOnRecord = deed !== undefined && world.platform.files.kind(`${world.home.deeds}/${deed}`) === "directory";
  const options = { timeoutSeconds: undefined, keepLogs: what === "but-logs", deed: isOnRecord ? deed : undefined };
  await deleteHeld(world, name, options);
  return true;
}

/** The folder leaves its place in one step: whoever looks sees all of it or none. */
function forget(world: World, name: string): void {
  const { files } = world.platform;
  // Not a name that a process can have. What a killed `delete` leaves here goes with the next of the same name.
  const aside = `${world.home.processes}/.deleted-${name}`;
  files.removeFolder(aside);
  files.rename(processPaths(world.home, name).folder, aside);
  files.removeFolder(aside);
}

/** The logs are never moved, so nothing that happens halfway can lose them. The record goes last. */
function forgetAllButLogs(world: World, name: string): void {
  const { files } = world.platform;
  const { folder, meta } = processPaths(world.home, name);
  for (const entry of files.list(folder)) {
    const path = `${folder}/${entry}`;
    if (!isLogFile(entry) && path !== meta) files.removeFolder(path);
  }
  files.removeFolder(meta);
}

/** On a full disk the registry keeps the name until the next start or delete writes it. */
async function dropFromRegistry(world: World, name: string): Promise<void> {
  try {
    const release = await lockIds(world);
    try {
      await writePortRegistry(
        world,
        readRecordsAgain(world).records.filter((record) => record.name !== name),
      );
    } finally {
      release();
    }
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}
