import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { folderOf, isAlive, logOf, pidOf, readMeta } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "50"];

test("kill ends the tree with SIGKILL, keeps the record, and no policy brings it back", async () => {
  const home = makeHome();
  script(home, "deaf.sh", "trap '' TERM\nsleep 600 &\ntouch up\nwhile :; do wait; done\n");
  await tsm(home, ["start", ...quick, "--restart", "always", "deaf.sh"]);
  const { pid, runner_pid } = readMeta(home, "deaf");
  const killed = await tsm(home, ["kill", "deaf"]);
  expect(killed).toMatchObject({ code: 0, stderr: "", stdout: "tsm: 'deaf' got SIGKILL (2 processes)\n" });
  expect([Number(pid), Number(runner_pid)].filter(isAlive)).toEqual([]);
  expect(home.processes()).toEqual([]);
  expect(readMeta(home, "deaf")).toMatchObject({
    tsm_id: 0,
    status: "stopped",
    restarts: 0,
    last_exit: { signal: "SIGKILL", by: "user" },
  });
  expect(await tsm(home, ["kill", "deaf"])).toMatchObject({ code: 0, stdout: "tsm: 'deaf' is not running\n" });
});

test("kill of what waits to be started again says that it is not", async () => {
  const home = makeHome();
  script(home, "fails.sh", "exit 4\n");
  await tsm(home, ["start", "--settle", "0", "--restart-delay", "60000", "fails.sh"]);
  await until("it waits", () => readMeta(home, "fails")["status"] === "waiting");
  const stdout = "tsm: 'fails' had ended already, and is not started again\n";
  expect(await tsm(home, ["kill", "fails"])).toMatchObject({ code: 0, stderr: "", stdout });
  expect(readMeta(home, "fails")).toMatchObject({ status: "stopped", last_exit: { code: 4 } });
  expect(await tsm(home, ["kill", "fails"])).toMatchObject({ code: 0, stdout: "tsm: 'fails' is not running\n" });
});

test("kill gives nobody time to end well, with a runner and without one", async () => {
  const home = makeHome();
  script(home, "polite.sh", "trap 'echo goodbye; exit 0' TERM\necho up\nwhile :; do sleep 0.02; done\n");
  for (const isSupervised of [true, false]) {
    await tsm(home, ["start", ...quick, "polite.sh"]);
    await until("it has set its trap", () => logOf(home, "polite").includes("up"));
    if (!isSupervised) process.kill(Number(readMeta(home, "polite")["runner_pid"]), "SIGKILL");
    expect((await tsm(home, ["kill", "polite"])).code).toBe(0);
    expect(logOf(home, "polite")).not.toContain("goodbye");
    const exit = { signal: isSupervised ? "SIGKILL" : null, code: null, by: "user" };
    expect(readMeta(home, "polite")).toMatchObject({ status: "stopped", last_exit: exit });
    await tsm(home, ["flush", "polite"]);
  }
  expect(home.processes()).toEqual([]);
});

test.for([
  { flags: ["--signal", "SIGUSR1"], got: "USR1" },
  { flags: ["--signal=usr2"], got: "USR2" },
  { flags: ["-s", "HUP"], got: "HUP" },
  { flags: ["--signal", "INT"], got: "INT" },
  { flags: ["--signal", "2"], got: "INT" },
])("kill $flags is delivered, and nothing else", async ({ flags, got }) => {
  const home = makeHome();
  script(
    home,
    "hears.sh",
    'for s in USR1 USR2 HUP INT; do trap "echo got $s" $s; done\necho up\nwhile :; do sleep 0.02; done\n',
  );
  await tsm(home, ["start", ...quick, "hears.sh"]);
  await until("it has set its traps", () => logOf(home, "hears").includes("up"));
  const pid = pidOf(home, "hears");
  expect(await tsm(home, ["kill", "hears", ...flags])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`'hears' got SIG${got} (`),
  });
  await until("it has heard", () => logOf(home, "hears").includes(`got ${got}`));
  expect(isAlive(pid)).toBe(true);
});

test("kill --signal TERM leaves what follows to the policy", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--restart", "no", "--name", "it", "sleep", "600"]);
  await tsm(home, ["kill", "it", "--signal", "TERM"]);
  await until("it is crashed", () => readMeta(home, "it")["status"] === "crashed");
  expect(readMeta(home, "it")).toMatchObject({ last_exit: { signal: "SIGTERM", by: "crash" } });
});

test.for(["NOSUCH", "99", ""])("kill --signal %j is refused, nothing gets any", async (signal) => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  expect(await tsm(home, ["kill", "it", "--signal", signal])).toMatchObject({ code: 64, stdout: "" });
  expect(isAlive(pidOf(home, "it"))).toBe(true);
});

test.for(["delete", "del"])("§6.15 %s ends, forgets and removes", async (verb) => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  const pid = pidOf(home, "tick");
  expect(await tsm(home, [verb, "tick"])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: "tsm: deleted 'tick' (1 process ended)\n",
  });
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(join(home.path, "runtime/processes"))).toEqual([]);
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  expect(await tsm(home, [verb, "tick"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("tsm: process 'tick' not found"),
  });
});

test("delete --keep-logs leaves the logs and nothing else, and the name is free", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  await until("it has written", () => logOf(home, "tick") === "tick\n");
  const deleted = await tsm(home, ["delete", "tick", "--keep-logs"]);
  expect(deleted).toMatchObject({ code: 0, stdout: expect.stringContaining(`logs kept in ${folderOf(home, "tick")}`) });
  expect(readdirSync(folderOf(home, "tick")).sort()).toEqual(["clock.err", "clock.out", "current.err", "current.out"]);
  expect(logOf(home, "tick")).toBe("tick\n");
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  expect(await tsm(home, ["start", ...quick, "tick.sh"])).toMatchObject({ code: 0 });
  await until("it has written behind them", () => logOf(home, "tick") === "tick\ntick\n");
});

test("delete takes several and all", async () => {
  const home = makeHome();
  for (const name of ["a", "b", "c", "d"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  expect(await tsm(home, ["delete", "a", "2"])).toMatchObject({ code: 0 });
  expect(await tsmJson(home, ["list", "all"])).toMatchObject([{ name: "b" }, { name: "d" }]);
  expect(await tsm(home, ["delete", "*"])).toMatchObject({ code: 0 });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  expect(home.processes()).toEqual([]);
});

test("a port that is forgotten leaves the registry", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--port", "4321", "--name", "a", "sleep", "600"]);
  expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "Process: a, Port: 4321\n" });
  await tsm(home, ["delete", "a"]);
  expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "" });
  expect(existsSync(join(home.path, "runtime/ports"))).toBe(true);
});
