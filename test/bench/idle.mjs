// @ts-check
// What supervision costs while nothing happens: `node test/bench/idle.mjs [PROCESSES] [SECONDS]`.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openHouse, script } from "./house.mjs";

const count = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 20);
const ticksPerSecond = 100;

const house = openHouse();
try {
  script(
    house,
    Array.from({ length: count }, (_, at) => `start --settle 0 --restart always --name p${at} -- sleep 100000`),
  );
  await sleep(3000);
  const before = ours();
  const runners = before.filter(({ command }) => command.includes("/runner.bash"));
  const tickers = before.filter(({ command }) => command.includes("/ticker.bash"));
  const used = await cpu(before, seconds);
  const each = runners.map(({ pid }) => pss(pid)).sort((a, b) => a - b);
  const sum = each.reduce((total, kb) => total + kb, 0);
  const of = (/** @type {{ pid: number }[]} */ some) =>
    some.reduce((total, { pid }) => total + (used.get(pid) ?? 0), 0);
  const percent = (/** @type {number} */ ticks) => `${((ticks / ticksPerSecond / seconds) * 100).toFixed(2)} %`;
  process.stdout.write(`${runners.length} runners, ${tickers.length} ticker, ${seconds} s idle\n`);
  process.stdout.write(
    `PSS  per runner ${(sum / each.length / 1024).toFixed(2)} MB, most ${((each.at(-1) ?? 0) / 1024).toFixed(2)} MB\n`,
  );
  process.stdout.write(
    `PSS  ticker ${(tickers.reduce((total, { pid }) => total + pss(pid), 0) / 1024).toFixed(2)} MB\n`,
  );
  process.stdout.write(
    `CPU  of one core: runners ${percent(of(runners))}, ticker and its passes ${percent(of(tickers))}\n`,
  );
} finally {
  script(house, ["stop * --yes"]);
}

/** Runners and tickers of the house. */
function ours() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ") }))
    .filter(({ command }) => command.includes(`${house.home}`) && /\/(runner|ticker)\.bash /.test(command));
}

/** Ticks that each has used meanwhile, with its children. @param {{ pid: number }[]} of @param {number} forSeconds */
async function cpu(of, forSeconds) {
  const first = new Map(of.map(({ pid }) => [pid, ticks(pid)]));
  await sleep(forSeconds * 1000);
  return new Map(of.map(({ pid }) => [pid, ticks(pid) - (first.get(pid) ?? 0)]));
}

/** @param {number} pid */
function ticks(pid) {
  const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return fields.slice(11, 15).reduce((total, each) => total + Number(each), 0);
}

/** kB. @param {number} pid */
function pss(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
}
