// @ts-check
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, closeSync, openSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../src/build/layout.mjs";
import { openHouse, script } from "./house.mjs";
import { inTurn, median, percentile, rounded, timeOf } from "./stopwatch.mjs";

/** @typedef {import("./house.mjs").House} House */

/** How fast `logs` shows, finds and follows. @param {(what: string) => void} say @returns {Promise<object[]>} */
export async function logs(say) {
  const house = openHouse();
  script(house, ["start --name big --settle 0 -- sleep 86400", "stop big"]);
  const path = join(house.home, "runtime/processes/big/current.out");
  say("the last 50 lines of 10 GB");
  truncateSync(path, 10 * 2 ** 30);
  appendFileSync(path, `\n${Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join("")}`);
  const last = await inTurn(house, 21, () => timeOf(house, [program, "logs", "big", "--lines", "50"]));
  truncateSync(path, 0);
  return [
    { name: "logs --lines 50, 10 GB", ...last, goal: { atMost: 2, of: "ratio", holds: last.ratio <= 2 } },
    ...searches(house, path, say),
    await following(house, path, say),
  ];
}

/** Beside GNU grep on the same file. @param {House} house @param {string} path @param {(what: string) => void} say */
function searches(house, path, say) {
  const megabytes = 1000;
  fill(path, megabytes);
  return [
    { pattern: "needle-found", what: "a word" },
    { pattern: "took=31[12]ms needle", what: "an expression" },
    { pattern: "(needle|refused)", what: "two words" },
  ].map(({ pattern, what }) => {
    say(`--grep for ${what} in ${megabytes} MB`);
    /** @type {number[]} */
    const ratios = [];
    /** @type {number[]} */
    const ours = [];
    let memory = 0;
    for (let run = 0; run < 6; run += 1) {
      const theirs = timed(house, "grep", ["-E", pattern, path]);
      const own = timed(house, process.execPath, [program, "logs", "big", "--grep", pattern]);
      // The first finds cold caches.
      if (run === 0) continue;
      ratios.push(theirs.ms / own.ms);
      ours.push(own.ms);
      memory = Math.max(memory, own.memoryMB);
    }
    const ratio = rounded(median(ratios), 2);
    return {
      name: `logs --grep, ${what}, ${megabytes} MB`,
      medianMs: rounded(median(ours)),
      speedBesideGrep: ratio,
      memoryMB: rounded(memory),
      goal: { atLeast: 0.5, of: "speedBesideGrep", holds: ratio >= 0.5 },
    };
  });
}

/** @param {House} house @param {string} file @param {string[]} args */
function timed(house, file, args) {
  const begun = performance.now();
  const run = spawnSync(file, args, {
    env: { ...house.env, NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(tellMemory)}"` },
    // A pipe: grep ends at the first line that it finds when nobody wants to see it.
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${file} gave ${run.status ?? run.signal}: ${run.stderr}`);
  return { ms: performance.now() - begun, memoryMB: Number(run.stderr) / 1000 };
}

const tellMemory = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";

/** From the write of a line to its showing. @param {House} house @param {string} path @param {(what: string) => void} say */
async function following(house, path, say) {
  say("logs -f");
  truncateSync(path, 0);
  const child = spawn(process.execPath, [program, "logs", "big", "-f"], {
    env: house.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {number[]} */
  const took = [];
  try {
    let begun = 0;
    /** @type {() => void} */
    let shown = () => undefined;
    child.stdout.on("data", () => {
      took.push(performance.now() - begun);
      shown();
    });
    for (let line = 0; line < 201; line += 1) {
      const seen = new Promise((resolve) => {
        shown = () => resolve(undefined);
      });
      begun = performance.now();
      appendFileSync(path, `line ${line}\n`);
      await seen;
      // At any moment between two looks.
      await sleep(Math.random() * 100);
    }
  } finally {
    child.kill("SIGKILL");
  }
  // The first waits for the program itself.
  const latencies = took.slice(1);
  const p99Ms = rounded(percentile(latencies, 99));
  const goal = { atMost: 150, of: "p99Ms", holds: p99Ms < 150 };
  return {
    name: "logs -f, from a line's write to its showing",
    lines: latencies.length,
    p50Ms: rounded(median(latencies)),
    p99Ms,
    goal,
  };
}

/** Lines of a web server, a few of them with a needle. @param {string} path @param {number} megabytes */
function fill(path, megabytes) {
  const file = openSync(path, "w");
  for (let line = 0, block = 0; block < megabytes; block += 1) {
    let text = "";
    while (text.length < 1e6) {
      line += 1;
      const end = line % 100_003 === 0 ? " needle-found" : "";
      text += `2026-01-02T10:00:00.${line % 1000} INFO request id=${line} method=GET path=/api/items/${line % 977} took=${line % 313}ms${end}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}
