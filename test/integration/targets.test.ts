import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { isAlive, pidOf } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/** `name` or `name:port`; none of them listens. */
async function startAll(home: Home, ...names: string[]): Promise<void> {
  for (const each of names) {
    const [name = "", port] = each.split(":");
    const started = await tsm(home, [
      "start",
      "--settle",
      "0",
      ...(port === undefined ? [] : ["--port", port]),
      "--name",
      name,
      "sleep",
      "600",
    ]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
  }
}

test("a target is an id, a name, a name without its port, :PORT, pid:N, a glob, /regex/ or a part of one name", {
  timeout: 240_000,
}, async () => {
  const home = makeHome();
  await startAll(home, "api:4401", "api-v2:4402", "worker", "Dashboard", "10");
  const all = ["api-4401", "api-v2-4402", "worker", "Dashboard", "10"];
  const table: [string, string[], string][] = [
    ["0", ["api-4401"], "an id"],
    ["4", ["10"], "an id"],
    ["10", ["10"], "no id, but a name"],
    ["api-4401", ["api-4401"], "an exact name"],
    ["api", ["api-4401"], "a name without its port, though it is a part of two"],
    ["api-v2", ["api-v2-4402"], "a name without its port"],
    [":4402", ["api-v2-4402"], "a port"],
    [`pid:${pidOf(home, "worker")}`, ["worker"], "a pid"],
    ["api-*", ["api-4401", "api-v2-4402"], "a glob"],
    ["*r", ["worker"], "a glob"],
    ["api-????", ["api-4401"], "a glob"],
    ["[!a]*r", ["worker"], "a glob with letters that it is not to be"],
    ["{0,work}", ["api-4401", "worker"], "two words in braces"],
    ["/^api/", ["api-4401", "api-v2-4402"], "a regular expression"],
    ["/DASH/i", ["Dashboard"], "a regular expression in any case"],
    ["ork", ["worker"], "a part of one name"],
    ["dash", ["Dashboard"], "a part in another case"],
    ["v2", ["api-v2-4402"], "a part of one name"],
    ["*", all, "all"],
    ["all", all, "all"],
  ];
  for (const [target, names, because] of table) {
    const { code, stdout } = await tsm(home, ["kill", target, "--signal", "CONT", "--json"]);
    expect(code, because).toBe(0);
    expect(JSON.parse(stdout), because).toMatchObject(names.map((name) => ({ name, delivered: 1 })));
  }
  for (const target of ["99", "nosuch", ":4499", "pid:1", "x-*", "/^nosuch$/", "44", ""]) {
    const refused = await tsm(home, ["kill", target]);
    expect(refused, target).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`tsm: process '${target}' not found\n`),
    });
  }
  const one = await tsm(home, ["kill", "{worker,nosuch,0}"]);
  expect(one).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("process 'nosuch' not found") });
  const stderr: unknown = expect.stringContaining("tsm: '/(/' is not a regular expression: Unterminated group");
  expect(await tsm(home, ["kill", "/(/"])).toMatchObject({ code: 64, stdout: "", stderr });
  expect(await tsmJson(home, ["list", "running"])).toHaveLength(5);
  await startAll(home, "0");
  for (const verb of ["restart", "start"]) {
    const again = await tsm(home, [verb, "0", "--settle", "0"]);
    expect(again.stdout, "an id, although another is called so").toContain("'api-4401' (TSM ID: 0,");
  }
});

test("of several with one port that is meant which runs, and none while they all rest", async () => {
  const home = makeHome();
  await startAll(home, "old:4403");
  expect((await tsm(home, ["stop", "old"])).code).toBe(0);
  await startAll(home, "new:4403");
  expect((await tsm(home, ["restart", ":4403", "--settle", "0"])).stdout).toMatch(/^tsm: restarted 'new-4403' .*\n$/);
  expect((await tsm(home, ["stop", ":4403"])).stdout).toMatch(/^tsm: stopped 'new-4403' .*\n$/);
  for (const verb of ["restart", "delete", "stop"]) {
    const refused = await tsm(home, [verb, ":4403"]);
    const stderr = "tsm: ambiguous name ':4403', matches:\n  0: old-4403\n  1: new-4403\n";
    expect(refused, verb).toMatchObject({ code: 1, stdout: "", stderr });
  }
  expect(await tsmJson(home, ["list", "stopped"])).toHaveLength(2);
});

test("§6.18 an ambiguous name lists what it matches, touches nothing, and says no more", async () => {
  const home = makeHome();
  await startAll(home, "test_server:3001", "test_client:3002");
  for (const verb of ["stop", "restart", "delete", "kill", "info", "logs", "paths", "env"]) {
    expect(await tsm(home, [verb, "test"])).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: "tsm: ambiguous name 'test', matches:\n  0: test_server-3001\n  1: test_client-3002\n",
    });
  }
  const refused = await tsm(home, ["stop", "test", "--json"]);
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: {
      code: "AMBIGUOUS",
      candidates: [
        { id: 0, name: "test_server-3001" },
        { id: 1, name: "test_client-3002" },
      ],
    },
  });
  expect(await tsmJson(home, ["list", "running"])).toMatchObject([{ restarts: 0 }, { restarts: 0 }]);
});

test.for(["stop", "delete", "kill", "restart"])("all targets of %s resolve before any is touched", async (verb) => {
  const home = makeHome();
  await startAll(home, "good", "fine");
  const pid = pidOf(home, "good");
  const refused = await tsm(home, [verb, "good", "nosuch", "fine"]);
  expect(refused).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("tsm: process 'nosuch' not found"),
  });
  expect(isAlive(pid)).toBe(true);
  expect(await tsmJson(home, ["list", "running"])).toHaveLength(2);
});

test("one process that is named twice is touched once", async () => {
  const home = makeHome();
  await startAll(home, "good");
  expect((await tsm(home, ["stop", "good", "0", "go*", "*"])).stdout).toMatch(/^tsm: stopped 'good' .*\n$/);
});

test.for(["stop", "delete", "kill", "restart"])(
  "%s takes no scattered letters, and names what it nearly was",
  async (verb) => {
    const home = makeHome();
    await startAll(home, "dashboard");
    const pid = pidOf(home, "dashboard");
    const refused = await tsm(home, [verb, "db"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("tsm: process 'db' not found\n");
    expect(refused.stderr).toContain("'dashboard'");
    expect(isAlive(pid)).toBe(true);
  },
);

test("§6.16 verbs that only look take scattered letters", async () => {
  const home = makeHome();
  await startAll(home, "dashboard", "worker");
  expect(await tsm(home, ["info", "db"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^name +dashboard$/m),
  });
  expect(await tsm(home, ["logs", "dshbrd"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["paths", "wrk"])).toMatchObject({ code: 0, stdout: expect.stringContaining("/worker/") });
});

test("a verb for one process refuses a pattern that names several", async () => {
  const home = makeHome();
  await startAll(home, "a", "b");
  expect(await tsm(home, ["info", "*"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("matches 2 processes"),
  });
});

test.for([
  { verb: "stop", says: "tsm: stop needs at least one PROCESS" },
  { verb: "info", says: "tsm: info needs a PROCESS" },
])("$verb without a target is a usage error", async ({ verb, says }) => {
  const home = makeHome();
  expect(await tsm(home, [verb])).toMatchObject({ code: 64, stderr: expect.stringContaining(says) });
});

test("§6.16 stop and restart find a part of a name", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", "--settle", "0", "--port", "4403", "tick.sh"]);
  expect(await tsm(home, ["restart", "tic", "--settle", "0"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("'tick-4403'"),
  });
  expect(await tsm(home, ["stop", "ick"])).toMatchObject({ code: 0, stdout: expect.stringContaining("'tick-4403'") });
});

test("kill -9, as the system's own takes it, is told how a signal is named, and nothing is killed", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
  expect(await tsm(home, ["kill", "-9", "api"])).toEqual({
    code: 1,
    signal: null,
    stdout: "",
    stderr: "tsm: process '-9' not found\n  A signal has its flag: tsm kill --signal 9 NAME; alone, kill sends KILL\n",
  });
  expect(isAlive(pidOf(home, "api"))).toBe(true);
});
