import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { meta, row } from "../support/managed.ts";
import { editMeta } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "0"];

async function startShowing(home: Home, flags: string[], env: Record<string, string> = {}) {
  script(home, "show.js", showing);
  expect(await tsm(home, ["start", "show.js", "--name", "it", ...quick, ...flags], { env })).toMatchObject({ code: 0 });
  return await seenIn(home.folder);
}

test("--env auto takes the first that is there, and nothing is taken unasked", async () => {
  const home = makeHome();
  script(home, "env/local.env", "A=local\n");
  script(home, "env/dev.env", "A=dev\n");
  script(home, ".env", "A=dot\n");
  let pid: number | undefined;
  for (const [env, file] of [
    ["local", "env/local.env"],
    ["dev", "env/dev.env"],
    ["dot", ".env"],
  ] as const) {
    await startShowing(home, ["--env", "auto"]);
    const seen = await seenIn(home.folder, pid);
    expect(seen.env["A"]).toBe(env);
    expect(meta(home, "it")["env_file"]).toBe(join(home.folder, file));
    pid = seen.pid;
    await tsm(home, ["delete", "it"]);
    rmSync(join(home.folder, file));
  }
  script(home, "env/local.env", "A=local\n");
  await startShowing(home, []);
  expect((await seenIn(home.folder, pid)).env["A"]).toBeUndefined();
  rmSync(join(home.folder, "env/local.env"));
  expect(await tsm(home, ["start", "show.js", "--name", "none", "--env", "auto"])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining("none of env/local.env, env/dev.env, .env"),
  });
});

test("placeholders are refused, by a start and by a restart, which leaves alone what runs", async () => {
  const home = makeHome();
  script(home, "env/local.env", "A=1\nKEY=YOUR_KEY_HERE\nB='CHANGEME'\n");
  script(home, "show.js", showing);
  expect(await tsm(home, ["start", "show.js", "--env", "local"])).toMatchObject({
    code: 65,
    stderr: expect.stringContaining("env/local.env still has placeholders: KEY, B"),
  });
  expect((await tsm(home, ["list", "all"])).stdout).not.toContain("show");
  script(home, "env/local.env", "A=1\n");
  const { pid } = await startShowing(home, ["--env", "local"]);
  script(home, "env/local.env", "A=TODO\n");
  expect((await tsm(home, ["restart", "it"])).code).toBe(1);
  expect(await row(home, "it")).toMatchObject({ status: "online", pid });
});

test("env --diff says what a restart would change, and a restart then does", async () => {
  const home = makeHome();
  script(home, "env/local.env", "GONE=1\nSAME=2\nOTHER=3\nAPI_TOKEN=old\n");
  const before = await startShowing(home, ["--env", "local"]);
  const nothing = await tsm(home, ["env", "it", "--diff"]);
  expect(nothing).toMatchObject({ code: 0, stdout: "tsm: a restart would change nothing\n" });
  script(home, "env/local.env", "SAME=2\nOTHER='4\n5'\nAPI_TOKEN=new\nMORE=\n");
  expect((await tsm(home, ["env", "it", "--diff"])).stdout).toBe(
    "~API_TOKEN=***MASKED*** → ***MASKED***\n-GONE=1\n+MORE=\n~OTHER=3 → 4\\n5\n",
  );
  expect((await tsm(home, ["env", "it", "--diff", "--show"])).stdout).toContain("~API_TOKEN=old → new\n");
  expect(await tsmJson(home, ["env", "it", "--diff"])).toEqual({
    name: "it",
    source: "live",
    changes: [
      { variable: "API_TOKEN", from: "***MASKED***", to: "***MASKED***" },
      { variable: "GONE", from: "1", to: null },
      { variable: "MORE", from: null, to: "" },
      { variable: "OTHER", from: "3", to: "4\n5" },
    ],
    fromPreHook: [],
  });
  await tsm(home, ["restart", "it", ...quick]);
  const { env } = await seenIn(home.folder, before.pid);
  expect(env).toMatchObject({ SAME: "2", OTHER: "4\n5", MORE: "" });
  expect(env["GONE"]).toBeUndefined();
});

test("env --diff of what rests, of what has a hook, and of nothing", async () => {
  const home = makeHome();
  script(home, "my.env", "A=1\n");
  const hook = script(home, "hook.sh", "export FROM_HOOK=1 A=hook B=hook\n");
  await startShowing(home, ["--env", "my.env", "--pre-hook", hook], { B: "mine" });
  script(home, "my.env", "A=2\n");
  const expected = "~A=1 → 2\n";
  expect((await tsm(home, ["env", "it", "--diff"])).stdout).toBe(`${expected}tsm: its pre-hook has set B, FROM_HOOK\n`);
  await tsm(home, ["stop", "it"]);
  expect((await tsm(home, ["env", "it", "--diff"])).stdout).toBe(expected);
  rmSync(join(home.folder, "my.env"));
  expect((await tsm(home, ["env", "it", "--diff"])).code).toBe(66);
  expect((await tsm(home, ["env", "--diff"])).code).toBe(64);
});

test("until its program is executed, env shows what a process is handed, and not what its runner has", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", ...quick, "sleep", "600"], { env: { SAID: "now" } });
  const { pid, start_mark, runner_pid, runner_mark } = meta(home, "it");
  const asked = async () => await tsmJson(home, ["env", "it"]);
  await until("it is executed", async () => JSON.stringify(await asked()).includes('"live"'));
  expect(await asked()).toMatchObject({ source: "live", variables: { SAID: "now" } });
  // As it was between its fork and that: the image of its runner.
  editMeta(home, "it", { pid: runner_pid, start_mark: runner_mark });
  expect(await asked()).toMatchObject({ source: "saved", variables: { SAID: "now" } });
  editMeta(home, "it", { pid, start_mark });
});

test("the shell's environment is taken anew by restart --update-env alone", async () => {
  const home = makeHome();
  script(home, "my.env", "BOTH=$MINE\n");
  const first = await startShowing(home, ["--env", "my.env"], { MINE: "1", ONCE: "1" });
  await tsm(home, ["restart", "it", ...quick], { env: { MINE: "2" } });
  const second = await seenIn(home.folder, first.pid);
  expect(second.env).toMatchObject({ MINE: "1", ONCE: "1", BOTH: "1" });
  await tsm(home, ["restart", "it", "--update-env", ...quick], { env: { MINE: "3", TSM_EVENT: "x", TSM_RUNNER: "y" } });
  const third = await seenIn(home.folder, second.pid);
  expect(third.env).toMatchObject({ MINE: "3", BOTH: "3" });
  expect(third.env["ONCE"]).toBeUndefined();
  expect(Object.keys(third.env).filter((name) => name.startsWith("TSM_"))).toEqual(
    expect.arrayContaining(["TSM_HOME", "TSM_ID", "TSM_NAME", "TSM_RUN_DIR"]),
  );
  expect(Object.keys(third.env).filter((name) => name.startsWith("TSM_"))).toHaveLength(4);
  // And it stays.
  await tsm(home, ["restart", "it", ...quick], { env: { MINE: "4" } });
  expect((await seenIn(home.folder, third.pid)).env["MINE"]).toBe("3");
});
