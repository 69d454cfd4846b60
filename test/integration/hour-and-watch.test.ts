import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { readMeta } from "../support/record.ts";
import { residents, seenOf } from "../support/resident.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const everySecond = "* * * * * *";
/** Changes that follow each other closely are one. */
const seldom = { everyMs: 700 };

test("skip-if-running starts what has ended by itself at its hour, and not what a person has stopped", async () => {
  const home = makeHome();
  script(home, "job.sh", "echo ran >>runs\n");
  const words = ["start", "--name", "job", "--settle", "0", "--restart", "no"];
  await tsm(home, [...words, "--cron", everySecond, "--cron-mode", "skip-if-running", "--", "sh", "job.sh"]);
  await until("it has run again and again", () => readFileSync(join(home.folder, "runs"), "utf8").length >= 12);
  await until("who started it is known", () => seenOf(home, "job").restarted?.by === "cron");
  expect(seenOf(home, "job").restarted?.problem).toBeNull();
  expect((await tsm(home, ["info", "job"])).stdout).toContain(`${everySecond} skip-if-running (next: `);
  await until("it rests", () => readMeta(home, "job")["status"] === "stopped");
  await tsm(home, ["stop", "job"]);
  await until("nobody waits for its hour", () => residents(home).length === 0);
});

test("skip-if-running leaves alone what runs, and start-if-stopped restarts it", async () => {
  const home = makeHome();
  const words = ["start", "--settle", "0", "--cron", everySecond];
  for (const mode of ["skip-if-running", "start-if-stopped"])
    await tsm(home, [...words, "--cron-mode", mode, "--name", mode, "--", "sleep", "600"]);
  await until("the hour of both has come", () => Number(readMeta(home, "start-if-stopped")["restarts"]) >= 2);
  expect(readMeta(home, "skip-if-running")).toMatchObject({ restarts: 0, status: "online" });
});

test("what is not started by itself, and has an hour, runs at its hour", async () => {
  const home = makeHome();
  script(home, "job.sh", "echo ran >>runs\n");
  const hour = ["--cron", everySecond, "--cron-mode", "start-if-stopped"];
  const words = ["start", "--no-autostart", "--restart", "no", ...hour, "--name", "job", "--", "sh", "job.sh"];
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  await until("it has run", () => readFileSync(join(home.folder, "runs"), "utf8").length >= 4);
});

test("with max_memory_action stop it is stopped for its memory, and stays so", async () => {
  const home = makeHome();
  script(home, "app.js", "setInterval(() => {}, 60000);\n");
  script(home, "apps.json", '[{ name: "it", script: "app.js", max_memory_restart: "1M", max_memory_action: "stop" }]');
  await tsm(home, ["start", "apps.json", "--settle", "0"]);
  await until("it has been stopped", () => readMeta(home, "it")["status"] === "stopped");
  expect(readMeta(home, "it")).toMatchObject({ restarts: 0, last_exit: { by: "memory" } });
  const seen = await until("it is said why", () => seenOf(home, "it").restarted);
  expect(seen).toMatchObject({ by: "memory", problem: "it was stopped, and not started again" });
  expect((await tsm(home, ["info", "it"])).stdout).toMatch(/^max memory +1M = 1.0 MB, then it is stopped/m);
});

test("restart --watch turns the watch on, and off again, and knows the paths when it is turned on once more", async () => {
  const home = makeHome();
  mkdirSync(join(home.folder, "src"));
  for (const [name, ...more] of [["plain"], ["some", "--watch=src"]])
    await tsm(home, ["start", "--settle", "0", ...more, "--name", name ?? "", "--", "sleep", "600"]);
  const turned = await tsm(home, ["restart", "plain", "some", "--watch", "--settle", "0"]);
  const [plain = "", some = ""] = turned.stdout.split("\n");
  expect(plain).toMatch(/^tsm: restarted 'plain' \(.*\); watching \//);
  expect(some).toMatch(/^tsm: restarted 'some' \(.*\); watch is off$/);
  await until(
    "a change has restarted the one that is watched",
    () => {
      writeFileSync(join(home.folder, "file"), "x");
      return seenOf(home, "plain").restarted?.by === "watch";
    },
    seldom,
  );
  expect(readMeta(home, "some")["restarts"]).toBe(1);
  const [on] = (await tsmJson(home, ["restart", "some", "--watch", "--settle", "0"])) as [{ watch: string[] }];
  expect(on.watch).toEqual([expect.stringMatching(/\/src$/)]);
});

test("restart --watch of a file is refused, as the file says what is watched", async () => {
  const home = makeHome();
  expect(await tsm(home, ["restart", "apps.json", "--watch"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("Write watch: true into the file"),
  });
});

test("watch_options: the depth and links as chokidar has them", async () => {
  const home = makeHome();
  script(home, "app.js", "setInterval(() => {}, 60000);\n");
  mkdirSync(join(home.folder, "top/deep"), { recursive: true });
  const watch_options = { usePolling: true, interval: 50, depth: 0 };
  script(home, "apps.json", JSON.stringify([{ name: "it", script: "app.js", watch: ["top"], watch_options }]));
  expect(await tsm(home, ["start", "apps.json", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  const { why } = await until(
    "a change has restarted it",
    () => {
      writeFileSync(join(home.folder, "top/deep/file"), String(Math.random()));
      writeFileSync(join(home.folder, "top/file"), String(Math.random()));
      return seenOf(home, "it").restarted;
    },
    seldom,
  );
  expect(why).toMatch(/top\/file changed$/);
});
