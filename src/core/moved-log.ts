import type { Identity } from "../platform/platform.ts";
import type { Processes } from "../platform/processes.ts";
import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { type LogFiles, logFiles } from "./log-files.ts";
import { lastLife } from "./log-life.ts";
import type { LogLimits } from "./log-limits.ts";
import { type Stream, streams } from "./log-parts.ts";
import { identityOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { type Rotated, rotate } from "./rotation.ts";
import { ownLog } from "./shared-logs.ts";
import type { World } from "./world.ts";

/**
 * The streams that the process writes to a file that does not lie in its log's place. Cheap; `takeOver` looks closer. Never
 * one that was told to be written elsewhere.
 * @param chosen where each stream was told to go
 */
export function movedLogs(world: World, record: ProcessRecord, chosen: LogFiles): Stream[] {
  const { files, processes } = world.platform;
  const paths = processPaths(world.home, record.name);
  const identity = identityOf(record);
  if (identity === undefined) return [];
  return streams.filter((stream) => {
    if (chosen[stream] !== paths[stream]) return false;
    const begun = inodeOnRecord(world, record, stream);
    // In its place, as nearly always: then nobody need be asked who has what open, which macOS takes long to tell.
    if (begun === 0 || files.stat(paths[stream])?.inode === begun) return false;
    return openLog(processes, identity, stream)?.inode === begun;
  });
}

/**
 * A person has moved a live log (`mv current.out old.log`), and the process writes on into what is now theirs. It gets
 * its place back, and they get a file of their own with all that was written so far: nothing is lost or doubled, and from
 * now on new lines are in the log alone. The caller holds the lock of the logs.
 * @returns undefined when that is not so, or cannot be mended: the file was deleted, or is on another disk.
 */
export async function takeOver(
  world: World,
  record: ProcessRecord,
  stream: Stream,
  limits: LogLimits,
): Promise<Rotated | undefined> {
  const identity = identityOf(record);
  const paths = processPaths(world.home, record.name);
  const isMoved = movedLogs(world, record, logFiles(world.platform.files, paths)).includes(stream);
  if (identity === undefined || !isMoved) return undefined;
  const path = paths[stream];
  const surgery = await world.platform.logSurgery();
  const open = openLog(world.platform.processes, identity, stream);
  if (open === undefined || surgery.entry(open.path)?.inode !== open.inode) return undefined;
  const inPlace = surgery.entry(path);
  // An empty file in its place is what `touch` and logrotate leave there; anything else is somebody's.
  if (inPlace !== undefined && !(inPlace.kind === "file" && inPlace.size === 0)) return undefined;
  if (inPlace !== undefined) world.platform.files.remove(path);
  try {
    surgery.link(open.path, path);
  } catch (error) {
    if (isErrno(error, "EXDEV", "EPERM", "EMLINK", "ENOENT")) return undefined;
    throw error;
  }
  return await rotate(world, ownLog(world, record, stream), limits, { to: open.path });
}

function openLog(
  processes: Processes,
  identity: Identity,
  stream: Stream,
): { path: string; inode: number } | undefined {
  return processes.openFile(identity, stream === "out" ? 1 : 2, { patient: true });
}

/** Of the file that this life began to write to: a process may have redirected itself, and that is not ours to touch. */
function inodeOnRecord({ platform: { files }, home }: World, { name }: ProcessRecord, stream: Stream): number {
  return lastLife(files, processPaths(home, name).folder, stream)?.inode ?? 0;
}
