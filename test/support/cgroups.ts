import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A group of cgroup v2, as the kernel shows it. */
export interface PlainGroup {
  /** `cgroup.controllers` */
  readonly controllers: string;
  /** `cgroup.subtree_control` */
  readonly given: string;
  /** `cgroup.procs` */
  readonly processes: string;
  /** Has it a `cgroup.type`? Only the root of all has none. */
  readonly type: boolean;
}

const mounts = [
  "21 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw",
  "22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw",
  "28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard,errors=remount-ro",
];

/**
 * Lays out in a folder what the kernel says in /proc and in cgroup v2.
 * @param layout.mounted the rest of the line in mountinfo that a mount of cgroup v2 has; AT stands for its place.
 * @param layout.own the lines of /proc/self/cgroup
 */
export function layGroups(
  folder: string,
  layout: {
    readonly mounted: readonly string[];
    readonly own: readonly string[];
    readonly groups: Readonly<Record<string, Partial<PlainGroup>>>;
    readonly at?: string;
  },
): { readonly proc: string; readonly top: string } {
  const proc = join(folder, "proc");
  const top = join(folder, layout.at ?? "cgroup");
  const written = top.replaceAll(" ", "\\040");
  mkdirSync(join(proc, "self"), { recursive: true });
  const lines = [...mounts, ...layout.mounted.map((line) => line.replaceAll("AT", written))];
  writeFileSync(join(proc, "self/mountinfo"), `${lines.join("\n")}\n`);
  writeFileSync(join(proc, "self/cgroup"), `${layout.own.join("\n")}\n`);
  for (const [path, group] of Object.entries(layout.groups)) {
    const place = join(top, path);
    mkdirSync(place, { recursive: true });
    const { controllers = "cpuset cpu io memory pids", given = "", processes = "", type = path !== "" } = group;
    writeFileSync(join(place, "cgroup.controllers"), `${controllers}\n`);
    writeFileSync(join(place, "cgroup.subtree_control"), `${given}\n`);
    writeFileSync(join(place, "cgroup.procs"), processes);
    if (type) writeFileSync(join(place, "cgroup.type"), "domain\n");
  }
  return { proc, top };
}

/** systemd's own, as on Debian 12 and Ubuntu 24.04. */
export const unified =
  "26 21 0:23 / AT rw,nosuid,nodev,noexec,relatime shared:8 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot";
