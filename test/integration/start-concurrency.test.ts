import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectPlatform } from "../../src/platform/detect.ts";
import { type Home, makeHome } from "../support/home.ts";
import { journalOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const { locks } = detectPlatform();
const commands = (home: Home) => journalOf(home).filter(({ event }) => event === "command");

const apps = ["a", "b", "c", "d", "e"];

/** Says when it begins and when it is up. It does not come up before three have begun: so three do begin at once. */
const slow = `echo + >>order
until [ "$(grep -c + order)" -ge "\${TOGETHER:-3}" ]; do sleep 0.02; done
sleep 0.1
echo - >>order
echo ready
exec sleep 600`;

/** How many were starting at the same time, at most. */
function mostAtOnce(home: Home): number {
  const path = join(home.folder, "order");
  let now = 0;
  let most = 0;
  for (const line of readFileSync(path, "utf8").trim().split("\n")) {
    now += line === "+" ? 1 : -1;
    most = Math.max(most, now);
  }
  rmSync(path);
  return most;
}

function slowApps(home: Home): void {
  script(home, "slow.sh", slow);
  const config = { apps: apps.map((name) => ({ name, script: "slow.sh", interpreter: "bash", ready: "log:/ready/" })) };
  writeFileSync(join(home.folder, "ecosystem.config.json"), JSON.stringify(config));
}

test.for([
  ["restart", ...apps],
  ["start", "all"],
  ["start", ...apps],
  ["restart", "ecosystem.config.json", "--force"],
])("so many are started at the same time as the setting says: by a file, and %s", async (words) => {
  const home = makeHome();
  slowApps(home);
  expect(await tsm(home, ["config", "set", "start-concurrency", "3"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["start", "ecosystem.config.json"])).toMatchObject({ code: 0, stderr: "" });
  expect(mostAtOnce(home)).toBe(3);
  if (words[0] === "start") await tsm(home, ["stop", "all"]);
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  expect(mostAtOnce(home)).toBe(3);
});

test("--parallel wins over the setting, upwards and downwards", async () => {
  const home = makeHome();
  slowApps(home);
  await tsm(home, ["config", "set", "start-concurrency", "1"]);
  expect(await tsm(home, ["start", "--parallel", "3"])).toMatchObject({ code: 0, stderr: "" });
  expect(mostAtOnce(home)).toBe(3);
  await tsm(home, ["config", "set", "start-concurrency", "100"]);
  expect(await tsm(home, ["restart", "all", "--parallel", "3"])).toMatchObject({ code: 0, stderr: "" });
  expect(mostAtOnce(home)).toBe(3);
});

test("what comes back from a saved list takes turns too", async () => {
  const home = makeHome();
  slowApps(home);
  await tsm(home, ["start", "ecosystem.config.json"]);
  await tsm(home, ["save"]);
  await tsm(home, ["delete", "all"]);
  mostAtOnce(home);
  expect(await tsm(home, ["resurrect", "--parallel", "3"])).toMatchObject({ code: 0, stderr: "" });
  expect(mostAtOnce(home)).toBe(3);
});

test("one at a time is enough for processes that need each other", async () => {
  const home = makeHome();
  script(home, "slow.sh", slow);
  const app = { script: "slow.sh", interpreter: "bash", ready: "log:/ready/", env: { TOGETHER: "1" } };
  const config = {
    apps: [
      { ...app, name: "web", depends_on: ["db"] },
      { ...app, name: "db" },
      { ...app, name: "x" },
    ],
  };
  writeFileSync(join(home.folder, "ecosystem.config.json"), JSON.stringify(config));
  await tsm(home, ["config", "set", "start-concurrency", "1"]);
  for (const words of [
    ["start", "ecosystem.config.json"],
    ["restart", "web", "db", "x"],
    ["restart", "all"],
  ]) {
    expect(await tsm(home, words), words.join(" ")).toMatchObject({ code: 0, stderr: "" });
    expect(mostAtOnce(home), words.join(" ")).toBe(1);
  }
});

test.for(["-1", "1001", "many", ""])("'%s' is no number of starts", async (value) => {
  const home = makeHome();
  expect(await tsm(home, ["config", "set", "start-concurrency", value])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["start", "all", "--parallel", value === "" ? "0" : value])).toMatchObject({ code: 64 });
  expect(await tsmJson(home, ["list"])).toEqual([]);
});

test.for([
  { word: "all", count: 4 },
  { word: "web", count: 4 },
  { word: "web-0", count: 1 },
])("start $word from two shells at once starts what rests, and restarts nothing", async ({ word, count }) => {
  const home = makeHome();
  await tsm(home, ["start", "-i", "4", "--name", "web", "--settle", "0", "--", "sleep", "3600"]);
  await tsm(home, ["stop", "web"]);
  // Neither gets on before both have seen that it rests.
  const held = await Promise.all([0, 1, 2, 3].map((at) => locks.acquire(join(home.path, `locks/web-${at}.lock`))));
  const begun = commands(home).length + 2;
  const running = [1, 2].map(() => tsm(home, ["start", word, "--settle", "0"]));
  await until("both have begun", () => commands(home).length === begun);
  // What they see is what others see now.
  expect(await tsmJson(home, ["list"])).toEqual([]);
  for (const release of held) release();
  const both = await Promise.all(running);
  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect(await tsmJson(home, ["list"])).toMatchObject(
    Array.from({ length: count }, () => ({ status: "online", restarts: 0 })),
  );
});
