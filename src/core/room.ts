import type { World } from "./world.ts";

/** Has the disk of the home room for what a start writes? 25 files at most, of one page each. */
export function hasRoomToStart({ platform, home }: World): boolean {
  return platform.files.freeBytes(home.root) >= 128 * 1024;
}
