// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../src/build/layout.mjs";
import { crowd, past } from "./crowd.mjs";
import { openHouse, removeHouses, script } from "./house.mjs";
import { kinds, timesToPaint } from "./keys.mjs";
import { notices } from "./notices.mjs";
import { openPty } from "./pty.mjs";
import { goal, inTurn, median, percentile, rounded } from "./stopwatch.mjs";

/** @typedef {import("./house.mjs").House} House */

/** The shell at a real terminal. @param {(what: string) => void} say */
export async function shells(say) {
  say("time to prompt");
  const prompt = await timeToPrompt(openHouse());
  const added = rounded(prompt.medianMs - prompt.bareMs);
  /** @type {object[]} */
  const results = [
    { name: "repl, until its prompt", ...prompt, ...goal(prompt.ratio, 1.8, "ratio") },
    { name: "repl, until its prompt, beyond bare node", addedMs: added, ...goal(added, 20, "addedMs") },
  ];
  say("list in the shell, 100 processes");
  results.push(await timesToList(100));
  await removeHouses();

  const house = openHouse();
  const [processes, lines] = [1000, 50_000];
  crowd(house, processes);
  past(house, lines);
  say(`time to prompt, ${processes} processes`);
  results.push({
    name: `repl, until its prompt, ${processes} processes, ${lines} lines`,
    ...(await timeToPrompt(house)),
  });
  say("key to paint");
  const times = await timesToPaint(house, 25);
  for (const [kind, name] of [...Object.entries(kinds), ["floor", "in a program that only answers it"]]) {
    const key = times[kind ?? ""] ?? { ms: [], processorMs: [] };
    const where = kind === "floor" ? "" : `, ${processes} processes, ${lines} lines`;
    const p99 = rounded(percentile(key.ms, 99), 2);
    const most = kind === "tab" ? goal(p99, 30, "p99Ms") : kind === "floor" ? {} : goal(p99, 5, "p99Ms");
    results.push({ name: `key to paint, ${name}${where}`, ...spread(key), ...most });
  }
  say("1000 notices a second");
  const storm = await notices(house, { perSecond: 1000, seconds: 6, count: processes });
  results.push({
    name: `1000 notices a second for 6 s: lines of the screen that are neither whole notices nor the typed line`,
    count: storm.wrong.length,
    of: storm.lines,
    memoryMb: storm.memoryMb,
    ...goal(storm.wrong.length, 0, "count"),
  });
  results.push({ name: "key to paint, meanwhile", ...spread(storm.keys) });
  await removeHouses();
  return results;
}

/** @param {import("./keys.mjs").Times} times */
function spread({ ms, processorMs }) {
  const of = (/** @type {number[]} */ numbers, /** @type {number} */ percent) =>
    rounded(percentile(numbers, percent), 2);
  const own = processorMs.length === 0 ? {} : { processorP99Ms: of(processorMs, 99) };
  return { keys: ms.length, p50Ms: rounded(median(ms), 2), p95Ms: of(ms, 95), p99Ms: of(ms, 99), ...own };
}

/** From the start of the shell until its prompt is on the screen, beside a `node -e 0` in a terminal. @param {House} house */
function timeToPrompt(house) {
  return inTurn(
    house,
    21,
    async () => {
      const start = performance.now();
      const shell = openPty(house, [program, "repl"]);
      await shell.until((text) => text.includes(" › "));
      const took = performance.now() - start;
      await shell.end();
      return took;
    },
    async () => {
      const start = performance.now();
      await openPty(house, ["-e", "0"]).over;
      return performance.now() - start;
    },
  );
}

/** From Enter behind `list` until the next prompt is painted. @param {number} count of real processes */
async function timesToList(count) {
  const house = openHouse();
  script(
    house,
    Array.from({ length: count }, (_, index) => `start --name p${index} --settle 0 -- sleep 86400`),
  );
  const shell = openPty(house, [program, "repl"]);
  await shell.until((text) => text.includes(" › "));
  await sleep(1500);
  /** @type {import("./keys.mjs").Times} */
  const times = { ms: [], processorMs: [] };
  for (let run = 0; run < 60; run += 1) {
    for (const letter of "list") await shell.press(letter);
    const { ms, processorMs } = await shell.press("\r", (text) => /└[\s\S]* › /.test(text));
    if (run < 5) continue; // The first ones find cold code.
    times.ms.push(ms);
    if (processorMs !== undefined) times.processorMs.push(processorMs);
  }
  await shell.end();
  const p50 = rounded(median(times.ms), 2);
  return {
    name: `list in the shell, until its next prompt, ${count} processes`,
    ...spread(times),
    ...goal(p50, 10, "p50Ms"),
  };
}
