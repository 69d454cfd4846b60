import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { isErrno } from "../core/errors.ts";

const pollMs = 1000;

/**
 * Calls back when the folder or file may have changed, by the system's events; once a second by looking, while the
 * path does not exist or the system has no watch left to give (ENOSPC, EMFILE). Never keeps the program alive.
 * @returns the function that ends it (idempotent).
 */
export function watchPath(path: string, changed: () => void): () => void {
  let end = (): void => undefined;
  let ended = false;

  const arm = (): void => {
    if (!ended) end = watchEvents(path, changed, lost) ?? pollPath(path, lost);
  };
  const lost = (): void => {
    end();
    if (ended) return;
    arm();
    changed();
  };

  arm();
  return () => {
    ended = true;
    end();
  };
}

/** undefined when the system cannot watch it now. */
function watchEvents(path: string, changed: () => void, lost: () => void): (() => void) | undefined {
  const kind = kindOf(path);
  if (!kind) return undefined;
  // Events follow the inode, and a whole write replaces it: a file is watched through its folder.
  const folder = kind === "folder" ? path : dirname(path);
  let watcher: FSWatcher;
  try {
    watcher = watch(folder, { persistent: false });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ENOSPC", "EMFILE", "ENFILE")) return undefined;
    throw error;
  }
  watcher.on("error", lost);
  watcher.on("change", (event, filename) => {
    if (event === "rename" && kindOf(path) !== kind) lost();
    else if (kind === "folder" || filename === null || filename === basename(path)) changed();
  });
  return () => watcher.close();
}

function kindOf(path: string): "folder" | "file" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

function pollPath(path: string, changed: () => void): () => void {
  let last = signatureOf(path);
  const timer = setInterval(() => {
    const signature = signatureOf(path);
    if (signature === last) return;
    last = signature;
    changed();
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

function signatureOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : "missing";
}
