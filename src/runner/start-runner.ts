import { dirname } from "node:path";
import type { Coprocess, Identity, Platform, SpawnRequest } from "../platform/platform.ts";
import { residentBash } from "./resident-bash.ts";

export interface RunnerRequest {
  /** The runner's bash file. */
  readonly runnerFile: string;
  /** The process's folder: all that the runner is handed lies in it. */
  readonly folder: string;
  /** Names this start and no other: a runner that finds another one's launch files goes again. */
  readonly token: string;
  /** Watch the process in the settings instead of starting one. */
  readonly adopt?: boolean;
  /** More than this one start is under way. */
  readonly isOneOfMany?: boolean;
  /** Variables that tell a runner from what it runs. */
  readonly marks: Readonly<Record<string, string>>;
  /** The PATH of the process: where bash and the few programs a runner needs are found. */
  readonly path: string;
}

/** The mark of a runner that was forked: the environment is that of who forked it, and tells no name. */
export const forkedMark = ".forked";

/** Whoever forks runners was killed, and whether it had forked this one nobody knows. */
export class ForkServerLost extends Error {}

/** Who forks runners, by platform and PATH, while more than one start is under way. */
const forkServers = new WeakMap<Platform, Map<string, Coprocess>>();

/**
 * The only one who starts runners. A runner's environment is its own: nothing of the caller's marks
 * is in it, so ending the process that called `tsm start` never ends this runner.
 * @param request.isOneOfMany others are being started at the same time: it is forked, where a forked one is known again (see tree.ts).
 * @returns undefined when it has ended already: what it ran may have ended at once.
 * @throws the system's error when there is no bash; ForkServerLost, and not for one that is started alone.
 */
export async function startRunner(platform: Platform, request: RunnerRequest): Promise<Identity | undefined> {
  const { runnerFile, folder, token } = request;
  if (request.isOneOfMany === true && platform.name === "linux") {
    const pid = await forkServerOf(platform, request).ask(`${folder}\0${token}\0`);
    if (pid === undefined) throw new ForkServerLost();
    return platform.processes.identify(Number(pid));
  }
  const args = [runnerFile, folder, token, ...(request.adopt === true ? ["adopt"] : [])];
  return await platform.spawner.spawnDetached(bashRequest(platform, request, args, request.marks, "/"));
}

/** No more starts are under way. */
export function endForkServers(platform: Platform): void {
  for (const server of forkServers.get(platform)?.values() ?? []) server.end();
  forkServers.delete(platform);
}

function forkServerOf(platform: Platform, request: RunnerRequest): Coprocess {
  const servers = forkServers.get(platform) ?? new Map<string, Coprocess>();
  forkServers.set(platform, servers);
  const known = servers.get(request.path);
  if (known?.isOpen === true) return known;
  const marks = { ...request.marks, TSM_RUNNER: forkedMark };
  // It stands where neither a runner nor a process does: that tells it from both.
  const folders = dirname(request.folder);
  const server = platform.spawner.openCoprocess(bashRequest(platform, request, [request.runnerFile], marks, folders));
  servers.set(request.path, server);
  return server;
}

function bashRequest(
  platform: Platform,
  { path }: RunnerRequest,
  args: readonly string[],
  marks: RunnerRequest["marks"],
  cwd: string,
): SpawnRequest {
  const system = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  const env = { PATH: path === "" ? system : `${path}:${system}`, LC_ALL: "C", ...marks };
  return residentBash(platform, { args, env, cwd });
}
