import { isErrno } from "./errors.ts";
import { type Home, homeAt, metaPath } from "./home.ts";
import { isLive, livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { parseRecord } from "./record.ts";
import { familyOf, type Table, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** A home of somebody on this machine, and what runs by it. */
export interface UserHome {
  readonly user: string;
  readonly home: string;
  readonly online: number;
  readonly stopped: number;
  readonly crashed: number;
  /** Records that cannot be read, or that nobody should read. */
  readonly damaged: number;
  /** Bytes of all that runs, with what it has started. */
  readonly memory: number;
  /** Why it was not looked into; null: it was. */
  readonly problem: string | null;
}

/**
 * The homes of all users where they usually are, and one's own. Looks and changes nothing: what others have put into
 * theirs is not followed, not waited for, not run, and read up to a size.
 */
export function userHomes(world: World): UserHome[] {
  const { accounts, files, processes } = world.platform;
  const own = { user: accounts.ownName(), home: world.home };
  const others = accounts.isRoot()
    ? accounts.all().flatMap(({ name, homeFolder }) => {
        const home = homeAt(`${homeFolder}/tetra/tsm`);
        return isThere(world, home.root) ? [{ user: name, home }] : [];
      })
    : [];
  // Several users may have one folder (`/`, `/nonexistent`): the first that is listed has the home.
  const known = new Set([own.home.root, files.realPath(own.home.root)]);
  const homes = [own];
  for (const each of others) {
    if (known.has(each.home.root)) continue;
    known.add(each.home.root);
    homes.push(each);
  }
  const table = tableOf(processes.table());
  return homes.map(({ user, home }) => lookInto(world, user, home, home === own.home, table));
}

function isThere({ platform: { files } }: World, path: string): boolean {
  try {
    return files.kind(path) === "directory";
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "ELOOP", "ENOTDIR", "ENAMETOOLONG")) throw error;
    return false;
  }
}

function lookInto(world: World, user: string, home: Home, isOwn: boolean, table: Table): UserHome {
  const found = { user, home: home.root, online: 0, stopped: 0, crashed: 0, damaged: 0, memory: 0, problem: null };
  const problem = isOwn ? undefined : whyNot(world, home);
  if (problem !== undefined) return { ...found, problem };
  for (const name of namesIn(world, home)) {
    const record = recordOf(world, home, name, isOwn);
    if (record === undefined) continue;
    if (record === "damaged") {
      found.damaged += 1;
      continue;
    }
    const observed = observe(record, world.platform.processes);
    const identity = livingIdentity(observed);
    // A record may name anybody's process; what the process itself began with may not be written by a stranger.
    const marks = identity === undefined ? undefined : world.platform.processes.environment(identity.pid);
    const isTheirs =
      identity === undefined || (marks?.get("TSM_HOME") === home.root && marks.get("TSM_NAME") === record.name);
    if (!isTheirs) found.damaged += 1;
    else if (isLive(observed)) found.online += 1;
    else if (observed.kind === "crashed") found.crashed += 1;
    else found.stopped += 1;
    if (identity === undefined || !isTheirs) continue;
    for (const { memoryBytes } of familyOf(identity, table)) found.memory += memoryBytes;
  }
  return found;
}

/** A path that leads elsewhere is not this user's home. */
function whyNot({ platform: { files } }: World, home: Home): string | undefined {
  try {
    const real = files.realPath(home.root);
    const parent = files.realPath(home.root.slice(0, -"/tetra/tsm".length));
    if (real !== `${parent === "/" ? "" : parent}/tetra/tsm`) return "it leads out of the user's folder";
    if (files.kind(home.processes) === "missing") return undefined;
    if (files.realPath(home.processes) !== `${real}/runtime/processes`) return "its processes lead out of it";
    return files.kind(home.processes) === "directory" ? undefined : "its processes are no folder";
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "ELOOP", "ENOTDIR", "EIO", "ESTALE")) throw error;
    return `it cannot be looked at (${error.code})`;
  }
}

function namesIn({ platform: { files } }: World, home: Home): string[] {
  return files
    .list(home.processes)
    .filter((name) => !name.startsWith("."))
    .slice(0, mostProcesses);
}

/** @returns undefined for what is no process. */
function recordOf(
  { platform: { files } }: World,
  home: Home,
  name: string,
  isOwn: boolean,
): ProcessRecord | "damaged" | undefined {
  try {
    if (!isOwn && files.linkTarget(`${home.processes}/${name}`) !== undefined) return "damaged";
    const file = files.open(metaPath(home, name), { followLinks: false });
    if (file === undefined) return undefined;
    try {
      const { kind, size } = file.stat();
      if (kind !== "file" || size > mostBytes) return "damaged";
      const bytes = Buffer.alloc(size);
      const text = bytes.subarray(0, file.read(bytes, 0)).toString("utf8");
      const record = parseRecord(text, name);
      return "problem" in record ? "damaged" : record;
    } finally {
      file.close();
    }
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "ELOOP", "ENOTDIR", "EISDIR", "ENXIO", "EIO", "ESTALE", "EMLINK"))
      throw error;
    return "damaged";
  }
}

/** A record has less than 1 KB. */
const mostBytes = 65_536;
const mostProcesses = 10_000;
