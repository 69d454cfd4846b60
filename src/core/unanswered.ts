import type { Identity } from "../platform/platform.ts";
import { addressAmong } from "./outside.ts";
import { familyOf, tableOf } from "./tree.ts";
import { treeUse } from "./tree-use.ts";
import type { World } from "./world.ts";

/** It listens, and takes nobody. */
export interface Unanswered {
  readonly port: number;
  /** So long a connection waited, and was not accepted. */
  readonly forMs: number;
  /** Of one core meanwhile, by all of its tree; null: nobody knows. */
  readonly cpuPercent: number | null;
}

/**
 * Opens one connection to the port on which a tree listens, and waits whether it is accepted. Nothing is written to it,
 * whatever the protocol may be.
 * @returns undefined when it was accepted, and where the system does not tell
 */
export async function unanswered(
  { platform }: World,
  leader: Identity,
  port: number,
  signal: AbortSignal,
): Promise<Unanswered | undefined> {
  const { ports, probes, processes, clock } = platform;
  const family = () => familyOf(leader, tableOf(processes.table()));
  const before = family();
  const pids = new Set(before.map(({ pid }) => pid));
  const own = ports.listenersOn(port).filter(({ pid }) => pid !== undefined && pids.has(pid));
  if (own.length === 0) return undefined;
  const [began, used] = [clock.monotonicMs(), treeUse(before)];
  const line = await probes.connect(addressAmong(own.map(({ address }) => address)), port, patienceMs, signal);
  if (line === undefined) return undefined;
  try {
    for (let pause = 5; ; pause = Math.min(2 * pause, 200)) {
      // Where not even a connection came about, its queue of them is full.
      const isWaiting = line === "late" || ports.isWaiting(port, line.localPort);
      if (!isWaiting || signal.aborted) return undefined;
      const forMs = clock.monotonicMs() - began;
      if (forMs >= patienceMs) {
        const after = treeUse(family());
        const cpu = used === undefined || after === undefined ? null : Math.max(0, after.cpuMs - used.cpuMs);
        return { port, forMs: Math.round(forMs), cpuPercent: cpu === null ? null : Math.round((100 * cpu) / forMs) };
      }
      await clock.sleep(pause);
    }
  } finally {
    if (line !== "late") line.close();
  }
}

const patienceMs = 2000;
