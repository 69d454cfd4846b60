import type { Identity, Platform } from "../platform/platform.ts";

export interface RunnerRequest {
  /** The runner's bash file. */
  readonly runnerFile: string;
  /** The process's folder: all that the runner is handed lies in it. */
  readonly folder: string;
  /** Names this start and no other: a runner that finds another one's launch files goes again. */
  readonly token: string;
  /** Watch the process in the settings instead of starting one. */
  readonly adopt?: boolean;
  /** Variables that tell a runner from what it runs. */
  readonly marks: Readonly<Record<string, string>>;
  /** The PATH of the process: where bash and the few programs a runner needs are found. */
  readonly path: string;
}

/**
 * The only caller of `spawnDetached` for processes. The runner's environment is its own: nothing of the caller's marks
 * is in it, so ending the process that called `tsm start` never ends this runner.
 * @returns undefined when it has ended already: what it ran may have ended at once.
 * @throws the system's error when there is no bash.
 */
export async function startRunner(platform: Platform, request: RunnerRequest): Promise<Identity | undefined> {
  const system = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  const env = { PATH: request.path === "" ? system : `${request.path}:${system}`, LC_ALL: "C", ...request.marks };
  const file = platform.files.isExecutable("/bin/bash") ? "/bin/bash" : "bash";
  return await platform.spawner.spawnDetached({
    file,
    args: [request.runnerFile, request.folder, request.token, ...(request.adopt ? ["adopt"] : [])],
    env,
    cwd: "/",
  });
}
