import type { ProcessEntry } from "../platform/processes.ts";
import { livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord, ProcessSummary } from "./process.ts";
import { starterOf } from "./started-by.ts";
import { summarizeEach } from "./summary.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** A managed process with what it has started: processes of the system, and other managed ones. */
export interface ManagedTree {
  readonly process: ProcessSummary;
  /** Who started it; null: a person, or somebody who is gone. */
  readonly parent: string | null;
  /** Below its own process; a process whose parent is gone stands at the top. */
  readonly processes: readonly ProcessTree[];
  readonly children: readonly ManagedTree[];
}

export interface ProcessTree {
  readonly pid: number;
  readonly command: string;
  /** Bytes. */
  readonly memory: number;
  readonly processes: readonly ProcessTree[];
}

/** Those among these that nobody of them has started, in their order, with all below them. */
export function forestOf(world: World, records: readonly ProcessRecord[]): ManagedTree[] {
  const { platform } = world;
  const table = tableOf(platform.processes.table());
  const names = new Set(records.map(({ name }) => name));
  const nodes = [...summarizeEach(records, world)].map((process, index) => {
    const record = records[index];
    if (record === undefined) throw new Error("each record gives one summary");
    const identity = livingIdentity(observe(record, platform.processes));
    const family = identity === undefined ? [] : familyOf(identity, table);
    const said = starterOf(world, record.name);
    const parent = said !== record.name && names.has(said) ? said : null;
    return { process, parent, processes: below(record.pid, family) };
  });
  const childrenOf = new Map<string | null, typeof nodes>();
  for (const node of nodes) childrenOf.set(node.parent, [...(childrenOf.get(node.parent) ?? []), node]);
  const shown = new Set<string>();
  const grown = (node: (typeof nodes)[number]): ManagedTree => {
    shown.add(node.process.name);
    const children = (childrenOf.get(node.process.name) ?? []).filter(({ process }) => !shown.has(process.name));
    return { ...node, children: children.map(grown) };
  };
  const roots = (childrenOf.get(null) ?? []).map(grown);
  // Two that have started each other, one after the other: the first of them is shown above.
  for (const node of nodes) if (!shown.has(node.process.name)) roots.push(grown(node));
  return roots;
}

function below(leader: number, family: readonly ProcessEntry[]): ProcessTree[] {
  const pids = new Set(family.map(({ pid }) => pid));
  const others = family.filter(({ pid }) => pid !== leader);
  const under = (parent: number): ProcessTree[] => others.filter(({ parentPid }) => parentPid === parent).map(treeOf);
  const treeOf = ({ pid, name, memoryBytes }: ProcessEntry): ProcessTree => ({
    pid,
    command: name,
    memory: memoryBytes,
    processes: under(pid),
  });
  return [...under(leader), ...others.filter(({ parentPid }) => !pids.has(parentPid)).map(treeOf)];
}
