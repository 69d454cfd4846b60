import type { MemoryGroups } from "../platform.ts";

/** macOS limits the memory of no group of processes. */
export function darwinMemoryGroups(): MemoryGroups {
  return {
    place: () => ({ whyNot: "macOS has no cgroup v2" }),
    look: () => undefined,
    setMax: () => false,
    remove: () => true,
  };
}
