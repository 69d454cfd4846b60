// @ts-check
// Side by side with others: all of them live at the same time, and each step is done by one after the other, so that
// the noise of the machine meets all alike.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, membersOf } from "./house.mjs";
import { openManagers, until } from "./managers.mjs";
import { median, percentile, rounded } from "./stopwatch.mjs";

/** @typedef {import("./managers.mjs").Manager} Manager */

/**
 * One line of the table: a figure of each manager.
 * @typedef {object} Row
 * @property {string} name
 * @property {"ms" | "MB" | "%" | "×"} unit
 * @property {Record<string, number>} figures by manager
 * @property {number} [againstPm2] the median of what each round took against pm2's of the same round
 * @property {{ atMost: number, of: "againstPm2" | "tsm", holds: boolean }} [goal]
 */

/** Everything is killed only when it has been up so long: runsv waits when a service has not lasted a second. */
const upMs = 1300;
// A whole turn of what tsm does in an idle home.
const idleSeconds = Number(process.env["TSM_BENCH_IDLE_SECONDS"] ?? 180);
const ticksPerSecond = 100;

/** @param {(what: string) => void} say */
export async function rivals(say) {
  if (process.platform !== "linux") return { missing: { all: "needs /proc" }, rows: [] };
  const { managers, missing } = openManagers();
  const versions = Object.fromEntries(managers.map(({ name, version }) => [name, version]));
  /** @type {Row[]} */
  const rows = [];
  try {
    say(`rivals: ${managers.map(({ name }) => name).join(", ")}: kill -9 of a server`);
    rows.push(...(await recovery(managers, 15)));
    say("rivals: kill -9 of a shell script");
    rows.push(...(await respawn(managers, 20)));
    say("rivals: 200 MB of lines");
    rows.push(await writing(managers, 3));
    say("rivals: files of apps");
    rows.push(fleets(managers, 5));
    say("rivals: memory, stop, restart");
    let running = 0;
    for (const count of [1, 20, 30, 100]) {
      await startSleepers(managers, running, count);
      running = count;
      if (count === 30) rows.push(...verbs(managers));
      else rows.push(...(await memory(managers, count)));
    }
    say(`rivals: idle for ${idleSeconds} s`);
    rows.push(await idle(managers, running));
  } finally {
    for (const manager of managers) {
      try {
        manager.quit();
      } catch (error) {
        say(`${manager.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return { versions, missing, idleSeconds, rows };
}

/** From the SIGKILL of a server to the first answer of the next one. @param {Manager[]} managers @param {number} rounds */
async function recovery(managers, rounds) {
  /** @type {Map<Manager, number>} */
  const ports = new Map();
  for (const manager of managers) {
    const file = join(manager.house.folder, "server.cjs");
    writeFileSync(
      file,
      'require("node:http").createServer((_, response) => response.end(String(process.pid))).listen(process.env.PORT);\n',
    );
    const port = await freePort();
    ports.set(manager, port);
    await manager.start([{ name: "web", file: process.execPath, args: [file], port }]);
    await answerOf(port, 0);
  }
  const took = await inRounds(managers, rounds, async (manager) => {
    const port = ports.get(manager) ?? 0;
    const pid = await answerOf(port, 0);
    const start = performance.now();
    process.kill(pid, "SIGKILL");
    await answerOf(port, pid);
    return performance.now() - start;
  });
  for (const manager of managers) manager.end(manager.name === "tsm" ? `web-${ports.get(manager)}` : "web");
  return [row("kill -9 of a node server until the next one answers", "ms", took, median, { atMost: 1.1 })];
}

/** The pid of whoever answers, once it is not `before`. @param {number} port @param {number} before @returns {Promise<number>} */
async function answerOf(port, before) {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const pid = await new Promise((resolve) => {
      get({ port, host: "127.0.0.1", agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("end", () => resolve(Number(text))).on("error", () => resolve(0));
      }).on("error", () => resolve(0));
    });
    if (pid !== 0 && pid !== before) return pid;
    await sleep(1);
  }
  throw new Error(`nobody answers on ${port}`);
}

/** From the SIGKILL of a script to the first line of the next one, by the clock that both read. @param {Manager[]} managers @param {number} rounds */
async function respawn(managers, rounds) {
  const marks = (/** @type {Manager} */ manager) => join(manager.house.folder, "marks");
  const last = (/** @type {Manager} */ manager) => {
    const [time = "", pid = ""] = readFileSync(marks(manager), "utf8").trimEnd().split("\n").at(-1)?.split(" ") ?? [];
    return { at: Number(time) * 1000, pid: Number(pid) };
  };
  for (const manager of managers) {
    const file = join(manager.house.folder, "mark.sh");
    writeFileSync(file, `echo "$EPOCHREALTIME $$" >>${marks(manager)}\nexec sleep 86400\n`);
    writeFileSync(marks(manager), "");
    await manager.start([{ name: "mark", file: "/bin/bash", args: [file] }]);
    await until(`${manager.name} has started it`, () => last(manager).pid > 0);
  }
  const took = await inRounds(managers, rounds, async (manager) => {
    const { pid } = last(manager);
    const killed = Date.now();
    process.kill(pid, "SIGKILL");
    await until(`${manager.name} has started it again`, () => ![pid, 0].includes(last(manager).pid), 2);
    return Math.max(0, last(manager).at - killed);
  });
  for (const manager of managers) manager.end("mark");
  const p95 = (/** @type {readonly number[]} */ numbers) => percentile(numbers, 95);
  const first = "first respawn of a shell script";
  return [row(`${first}, p50`, "ms", took, median), withOwnGoal(row(`${first}, p95`, "ms", took, p95), 50)];
}

/** A service that writes as fast as it can, and says how long it took; against the same with its output in a plain file. @param {Manager[]} managers @param {number} rounds */
async function writing(managers, rounds) {
  const script = `const { writeFileSync, writeSync } = require("node:fs");
const line = Buffer.from("x".repeat(99) + "\\n");
const start = performance.now();
for (let count = 0; count < 2_000_000; count += 1)
  for (let at = 0; at < line.length; ) try { at += writeSync(1, line, at); } catch (error) { if (error.code !== "EAGAIN") throw error; }
writeFileSync(process.argv[2], String(performance.now() - start));
setInterval(() => {}, 1e9);
`;
  const took = timesOf(managers);
  for (let round = 0; round < rounds; round += 1) {
    for (const manager of managers) {
      const { folder } = manager.house;
      const file = join(folder, "write.cjs");
      writeFileSync(file, script);
      const result = (/** @type {string} */ who) => join(folder, `${who}-${round}`);
      const log = join(folder, "plain.log");
      const descriptor = openSync(log, "a");
      const plain = spawn(process.execPath, [file, result("plain")], { stdio: ["ignore", descriptor, "ignore"] });
      closeSync(descriptor);
      const redirect = await numberIn(result("plain"));
      plain.kill("SIGKILL");
      rmSync(log);
      const name = `write${round}`;
      await manager.start([{ name, file: process.execPath, args: [file, result("managed")] }]);
      took.get(manager)?.push((await numberIn(result("managed"))) / redirect);
      manager.end(name);
    }
  }
  return withOwnGoal(row("200 MB in lines of 100 bytes, against a plain redirect", "×", took, median), 1.05);
}

/** @param {string} file that will hold one @returns {Promise<number>} */
async function numberIn(file) {
  await until(`${file} is written`, () => existsSync(file) && readFileSync(file, "utf8") !== "", 20, 300_000);
  return Number(readFileSync(file, "utf8"));
}

/** @param {Row} row @param {number} atMost @returns {Row} */
function withOwnGoal(row, atMost) {
  return { ...row, goal: { atMost, of: "tsm", holds: (row.figures["tsm"] ?? Number.NaN) <= atMost } };
}

/** @param {Manager[]} managers @param {number} from @param {number} to */
async function startSleepers(managers, from, to) {
  for (const manager of managers) {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    await manager.start(numbers.map((number) => ({ name: `idle${number}`, file: "/bin/sleep", args: ["86400"] })));
  }
}

/** One command that starts 30 apps of a file; of those who read such files. @param {Manager[]} managers @param {number} rounds */
function fleets(managers, rounds) {
  const able = managers.filter(({ fleet }) => fleet !== undefined);
  const took = timesOf(able);
  const services = Array.from({ length: 30 }, (_, index) => ({
    name: `app${index}`,
    file: "/bin/sleep",
    args: ["86400"],
  }));
  for (let round = -1; round < rounds; round += 1) {
    for (const manager of able) {
      const ms = manager.fleet?.start(services) ?? Number.NaN;
      manager.fleet?.remove();
      if (round >= 0) took.get(manager)?.push(ms);
    }
  }
  return row("start of the 30 apps of a file", "ms", took, median, { atMost: 0.5 });
}

/** Each verb as a command of its own, until it comes back. @param {Manager[]} managers @returns {Row[]} */
function verbs(managers) {
  const half = { atMost: 0.5 };
  const took = {
    stop: timesOf(managers),
    start: timesOf(managers),
    restart: timesOf(managers),
    all: timesOf(managers),
  };
  for (let round = -1; round < 9; round += 1) {
    for (const manager of managers) {
      const name = `idle${round + 10}`;
      const times = {
        stop: manager.verb("stop", name),
        start: manager.verb("start", name),
        restart: manager.verb("restart", name),
      };
      if (round < 0) continue; // cold caches
      for (const verb of /** @type {const} */ (["stop", "start", "restart"]))
        took[verb].get(manager)?.push(times[verb]);
    }
  }
  for (let round = 0; round < 5; round += 1)
    for (const manager of managers) took.all.get(manager)?.push(manager.restartAll());
  return [
    row("stop of one of 30", "ms", took.stop, median, half),
    row("start of one of 30 that was stopped", "ms", took.start, median),
    row("restart of one of 30", "ms", took.restart, median, half),
    row("restart of all 30", "ms", took.all, median, half),
  ];
}

/** Of everything but the services: proportional set size, which counts shared pages once. @param {Manager[]} managers @param {number} count */
async function memory(managers, count) {
  await sleep(3000); // What has just started or worked is not idle yet.
  const shared = timesOf(managers);
  const own = timesOf(managers);
  for (let round = 0; round < 3; round += 1) {
    for (const manager of managers) {
      const rollups = supervisorsOf(manager).map((pid) => read(`/proc/${pid}/smaps_rollup`));
      shared.get(manager)?.push(megabytes(rollups, /^Pss:\s+(\d+)/gm));
      own.get(manager)?.push(megabytes(rollups, /^Private_\w+:\s+(\d+)/gm));
    }
    await sleep(200);
  }
  const beside = `beside ${count} idle ${count === 1 ? "process" : "processes"}`;
  return [
    row(`memory (PSS) ${beside}`, "MB", shared, median, count === 20 ? { atMost: 0.3 } : undefined),
    row(`memory that is nobody else's ${beside}`, "MB", own, median),
  ];
}

/** @param {readonly string[]} texts @param {RegExp} line with the kilobytes in it */
function megabytes(texts, line) {
  let kilobytes = 0;
  for (const text of texts) for (const [, found] of text.matchAll(line)) kilobytes += Number(found);
  return kilobytes / 1024;
}

/** All of them over the same time. @param {Manager[]} managers @param {number} count @returns {Promise<Row>} */
async function idle(managers, count) {
  await sleep(70_000); // The ticker has found that nothing is done.
  const before = new Map(managers.map((manager) => [manager, cpuOf(manager)]));
  await sleep(idleSeconds * 1000);
  const took = new Map(
    managers.map((manager) => {
      const used = cpuOf(manager) - (before.get(manager) ?? 0);
      return [manager, [(used / (idleSeconds * 1000)) * 100]];
    }),
  );
  const made = row(`one core's time beside ${count} idle processes`, "%", took, median);
  return withOwnGoal(made, 0.3);
}

/** Milliseconds of processor time: of live threads to the nanosecond, of children that have ended to the tick. @param {Manager} manager */
function cpuOf(manager) {
  let ms = 0;
  for (const pid of supervisorsOf(manager)) {
    for (const thread of threadsOf(pid)) {
      ms += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]) / 1e6;
    }
    const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    ms += ((Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 1000) / ticksPerSecond;
  }
  return ms;
}

/** All that lives in the manager's folder and is no service. @param {Manager} manager */
function supervisorsOf(manager) {
  return membersOf(manager.house).filter((pid) => !read(`/proc/${pid}/cmdline`).endsWith("sleep\x0086400\0"));
}

/** @param {number} pid */
function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has ended
  }
}

/** @param {Manager[]} managers @returns {Map<Manager, number[]>} */
function timesOf(managers) {
  return new Map(managers.map((manager) => [manager, []]));
}

/** @param {Manager[]} managers @param {number} rounds @param {(manager: Manager) => Promise<number>} action */
async function inRounds(managers, rounds, action) {
  const took = timesOf(managers);
  for (let round = -1; round < rounds; round += 1) {
    await sleep(upMs);
    for (const manager of managers) {
      const ms = await action(manager);
      if (round >= 0) took.get(manager)?.push(ms);
    }
  }
  return took;
}

/**
 * @param {string} name @param {Row["unit"]} unit @param {Map<Manager, number[]>} took
 * @param {(numbers: readonly number[]) => number} summary
 * @param {{ atMost: number }} [wanted] against pm2
 * @returns {Row}
 */
function row(name, unit, took, summary, wanted) {
  const digits = unit === "%" ? 3 : 1;
  const figures = Object.fromEntries(
    [...took].map(([manager, numbers]) => [manager.name, rounded(summary(numbers), digits)]),
  );
  const of = (/** @type {string} */ who) => [...took].find(([manager]) => manager.name === who)?.[1];
  const pm2 = of("pm2");
  if (pm2 === undefined) return { name, unit, figures };
  const ours = of("tsm") ?? [];
  // A p95 has no rounds to compare.
  const ratio =
    summary === median
      ? median(ours.map((took, round) => took / (pm2[round] ?? Number.NaN)))
      : summary(ours) / summary(pm2);
  const againstPm2 = rounded(ratio, 2);
  if (wanted === undefined) return { name, unit, figures, againstPm2 };
  return { name, unit, figures, againstPm2, goal: { ...wanted, of: "againstPm2", holds: againstPm2 <= wanted.atMost } };
}
