import type { Identity } from "../platform/platform.ts";
import type { Processes } from "../platform/processes.ts";
import type { Observed, ProcessRecord } from "./process.ts";
import type { Table } from "./tree.ts";

/** Who lives, and whose child it is. */
export type Lives = Pick<Processes, "bootId" | "isAlive" | "parentOf">;

/** As a table saw it. Only its yes is believed: who is not in it may have begun since. */
export function livesIn({ byPid }: Table, processes: Lives): Lives {
  const parentOf = (identity: Identity): number | undefined => {
    const entry = identity.bootId === processes.bootId() ? byPid.get(identity.pid) : undefined;
    return entry?.startMark === identity.startMark ? entry.parentPid : processes.parentOf(identity);
  };
  return { bootId: processes.bootId, parentOf, isAlive: (identity) => parentOf(identity) !== undefined };
}

/** The process a record speaks of, alive or not; undefined when none was ever started. */
export function identityOf(record: ProcessRecord): Identity | undefined {
  if (record.pid <= 1) return undefined;
  return { pid: record.pid, startMark: record.start_mark, bootId: record.boot_id };
}

/** The runner (or the `tsm` about to start one) that a record names. */
export function runnerOf(record: ProcessRecord): Identity | undefined {
  if (record.runner_pid <= 1) return undefined;
  return { pid: record.runner_pid, startMark: record.runner_mark, bootId: record.boot_id };
}

/** What is true now: the record held against the kernel. A reused pid, a zombie, a reboot are never "online". */
export function observe(record: ProcessRecord, processes: Lives): Observed {
  if (record.status === "stopped") return { kind: "stopped" };
  if (record.status === "crashed") return { kind: "crashed" };
  const identity = identityOf(record);
  const runner = runnerOf(record);
  const parent = identity === undefined ? undefined : processes.parentOf(identity);
  // Its runner is its parent: proof that the runner lives, as the kernel gives an orphan another. After an adoption it is not.
  const supervised = runner !== undefined && (parent === runner.pid || processes.isAlive(runner));
  if (identity !== undefined && parent !== undefined) {
    if (record.status === "stopping" && supervised) return { kind: "stopping", identity };
    if (record.status === "starting") return { kind: "starting", identity, supervised };
    return { kind: "online", identity, supervised };
  }
  if (supervised) {
    if (record.status === "starting") return { kind: "starting", identity: undefined, supervised };
    if (record.status === "stopping") return { kind: "stopped" };
    if (record.status === "waiting")
      return { kind: "waiting", retryAt: record.retry_at === 0 ? undefined : record.retry_at };
    // It has just died and its runner is about to say what comes next.
    return record.restart_policy === "no" ? { kind: "crashed" } : { kind: "waiting", retryAt: undefined };
  }
  // Nobody is left who could know. A restart of the machine, a stop under way, a start that was cut off: stopped.
  const cutOff = record.status === "stopping" || (record.status === "starting" && record.pid === 0);
  return cutOff || record.boot_id !== processes.bootId() ? { kind: "stopped" } : { kind: "crashed" };
}

/** As those see it who look at all that stands: between the halves of a restart it is starting. */
export function unlessRestarting(observed: Observed, isRestarting: () => boolean): Observed {
  return observed.kind === "stopped" && isRestarting()
    ? { kind: "starting", identity: undefined, supervised: true }
    : observed;
}

/** The process, while it lives. */
export function livingIdentity(observed: Observed): Identity | undefined {
  return "identity" in observed ? observed.identity : undefined;
}

/** Does something of it run, or will by itself? */
export function isLive(observed: Observed): boolean {
  return observed.kind !== "stopped" && observed.kind !== "crashed";
}
