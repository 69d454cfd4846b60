import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { isErrno } from "../core/errors.ts";
import { openFile } from "./open-file.ts";
import type { Files } from "./platform.ts";
import { watchPath } from "./watch.ts";

/** Files of this machine. */
/** Asked often of what is not there: an error to throw would cost ten times as much. */
const quietly = { throwIfNoEntry: false } as const;

export const systemFiles: Files = {
  readText: (path) => unlessMissing(() => fs.readFileSync(path, "utf8")),
  readBytes: (path) => unlessMissing(() => fs.readFileSync(path)),
  readRange: (path, position, length) => unlessMissing(() => readRange(path, position, length)),
  open: openFile,
  writeWhole,
  overwrite,
  appendLine,
  touch: (path) => fs.closeSync(fs.openSync(path, "a", 0o600)),
  make,
  makeFolder,
  list: (path) => unlessMissing(() => fs.readdirSync(path)) ?? [],
  listFiles: (path) =>
    (unlessMissing(() => fs.readdirSync(path, { withFileTypes: true })) ?? []).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    ),
  kind(path) {
    const stats = unlessMissing(() => unlessLoop(() => fs.statSync(path, quietly)));
    if (!stats) return "missing";
    if (stats.isFile()) return "file";
    return stats.isDirectory() ? "directory" : "other";
  },
  stat: (path) =>
    unlessMissing(() => {
      const stats = fs.statSync(path, quietly);
      if (stats === undefined) return undefined;
      const { size, ino, mtimeMs, mode, uid } = stats;
      return { size, inode: ino, modifiedMs: mtimeMs, mode: mode & 0o7777, userId: uid };
    }),
  isExecutable: (path) => permits(path, fs.constants.X_OK),
  isReadable: (path) => permits(path, fs.constants.R_OK),
  isWritable: (path) => permits(path, fs.constants.W_OK),
  link: (target, path) => fs.symlinkSync(target, path),
  linkTarget(path) {
    try {
      return fs.readlinkSync(path);
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined; // EINVAL: it is no link
      throw error;
    }
  },
  realPath: (path) => unlessMissing(() => fs.realpathSync(path)),
  remove(path) {
    unlessMissing(() => fs.unlinkSync(path));
  },
  removeFolder,
  rename: (from, to) => fs.renameSync(from, to),
  watch: watchPath,
  // Loaded when used: a library, for the few processes that ask for it.
  watchTree: async (...request) => (await import("./watch-tree.ts")).watchTree(...request),
  setMode: (path, mode) => fs.chmodSync(path, mode),
  freeBytes(path) {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  },
  inodes(path) {
    const { files, ffree } = fs.statfsSync(path);
    return files === 0 ? undefined : { free: ffree, total: files };
  },
};

function make(path: string): boolean {
  try {
    fs.closeSync(fs.openSync(path, "wx", 0o600));
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** Not `recursive`: that says ENOENT for what cannot be made on a read-only disk. */
function makeFolder(path: string, { mode = 0o700 }: { mode?: number } = {}): void {
  // Nearly always it is there, and an error is dearer than a look.
  if (fs.statSync(path, quietly)?.isDirectory()) return;
  try {
    fs.mkdirSync(path, { mode });
  } catch (error) {
    if (isErrno(error, "EEXIST") && fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (!isErrno(error, "ENOENT")) throw error;
    makeFolder(dirname(path), { mode });
    makeLastFolder(path, mode);
  }
}

/** Its parent is there. Where the system still says ENOENT (/proc, /sys) nothing can ever be made. */
function makeLastFolder(path: string, mode: number): void {
  try {
    fs.mkdirSync(path, { mode });
  } catch (error) {
    if (isErrno(error, "EEXIST") && fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (!isErrno(error, "ENOENT")) throw error;
    throw Object.assign(new Error(`EPERM: no folder can be made at ${path}`), { code: "EPERM", path });
  }
}

function removeFolder(path: string): void {
  // Nearly always: and Node's own way to find that out costs 0.7 ms.
  if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const remove = () => fs.rmSync(path, { recursive: true, force: true });
  try {
    remove();
  } catch (error) {
    if (!isErrno(error, "EACCES")) throw error;
    fs.chmodSync(path, 0o700); // ours, and closed to ourselves: nothing in it could be removed
    remove();
  }
}

function unlessMissing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined; // absence is the answer, also below a file
    throw error;
  }
}

/** A link that leads to itself leads nowhere, as one to what is gone. */
function unlessLoop<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isErrno(error, "ELOOP")) return undefined;
    throw error;
  }
}

function permits(path: string, mode: number): boolean {
  try {
    fs.accessSync(path, mode);
    return true;
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "ELOOP", "ETXTBSY")) return false;
    throw error;
  }
}

function readRange(path: string, position: number, length: number): Buffer {
  const fd = fs.openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(Math.min(length, Math.max(0, fs.fstatSync(fd).size - position)));
    let filled = 0;
    while (filled < bytes.length) {
      const read = fs.readSync(fd, bytes, filled, bytes.length - filled, position + filled);
      if (read === 0) break; // truncated while we read
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    fs.closeSync(fd);
  }
}

function writeWhole(path: string, data: string | Uint8Array, options: { mode?: number; durable?: boolean } = {}): void {
  const { mode = 0o600, durable = false } = options;
  const [temporary, fd] = openTemporary(path, mode);
  try {
    try {
      fs.writeFileSync(fd, data); // all of it, however many writes that takes
      fs.fchmodSync(fd, mode); // open(2) subtracted the umask
      if (durable) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    unlessMissing(() => fs.unlinkSync(temporary));
    throw error;
  }
  if (durable) syncFolder(dirname(path));
}

let temporaries = 0;

/** Cut at the end, not emptied at the beginning: then ext4 gives its blocks back, and waits for that. */
function overwrite(path: string, data: string): void {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW } = fs.constants;
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(data);
    fs.writeFileSync(fd, bytes);
    fs.ftruncateSync(fd, bytes.length);
  } finally {
    fs.closeSync(fd);
  }
}

function openTemporary(path: string, mode: number): [path: string, fd: number] {
  for (;;) {
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${temporaries++}.tmp`);
    try {
      return [temporary, fs.openSync(temporary, "wx", mode)];
    } catch (error) {
      // A killed process that had our pid left it behind: the next number is free.
      if (!isErrno(error, "EEXIST")) throw error;
    }
  }
}

/** A rename is on disk only when its folder is. */
function syncFolder(path: string): void {
  const fd = fs.openSync(path, "r");
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    if (!isErrno(error, "EINVAL", "ENOTSUP")) throw error; // a file system that cannot sync folders
  } finally {
    fs.closeSync(fd);
  }
}

function appendLine(path: string, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  const fd = fs.openSync(path, "a", 0o600);
  try {
    // One write: lines of several programs never mix.
    const written = fs.writeSync(fd, bytes);
    if (written < bytes.length) {
      throw Object.assign(new Error(`ENOSPC: only ${written} of ${bytes.length} bytes written to ${path}`), {
        code: "ENOSPC",
      });
    }
  } finally {
    fs.closeSync(fd);
  }
}
