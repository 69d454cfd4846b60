import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";
import { byPort } from "../listener-order.ts";
import type { Listener, Ports } from "../ports.ts";

/** Who listens where, from /proc/net/tcp and tcp6; owners by the socket inodes in /proc/PID/fd. */
export function linuxPorts(): Ports {
  return {
    listenersOn: (port) => withOwners(listeningSockets().filter((socket) => socket.port === port)),
    listeners: () => withOwners(listeningSockets()),
    isListening(port) {
      // Matching text spares the parsing.
      const hex = port.toString(16).toUpperCase().padStart(4, "0");
      const line = new RegExp(`: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A `);
      return tables.some((path) => line.test(readListening(path)));
    },
    isListenedBy(pids, port) {
      const inodes = new Set(pids.flatMap(socketInodes));
      if (inodes.size === 0) return false;
      // Most servers take IPv6 as well. Each table takes milliseconds.
      return tables
        .toReversed()
        .some((path) =>
          parseSocketTable(readListening(path)).some((socket) => socket.port === port && inodes.has(socket.inode)),
        );
    },
    portsOf(pids) {
      const inodes = new Set(pids.flatMap(socketInodes));
      if (inodes.size === 0) return [];
      const ports = listeningSockets().filter((socket) => inodes.has(socket.inode));
      return [...new Set(ports.map((socket) => socket.port))].sort((a, b) => a - b);
    },
    isWaiting(port, from) {
      const text = tables.map((path) => readOrNone(() => readFileSync(path, "latin1")) ?? "").join("");
      return isInQueue(text, port, from);
    },
    unixListeners() {
      const sockets = parseUnixTable(readOrNone(() => readFileSync("/proc/net/unix", "utf8")) ?? "");
      const owners = ownersOf(new Set(sockets.map(({ inode }) => inode)));
      return sockets
        .flatMap(({ path, inode }) => (owners.get(inode) ?? [undefined]).map((pid) => ({ path, pid })))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
  };
}

/** The listening sockets with a path of /proc/net/unix. An abstract one (`@name`) is no file. */
export function parseUnixTable(table: string): { readonly path: string; readonly inode: string }[] {
  // Num RefCount Protocol Flags Type St Inode Path; the flag is SO_ACCEPTCON
  const line = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} 00010000 [0-9A-F]{4} [0-9A-F]{2} +(\d+) (\/.*)$/gm;
  return [...table.matchAll(line)].map(([, inode = "", path = ""]) => ({ path, inode }));
}

export interface ListeningSocket {
  readonly port: number;
  readonly address: string;
  readonly inode: string;
}

/** The sockets in state LISTEN of one table (the text of /proc/net/tcp or tcp6). */
export function parseSocketTable(table: string): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  // sl local remote st tx:rx tr:when retransmits uid timeout inode; st 0A is TCP_LISTEN
  const line = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A \S+ \S+ \S+\s+\d+\s+\d+\s+(\d+)/gm;
  for (const [, address = "", port = "", inode = ""] of table.matchAll(line)) {
    sockets.push({ port: Number.parseInt(port, 16), address: decodeAddress(address), inode });
  }
  return sockets;
}

/** Is the connection one that the kernel has made and no program has accepted? It belongs to no file, so it has no inode. */
export function isInQueue(table: string, port: number, from: number): boolean {
  const [local, remote] = [port, from].map((each) => each.toString(16).toUpperCase().padStart(4, "0"));
  // 01 is TCP_ESTABLISHED: one that is being closed has no inode either.
  return new RegExp(`: [0-9A-F]+:${local} [0-9A-F]+:${remote} 01 \\S+ \\S+ \\S+\\s+\\d+\\s+\\d+\\s+0 `).test(table);
}

/** An address of /proc/net/tcp (words of four bytes in the machine's byte order) as text. */
export function decodeAddress(hex: string): string {
  // Little endian, as on every machine that Node is built for but s390x.
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex").reverse()]);
  if (bytes.length === 4) return bytes.join(".");
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return `::ffff:${bytes.slice(12).join(".")}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return compressZeros(groups);
}

/** RFC 5952: the longest run of two or more zero groups, the first of equals, becomes "::". */
function compressZeros(groups: readonly string[]): string {
  let start = 0;
  let length = 1;
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

const tables = ["/proc/net/tcp", "/proc/net/tcp6"];

function listeningSockets(): ListeningSocket[] {
  return tables.flatMap((path) => parseSocketTable(readListening(path)));
}

const chunk = Buffer.allocUnsafe(65_536);

/**
 * The part of a socket table that holds all listening sockets. The kernel prints them first; each read beyond them
 * walks its whole table of connections, which takes it milliseconds even when that is empty, so we stop early.
 */
function readListening(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return ""; // a kernel without IPv6
    throw error;
  }
  try {
    let text = "";
    for (;;) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      text += chunk.toString("latin1", 0, length);
      // The kernel fills a page with whole lines of 150 bytes: half a page or less is the end.
      if (length < 2048 || endsInConnections(text)) return text;
    }
  } finally {
    closeSync(fd);
  }
}

function endsInConnections(table: string): boolean {
  const lastLine = table.slice(table.lastIndexOf("\n", table.length - 2) + 1);
  const state = / ([0-9A-F]{2}) [0-9A-F]{8}:/.exec(lastLine)?.[1];
  // 0A is TCP_LISTEN; 03, TCP_SYN_RECV, stands among the listening ones in kernels before 4.4.
  return state !== undefined && state !== "0A" && state !== "03";
}

/** One entry for each process that holds the socket; one without a pid when none that we may look into does. */
function withOwners(sockets: readonly ListeningSocket[]): Listener[] {
  const owners = ownersOf(new Set(sockets.map((socket) => socket.inode)));
  return sockets
    .flatMap(({ port, address, inode }) => (owners.get(inode) ?? [undefined]).map((pid) => ({ port, address, pid })))
    .sort(byPort);
}

function ownersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, number[]> {
  const owners = new Map<string, number[]>();
  if (inodes.size === 0) return owners;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isNaN(pid)) continue;
    // One process may hold a socket by several descriptors.
    for (const inode of new Set(socketInodes(pid))) {
      if (inodes.has(inode)) owners.set(inode, [...(owners.get(inode) ?? []), pid]);
    }
  }
  return owners;
}

/** Inodes of the sockets that a process holds; none when it is gone or another user's. */
function socketInodes(pid: number): string[] {
  const inodes: string[] = [];
  for (const fd of readOrNone(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const target = readOrNone(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
    if (target?.startsWith("socket:[")) inodes.push(target.slice(8, -1));
  }
  return inodes;
}

function readOrNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined; // gone, or not ours to see
    throw error;
  }
}
