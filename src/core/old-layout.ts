import { isErrno } from "./errors.ts";
import { tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/**
 * Does the home hold what an older TSM left there, or a migration that was cut off? Asked by every command: a few looks,
 * nothing is read. Where it says yes, `migrate.ts` finds out what there is; that may still be nothing.
 */
export function hasOldLayout(world: World): boolean {
  const { files } = world.platform;
  const { home } = world;
  const isThere = (path: string) => files.stat(path) !== undefined;
  try {
    if (oldPlaces.some((place) => isThere(`${home.root}/${place}`))) return true;
    // Every change by this program begins with a lock: without that folder, nobody has looked through the records.
    if (isThere(home.processes)) {
      if (!isThere(home.locks)) return true;
      if (files.listFiles(home.processes).some((name) => isFlatRecord(name))) return true;
    }
    if (isThere(`${home.root}/db`) && files.listFiles(`${home.root}/db`).some((name) => isDbRecord(name))) return true;
    const orgs = `${tetraFolder(world)}/orgs`;
    return isThere(orgs) && files.list(orgs).some((org) => isThere(`${orgs}/${org}/tsm/services-enabled`));
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "ELOOP", "EIO", "ENAMETOOLONG")) return false; // not ours to look into
    throw error;
  }
}

/** Where a migration keeps what it has taken away, until it is done. */
export const underWayFolder = "runtime/migrating";

/** Nothing of this program has these names. */
const oldPlaces = [
  underWayFolder,
  "processes",
  "pids",
  "next_id",
  "active",
  "services-available",
  "runtime/pids",
  "runtime/next_id",
  "runtime/active",
] as const;

/** A record beside the folders of the processes, where now nothing but folders is. */
export function isFlatRecord(name: string): boolean {
  return !name.startsWith(".") && /\.(?:meta|json|env)$/.test(name);
}

/** `1760374713.tsm.meta` and what lay beside it. */
export function isDbRecord(name: string): boolean {
  return /\.tsm\.(?:meta|pid)$/.test(name);
}
