import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "./platform.ts";

/** The time, from this machine. `sleep` rejects with the signal's reason when it is aborted. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // Not `performance`, which Node would load for it: 1 ms.
  monotonicMs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
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
