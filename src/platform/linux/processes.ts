import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";
import type { Identity } from "../platform.ts";
import type { ProcessEntry, Processes } from "../processes.ts";
import { sendToGroup, sendToProcess, setNiceness } from "../signals.ts";
import { readLimits } from "./limits.ts";
import { type Life, parseLife, parseStat, ticksPerSecond } from "./stat.ts";
import { StatFiles } from "./stat-files.ts";

/** Which processes live, whose they are and what they use, from /proc. */
export function linuxProcesses(): Processes {
  let boot: string | undefined;
  let own: Identity | undefined;

  const bootId = (): string => {
    boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return boot;
  };
  const identify = (pid: number): Identity | undefined => {
    const entry = readEntry(pid);
    return entry && { pid, startMark: entry.startMark, bootId: bootId() };
  };
  const lifeOf = (identity: Identity): Life | undefined => {
    if (identity.bootId !== bootId()) return undefined;
    const life = readLife(identity.pid);
    return life?.startMark === identity.startMark ? life : undefined;
  };

  return {
    bootId,
    identify,
    isAlive: (identity) => lifeOf(identity) !== undefined,
    parentOf: (identity) => lifeOf(identity)?.parentPid,
    table: readTable,
    environment: readEnvironment,
    commandLine: readCommandLine,
    prefersTable: false,
    ages() {
      // Both count from boot and through suspend, so neither a clock change nor a closed lid shows.
      const uptimeMs = Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
      return ({ startMark }) => Math.max(0, uptimeMs - (Number(startMark) * 1000) / ticksPerSecond);
    },
    signal: (identity, signal) => lifeOf(identity) !== undefined && sendToProcess(identity.pid, signal),
    signalGroup(leader, signal) {
      if (lifeOf(leader)?.groupId !== leader.pid) return false;
      return sendToGroup(leader.pid, signal, readEntry(process.pid)?.groupId ?? 0);
    },
    renice: (identity, niceness) => lifeOf(identity) !== undefined && setNiceness(identity.pid, niceness),
    openFile: (identity, descriptor) =>
      lifeOf(identity) === undefined ? undefined : openFile(identity.pid, descriptor),
    folder(identity, options) {
      if (lifeOf(identity) === undefined) return undefined;
      return options?.deleted === true ? linkOf(`/proc/${identity.pid}/cwd`) || undefined : folderOf(identity.pid);
    },
    limits: (identity) => (lifeOf(identity) === undefined ? undefined : readLimits(identity.pid)),
    self() {
      own ??= identify(process.pid);
      if (!own) throw new Error("/proc does not show this process: is it mounted for this pid namespace?");
      return own;
    },
    terminal() {
      for (const descriptor of [0, 1, 2]) {
        const found = /^\/dev\/((?:pts\/|tty)\w+)$/.exec(linkOf(`/proc/self/fd/${descriptor}`))?.[1];
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** "" for a descriptor that is closed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}

function openFile(pid: number, descriptor: number): { path: string; inode: number } | undefined {
  const link = `/proc/${pid}/fd/${descriptor}`;
  try {
    const stats = statSync(link);
    return stats.isFile() ? { path: readlinkSync(link), inode: stats.ino } : undefined;
  } catch (error) {
    // Another user's, or closed, or on its way out.
    if (isGone(error) || isErrno(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

function folderOf(pid: number): string | undefined {
  const link = `/proc/${pid}/cwd`;
  try {
    return statSync(link).isDirectory() ? existing(readlinkSync(link)) : undefined;
  } catch (error) {
    if (isGone(error) || isErrno(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

/** What has been deleted still stands behind the link, but under no path. */
function existing(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path;
}

function readLife(pid: number): Life | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return parseLife(line);
}

// One buffer for every stat line (about 300 bytes each): a table of 400 processes allocates no other.
const statLine = Buffer.allocUnsafe(2048);

// One for the program: each table that it reads goes on with the files of the last one.
const statFiles = new StatFiles();

function readEntry(pid: number): ProcessEntry | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const length = statFiles.read(pid, statLine);
  return length === undefined ? undefined : parseStat(statLine, length, pageBytes());
}

function readTable(without?: ReadonlySet<number>): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  const threads = kernelThreads();
  const names = readdirSync("/proc");
  statFiles.begin(names);
  for (const name of names) {
    const pid = Number(name);
    if (Number.isNaN(pid) || threads.has(name) || without?.has(pid)) continue; // "self", "meminfo", …
    const entry = readEntry(pid);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** The pids of the kernel's own threads, often half of a table: all are children of one. Asked anew each time, as pids are reused. */
function kernelThreads(): ReadonlySet<string> {
  try {
    if (readFileSync("/proc/2/comm", "latin1") !== "kthreadd\n") return new Set();
    return new Set(readFileSync("/proc/2/task/2/children", "latin1").split(" "));
  } catch (error) {
    // In a container pid 2 is anybody's or nobody's, and not every kernel is built to tell of children.
    if (isGone(error) || isErrno(error, "EACCES", "EPERM")) return new Set();
    throw error;
  }
}

function readEnvironment(pid: number): ReadonlyMap<string, string> | undefined {
  const words = readWords(pid, "environ");
  if (!words) return undefined;
  const environment = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    // The first of two equal names is the one that getenv(3) finds.
    if (equals > 0 && !environment.has(word.slice(0, equals)))
      environment.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return environment;
}

function readCommandLine(pid: number): string[] | undefined {
  return readWords(pid, "cmdline");
}

/** A file of NUL-terminated words, or undefined when the process is gone or not ours to read. */
function readWords(pid: number, file: "environ" | "cmdline"): string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (isGone(error) || isErrno(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
  // A zombie's file reads as empty, and so does that of a live process with no words.
  if (text === "") return readEntry(pid) && [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}

function isGone(error: unknown): boolean {
  return isErrno(error, "ENOENT", "ESRCH");
}

let knownPageBytes: number | undefined;

/** 4096 on x64; 4096, 16384 or 65536 on arm64, which only the auxiliary vector tells without a C library. */
function pageBytes(): number {
  knownPageBytes ??= process.arch === "x64" ? 4096 : readPageBytes();
  return knownPageBytes;
}

function readPageBytes(): number {
  const AT_PAGESZ = 6n; // getauxval(3); the vector is pairs of machine words
  const vector = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  }
  return 4096;
}
