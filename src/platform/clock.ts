import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "./platform.ts";

/** The time, from this machine. `sleep` rejects with the signal's reason when it is aborted. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sinceBootMs: () =>
    existsSync("/proc/uptime") ? Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1000 : undefined,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    }),
};
