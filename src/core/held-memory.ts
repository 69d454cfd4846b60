import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { MemoryGroups } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { livingIdentity, observe } from "./observe.ts";
import type { Policy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** Who sees to a limit of memory that the kernel was asked to hold. */
export type MemoryHolder =
  | {
      readonly by: "kernel";
      /** The folder of its group of cgroup v2. */
      readonly group: string;
      /** false: from its next start on. */
      readonly now: boolean;
    }
  /** tsm, which samples it. */
  | { readonly by: "samples"; readonly why: string };

/** undefined where the kernel was not asked. */
export async function memoryHolder(
  world: World,
  record: ProcessRecord,
  { limits, oversight }: Pick<Policy, "limits" | "oversight">,
): Promise<MemoryHolder | undefined> {
  const { platform } = world;
  const { maxMemory } = oversight;
  if (limits.memoryBy === null || maxMemory === null) return undefined;
  const groups = await platform.memoryGroups();
  const order = readOrder(world, record.name);
  const identity = livingIdentity(observe(record, platform.processes));
  const folder = identity === undefined ? null : (platform.processes.limits(identity)?.cgroup?.folder ?? null);
  if (order !== undefined && folder !== null && `${folder}/`.startsWith(`${order.group}/`)) {
    const most = groups.look(order.group)?.most ?? null;
    // The kernel rounds down to whole pages.
    if (most !== null && most <= maxMemory) return { by: "kernel", group: order.group, now: true };
  }
  const place = groups.place();
  if ("whyNot" in place) return { by: "samples", why: place.whyNot };
  if (identity === undefined) return { by: "kernel", group: groupIn(world, place.folder, record.name), now: false };
  const why =
    order === undefined || order.since === lifeOf(record)
      ? "until its next restart"
      : `the kernel did not let it into ${order.group}`;
  return { by: "samples", why };
}

/** Before a life begins, and when the limit changes: what the runner's child reads. A start does not fail for it. */
export async function orderMemory(
  world: World,
  name: string,
  { limits, oversight }: Pick<Policy, "limits" | "oversight">,
  running?: ProcessRecord,
): Promise<void> {
  const { files } = world.platform;
  const { maxMemory } = oversight;
  const before = readOrder(world, name);
  const isWanted = limits.memoryBy !== null && maxMemory !== null;
  if (!isWanted && before === undefined) return;
  const groups = await world.platform.memoryGroups();
  const group = before?.group ?? groupFor(world, groups, name);
  if (group === undefined) return;
  const most = isWanted ? maxMemory : null;
  const since = before?.since ?? (running === undefined ? "" : lifeOf(running));
  files.writeWhole(processPaths(world.home, name).memory, `${group}\n${most ?? "max"}\n${since}\n`);
  if (running !== undefined && before !== undefined) groups.setMax(group, most);
}

/** How many of its last life the kernel has killed in its group; undefined where it had none. */
export async function killsInGroup(
  world: World,
  name: string,
): Promise<{ readonly group: string; readonly kills: number } | undefined> {
  const order = readOrder(world, name);
  if (order === undefined) return undefined;
  const kills = (await world.platform.memoryGroups()).look(order.group)?.kills;
  return kills === undefined ? undefined : { group: order.group, kills };
}

/** What has ended needs no group any more. One in which somebody lives stays. */
export async function leaveGroup(world: World, name: string): Promise<void> {
  const order = readOrder(world, name);
  if (order !== undefined) (await world.platform.memoryGroups()).remove(order.group);
}

/** Removes those of this home in which nobody is and that nobody needs: the one of who has crashed says why. */
export async function sweepGroups(world: World, records: readonly ProcessRecord[]): Promise<void> {
  const groups = await world.platform.memoryGroups();
  const place = groups.place();
  const ordered = records.flatMap(({ name }) => readOrder(world, name)?.group ?? []);
  const parents = new Set([...("folder" in place ? [place.folder] : []), ...ordered.map((group) => dirname(group))]);
  const needed = new Set(records.filter(({ status }) => status !== "stopped").map(({ name }) => nameOf(world, name)));
  for (const parent of parents)
    for (const name of world.platform.files.list(parent))
      if (name.startsWith(nameOf(world, "")) && !needed.has(name)) groups.remove(`${parent}/${name}`);
}

function groupFor(world: World, groups: MemoryGroups, name: string): string | undefined {
  const place = groups.place();
  return "folder" in place ? groupIn(world, place.folder, name) : undefined;
}

function groupIn(world: World, folder: string, name: string): string {
  return `${folder}/${nameOf(world, name)}`;
}

/** Two homes may have a process of one name. */
function nameOf({ home }: World, name: string): string {
  return `tsm-${createHash("sha256").update(home.root).digest("hex").slice(0, 12)}-${name}`;
}

interface Order {
  readonly group: string;
  /** The life that had begun before the limit was asked for; "": none. */
  readonly since: string;
}

function readOrder({ platform: { files }, home }: World, name: string): Order | undefined {
  const [group = "", most, since = ""] = (files.readText(processPaths(home, name).memory) ?? "").split("\n");
  return group.startsWith("/") && most !== undefined ? { group, since } : undefined;
}

function lifeOf({ pid, start_mark }: ProcessRecord): string {
  return `${pid} ${start_mark}`;
}
