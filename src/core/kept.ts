import { isDiskUnwritable, isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** Where a deed keeps what was deleted of a process. The name has been checked (see names.ts). */
export function keptFolder({ home }: World, deed: string, name: string): string {
  return `${home.deeds}/${deed}/deleted/${name}`;
}

/**
 * The folder of a process leaves its place in one step, to be kept: whoever looks sees all of it or none.
 * @returns false when it cannot be kept: its place is as it was.
 */
export function setAside(world: World, deed: string, name: string): boolean {
  const { files } = world.platform;
  const kept = keptFolder(world, deed, name);
  try {
    files.makeFolder(kept.slice(0, kept.lastIndexOf("/")));
    files.rename(processPaths(world.home, name).folder, kept);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** The same where the logs stay: a copy of the record and the launch files, whole or not at all. */
export function keepCopy(world: World, deed: string, name: string): boolean {
  const { files } = world.platform;
  const { launch, meta } = processPaths(world.home, name);
  const kept = keptFolder(world, deed, name);
  const half = `${kept.slice(0, kept.lastIndexOf("/"))}/.half-${name}`;
  try {
    files.makeFolder(`${half}/launch`);
    for (const entry of files.listFiles(launch)) copy(world, `${launch}/${entry}`, `${half}/launch/${entry}`);
    copy(world, meta, `${half}/meta.json`);
    files.rename(half, kept);
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    files.removeFolder(half);
    return false;
  }
}

/**
 * What was kept is a process again. Over logs that were left in their place it comes in three steps: until the second
 * there is no record of it, and from then on the next start finds the launch files where a start that was cut off would
 * have left them. The caller holds the process's lock and the ids, and has seen that the name is free.
 */
export function putBack(world: World, deed: string, name: string): void {
  const { files } = world.platform;
  const kept = keptFolder(world, deed, name);
  const { folder, meta, launch, launchBefore, launchNext } = processPaths(world.home, name);
  if (files.list(folder).length === 0) {
    files.removeFolder(folder);
    files.rename(kept, folder);
    return;
  }
  for (const left of [launch, launchNext]) files.removeFolder(left);
  if (files.kind(`${kept}/launch`) === "directory") {
    files.removeFolder(launchBefore);
    files.rename(`${kept}/launch`, launchBefore);
  }
  files.rename(`${kept}/meta.json`, meta);
  if (files.kind(launchBefore) === "directory") files.rename(launchBefore, launch);
  files.removeFolder(kept);
}

function copy({ platform: { files } }: World, from: string, to: string): void {
  files.writeWhole(to, files.readBytes(from) ?? "");
}

/** The disk is full or read-only, or the processes lie on another one: then what is deleted goes for good. */
function isRefused(error: unknown): boolean {
  return isDiskUnwritable(error) || isErrno(error, "EXDEV", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ENOENT");
}
