import { readdirSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";
import type { ProcessLimits } from "../processes.ts";
import { cgroupMounts, foldersTo, groupOf, readKernelFile as read } from "./cgroup.ts";

/** What the kernel allows a process, and what it uses of that; undefined when it is gone. */
export function readLimits(pid: number): ProcessLimits | undefined {
  const limits = read(`/proc/${pid}/limits`);
  const stat = read(`/proc/${pid}/stat`);
  if (limits === undefined || stat === undefined) return undefined;
  const cgroup = cgroupOf(pid);
  return {
    // Behind the name in parentheses, which may hold any: the 19th field of all.
    nice: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]),
    openFiles: { ...limitIn(limits, "Max open files"), used: openFiles(pid) },
    processes: { ...limitIn(limits, "Max processes"), used: null },
    coreSize: { ...limitIn(limits, "Max core file size"), used: null },
    addressSpace: { ...limitIn(limits, "Max address space"), used: null },
    cgroup,
  };
}

function limitIn(text: string, name: string): { soft: number | null; hard: number | null } {
  const [, soft, hard] = new RegExp(`^${name}\\s+(\\S+)\\s+(\\S+)`, "m").exec(text) ?? [];
  return { soft: numberOf(soft), hard: numberOf(hard) };
}

/** null: there is no limit. */
function numberOf(word: string | undefined): number | null {
  return word !== undefined && /^\d+$/.test(word.trim()) ? Number(word) : null;
}

function openFiles(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch (error) {
    if (isErrno(error, "EACCES", "ENOENT", "ESRCH")) return null;
    throw error;
  }
}

/** The group of cgroup v2 that it is in, where there is one. */
function cgroupOf(pid: number): ProcessLimits["cgroup"] {
  const path = groupOf(pid);
  if (path === undefined) return null;
  const folder = cgroupMounts().flatMap((mount) => foldersTo(path, mount)?.at(-1) ?? [])[0] ?? null;
  const value = (name: string) => (folder === null ? null : numberOf(read(`${folder}/${name}`)));
  return {
    path,
    folder,
    memoryMax: value("memory.max"),
    memoryUsed: value("memory.current"),
    processesMax: value("pids.max"),
  };
}
