import { isErrno } from "./errors.ts";
import type { World } from "./world.ts";

/**
 * True for the first shell of a home, and for no other ever after: of two that open at once one is the first. A home
 * that cannot be written has none, or every shell would be.
 */
export function isFirstShell({ platform, home }: World): boolean {
  try {
    platform.files.makeFolder(`${home.root}/config`);
    return platform.files.make(home.welcomed);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOENT", "ENOTDIR", "EEXIST")) return false;
    throw error;
  }
}
