import type { ProcessEntry } from "../platform/processes.ts";

/** What a process and all that it has started use together, at one moment. */
export interface TreeUse {
  /** User and system time since they began, of children that have ended too, in milliseconds. */
  readonly cpuMs: number;
  /** Resident. */
  readonly memoryBytes: number;
  /** How many they are. */
  readonly members: number;
}

/** @param family see `familyOf`; nothing runs when it is empty. */
export function treeUse(family: readonly ProcessEntry[]): TreeUse | undefined {
  if (family.length === 0) return undefined;
  let cpuMs = 0;
  let memoryBytes = 0;
  for (const member of family) {
    cpuMs += member.cpuMs + member.waitedCpuMs;
    memoryBytes += member.memoryBytes;
  }
  return { cpuMs, memoryBytes, members: family.length };
}
