import { closeSync, constants, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";
import type { MemoryKill, MemoryKills } from "../memory-kills.ts";

/** What /proc/vmstat and the kernel's log say. In a container the first is the host's, and the second mostly closed. */
export function linuxMemoryKills(): MemoryKills {
  const uptimeMs = Number(textOf("/proc/uptime").split(" ")[0]) * 1000;
  const records = kernelLog();
  // The oldest is where the ring begins, or what was cleared ends.
  const [, oldest] = /^\d+,\d+,(\d+),/.exec(records[0] ?? "") ?? [];
  return {
    total: totalKills(textOf("/proc/vmstat")),
    named: records.flatMap((record) => killIn(record, uptimeMs)),
    isOurs: namespaceOf("/proc/self/ns/pid") === firstNamespace,
    knownForMs: oldest === undefined ? 0 : uptimeMs - Number(oldest) / 1000,
  };
}

/** In which the kernel's log counts: its number is a part of what the kernel promises (PROC_PID_INIT_INO). */
const firstNamespace = "pid:[4026531836]";

function namespaceOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

function totalKills(vmstat: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(vmstat)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** @param record `6,339,5140900,-;text`: level, number, microseconds since the start */
function killIn(record: string, uptimeMs: number): MemoryKill[] {
  const [, micros, text, pid, name] = kill.exec(record) ?? [];
  if (micros === undefined || text === undefined || name === undefined) return [];
  return [{ pid: Number(pid), name, agoMs: uptimeMs - Number(micros) / 1000, text: text.slice(0, 300) }];
}

const kill =
  /^\d+,\d+,(\d+),[^;]*;((?:Memory cgroup out of memory|Out of memory): Kill(?:ed)? process (\d+) \(([^)\n]*)\)[^\n]*)/;

/** Each read gives one record. None when it is closed to this user, or there is none. */
function kernelLog(): string[] {
  let descriptor: number;
  try {
    descriptor = openSync("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "ENXIO", "ENODEV")) return [];
    throw error;
  }
  const records: string[] = [];
  const buffer = Buffer.alloc(8192);
  try {
    while (records.length < mostRecords) {
      const length = readRecord(descriptor, buffer);
      if (length === undefined) continue;
      if (length === 0) return records;
      records.push(buffer.toString("utf8", 0, length));
    }
    return records;
  } finally {
    closeSync(descriptor);
  }
}

const mostRecords = 100_000;

/** 0 at its end; undefined for what was overwritten while it was read. */
function readRecord(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    if (isErrno(error, "EAGAIN", "EINVAL", "EIO", "EPERM")) return 0;
    if (isErrno(error, "EPIPE")) return undefined;
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM")) return "";
    throw error;
  }
}
