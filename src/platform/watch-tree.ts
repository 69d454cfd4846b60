import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno } from "../core/errors.ts";
import type { WatchOptions } from "../core/watch-options.ts";

/**
 * Calls back with each path that is made, changed or removed below the paths, by the system's events. A folder of them, or
 * that of a file, that goes and is there again is watched again, and all that lies in it is new.
 * @returns the function that ends it.
 */
export async function watchTree(
  paths: readonly string[],
  ignored: (path: string) => boolean,
  changed: (path: string) => void,
  { followSymlinks, pollMs, depth, settledMs }: WatchOptions,
): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar");
  const begin = (root: string, isNew: boolean) => {
    const watcher = watch(root, {
      ignored,
      ignoreInitial: !isNew,
      ignorePermissionErrors: true,
      followSymlinks,
      ...(pollMs === null ? {} : { usePolling: true, interval: pollMs, binaryInterval: pollMs }),
      ...(depth === null ? {} : { depth }),
      ...(settledMs === null ? {} : { awaitWriteFinish: { stabilityThreshold: settledMs } }),
    });
    watcher.on("all", (_event, path) => changed(path));
    // A folder that went, a system that has no watch left to give: what can be watched still is.
    watcher.on("error", () => undefined);
    return watcher;
  };
  const watching = paths.map((root) => {
    const place = folderAt(root) === undefined ? dirname(root) : root;
    return { root, place, folder: folderAt(place), watcher: begin(root, false) };
  });
  // The system's events are of the folder that was there, and do not tell of another in its place, nor when it is back.
  const renew = () => {
    for (const each of watching) {
      const before = each.folder;
      each.folder = folderAt(each.place);
      if (each.folder === undefined || each.folder === before) continue;
      void each.watcher.close();
      each.watcher = begin(each.root, true);
    }
  };
  const timer = setInterval(renew, renewMs);
  return async () => {
    clearInterval(timer);
    await Promise.all(watching.map(({ watcher }) => watcher.close()));
  };
}

const renewMs = 500;

/** Which folder it is, among all that were ever there; undefined where there is none now. */
function folderAt(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isDirectory() ? `${stat.dev} ${stat.ino} ${stat.birthtimeMs}` : undefined;
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "ELOOP", "EIO", "ESTALE")) return undefined;
    throw error;
  }
}
