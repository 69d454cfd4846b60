import { byPort } from "../listener-order.ts";
import type { Listener, Ports, UnixListener } from "../ports.ts";
import { type DarwinSystem, darwinSystem } from "./system.ts";

/** Who listens where: the sockets from `netstat`, which shows every user's, and their owners from `lsof`, which shows ours. */
export function darwinPorts(system: DarwinSystem = darwinSystem): Ports {
  const listeners = (): Listener[] => merge(readSockets(system), readOwned(system, []));
  const portsOf = (pids: readonly number[]): number[] => {
    if (pids.length === 0) return [];
    // -a: both conditions; without it lsof lists what meets either.
    const owned = readOwned(system, ["-a", "-p", pids.join(",")]);
    return [...new Set(owned.map((listener) => listener.port))].sort((a, b) => a - b);
  };
  return {
    listenersOn(port) {
      return listeners().filter((listener) => listener.port === port);
    },
    listeners,
    isListening: (port) => readSockets(system).some((socket) => socket.port === port),
    isListenedBy: (pids, port) => portsOf(pids).includes(port),
    portsOf,
    isWaiting: () => false,
    unixListeners: () => parseLsofUnix(system.run("/usr/sbin/lsof", ["-nP", "-U", "-F", "pfn"])),
  };
}

/** Reads `lsof -U -F pfn`: what has a path; which of them listen it does not say. */
export function parseLsofUnix(output: string): UnixListener[] {
  const found = new Map<string, UnixListener>();
  let pid: number | undefined;
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    if (line.startsWith("n/")) found.set(`${value} ${pid}`, { path: value, pid });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Reads `lsof -F pftn`: one field per line, its letter first; `p` begins a process, `f` a descriptor. */
export function parseLsof(output: string): Listener[] {
  const listeners: Listener[] = [];
  let pid: number | undefined;
  let family = "";
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    switch (line[0]) {
      case "p":
        pid = Number(value);
        break;
      case "f":
        family = "";
        break;
      case "t":
        family = value;
        break;
      case "n": {
        const socket = parseSocket(value, ":", family === "IPv6");
        if (socket) listeners.push({ ...socket, pid });
        break;
      }
      default: // a field that we did not ask for
    }
  }
  return listeners;
}

/** Reads `netstat -anW -p tcp`: the sockets in state LISTEN. */
export function parseNetstat(output: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of output.split("\n")) {
    const [protocol = "", , , local = "", , state] = line.trim().split(/\s+/);
    if (!protocol.startsWith("tcp") || state !== "LISTEN") continue;
    // tcp46 is an IPv6 socket that takes IPv4 too.
    const socket = parseSocket(local, ".", protocol !== "tcp4");
    if (socket) listeners.push({ ...socket, pid: undefined });
  }
  return listeners;
}

/** `*:8080`, `127.0.0.1:3000`, `[::1]:3000`, and netstat's `*.8080` and `::1.3000`. */
function parseSocket(
  text: string,
  separator: ":" | ".",
  isIPv6: boolean,
): { port: number; address: string } | undefined {
  const at = text.lastIndexOf(separator);
  const port = Number(text.slice(at + 1));
  if (at < 0 || !Number.isInteger(port)) return undefined;
  const address = text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { port, address: address === "*" ? (isIPv6 ? "::" : "0.0.0.0") : address };
}

function readSockets(system: DarwinSystem): Listener[] {
  return parseNetstat(system.run("/usr/sbin/netstat", ["-anW", "-p", "tcp"]));
}

function readOwned(system: DarwinSystem, conditions: readonly string[]): Listener[] {
  return parseLsof(system.run("/usr/sbin/lsof", ["-nP", ...conditions, "-iTCP", "-sTCP:LISTEN", "-F", "pftn"]));
}

/** Everything that lsof found, and every socket whose port it did not find, without a pid; each fact once. */
function merge(sockets: readonly Listener[], owned: readonly Listener[]): Listener[] {
  // By port and not by address: the two spell scoped IPv6 addresses differently.
  const ownedPorts = new Set(owned.map((listener) => listener.port));
  const all = [...owned, ...sockets.filter((socket) => !ownedPorts.has(socket.port))];
  const unique = new Map(all.map((listener) => [`${listener.port} ${listener.address} ${listener.pid}`, listener]));
  return [...unique.values()].sort(byPort);
}
