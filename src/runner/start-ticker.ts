import type { Identity, Platform } from "../platform/platform.ts";
import { residentBash } from "./resident-bash.ts";

export interface TickerRequest {
  /** The ticker's bash file. */
  readonly tickerFile: string;
  readonly home: string;
  /** With which it runs `tsm patrol`. */
  readonly node: string;
  readonly tsm: string;
  /** The caller's, for PATH and HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts the clock of a home, detached.
 * @returns undefined when it has ended already. @throws the system's error when there is no bash, or no room for a process.
 */
export async function startTicker(platform: Platform, asked: TickerRequest): Promise<Identity | undefined> {
  const { tickerFile, home, node, tsm, env } = asked;
  const path = `${env["PATH"] ?? ""}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  const request = {
    args: [tickerFile, home, node, tsm, platform.processes.bootId()],
    env: { PATH: path, LC_ALL: "C", HOME: env["HOME"] ?? "/", TSM_RUNNER: ".ticker", TSM_HOME: home },
    cwd: "/",
  };
  return await platform.spawner.spawnDetached(residentBash(platform, request));
}
