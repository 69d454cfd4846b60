import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { pidOf, readMeta } from "../support/record.ts";
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

test("on the command line history is of a process", async () => {
  const home = makeHome();
  expect(await tsm(home, ["history"])).toMatchObject({ code: 64, stderr: expect.stringContaining("tsm history NAME") });
  expect(await tsm(home, ["history", "nobody"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'nobody' not found"),
  });
});
