import { darwinAccountLines, linuxAccountLines, systemAccounts } from "./accounts.ts";
import { systemClock } from "./clock.ts";
import { darwinPorts } from "./darwin/ports.ts";
import { darwinProcesses } from "./darwin/processes.ts";
import { systemFiles } from "./files.ts";
import { readInput } from "./input.ts";
import { linuxPorts } from "./linux/ports.ts";
import { linuxProcesses } from "./linux/processes.ts";
import { fileLocks } from "./locks.ts";
import type { Platform } from "./platform.ts";
import type { Ports } from "./ports.ts";
import { systemProbes } from "./probes.ts";
import type { Processes } from "./processes.ts";
import { signalNumber, takeSignals } from "./signals.ts";
import { systemSpawner } from "./spawner.ts";

/** The operating system that this program runs on. @throws on any other than Linux and macOS. */
export function detectPlatform(): Platform {
  if (process.platform === "linux") return platformOf("linux", linuxProcesses(), linuxPorts());
  if (process.platform === "darwin") return platformOf("darwin", darwinProcesses(), darwinPorts());
  throw new Error(`tsm runs on Linux and macOS, not on ${process.platform}`);
}

function platformOf(name: Platform["name"], processes: Processes, ports: Ports): Platform {
  return {
    name,
    files: systemFiles,
    processes,
    ports,
    locks: fileLocks(processes, systemClock),
    clock: systemClock,
    spawner: systemSpawner(processes),
    probes: systemProbes,
    accounts: systemAccounts(name === "linux" ? linuxAccountLines : darwinAccountLines),
    processors: () => process.getBuiltinModule("node:os").availableParallelism(),
    hostName: () => process.getBuiltinModule("node:os").hostname(),
    readInput,
    takeSignals,
    signalNumber,
    serve: async (...request) => (await import("./server.ts")).serve(...request),
    logSurgery: async () => (await import("./log-surgery.ts")).systemLogSurgery,
    memoryKills:
      name === "linux"
        ? async () => (await import("./linux/memory-kills.ts")).linuxMemoryKills()
        : async () => ({ total: undefined, named: [], isOurs: false, knownForMs: 0 }),
    memoryGroups:
      name === "linux"
        ? async () => (await import("./linux/memory-groups.ts")).linuxMemoryGroups()
        : async () => (await import("./darwin/memory-groups.ts")).darwinMemoryGroups(),
  };
}
