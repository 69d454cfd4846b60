import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { logOf, readMeta } from "../support/record.ts";
import { residents, seenOf } from "../support/resident.ts";
import { script, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test("cron restarts it at its time, again and again, and info tells the next", async () => {
  const home = makeHome();
  const words = ["start", "--name", "it", "--settle", "0", "--cron", "* * * * * *"];
  expect(await tsm(home, [...words, "--", "sleep", "600"])).toMatchObject({ code: 0, stderr: "" });
  await until("it has been restarted twice", () => Number(readMeta(home, "it")["restarts"]) >= 2);
  expect(readMeta(home, "it")).toMatchObject({ last_exit: { by: "cron" } });
  const shown = await until("it is online and its next run known", async () => {
    const { stdout } = await tsm(home, ["info", "it"]);
    return /next: \d{4}-/.test(stdout) && stdout;
  });
  expect(shown).toMatch(/^cron +\* \* \* \* \* \* \(next: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)$/m);
});

test("an hour that is far away is known at once, and nothing is restarted before it", async () => {
  const home = makeHome();
  const words = ["start", "--name", "it", "--settle", "0", "--cron", "0 3 1 1 *"];
  await tsm(home, [...words, "--", "sleep", "600"], { env: { TZ: "UTC" } });
  const next = await until("the next run is known", () => seenOf(home, "it").nextCron);
  expect(new Date(next * 1000).toISOString()).toMatch(/^\d{4}-01-01T03:00:00/);
  expect(await tsmJson(home, ["info", "it"])).toMatchObject({
    restarts: 0,
    oversight: { cron: "0 3 1 1 *" },
    sightings: { nextCron: next },
  });
});

/** Changes that follow each other closely are one. */
const seldom = { everyMs: 700 };

test("a change restarts it, and what is ignored does not", async () => {
  const home = makeHome();
  script(home, "app/run.sh", tick);
  for (const folder of ["src", ".git", "node_modules/lib", "data"])
    mkdirSync(join(home.folder, "app", folder), { recursive: true });
  const change = (path: string) => writeFileSync(join(home.folder, "app", path), "x");
  const words = ["start", "--name", "it", "--settle", "0", "--cwd", "app", "--watch", "--ignore-watch", "*.tmp,data/"];
  expect(await tsm(home, [...words, "--", "sh", "run.sh"])).toMatchObject({ code: 0, stderr: "" });
  // Nothing tells from outside when the watch begins; a change that it missed is made again.
  await until(
    "a change has restarted it",
    () => {
      change("src/first.js");
      return seenOf(home, "it").restarted?.by === "watch";
    },
    seldom,
  );
  for (const path of [".git/index", "node_modules/lib/index.js", "src/x.tmp", "data/rows"]) change(path);
  // One that comes together with the last of the first is not named: it is made again.
  const whys = new Set<string>();
  const isSecond = () => {
    const seen = seenOf(home, "it");
    whys.add(seen.restarted?.why ?? "");
    if (seen.restarted?.why.includes("second.js")) return seen;
    change("src/second.js");
    return undefined;
  };
  const { restarted } = await until("the last change has restarted it", isSecond, seldom);
  for (const why of whys) expect(why).toMatch(/src\/(first|second)\.js changed$/);
  expect(restarted).toMatchObject({ by: "watch", why: `${join(home.folder, "app/src/second.js")} changed` });
  await until("it is up again", () => readMeta(home, "it")["status"] === "online");
  expect(readMeta(home, "it")).toMatchObject({ last_exit: { by: "watch" } });
  expect((await tsm(home, ["info", "it"])).stdout).toContain(`${join(home.folder, "app")}, but not *.tmp, data/`);
});

test("it never restarts for its own logs and records, though the home lies in what it watches", async () => {
  const home = makeHome();
  const around = dirname(home.path);
  mkdirSync(join(home.folder, "src"));
  script(home, "chatty.sh", "while :; do echo line; sleep 0.02; done\n");
  const words = ["start", "--name", "it", "--settle", "0", `--watch=${around}`];
  await tsm(home, [...words, "--", "sh", "chatty.sh"]);
  await until("a patrol is resident", () => residents(home).length === 1);
  await until("it has said much", () => logOf(home, "it").length > 500);
  expect(readMeta(home, "it")["restarts"]).toBe(0);
  const { why } = await until(
    "a change beside the home has restarted it",
    () => {
      writeFileSync(join(home.folder, "src/real.js"), "x");
      return seenOf(home, "it").restarted;
    },
    seldom,
  );
  expect(why).toBe(`${join(home.folder, "src/real.js")} changed`);
});

test("several paths, one of them a pattern, and one that is not there", async () => {
  const home = makeHome();
  mkdirSync(join(home.folder, "a"));
  const nowhere = await tsm(home, ["start", "--name", "it", "--watch=c/*.js", "--", "sleep", "600"]);
  expect(nowhere).toMatchObject({ code: 66, stderr: expect.stringContaining("'src/*.js'") });
  const refused = await tsm(home, ["start", "--name", "it", "--watch=a,b", "--", "sleep", "600"]);
  expect(refused).toMatchObject({
    code: 66,
    stderr: expect.stringContaining(`${join(home.folder, "b")} does not exist`),
  });
  mkdirSync(join(home.folder, "b"));
  // In there no change counts.
  symlinkSync(home.path, join(home.folder, "link"));
  for (const path of [join(home.path, "config"), join(home.path, "*.js"), "a,link"]) {
    const own = await tsm(home, ["start", "--name", "it", `--watch=${path}`, "--", "sleep", "600"]);
    expect(own).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("is in the home of tsm, where no change counts"),
    });
  }
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--watch=a,b/*.js", "--", "sleep", "600"]);
  const restarted = await until(
    "a change in the second has restarted it",
    () => {
      writeFileSync(join(home.folder, "b/file"), "x");
      writeFileSync(join(home.folder, "b/file.js"), "x");
      return seenOf(home, "it").restarted;
    },
    seldom,
  );
  expect(restarted.why).toBe(`${join(home.folder, "b/file.js")} changed`);
  // As a build does that empties its folder first.
  const before = Number(readMeta(home, "it")["restarts"]);
  rmSync(join(home.folder, "b"), { recursive: true });
  await until("that it went has restarted it", () => Number(readMeta(home, "it")["restarts"]) > before);
  mkdirSync(join(home.folder, "b"));
  await until(
    "a change in the folder in its place has restarted it",
    () => {
      writeFileSync(join(home.folder, "b/later.js"), "x");
      return seenOf(home, "it").restarted?.why.includes("later.js");
    },
    seldom,
  );
});

test.for([
  { what: "a file, when its folder has been removed and made again", watched: "b/file", isMoved: false },
  { what: "a file, when its folder has been moved away and back", watched: "b/file", isMoved: true },
  { what: "a folder that has been moved away and back", watched: "b", isMoved: true },
])("it goes on watching $what", async ({ watched, isMoved }) => {
  const home = makeHome();
  const [folder, away] = [join(home.folder, "b"), join(home.folder, "away")];
  const change = () => writeFileSync(join(folder, "file"), "x");
  const restarts = () => Number(readMeta(home, "it")["restarts"]);
  const changeRestarts = async () => {
    const before = restarts();
    const isRestarted = () => {
      change();
      return restarts() > before;
    };
    await until("a change has restarted it", isRestarted, seldom);
  };
  mkdirSync(folder);
  change();
  await tsm(home, ["start", "--name", "it", "--settle", "0", `--watch=${watched}`, "--", "sleep", "600"]);
  await changeRestarts();
  const before = restarts();
  if (isMoved) renameSync(folder, away);
  else rmSync(folder, { recursive: true });
  await until("that it went has restarted it", () => restarts() > before);
  if (isMoved) renameSync(away, folder);
  else mkdirSync(folder);
  // That it is there again may restart it, and a change that comes then.
  for (const _ of [1, 2, 3]) await changeRestarts();
});

test("the resident goes with its last process, though what it watched went while it was first read", async () => {
  const home = makeHome();
  const folders = ["a", "b", "c", "d"].map((name) => join(home.folder, name));
  for (let round = 0; round < 4; round += 1) {
    for (const folder of folders)
      for (let at = 0; at < 60; at += 1) {
        mkdirSync(join(folder, `d${at % 7}`, `e${at}`), { recursive: true });
        writeFileSync(join(folder, `d${at % 7}`, `e${at}`, "f"), "");
      }
    for (const [at, folder] of folders.entries())
      await tsm(home, ["start", "--name", `s${at}`, "--settle", "0", `--watch=${folder}`, "--", "sleep", "600"]);
    // One that begins with all of them.
    for (const { pid } of residents(home)) process.kill(pid, "SIGKILL");
    await tsm(home, ["list"]);
    await until("it watches", () => existsSync(join(home.path, "runtime", "patrol.pid")) && residents(home).length > 0);
    // At another moment of its reading each time.
    for (let looks = 0; looks <= round; looks += 1) await tsm(home, ["info", "s0"]);
    for (const folder of folders) rmSync(folder, { recursive: true });
    await tsm(home, ["delete", "*", "--yes"]);
    await until("it has gone", () => residents(home).length === 0);
  }
});
