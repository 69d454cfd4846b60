import { basename } from "node:path";
import { isErrno } from "./errors.ts";
import { hasOwnOrgs, tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/**
 * Does the home hold what an older TSM left there, or a migration that was cut off? Asked by every command: it lists a few
 * folders and reads nothing. Where it says yes, `migrate.ts` finds out what there is; that may still be nothing.
 */
export function hasOldLayout(world: World): boolean {
  const { files } = world.platform;
  const { home } = world;
  try {
    const inHome = files.list(home.root);
    if (inHome.length === 0) return false;
    if (inHome.some((name) => oldInHome.has(name))) return true;
    if (inHome.includes("runtime")) {
      const inRuntime = files.list(`${home.root}/runtime`);
      if (inRuntime.some((name) => oldInRuntime.has(name))) return true;
      if (inRuntime.includes("processes")) {
        // Every change by this program begins with a lock: without that folder, nobody has looked through the records.
        if (!inHome.includes("locks")) return true;
        const inProcesses = files.list(home.processes).filter(isFlatRecord);
        if (inProcesses.some((name) => files.kind(`${home.processes}/${name}`) === "file")) return true;
      }
    }
    if (inHome.includes("db") && files.list(`${home.root}/db`).some(isDbRecord)) return true;
    const orgs = `${tetraFolder(world)}/orgs`;
    const isThere = (path: string) => files.stat(path) !== undefined;
    if (!isThere(orgs) || !hasOwnOrgs(world)) return false;
    return files.list(orgs).some((org) => isThere(`${orgs}/${org}/tsm/services-enabled`));
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "ELOOP", "EIO", "ENAMETOOLONG")) return false; // not ours to look into
    throw error;
  }
}

/** Where a migration keeps what it has taken away, until it is done. */
export const underWayFolder = "runtime/migrating";

/** Nothing of this program has these names. */
const oldInHome = new Set(["processes", "pids", "next_id", "active", "services-available"]);
const oldInRuntime = new Set([basename(underWayFolder), "pids", "next_id", "active"]);

/** A record beside the folders of the processes, where now nothing but folders is. */
export function isFlatRecord(name: string): boolean {
  return (name.endsWith(".meta") || name.endsWith(".json") || name.endsWith(".env")) && !name.startsWith(".");
}

/** `1760374713.tsm.meta` and what lay beside it. */
export function isDbRecord(name: string): boolean {
  return name.endsWith(".tsm.meta") || name.endsWith(".tsm.pid");
}
