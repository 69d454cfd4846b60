import type { Identity } from "../platform/platform.ts";
import { isName } from "./names.ts";
import { isLive, livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import { familyOf, runnerMark, runnerName, type Sight, sightOf } from "./tree.ts";
import type { World } from "./world.ts";

/** Whose a process is. */
export type Owner =
  | { readonly kind: "managed"; readonly record: ProcessRecord }
  /** It carries our marks, and no record runs it any more. */
  | { readonly kind: "orphan"; readonly name: string }
  /** Of a record that cannot be read: nobody can say whether it is to run. */
  | { readonly kind: "damaged"; readonly name: string }
  /** Of another home. */
  | { readonly kind: "other-home"; readonly name: string; readonly home: string }
  | { readonly kind: "stranger" };

/** What can be told of every process, of one look at all of them. */
export interface Owners {
  readonly sight: Sight;
  readonly records: readonly ProcessRecord[];
  /** undefined when it is gone. */
  identity(pid: number): Identity | undefined;
  of(pid: number): Owner;
}

export function lookForOwners(world: World): Owners {
  const { platform, home } = world;
  const { processes } = platform;
  const sight = sightOf(platform);
  const { records, damaged } = readRecords(world);
  const unreadable = new Set(damaged.map(({ name }) => name));
  const all = new Set(records.map(({ name }) => name));
  const bootId = processes.bootId();
  const live = new Map<string, ProcessRecord>();
  const families = new Map<number, ProcessRecord>();
  for (const record of records) {
    const observed = observe(record, processes);
    if (!isLive(observed)) continue;
    live.set(record.name, record);
    const leader = livingIdentity(observed);
    if (leader !== undefined) for (const { pid } of familyOf(leader, sight.table)) families.set(pid, record);
  }
  const identityOf = (pid: number): Identity | undefined => {
    const entry = sight.table.byPid.get(pid);
    return entry === undefined ? undefined : { pid, startMark: entry.startMark, bootId };
  };
  const of = (pid: number): Owner => {
    const marks = sight.environment(pid);
    const root = marks?.get("TSM_HOME");
    const name = marks?.get("TSM_NAME");
    if (marks?.has(runnerMark)) {
      const identity = identityOf(pid);
      const runs = identity === undefined ? undefined : runnerName(world, identity, marks);
      // What tells hooks is nobody's runner, and has a name that no process has.
      const isLost =
        root === home.root && runs !== undefined && isName(runs) && !all.has(runs) && !unreadable.has(runs);
      return isLost ? { kind: "orphan", name: runs } : { kind: "stranger" };
    }
    if (root !== undefined && name !== undefined) {
      if (root !== home.root) return { kind: "other-home", name, home: root };
      if (unreadable.has(name)) return { kind: "damaged", name };
      const record = live.get(name);
      if (record !== undefined && String(record.tsm_id) === marks?.get("TSM_ID")) return { kind: "managed", record };
      return { kind: "orphan", name };
    }
    const record = families.get(pid);
    return record === undefined ? { kind: "stranger" } : { kind: "managed", record };
  };
  return {
    sight,
    records,
    of,
    identity: identityOf,
  };
}
