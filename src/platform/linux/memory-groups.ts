import { accessSync, constants, rmdirSync, writeFileSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";
import type { MemoryGroups, MemoryPlace } from "../platform.ts";
import { cgroupMounts, foldersTo, groupOf, readKernelFile } from "./cgroup.ts";

/** Groups of cgroup v2. How the kernel wants it: Documentation/admin-guide/cgroup-v2.rst */
export function linuxMemoryGroups(proc?: string): MemoryGroups {
  return { place: () => placeBy(proc), look, setMax, remove };
}

function placeBy(proc: string | undefined): MemoryPlace {
  const mounts = cgroupMounts(proc);
  if (mounts.length === 0) return { whyNot: "cgroup v2 is not mounted here" };
  const own = groupOf("self", proc);
  const all = mounts.flatMap((mount) => (own === undefined ? [] : (foldersTo(own, mount) ?? [])));
  if (all.length === 0) return { whyNot: "the group of cgroup v2 that tsm is in is not to be seen here" };
  if (!all.some((folder) => has(folder, "cgroup.controllers")))
    return { whyNot: "the memory controller is not in cgroup v2 here" };
  // The highest, as it lasts longest: that of a login goes with the login. Only those above this program's own: a process
  // may be moved to where its mover may write to the group that is above both.
  const folder = all.find((each) => isOurs(each) && isOpen(each));
  if (folder !== undefined) return { folder };
  if (!all.some(isOurs)) return { whyNot: "this user may not make a group of cgroup v2 above what tsm is in" };
  if (!all.some((each) => isOurs(each) && has(each, "cgroup.controllers")))
    return { whyNot: "the memory controller of cgroup v2 is not given to this user" };
  return { whyNot: "the group of cgroup v2 that this user may write to has processes of its own" };
}

function isOurs(folder: string): boolean {
  return isWritable(folder) && isWritable(`${folder}/cgroup.procs`);
}

/** Do groups below it have a limit of memory, or would the kernel let them have one? */
function isOpen(folder: string): boolean {
  if (has(folder, "cgroup.subtree_control")) return true;
  if (!has(folder, "cgroup.controllers") || !isWritable(`${folder}/cgroup.subtree_control`)) return false;
  // The root of all has no type, and it alone may have processes beside groups with limits.
  return readKernelFile(`${folder}/cgroup.type`) === undefined || readKernelFile(`${folder}/cgroup.procs`) === "";
}

function has(folder: string, list: "cgroup.controllers" | "cgroup.subtree_control"): boolean {
  return (readKernelFile(`${folder}/${list}`) ?? "").split(/\s+/).includes("memory");
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "EROFS", "ENOTDIR", "ENODEV")) return false;
    throw error;
  }
}

function look(group: string): ReturnType<MemoryGroups["look"]> {
  const most = readKernelFile(`${group}/memory.max`)?.trim();
  if (most === undefined) return undefined;
  const kills = /^oom_kill (\d+)$/m.exec(readKernelFile(`${group}/memory.events`) ?? "")?.[1];
  return { most: /^\d+$/.test(most) ? Number(most) : null, kills: Number(kills ?? 0) };
}

function setMax(group: string, bytes: number | null): boolean {
  try {
    writeFileSync(`${group}/memory.max`, `${bytes ?? "max"}\n`);
    return true;
  } catch (error) {
    if (isErrno(error, ...refused)) return false;
    throw error;
  }
}

function remove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return true;
    // EBUSY: somebody is in it.
    if (isErrno(error, "EBUSY", "ENOTEMPTY", ...refused)) return false;
    throw error;
  }
}

const refused = ["ENOENT", "EACCES", "EPERM", "EROFS", "ENODEV", "ENOTDIR", "EINVAL", "EBUSY"];
