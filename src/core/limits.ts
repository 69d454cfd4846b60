import { TsmError } from "./errors.ts";
import { isObject } from "./is-object.ts";
import type { World } from "./world.ts";

/** What a process may use, and whose it is. null: as the caller of `start`. */
export interface Limits {
  readonly nice: number | null;
  readonly openFiles: number | null;
  /** Of all processes of its user together: that is what the kernel counts. */
  readonly processes: number | null;
  readonly runAs: RunAs | null;
  /** Who is to see to the limit of memory (see oversight.ts); null: tsm, which samples. The kernel only where it may be. */
  readonly memoryBy: "kernel" | null;
}

/** The names that were asked for, and the numbers that they stood for at the last start. */
export interface RunAs {
  readonly user: string | null;
  readonly group: string | null;
  readonly userId: number;
  readonly groupId: number;
  readonly groupIds: readonly number[];
  /** What the user is called, where `user` is a number too; null when only a group was asked for. */
  readonly login: string | null;
  readonly home: string | null;
}

export const noLimits: Limits = { nice: null, openFiles: null, processes: null, runAs: null, memoryBy: null };

/** Limits in a person's words. */
export interface AskedLimits {
  readonly nice: number | undefined;
  readonly openFiles: number | undefined;
  readonly processes: number | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** @throws TsmError when this user may not ask for that, or there is no such user or group. */
export function limitsFrom(world: World, asked: AskedLimits): Limits {
  if (asked.nice !== undefined) refuseNiceness(world, asked.nice);
  return {
    nice: asked.nice ?? null,
    openFiles: asked.openFiles ?? null,
    processes: asked.processes ?? null,
    runAs: runAs(world, asked.user ?? null, asked.group ?? null),
    memoryBy: null,
  };
}

export function refuseNiceness({ platform: { accounts } }: World, niceness: number): void {
  if (niceness >= accounts.niceness() || accounts.isRoot()) return;
  throw new TsmError("USAGE", `only root may make a process less nice than ${accounts.niceness()}`, {
    hint: "Give a higher --nice, or start it as root",
  });
}

/** The same limits at a restart: users and groups are looked up again. */
export function limitsAgain(world: World, limits: Limits): Limits {
  return limits.runAs === null ? limits : { ...limits, runAs: runAs(world, limits.runAs.user, limits.runAs.group) };
}

function runAs({ platform: { accounts } }: World, user: string | null, group: string | null): RunAs | null {
  if (user === null && group === null) return null;
  if (!accounts.isRoot()) {
    throw new TsmError("USAGE", "only root may run a process as another user or group", {
      hint: "Leave --user and --group out, or start it as root",
    });
  }
  const account = user === null ? { userId: 0, groupId: 0, groupIds: [] } : accounts.user(user);
  if (account === undefined)
    throw new TsmError("USAGE", `there is no user '${user}'`, { hint: "id NAME shows a user" });
  const groupId = group === null ? account.groupId : accounts.groupId(group);
  if (groupId === undefined)
    throw new TsmError("USAGE", `there is no group '${group}'`, { hint: "id USER shows the groups of a user" });
  const login = user === null ? null : (accounts.loginName(user) ?? user);
  const home = user === null ? null : (accounts.homeFolder(user) ?? null);
  return { user, group, ...account, groupId, groupIds: [...new Set([groupId, ...account.groupIds])], login, home };
}

/** What says in its environment whose it is: as a login would, and not as whoever has started it. */
export function ownerVariables({ runAs }: Limits): Record<string, string> {
  const login = runAs?.login ?? null;
  const home = runAs?.home ?? null;
  return { ...(login === null ? {} : { USER: login, LOGNAME: login }), ...(home === null ? {} : { HOME: home }) };
}

/** What the runner is handed: see the beginning of runner.bash. */
export function limitSettings({ nice, openFiles, processes, runAs }: Limits): Record<string, string | number> {
  return {
    nice: nice ?? "",
    limit_nofile: openFiles ?? "",
    limit_nproc: processes ?? "",
    user_id: runAs?.userId ?? "",
    group_id: runAs?.groupId ?? "",
    group_ids: runAs?.groupIds.join(",") ?? "",
  };
}

/** "nice 5, 100 open files, user www"; empty when there are none. */
export function describeLimits({ nice, openFiles, processes, runAs }: Limits): string {
  return [
    nice === null ? [] : [`nice ${nice}`],
    openFiles === null ? [] : [`${openFiles} open files`],
    processes === null ? [] : [`${processes} processes of its user`],
    runAs?.user ? [`user ${runAs.user}`] : [],
    runAs?.group ? [`group ${runAs.group}`] : [],
  ]
    .flat()
    .join(", ");
}

/**
 * What policy.json says of them.
 * @throws TsmError BAD_DATA when it names a user and cannot be read: not to be anybody is to be root.
 */
export function readLimits(value: unknown): Limits {
  if (!isObject(value)) return noLimits;
  const number = (key: string) => (Number.isInteger(value[key]) ? Number(value[key]) : null);
  return {
    nice: number("nice"),
    openFiles: number("openFiles"),
    processes: number("processes"),
    runAs: readRunAs(value["runAs"]),
    memoryBy: value["memoryBy"] === "kernel" ? "kernel" : null,
  };
}

function readRunAs(value: unknown): RunAs | null {
  if (value === null || value === undefined) return null;
  if (isObject(value)) {
    const { userId, groupId, groupIds } = value;
    const name = (key: string) => (typeof value[key] === "string" ? value[key] : null);
    if (isId(userId) && isId(groupId) && Array.isArray(groupIds) && groupIds.every(isId))
      return {
        user: name("user"),
        group: name("group"),
        userId,
        groupId,
        groupIds,
        login: name("login"),
        home: name("home"),
      };
  }
  throw new TsmError("BAD_DATA", "policy.json does not say whose the process is", {
    hint: "Delete the process and start it anew",
  });
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
