import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { list } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

const stays = "setInterval(() => {}, 60000);\n";
const file = "ecosystem.config.cjs";

function apps(home: Home, ...each: readonly object[]): void {
  script(home, file, `module.exports = ${JSON.stringify({ apps: each })};\n`);
}

async function pids(home: Home): Promise<Record<string, number | null>> {
  return Object.fromEntries((await list(home)).map(({ name, pid }) => [name, pid]));
}

const restart = (home: Home, ...more: string[]) => tsm(home, ["restart", file, "--settle", "0", ...more]);

function homeWithApp(): Home {
  const home = makeHome();
  script(home, "app.js", stays);
  return home;
}

test("restart and reload --dry-run show what they would touch, and touch nothing", async () => {
  const home = homeWithApp();
  apps(home, { name: "same", script: "app.js" }, { name: "other", script: "app.js", env: { A: 1 } });
  await tsm(home, ["start", "--settle", "0"]);
  const before = await pids(home);
  apps(home, { name: "same", script: "app.js" }, { name: "other", script: "app.js", env: { A: 2 } });
  const last = (verb: string) => `tsm: nothing was done: this is what ${verb} would do\n`;
  const dry = (...words: string[]) => tsm(home, [...words, "--dry-run"]);
  expect(await dry("restart", file)).toMatchObject({
    code: 0,
    stdout: `  same (it is as the file says)\n~ other (changed: env.A)\n${last("restart")}`,
  });
  expect((await dry("reload", file)).stdout).toBe(`~ same\n~ other (changed: env.A)\n${last("reload")}`);
  expect((await dry("restart", "same")).stdout).toBe(`~ same\n${last("restart")}`);
  expect(await tsmJson(home, ["restart", "same", "--dry-run"])).toMatchObject([{ name: "same", does: "restart" }]);
  expect(await pids(home)).toEqual(before);
});

test("restart FILE shows what has changed, touches that, and names what is no longer there", async () => {
  const home = homeWithApp();
  script(home, ".env", "FROM=one\n");
  script(home, "sub/app.js", stays);
  const app = (name: string, more = {}) => ({ name, script: "app.js", ...more });
  apps(
    home,
    app("same", { env: { B: 1, A: 1 } }),
    app("variable", { env: { A: 1 } }),
    app("envfile", { env_file: ".env" }),
    app("args", { args: ["-a"] }),
    app("folder"),
    app("more", { instances: 1 }),
    app("fewer", { instances: 2 }),
    app("gone"),
    app("rests"),
  );
  await tsm(home, ["start", "--settle", "0"]);
  await tsm(home, ["stop", "rests"]);
  const before = await pids(home);
  script(home, ".env", "FROM=two\n");
  apps(
    home,
    app("rests"),
    app("variable", { env: { A: 2 } }),
    app("envfile", { env_file: ".env" }),
    app("args", { args: ["-b"] }),
    app("folder", { cwd: "sub" }),
    app("more", { instances: 2 }),
    app("fewer", { instances: 1 }),
    { env: { A: 1, B: 1 }, script: "app.js", name: "same" },
    app("new"),
  );

  const { code, stdout, stderr } = await restart(home);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines.slice(0, 12)).toEqual([
    "+ rests (it does not run)",
    "~ variable (changed: env.A)",
    "~ envfile (changed: env.FROM)",
    "~ args (changed: args)",
    "~ folder (changed: cwd)",
    "  more (it is as the file says)",
    "+ more-1",
    "  fewer-0 (it is as the file says)",
    "  same (it is as the file says)",
    "+ new",
    "  fewer-1 (the file asks for fewer instances: tsm apply deletes it)",
    "  gone (the file no longer names it: tsm apply deletes it)",
  ]);
  expect(lines.slice(12).map((line) => line.replace(/ \(.*/, ""))).toEqual([
    "tsm: started 'rests'",
    "tsm: restarted 'variable'",
    "tsm: restarted 'envfile'",
    "tsm: restarted 'args'",
    "tsm: restarted 'folder'",
    "tsm: started 'more-1'",
    "tsm: started 'new'",
    "",
  ]);
  const after = await pids(home);
  for (const name of ["same", "more", "fewer-0", "fewer-1", "gone"]) expect(after[name], name).toBe(before[name]);
  for (const name of ["rests", "variable", "envfile", "args", "folder"])
    expect(after[name], name).not.toBe(before[name]);
});

test("where nothing has changed it says so, and with --force it restarts all of it", async () => {
  const home = homeWithApp();
  apps(home, { name: "a", script: "app.js" }, { name: "b", script: "app.js" });
  await tsm(home, ["start", "--settle", "0"]);
  const before = await pids(home);
  const untouched = await restart(home, "--only", "b");
  expect(untouched).toMatchObject({
    code: 0,
    stderr: "",
    stdout:
      "  b (it is as the file says)\n" +
      `tsm: nothing to restart: all is as the file says; tsm restart ${file} --only b --force restarts it anyway\n`,
  });
  expect(await tsmJson(home, ["restart", file])).toMatchObject([
    { name: "a", does: "nothing", changes: [], why: "it is as the file says" },
    { name: "b", does: "nothing", changes: [], why: "it is as the file says" },
  ]);
  expect(await pids(home)).toEqual(before);

  const forced = await restart(home, "-f");
  expect(forced.stdout).toMatch(/^tsm: restarted 'a' \(TSM ID: 0, PID: \d+\)\ntsm: restarted 'b' [^\n]*\n$/);
  const second = await pids(home);
  expect(Object.values(second)).not.toContain(before["a"]);
  const renewed = await restart(home, "--update-env");
  expect(renewed.stdout.match(/restarted/g)).toHaveLength(2);
  for (const [name, pid] of Object.entries(await pids(home))) expect(pid, name).not.toBe(second[name]);
});

test("it keeps the env_NAME with which those it means were started", async () => {
  const home = homeWithApp();
  const both = ["a", "b"].map((name) => ({ name, script: "app.js", env_production: { MODE: "production" } }));
  apps(home, ...both);
  await tsm(home, ["start", "--settle", "0", "--env", "production"]);
  expect((await restart(home)).stdout).toContain("nothing to restart");
  const plain = await restart(home, "--only", "a", "--env", "none");
  expect(plain.stdout).toContain("~ a (changed: env.MODE)\n");
  expect((await restart(home, "--only", "b")).stdout).toContain("nothing to restart");
});

test("a wrong value anywhere, and nothing is touched", async () => {
  const home = homeWithApp();
  apps(home, { name: "a", script: "app.js" });
  await tsm(home, ["start", "--settle", "0"]);
  const before = await pids(home);
  apps(home, { name: "a", script: "app.js", env: { A: 1 } }, { name: "b", script: "missing.js" });
  expect(await restart(home)).toMatchObject({ code: 66, stdout: "" });
  apps(home, { name: "a", script: "app.js", kill_timeout: "soon" });
  expect(await restart(home, "--force")).toMatchObject({ code: 65, stdout: "" });
  expect(await restart(home, "--only", "x")).toMatchObject({ code: 65, stdout: "" });
  expect(await pids(home)).toEqual(before);
});
