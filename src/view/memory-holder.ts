import type { MemoryHolder } from "../core/held-memory.ts";
import { sanitize } from "./sanitize.ts";

/** For behind the limit: `(cgroup v2: /sys/fs/cgroup/tsm-…-api)`. */
export function holderText(holder: MemoryHolder): string {
  if (holder.by === "samples") return sanitize(`(sampled every 5 s: ${holder.why})`);
  return sanitize(`(cgroup v2${holder.now ? "" : ", from its next start on"}: ${holder.group})`);
}
