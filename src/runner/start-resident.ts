import type { Identity, Platform } from "../platform/platform.ts";

export interface ResidentRequest {
  readonly home: string;
  readonly node: string;
  readonly tsm: string;
  /** The caller's, for PATH and HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts the resident patrol of a home, detached.
 * @returns undefined when it has ended already. @throws the system's error when there is no room for a process.
 */
export async function startResident(platform: Platform, request: ResidentRequest): Promise<Identity | undefined> {
  const { home, node, tsm, env } = request;
  const path = `${env["PATH"] ?? ""}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  // A mark that no process's name can be, so that it is never taken for the runner of one that is called `patrol`.
  const marks = { TSM_RUNNER: ".patrol", TSM_HOME: home };
  // The time zone is the one that cron expressions are meant in.
  const zone = env["TZ"] === undefined ? {} : { TZ: env["TZ"] };
  return await platform.spawner.spawnDetached({
    file: node,
    args: [tsm, "patrol", "--watch"],
    env: { PATH: path, HOME: env["HOME"] ?? "/", ...zone, ...marks },
    cwd: "/",
  });
}
