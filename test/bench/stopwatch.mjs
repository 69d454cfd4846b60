// @ts-check
import { spawnSync } from "node:child_process";

/**
 * @typedef {object} Measured
 * @property {number} runs
 * @property {number} medianMs
 * @property {number} bareMs the median of `node -e 0`, run in turn with it
 * @property {number} ratio the median of what each run took against the `node -e 0` right before it
 */

/** @typedef {{ atMost: number, of: string, holds: boolean }} Goal */

/** How long a program takes from its start until it and its output have ended. @param {import("./house.mjs").House} house @param {string[]} args */
export function timeOf(house, args) {
  const start = performance.now();
  const run = spawnSync(process.execPath, args, {
    cwd: house.folder,
    env: house.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const took = performance.now() - start;
  if (run.status !== 0) throw new Error(`node ${args.join(" ")} gave ${run.status ?? run.signal}: ${run.stderr}`);
  return took;
}

/**
 * Runs the action in turn with `node -e 0`: on a noisy machine only what ran at the same time can be compared.
 * @param {import("./house.mjs").House} house
 * @param {number} runs
 * @param {(run: number) => number | Promise<number>} action what it took, in milliseconds
 * @param {() => number | Promise<number>} [bare]
 * @returns {Promise<Measured>}
 */
export async function inTurn(house, runs, action, bare = () => timeOf(house, ["-e", "0"])) {
  await bare(); // The first ones find cold caches.
  await action(-1);
  /** @type {number[]} */
  const bares = [];
  /** @type {number[]} */
  const took = [];
  for (let run = 0; run < runs; run += 1) {
    bares.push(await bare());
    took.push(await action(run));
  }
  return {
    runs,
    medianMs: rounded(median(took)),
    bareMs: rounded(median(bares)),
    ratio: rounded(median(took.map((ms, index) => ms / (bares[index] ?? Number.NaN))), 2),
  };
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  return percentile(numbers, 50);
}

/** @param {readonly number[]} numbers @param {number} percent */
export function percentile(numbers, percent) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function rounded(/** @type {number} */ number, digits = 1) {
  return Number(number.toFixed(digits));
}

/** @param {number} figure @param {number} atMost @param {string} of which of the figures @returns {{ goal: Goal }} */
export function goal(figure, atMost, of) {
  return { goal: { atMost, of, holds: figure <= atMost } };
}
