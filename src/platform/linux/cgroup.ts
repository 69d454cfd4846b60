import { readFileSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";

/** Where cgroup v2 is mounted, and which of its groups is the top one there: a container may see a part alone. */
export interface CgroupMount {
  readonly folder: string;
  readonly top: string;
}

/** On a machine that has v1 too, not in the usual place. @param proc where the kernel tells of processes. */
export function cgroupMounts(proc = "/proc"): CgroupMount[] {
  return (readKernelFile(`${proc}/self/mountinfo`) ?? "").split("\n").flatMap((line) => {
    // 29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw
    const [mount = "", system = ""] = line.split(" - ");
    const [, , , top, folder] = mount.split(" ");
    if (!system.startsWith("cgroup2 ") || top === undefined || folder === undefined) return [];
    return [{ folder: unescaped(folder), top: unescaped(top) }];
  });
}

/** The group of a process, as the kernel names it; undefined where there is no v2, or it is gone. */
export function groupOf(pid: number | "self", proc = "/proc"): string | undefined {
  return /^0::(\/.*)$/m.exec(readKernelFile(`${proc}/${pid}/cgroup`) ?? "")?.[1];
}

/** The folders from the top of a mount down to a group; undefined where it is not below it. */
export function foldersTo(group: string, { folder, top }: CgroupMount): string[] | undefined {
  const below =
    top === "/" ? group : group === top ? "/" : group.startsWith(`${top}/`) ? group.slice(top.length) : "/..";
  const names = below.split("/").filter((name) => name !== "");
  if (names.includes("..")) return undefined;
  return [folder, ...names.map((_, at) => [folder, ...names.slice(0, at + 1)].join("/"))];
}

/** mountinfo spells a blank, a tab, a newline and a backslash as three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** A file of /proc or of a cgroup; undefined when it is gone, or closed to this user. */
export function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // ENODEV: a cgroup that has just gone. EOPNOTSUPP: one of threads alone.
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR", "ENODEV", "EOPNOTSUPP")) return undefined;
    throw error;
  }
}
