import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { logFiles } from "./log-files.ts";
import { lastLife } from "./log-life.ts";
import type { LogLimits } from "./log-limits.ts";
import type { Stream } from "./log-parts.ts";
import { livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { type Rotated, rotate } from "./rotation.ts";
import type { World } from "./world.ts";

/**
 * Does the process write to a file that does not lie in its log's place? Cheap; `takeOver` looks closer. Never so where it
 * was told to write elsewhere.
 */
export function movedLog(world: World, record: ProcessRecord, stream: Stream): boolean {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  if (logFiles(files, paths)[stream] !== paths[stream]) return false;
  const open = openLog(world, record, stream);
  if (open === undefined) return false;
  const inode = files.stat(paths[stream])?.inode;
  return inode !== open.inode && open.inode === inodeOnRecord(world, record, stream);
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
  if (!movedLog(world, record, stream)) return undefined;
  const path = processPaths(world.home, record.name)[stream];
  const surgery = await world.platform.logSurgery();
  const open = openLog(world, record, stream);
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
  return await rotate(world, record, stream, limits, { to: open.path });
}

function openLog(world: World, record: ProcessRecord, stream: Stream): { path: string; inode: number } | undefined {
  const { processes } = world.platform;
  const identity = livingIdentity(observe(record, processes));
  return identity === undefined ? undefined : processes.openFile(identity, stream === "out" ? 1 : 2);
}

/** Of the file that this life began to write to: a process may have redirected itself, and that is not ours to touch. */
function inodeOnRecord({ platform: { files }, home }: World, { name }: ProcessRecord, stream: Stream): number {
  return lastLife(files, processPaths(home, name).folder, stream)?.inode ?? 0;
}
