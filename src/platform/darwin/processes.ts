import type { Identity } from "../platform.ts";
import type { ProcessEntry, Processes } from "../processes.ts";
import { sendToGroup, sendToProcess, setNiceness } from "../signals.ts";
import { type DarwinSystem, darwinSystem } from "./system.ts";

/** Which processes live, whose they are and what they use, from `ps`. */
export function darwinProcesses(system: DarwinSystem = darwinSystem): Processes {
  let boot: string | undefined;
  let own: Identity | undefined;
  let kept: { readonly atMs: number; readonly byPid: ReadonlyMap<number, ProcessEntry> } | undefined;

  const bootId = (): string => {
    boot ??= system.run("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"]).trim();
    return boot;
  };
  const readEntry = (pid: number): ProcessEntry | undefined => {
    if (!isPid(pid) || !system.exists(pid)) return undefined;
    return parseTable(system.run(ps, ["-ww", "-o", columns, "-p", String(pid)]))[0];
  };
  const identify = (pid: number): Identity | undefined => {
    const entry = readEntry(pid);
    return entry && { pid, startMark: entry.startMark, bootId: bootId() };
  };
  const liveEntry = (identity: Identity): ProcessEntry | undefined => {
    if (identity.bootId !== bootId()) return undefined;
    const entry = readEntry(identity.pid);
    return entry?.startMark === identity.startMark ? entry : undefined;
  };
  const parentOf = (identity: Identity): number | undefined => {
    if (!isPid(identity.pid) || !system.exists(identity.pid)) return undefined;
    // A hundred records checked after one `table()` would otherwise be a hundred `ps`. Only a yes is believed: a
    // process that the table did not see may have begun since.
    const isFresh = kept !== undefined && Math.abs(system.nowMs() - kept.atMs) < keepMs;
    const entry = isFresh && identity.bootId === bootId() ? kept?.byPid.get(identity.pid) : undefined;
    return (entry?.startMark === identity.startMark ? entry : liveEntry(identity))?.parentPid;
  };
  const readArguments = (pid: number): string | undefined => {
    if (!isPid(pid)) return undefined;
    return withoutNewline(system.run(ps, ["-ww", "-o", "args=", "-p", String(pid)])) || undefined;
  };

  return {
    bootId,
    identify,
    isAlive: (identity) => parentOf(identity) !== undefined,
    parentOf,
    table() {
      const entries = parseTable(system.run(ps, ["-axww", "-o", columns]));
      kept = { atMs: system.nowMs(), byPid: new Map(entries.map((entry) => [entry.pid, entry])) };
      return entries;
    },
    environment(pid) {
      const words = readArguments(pid);
      if (words === undefined) return undefined;
      const all = withoutNewline(system.run(ps, ["-Eww", "-o", "command=", "-p", String(pid)]));
      return all === "" ? undefined : parseEnvironment(words, all);
    },
    // Where one argument ends and the next begins `ps` does not tell: an argument with spaces comes back as several.
    commandLine: (pid) => readArguments(pid)?.split(" "),
    prefersTable: true,
    // macOS keeps start times by the wall clock only, so this one does jump when the clock is set.
    ages() {
      const nowMs = system.nowMs();
      return ({ startMark }) => Math.max(0, nowMs - Number(startMark) * 1000);
    },
    signal: (identity, signal) => liveEntry(identity) !== undefined && sendToProcess(identity.pid, signal),
    renice: (identity, niceness) => liveEntry(identity) !== undefined && setNiceness(identity.pid, niceness),
    signalGroup(leader, signal) {
      const entry = liveEntry(leader);
      if (entry?.groupId !== leader.pid) return false;
      return sendToGroup(leader.pid, signal, readEntry(process.pid)?.groupId ?? 0);
    },
    // Fields as of `folder`, and `i` the inode.
    openFile(identity, descriptor, options) {
      if (options?.patient !== true || liveEntry(identity) === undefined) return undefined;
      const open = ["-a", "-p", String(identity.pid), "-d", String(descriptor), "-F", "in"];
      const found = system.run("/usr/sbin/lsof", open);
      const inode = /^i(\d+)$/m.exec(found)?.[1];
      const path = /^n(\/.*)$/m.exec(found)?.[1];
      return inode === undefined || path === undefined ? undefined : { path, inode: Number(inode) };
    },
    // Fields of one letter each: `p` the pid, `f` the descriptor, `n` the path.
    folder(identity) {
      if (liveEntry(identity) === undefined) return undefined;
      const cwd = ["-a", "-p", String(identity.pid), "-d", "cwd", "-F", "n"];
      return /^n(.*)$/m.exec(system.run("/usr/sbin/lsof", cwd))?.[1];
    },
    limits: () => undefined,
    self() {
      own ??= identify(process.pid);
      if (!own) throw new Error(`${ps} does not show this process`);
      return own;
    },
    terminal: () => /^tty\w+$/.exec(system.run(ps, ["-o", "tty=", "-p", String(process.pid)]).trim())?.[0],
  };
}

/**
 * Reads lines of `ps -o pid=,ppid=,pgid=,stat=,lstart=,time=,rss=,ucomm=`, run with LC_ALL=C and TZ=UTC. Zombies and
 * lines of another form are left out.
 */
export function parseTable(output: string): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of output.split("\n")) {
    const match = tableLine.exec(line);
    if (!match) continue;
    const [, pid, parentPid, groupId, state = "", started = "", time = "", kilobytes, name = ""] = match;
    const startedSeconds = parseStarted(started);
    if (state.startsWith("Z") || pid === "0" || startedSeconds === undefined) continue;
    entries.push({
      pid: Number(pid),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      // `ps -o sess=` prints a kernel address, which macOS shows to nobody: 0 for all.
      sessionId: 0,
      startMark: String(startedSeconds),
      name: name.trimEnd(),
      suspended: state.startsWith("T"),
      cpuMs: parseCpuTime(time),
      waitedCpuMs: 0,
      memoryBytes: Number(kilobytes) * 1024,
    });
  }
  return entries;
}

/** `Tue Feb  3 09:05:07 2026` (UTC) as seconds since the epoch; undefined when it is no such date. */
export function parseStarted(text: string): number | undefined {
  const match = /^\w{3} (\w{3}) +(\d+) (\d+):(\d+):(\d+) (\d{4})$/.exec(text);
  if (!match) return undefined;
  const [, month = "", day, hour, minute, second, year] = match;
  const monthIndex = months.indexOf(month);
  if (monthIndex < 0) return undefined;
  return Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
}

/** `0:03.45`, `123:45.67`, `1:02:03.00` or `2-01:02:03` as milliseconds. */
export function parseCpuTime(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  const seconds = clock.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

/**
 * The environment out of `ps -E`, which prints the arguments and then NAME=value words on one line.
 * `ps` does not say where a value ends: a value that itself holds ` WORD=` is cut there. macOS shows no environment at
 * all of its own protected programs (/bin/bash, /usr/bin/python3): the map is empty then.
 * @param words what `ps` prints of the same process without -E.
 */
export function parseEnvironment(words: string, wordsAndEnvironment: string): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  if (!wordsAndEnvironment.startsWith(words)) return environment; // it called exec between the two questions
  for (const assignment of wordsAndEnvironment
    .slice(words.length)
    .trim()
    .split(/ +(?=[A-Za-z_]\w*=)/)) {
    const equals = assignment.indexOf("=");
    const name = assignment.slice(0, equals);
    if (equals > 0 && !environment.has(name)) environment.set(name, assignment.slice(equals + 1));
  }
  return environment;
}

const ps = "/bin/ps";
const columns = "pid=,ppid=,pgid=,stat=,lstart=,time=,rss=,ucomm=";
const tableLine = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3} \w{3} +\d+ \d+:\d+:\d+ \d{4})\s+(\S+)\s+(\d+)\s?(.*)$/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** How long a table may vouch for a process. */
const keepMs = 50;

function isPid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0;
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
