import { isErrno } from "../../core/errors.ts";

/** What the macOS side asks of the machine. Tests answer it from recorded output. */
export interface DarwinSystem {
  /**
   * What the program prints, whatever it exits with: `ps` and `lsof` exit 1 when one of several pids is gone.
   * @throws the system's error when the program cannot be run.
   */
  run(file: string, args: readonly string[]): string;
  /** Does the kernel know the pid (also as a zombie, also another user's)? Costs no process. */
  exists(pid: number): boolean;
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export const darwinSystem: DarwinSystem = {
  run(file, args) {
    // Loaded when first used: on Linux never.
    const { spawnSync } = process.getBuiltinModule("node:child_process");
    const { error, stdout } = spawnSync(file, args, {
      encoding: "utf8",
      // `ps` prints times in the locale's words and the user's time zone.
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error) throw error;
    return stdout;
  },
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      if (isErrno(error, "ESRCH")) return false;
      if (isErrno(error, "EPERM")) return true;
      throw error;
    }
  },
  nowMs: () => Date.now(),
};
