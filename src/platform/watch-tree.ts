import type { WatchOptions } from "../core/watch-options.ts";

/**
 * Calls back with each path that is made, changed or removed below the paths, by the system's events.
 * @returns the function that ends it.
 */
export async function watchTree(
  paths: readonly string[],
  ignored: (path: string) => boolean,
  changed: (path: string) => void,
  { followSymlinks, pollMs, depth, settledMs }: WatchOptions,
): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar");
  const watcher = watch([...paths], {
    ignored,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    followSymlinks,
    ...(pollMs === null ? {} : { usePolling: true, interval: pollMs, binaryInterval: pollMs }),
    ...(depth === null ? {} : { depth }),
    ...(settledMs === null ? {} : { awaitWriteFinish: { stabilityThreshold: settledMs } }),
  });
  watcher.on("all", (_event, path) => changed(path));
  // A folder that went, a system that has no watch left to give: what can be watched still is.
  watcher.on("error", () => undefined);
  return () => watcher.close();
}
