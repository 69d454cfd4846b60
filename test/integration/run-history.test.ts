import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { editMeta, folderOf, pidOf, readMeta } from "../support/record.ts";
import { holdTicker } from "../support/ticker.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test("history NAME tells each run: how it ended, and who brought the next about", async () => {
  const home = makeHome();
  const begin = ["start", "--name", "it", "--settle", "0", "--restart", "always"];
  await tsm(home, [...begin, "--", "sleep", "600"]);
  process.kill(pidOf(home, "it"), "SIGKILL");
  await until(
    "it is back",
    () => readMeta(home, "it")["restarts"] === 1 && readMeta(home, "it")["status"] === "online",
  );
  await tsm(home, ["restart", "it", "--settle", "0"]);
  await tsm(home, ["stop", "it"]);
  await tsm(home, ["start", "it", "--settle", "0"]);
  // The runner writes its line after the record.
  const runs = await until("four runs are on record", async () => {
    const found = await tsmJson(home, ["history", "it"]);
    return Array.isArray(found) && found.length === 4 && found.every(({ began }) => began !== null) && found;
  });
  expect(runs).toMatchObject([
    { run: 1, began: "start", how: "killed by SIGKILL", bad: true, exit: { by: "crash" } },
    { run: 2, began: "policy", how: "killed by SIGTERM, wanted by user", bad: false },
    { run: 3, began: "restart", how: "killed by SIGTERM, wanted by user", bad: false },
    { run: 4, began: "start", how: "running", end: null, duration: null, exit: null },
  ]);
  expect(await tsmJson(home, ["history", "it", "--failed"])).toMatchObject([{ run: 1 }]);
  expect(await tsmJson(home, ["history", "it", "-n", "1"])).toMatchObject([{ run: 4 }]);
  expect((await tsm(home, ["history", "it"])).stdout).toMatch(
    / 1 │ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*killed by SIGKILL/,
  );
});

test("what has crashed and is started by a person again was not begun by its policy", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--no-autorestart", "--", "sleep", "600"]);
  process.kill(pidOf(home, "it"), "SIGKILL");
  await until("it is down", () => readMeta(home, "it")["status"] === "crashed");
  await tsm(home, ["restart", "it", "--settle", "0"]);
  const runs = await until("both runs are on record", async () => {
    const found = await tsmJson(home, ["history", "it"]);
    return Array.isArray(found) && found.length === 2 && found.every(({ began }) => began !== null) && found;
  });
  expect(runs).toMatchObject([
    { run: 1, began: "start" },
    { run: 2, began: "start" },
  ]);
});

test("without a journal the clocks of the logs and the record tell what they know", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  await tsm(home, ["stop", "it"]);
  await tsm(home, ["start", "it", "--settle", "0"]);
  await tsm(home, ["stop", "it"]);
  rmSync(join(home.path, "db"), { recursive: true });
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([
    { run: 1, exit: null, how: "nobody saw it end", began: null },
    { run: 2, how: "killed by SIGTERM, wanted by user" },
  ]);
});

/** What is on record of a process that rests: its journal, the clock of its log and samples, line by line. */
function rewrite(
  home: Home,
  name: string,
  journal: readonly string[],
  clock: readonly string[],
  samples: readonly string[],
) {
  const day = new Date(at(0) * 1000).toISOString().slice(0, 10);
  rmSync(join(home.path, "db"), { recursive: true });
  for (const folder of ["events", "metrics"]) mkdirSync(join(home.path, "db", folder), { recursive: true });
  writeFileSync(join(home.path, "db/events", `${day}.jsonl`), journal.join("\n"));
  writeFileSync(join(home.path, "db/metrics", `${day}.samples`), samples.join("\n"));
  for (const stream of ["out", "err"])
    writeFileSync(join(folderOf(home, name), `clock.${stream}`), clock.map((line) => `${line}\n`).join(""));
}

/** Epoch seconds: so many after a noon that was long ago, so that no midnight lies between. */
const at = (seconds: number) => Date.parse("2026-01-02T12:00:00Z") / 1000 + seconds;
const iso = (seconds: number) => new Date(at(seconds) * 1000).toISOString().replace(".000Z", "Z");
const entry = (seconds: number, event: string, run: number, more = {}) =>
  JSON.stringify({ time: iso(seconds), event, id: 0, name: "it", run, ...more });
const exit = (seconds: number, run: number, code: number) =>
  entry(seconds, "exit", run, { exit: { code, signal: null, core: false, at: at(seconds), uptime: 5, by: "crash" } });

async function resting(): Promise<Home> {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  await holdTicker(home);
  await tsm(home, ["stop", "it"]);
  editMeta(home, "it", { created: at(0), last_exit: null });
  return home;
}

test("the most memory that a run was seen with is its own, and a run that nobody looked at has none", async () => {
  const home = await resting();
  rewrite(
    home,
    "it",
    [
      entry(0, "start", 1),
      exit(100, 1, 1),
      entry(101, "start", 2),
      exit(200, 2, 0),
      entry(201, "start", 3),
      exit(205, 3, 2),
    ],
    [`@ ${at(0)} 0 1 5`, `@ ${at(101)} 0 2 5`, `@ ${at(201)} 0 3 5`],
    [
      'names {"0":"it","1":"it-2","2":"it "}',
      `${at(10)} 0:1:100 1:1:900 ;`,
      `${at(60)} 0:1:300 ;`,
      `${at(100)} 0:1:20`,
      `${at(150)} 0:NaN:70 0::50 2::800 ;`,
      `${at(40)} 0::400 ;`,
      `${at(160)} 0::60 ;`,
      `${at(500)} 0::9999 ;`,
      `${at(199)} 0::`,
    ],
  );
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([
    { run: 1, peakMemory: 400 * 1024 },
    { run: 2, peakMemory: 60 * 1024 },
    { run: 3, peakMemory: null },
  ]);
  expect((await tsm(home, ["history", "it"])).stdout).toMatch(/ 3 │[^\n]*│ +- │/);
  rmSync(join(home.path, "db/metrics"), { recursive: true });
  writeFileSync(join(home.path, "db/metrics"), "a file");
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([1, 2, 3].map(() => ({ peakMemory: null })));
});

test("runs of another that was called so are none of its own, also of the same second; those of logs that were kept are", async () => {
  const home = await resting();
  const former = [entry(0, "start", 1), exit(0, 1, 7), entry(0, "start", 2), exit(0, 2, 8)];
  const gone = JSON.stringify({ time: iso(0), event: "delete", id: 0, name: "it" });
  rewrite(home, "it", [...former, gone, entry(0, "start", 1)], [`@ ${at(0)} 0 1 5`], []);
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([{ run: 1, exit: null, began: "start" }]);
  // It was deleted with its logs kept: they go on, and so do the numbers.
  editMeta(home, "it", { created: at(50) });
  const clock = [`@ ${at(0)} 0 1 5`, `@ ${at(0)} 3 2 5`, `@ ${at(50)} 9 3 5`];
  rewrite(home, "it", [...former, gone, entry(50, "start", 3), exit(60, 3, 1)], clock, []);
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([
    { run: 1, exit: { code: 7 } },
    { run: 2, exit: { code: 8 } },
    { run: 3, exit: { code: 1 }, began: "start" },
  ]);
});

test("a thousand runs are told, and a journal that was cut anywhere makes no number up", async () => {
  const home = await resting();
  const runs = Array.from({ length: 1000 }, (_, index) => index + 1);
  const journal = runs.flatMap((run) => [entry(run, "start", run), exit(run, run, 1)]);
  rewrite(
    home,
    "it",
    journal,
    runs.map((run) => `@ ${at(run)} 0 ${run} 5`),
    [],
  );
  expect(await tsmJson(home, ["history", "it", "-n", "5000"])).toHaveLength(1000);
  expect(await tsmJson(home, ["diff", "it", "17", "990"])).toMatchObject({ from: { run: 17 }, to: { run: 990 } });
  const odd = [
    '{"time":"2026-01-02T12:00:01Z","event":"start","id":0,"name":"it","run":"x"}',
    '{"time":"soon","event":"exit","id":0,"name":"it","run":1}',
    `{"time":"${iso(3)}","event":"exit","id":0,"name":"it","run":2,"exit":{"code":"a","signal":5,"by":"crash"}}`,
    `{"time":"${iso(4)}","event":"exit","id":0,"name":"it","run":3,"exit":{"code":1,"signal":null,"by":"crash","at":"x","uptime":null}}`,
    `{"time":"${iso(5)}","event":"exit","id":0,"na`,
  ];
  rewrite(home, "it", odd, [`@ ${at(1)} 0 1 5`, "@ x y z", `@ ${at(2)} 0 2 5`, `@ ${at(3)} 0`], []);
  const { stdout, code } = await tsm(home, ["history", "it"]);
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/NaN|undefined|Invalid|1970/);
  expect(await tsm(home, ["diff", "it", "1", "2"])).toMatchObject({
    code: 0,
    stdout: expect.not.stringMatching(/NaN|undefined|1970/),
  });
});

test("on the command line history is of a process", async () => {
  const home = makeHome();
  expect(await tsm(home, ["history"])).toMatchObject({ code: 64, stderr: expect.stringContaining("tsm history NAME") });
  expect(await tsm(home, ["history", "nobody"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'nobody' not found"),
  });
});

test("a run that none of many processes has is refused in one line", async () => {
  const home = makeHome();
  for (const name of ["a", "b", "c", "d", "e"])
    await tsm(home, ["start", "--settle", "0", "--name", name, "--", "sleep", "600"]);
  const { stderr, code } = await tsm(home, ["logs", "--run", "17"]);
  expect([code, stderr.split("\n")[0]]).toEqual([1, "tsm: 'a', 'b', 'c' and 2 more have no run 17"]);
});
