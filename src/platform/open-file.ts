import * as fs from "node:fs";
import { isErrno } from "../core/errors.ts";
import type { OpenFile } from "./platform.ts";

/** See `Files.open`. */
export function openFile(path: string, { followLinks }: { readonly followLinks: boolean }): OpenFile | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  let fd: number;
  try {
    // Not blocking: a fifo without a writer would hold us for ever.
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  let isOpen = true;
  return {
    read(into, position) {
      let filled = 0;
      while (filled < into.length) {
        const count = fs.readSync(fd, into, filled, into.length - filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    },
    stat() {
      const stats = fs.fstatSync(fd);
      const kind = stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other";
      return { kind, size: stats.size, inode: stats.ino, modifiedMs: stats.mtimeMs };
    },
    close() {
      if (isOpen) fs.closeSync(fd);
      isOpen = false;
    },
  };
}
