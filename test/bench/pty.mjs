// @ts-check
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";

/** @typedef {import("./house.mjs").House} House */
/** @typedef {Awaited<ReturnType<typeof openPty>>} Pty */

/** Node at a terminal. @param {House} house @param {string[]} args @param {(data: string) => void} [seen] */
export function openPty(house, args, seen = () => undefined) {
  const pty = spawn(process.execPath, args, { cols: 120, rows: 40, cwd: house.folder, env: house.env });
  let text = "";
  /** @type {(() => void) | undefined} */
  let look;
  pty.onData((data) => {
    text += data;
    seen(data);
    look?.();
  });
  /** @type {Promise<void>} */
  const over = new Promise((resolve) => {
    pty.onExit(() => resolve());
  });
  /** @param {(text: string) => boolean} holds @returns {Promise<void>} */
  const until = (holds) =>
    new Promise((resolve, reject) => {
      const finish = (/** @type {Error | undefined} */ error = undefined) => {
        clearTimeout(timer);
        look = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => finish(new Error(`the terminal never got there; it shows:\n${text}`)), 10_000);
      look = () => {
        if (holds(text)) finish();
      };
      look();
    });
  return {
    pid: pty.pid,
    over,
    until,
    write: (/** @type {string} */ keys) => pty.write(keys),
    /**
     * What it took from the keys until what was painted since holds (by default, the first byte), and what of it the
     * program was at work: no other program adds to that. Undefined where the kernel does not tell.
     * @param {string} keys
     * @param {(text: string) => boolean} [holds]
     */
    async press(keys, holds = (painted) => painted !== "") {
      await sleep(8); // A key on its own, not a paste.
      text = "";
      const before = processorMs(pty.pid);
      const start = performance.now();
      pty.write(keys);
      await until(holds);
      const ms = performance.now() - start;
      const after = processorMs(pty.pid);
      return { ms, processorMs: before === undefined || after === undefined ? undefined : after - before };
    },
    async end() {
      pty.kill("SIGKILL");
      await over;
    },
  };
}

/** The processor time of a program's main thread until now. @param {number} pid */
function processorMs(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return undefined;
  }
}
