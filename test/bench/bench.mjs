// @ts-check
// `npm run -s bench`: how fast TSM is on this machine, as one JSON document on stdout; what is going on, on stderr.
// `npm run -s bench -- rivals` runs one part of it: lists, lives, shells, logs, rivals.
// Ratios are against `node -e 0`, run in turn: they can be compared between machines, milliseconds cannot.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { program, root } from "../../src/build/layout.mjs";
import { isStale } from "../../src/build/staleness.mjs";
import { freePort, openHouse, removeHouses, script } from "./house.mjs";
import { logs } from "./logs.mjs";
import { rivals } from "./rivals.mjs";
import { shells } from "./shells.mjs";
import { goal, inTurn, rounded, timeOf } from "./stopwatch.mjs";

/** @typedef {import("./house.mjs").House} House */

const server = `import { createServer } from "node:http";
createServer((_, response) => response.end("ok")).listen(process.env.PORT);
`;

try {
  if (isStale()) spawnSync(process.execPath, [join(root, "src/build/build.mjs")], { stdio: ["ignore", 2, 2] });
  const begun = performance.now();
  const asked = process.argv.slice(2);
  const isAsked = (/** @type {string} */ part) => asked.length === 0 || asked.includes(part);
  const results = [];
  for (const [part, measure] of Object.entries({ lists, lives, shells, logs }))
    if (isAsked(part)) results.push(...(await measure(say)));
  const beside = isAsked("rivals") ? { rivals: await rivals(say) } : {};
  const seconds = rounded((performance.now() - begun) / 1000);
  const report = { ...circumstances(), seconds, results, ...beside };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  await removeHouses();
}

function circumstances() {
  const git = (/** @type {string[]} */ ...args) =>
    spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout.trim();
  return {
    date: new Date().toISOString(),
    commit: git("rev-parse", "--short", "HEAD"),
    node: process.version,
    machine: {
      system: `${process.platform} ${release()} ${process.arch}`,
      cpu: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
      memoryGiB: rounded(totalmem() / 2 ** 30),
      load: loadavg().map((load) => rounded(load, 2)),
    },
  };
}

/** `tsm list` into a pipe, with more and more real processes: one `sleep` and its runner each. */
async function lists() {
  const house = openHouse();
  const results = [];
  let running = 0;
  for (const count of [0, 1, 100, 1000]) {
    say(`list with ${count} processes`);
    const names = Array.from({ length: count - running }, (_, index) => `p${running + index}`);
    if (names.length > 0)
      script(
        house,
        names.map((name) => `start --name ${name} --settle 0 -- sleep 86400`),
      );
    running = count;
    const measured = await inTurn(house, count === 1000 ? 15 : 31, () => timeOf(house, [program, "list"]));
    results.push({
      name: `list, ${count} ${count === 1 ? "process" : "processes"}`,
      ...measured,
      ...(count === 100 ? goal(measured.ratio, 1.6, "ratio") : {}),
    });
    if (count !== 100) continue;
    const json = await inTurn(house, 21, () => timeOf(house, [program, "list", "--json"]));
    results.push({ name: "list --json, 100 processes", ...json });
    for (const [what, words] of Object.entries({ "a verb": ["st"], "a process": ["stop", "p"] })) {
      const asked = await inTurn(house, 31, () => timeOf(house, [program, "completion", "words", "--", ...words]));
      const addedMs = rounded(asked.medianMs - asked.bareMs);
      const name = `completion of ${what} by bash, zsh or fish, beyond bare node, 100 processes`;
      results.push({ name, addedMs, ...goal(addedMs, 25, "addedMs") });
    }
  }
  // A home of a thousand would weigh on everything measured after it.
  await removeHouses();
  return results;
}

/** A process from its start to its end, each verb as a command of its own. */
async function lives() {
  const house = openHouse();
  writeFileSync(join(house.folder, "server.mjs"), server);
  const port = await freePort();
  const runs = 15;
  const tsm = (/** @type {string[]} */ ...args) => timeOf(house, [program, ...args]);
  const results = [];

  say("start, restart and stop of a server");
  const online = await inTurn(house, runs, () => {
    const took = tsm("start", "--name", "web", "--port", String(port), "--", "node", "server.mjs");
    tsm("stop", "web");
    return took;
  });
  results.push({ name: "start, a node server until it listens", ...online, ...goal(online.ratio, 3, "ratio") });
  tsm("start", "--name", "web", "--port", String(port), "--", "node", "server.mjs");
  const restart = await inTurn(house, runs, () => tsm("restart", "web"));
  results.push({ name: "restart, a node server until it listens", ...restart });
  const stop = await inTurn(house, runs, () => {
    const took = tsm("stop", "web");
    tsm("start", "--name", "web", "--port", String(port), "--", "node", "server.mjs");
    return took;
  });
  results.push({ name: "stop, a node server", ...stop });
  tsm("delete", "web");

  say("start and stop of a sleep");
  const bare = await inTurn(house, runs, () => {
    const took = tsm("start", "--name", "nap", "--settle", "0", "--", "sleep", "86400");
    tsm("delete", "nap");
    return took;
  });
  results.push({ name: "start --settle 0, a sleep", ...bare });
  tsm("start", "--name", "nap", "--settle", "0", "--", "sleep", "86400");
  const stopSleep = await inTurn(house, runs, () => {
    const took = tsm("stop", "nap");
    tsm("restart", "nap", "--settle", "0");
    return took;
  });
  results.push({ name: "stop, a sleep", ...stopSleep });
  return results;
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`bench: ${what}\n`);
}
