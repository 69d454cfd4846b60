import type { Platform } from "../platform/platform.ts";

export interface SuccessorRequest {
  readonly home: string;
  /** With which it runs `tsm patrol`. */
  readonly node: string;
  readonly tsm: string;
  /** The caller's, for PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Has a pass of the patrol finish what this program has begun, should it die before `end` is called.
 * @throws the system's error when there is no bash, or no room for a process.
 */
export function startSuccessor(platform: Platform, asked: SuccessorRequest): { end(): Promise<void> } {
  const { home, node, tsm, env } = asked;
  const path = `${env["PATH"] ?? ""}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  const input = platform.spawner.spawnFed({
    file: platform.files.isExecutable("/bin/bash") ? "/bin/bash" : "bash",
    // A line says that all is done; the end of the input without one, that nobody is left to say so.
    args: ["-c", 'read -r _ || exec "$@" </dev/null', "successor", node, tsm, "patrol", "--quick"],
    env: { PATH: path, LC_ALL: "C", HOME: env["HOME"] ?? "/", TSM_RUNNER: ".successor", TSM_HOME: home },
    cwd: "/",
  });
  return {
    end() {
      input.write("\n");
      return input.end();
    },
  };
}
