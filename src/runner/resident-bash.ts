import type { Platform, SpawnRequest } from "../platform/platform.ts";

/**
 * The request for a bash that stays. On the first end of a child bash makes a table for the exit codes of as many as its user may
 * have had when it began, half a megabyte: so the limit is low until it has. TSM_NPROC tells the script to what it sets it then.
 * And glibc keeps for each size what was freed, which bash then seldom asks for again: 28 KB of 390.
 */
export function residentBash(
  { files, processes }: Platform,
  { args, env, cwd }: Omit<SpawnRequest, "file">,
): SpawnRequest {
  const bash = files.isExecutable("/bin/bash") ? "/bin/bash" : "bash";
  const limits = processes.limits(processes.self());
  if (limits === undefined) return { file: bash, args, env, cwd };
  const allowed = String(limits.processes.soft ?? "unlimited");
  return {
    file: "/bin/sh",
    args: ["-c", withFewChildren, bash, ...args],
    env: { ...env, ...sparing, TSM_NPROC: allowed },
    cwd,
  };
}

/** See "Memory Allocation Tunables" in the manual of glibc; elsewhere it is a variable that nobody reads. */
const sparing = { GLIBC_TUNABLES: "glibc.malloc.tcache_count=0" };

/** dash has another letter for it. */
const withFewChildren = '{ ulimit -Su 256 || ulimit -Sp 256; } 2>/dev/null; exec "$0" "$@"';
