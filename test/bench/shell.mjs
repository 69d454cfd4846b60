// @ts-check
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";
import { program } from "../../src/build/layout.mjs";

/** @typedef {import("./house.mjs").House} House */

/** From the start of the shell until its prompt is on the screen. @param {House} house */
export async function timeToPrompt(house) {
  const start = performance.now();
  const shell = open(house, [program, "repl"]);
  await shell.until((text) => text.includes(" › "));
  const took = performance.now() - start;
  await shell.end();
  return took;
}

/** From the start of `node -e 0` in a terminal until its end. @param {House} house */
export async function timeOfBareNode(house) {
  const start = performance.now();
  const bare = open(house, ["-e", "0"]);
  await bare.over;
  return performance.now() - start;
}

/**
 * From each key until the shell has painted.
 * @param {House} house
 * @param {number} lines of history
 * @returns {Promise<Record<"letters" | "upArrow" | "search", number[]>>}
 */
export async function timesToPaint(house, lines) {
  mkdirSync(join(house.home, "config"), { recursive: true });
  writeFileSync(join(house.home, "config/settings.json"), JSON.stringify({ historySize: lines }));
  const typed = Array.from(
    { length: lines },
    (_, index) => `#${1_700_000_000 + index}\nlogs service-${index} --lines ${index % 97}\n`,
  );
  writeFileSync(join(house.home, "repl_history"), typed.join(""));
  const shell = open(house, [program, "repl"]);
  await shell.until((text) => text.includes(" › "));
  await sleep(500); // The history is read behind the prompt.
  /** @type {Record<"letters" | "upArrow" | "search", number[]>} */
  const times = { letters: [], upArrow: [], search: [] };
  for (let line = 0; line < 20; line += 1) {
    for (const letter of `logs service-${line * 37}`) times.letters.push(await shell.press(letter));
    await shell.press("\x15");
    await shell.press("l");
    for (let up = 0; up < 10; up += 1) times.upArrow.push(await shell.press("\x1b[A"));
    await shell.press("\x15");
    await shell.press("\x12");
    for (const letter of `ice-${line * 37}`) times.search.push(await shell.press(letter));
    await shell.press("\x07");
    await shell.press("\x15");
  }
  await shell.end();
  return times;
}

/** @param {House} house @param {string[]} args */
function open(house, args) {
  const pty = spawn(process.execPath, args, { cols: 120, rows: 40, cwd: house.folder, env: house.env });
  let text = "";
  /** @type {(() => void) | undefined} */
  let look;
  pty.onData((data) => {
    text += data;
    look?.();
  });
  /** @type {Promise<void>} */
  const over = new Promise((resolve) => {
    pty.onExit(() => resolve());
  });
  /** @param {(text: string) => boolean} holds @param {number} timeoutMs @returns {Promise<boolean>} */
  const until = (holds, timeoutMs = 10_000) =>
    new Promise((resolve) => {
      const finish = (/** @type {boolean} */ seen) => {
        clearTimeout(timer);
        look = undefined;
        resolve(seen);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      look = () => {
        if (holds(text)) finish(true);
      };
      look();
    });
  return {
    over,
    async until(/** @type {(text: string) => boolean} */ holds) {
      if (!(await until(holds))) throw new Error(`the shell never got there; it shows:\n${text}`);
    },
    /** What it took from the key to the first byte that the shell painted. */
    async press(/** @type {string} */ key) {
      await sleep(8); // A key on its own, not a paste.
      text = "";
      const start = performance.now();
      pty.write(key);
      // A key that changes nothing on the screen is painted by nothing.
      await until((painted) => painted !== "", 1000);
      return performance.now() - start;
    },
    async end() {
      pty.kill("SIGKILL");
      await over;
    },
  };
}
