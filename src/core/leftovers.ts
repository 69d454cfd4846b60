import { LockTimeout } from "../platform/platform.ts";
import { isDiskUnwritable, isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** Files that killed programs were writing: their makers are dead, and nobody reads them. */
export function halfWritten({ platform: { files, processes }, home }: World): string[] {
  const names = listOrNone(files, home.processes);
  const folders = [
    home.root,
    `${home.root}/runtime`,
    `${home.root}/config`,
    home.underWay,
    home.processes,
    ...names.flatMap((name) => {
      const { folder, launch, runs } = processPaths(home, name);
      return [folder, launch, runs];
    }),
  ];
  return folders.flatMap((folder) =>
    listOrNone(files, folder)
      .filter((name) => {
        const [, whole, part] = /^\..*\.(\d+)\.\d+\.tmp$|^\.(?:meta|words|pid)\.(\d+)(?:\.\d+)?$/.exec(name) ?? [];
        const pid = whole ?? part;
        return pid !== undefined && processes.identify(Number(pid)) === undefined;
      })
      .map((name) => `${folder}/${name}`),
  );
}

/** Removes those, and the locks that dead holders have left. @returns what is gone now. */
export async function sweepLeftovers(world: World): Promise<string[]> {
  const { files } = world.platform;
  const folder = world.home.locks;
  const swept: string[] = [];
  try {
    for (const path of halfWritten(world).filter((each) => files.kind(each) === "file")) {
      files.remove(path);
      swept.push(path);
    }
    for (const name of listOrNone(files, folder)) {
      if (await dropStale(world, `${folder}/${name}`)) swept.push(`${folder}/${name}`);
    }
  } catch (error) {
    // A home that is not ours to mend.
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM")) throw error;
  }
  return swept;
}

/** To take it over is the one safe way: somebody may be about to do the same. */
async function dropStale({ platform: { files, locks } }: World, path: string): Promise<boolean> {
  if (files.kind(path) === "directory" || locks.look(path)?.stale !== true) return false;
  try {
    (await locks.acquire(path, { timeoutMs: 1000 }))();
    return true;
  } catch (error) {
    if (!(error instanceof LockTimeout)) throw error;
    return false; // whoever came first holds it
  }
}

/** What may not be looked into is another's to tell. */
function listOrNone(files: World["platform"]["files"], folder: string): string[] {
  try {
    return files.list(folder);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR")) return [];
    throw error;
  }
}
