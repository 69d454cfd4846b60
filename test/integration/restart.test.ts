import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { isAlive, logOf, pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, server, showing, tick } from "../support/scripts.ts";
import { program, startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "50"];

test("§6.15 restart keeps id, folder, words and environment, and counts", async () => {
  const home = makeHome();
  script(home, "sub/show.cjs", showing);
  await tsm(home, ["start", ...quick, "--name", "other", "sleep", "600"]);
  await tsm(home, ["start", ...quick, "--cwd", "sub", "--", "node", "show.cjs", "a b", "$x"], { env: { MINE: "yes" } });
  const folder = join(home.folder, "sub");
  const before = await seenIn(folder);
  // From another folder and with another environment.
  const restarted = await tsm(home, ["restart", "sub-show", ...quick], { cwd: "/", env: { MINE: "no", PORT: "9" } });
  expect(restarted).toMatchObject({ code: 0, stderr: "" });
  const after = await seenIn(folder, before.pid);
  expect(restarted.stdout).toBe(`tsm: restarted 'sub-show' (TSM ID: 1, PID: ${after.pid})\n`);
  expect(after).toEqual({ ...before, pid: after.pid });
  expect(isAlive(before.pid)).toBe(false);
  expect(readMeta(home, "sub-show")).toMatchObject({ tsm_id: 1, pid: after.pid, restarts: 1, status: "online" });
  expect(await tsmJson(home, ["list"])).toMatchObject([
    { id: 0, restarts: 0 },
    { id: 1, restarts: 1 },
  ]);
});

test("a process that restarts itself is ended with the tsm that it has called, and comes back by itself", async () => {
  const home = makeHome();
  script(
    home,
    "self.sh",
    `echo life >>lives\n[ "$(wc -l <lives)" -gt 1 ] || "$NODE" "$TSM" restart self\nexec sleep 600\n`,
  );
  await tsm(home, ["start", "--settle", "0", "self.sh"], { env: { NODE: process.execPath, TSM: program } });
  // Nobody else calls tsm meanwhile, which would finish it too.
  await until("its second life", () => readFileSync(join(home.folder, "lives"), "utf8") === "life\nlife\n");
  await until("its record to say so", () => readMeta(home, "self")["status"] === "online");
  expect(readMeta(home, "self")).toMatchObject({ restarts: 1, last_exit: { by: "user" } });
});

test("§6.8 the port is free before the new one begins", async () => {
  const home = makeHome();
  script(home, "server.cjs", `process.on("SIGTERM", () => setTimeout(() => process.exit(0), 200));\n${server}`);
  const port = await freePort();
  await tsm(home, ["start", "--settle", "30000", "--port", String(port), "node", "server.cjs"]);
  for (const restarts of [1, 2, 3]) {
    const restarted = await tsm(home, ["restart", `:${port}`, "--settle", "30000"]);
    expect(restarted).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(`Port: ${port}`) });
    expect(readMeta(home, `work-server-${port}`)).toMatchObject({ restarts, status: "online" });
  }
});

test("the env file is read anew, and its port too", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const [first, second] = await freePorts(2);
  script(home, "env/local.env", `COLOUR=red\nPORT=${first}\n`);
  await tsm(home, ["start", ...quick, "--env", "local", "--name", "it", "node", "show.cjs"]);
  const before = await seenIn(home.folder);
  expect(before.env).toMatchObject({ COLOUR: "red", PORT: String(first) });
  script(home, "env/local.env", `COLOUR=blue\nPORT=${second}\n`);
  expect(await tsm(home, ["restart", "it", ...quick])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Port: ${second}`),
  });
  expect((await seenIn(home.folder, before.pid)).env).toMatchObject({ COLOUR: "blue", PORT: String(second) });
  const [shown] = (await tsmJson(home, ["list"])) as { port: number }[];
  expect(shown?.port).toBe(second);
});

test("a PORT in the env file that is no port is refused while the old one still runs", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "p.env", `PORT=${port}\n`);
  await tsm(home, ["start", ...quick, "--env", "./p.env", "--name", "it", "sleep", "600"]);
  const pid = pidOf(home, `it-${port}`);
  script(home, "p.env", "PORT=80o0\n");
  expect(await tsm(home, ["restart", "it", ...quick])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`PORT in ${join(home.folder, "p.env")} is '80o0', which is not a port`),
  });
  expect(isAlive(pid)).toBe(true);
  expect(readMeta(home, `it-${port}`)).toMatchObject({ pid, status: "online", port, restarts: 0 });
});

test("a port given by flag stays, whatever the env file says by now", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const [first, second] = await freePorts(2);
  script(home, "p.env", "A=1\n");
  await tsm(home, ["start", ...quick, "--env", "./p.env", "--port", String(first), "node", "show.cjs"]);
  const before = await seenIn(home.folder);
  script(home, "p.env", `A=2\nPORT=${second}\n`);
  await tsm(home, ["restart", "show", ...quick]);
  expect((await seenIn(home.folder, before.pid)).env).toMatchObject({ A: "2", PORT: String(first) });
});

test("a stopped process starts again, and that is no restart of a running one", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  await tsm(home, ["stop", "tick"]);
  expect(await tsm(home, ["restart", "tick", ...quick])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("restarted 'tick' (TSM ID: 0"),
  });
  expect(isAlive(pidOf(home, "tick"))).toBe(true);
});

test("what is wrong is found while the old one still runs", async () => {
  const home = makeHome();
  const env = script(home, "a.env", "A=1\n");
  await tsm(home, ["start", ...quick, "--env", "./a.env", "--name", "it", "sleep", "600"]);
  const pid = pidOf(home, "it");
  rmSync(env);
  const refused = await tsm(home, ["restart", "it"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("tsm: failed to restart 'it': ") });
  expect(isAlive(pid)).toBe(true);
  expect(readMeta(home, "it")).toMatchObject({ pid, status: "online", restarts: 0 });
  await tsm(home, ["stop", "it"]);
  expect((await tsm(home, ["start", "it"])).stderr).toContain("tsm: failed to start 'it': ");
});

test("a script that is gone is found while the old one still runs", async () => {
  const home = makeHome();
  const path = script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  const pid = pidOf(home, "tick");
  rmSync(path);
  const refused = await tsm(home, ["restart", "tick"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`the script ${path} is gone`) });
  expect(isAlive(pid)).toBe(true);
  script(home, "tick.sh", tick);
  expect(await tsm(home, ["restart", "tick", ...quick])).toMatchObject({ code: 0 });
});

test("a port in the env file that somebody has is found while the old one still runs", async () => {
  const home = makeHome();
  const [first, second] = await freePorts(2);
  script(home, "p.env", `PORT=${first}\n`);
  script(home, "q.env", `PORT=${second}\n`);
  script(home, "server.cjs", server);
  for (const [name, file] of [
    ["it", "./p.env"],
    ["other", "./q.env"],
  ] as const)
    await tsm(home, ["start", "--settle", "30000", "--env", file, "--name", name, "server.cjs"]);
  const pid = pidOf(home, `it-${first}`);
  script(home, "p.env", `PORT=${second}\n`);
  const refused = await tsm(home, ["restart", "it"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${second} is already in use!`) });
  expect(isAlive(pid)).toBe(true);
  expect(readMeta(home, `it-${first}`)).toMatchObject({ pid, status: "online", port: first, restarts: 0 });
});

test("a stranger on a port on which the process does not listen is found while it still runs", async () => {
  const home = makeHome();
  const port = await freePort();
  await tsm(home, ["start", ...quick, "--name", "it", "--port", String(port), "--", "sleep", "600"]);
  const name = `it-${port}`;
  const pid = pidOf(home, name);
  const stranger = createServer();
  onTestFinished(() => void stranger.close());
  await once(stranger.listen(port), "listening");
  for (const words of [["it"], ["*"]]) {
    const refused = await tsm(home, ["restart", ...words, ...quick]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`🔴 Port ${port} is already in use!\n   Blocking process: PID ${process.pid}\n`);
    expect(readMeta(home, name)).toMatchObject({ pid, status: "online", restarts: 0 });
  }
  stranger.close();
  await once(stranger, "close");
  expect(await tsm(home, ["restart", "it", ...quick])).toMatchObject({ code: 0 });
});

test("a restart that fails says why, and the record is crashed", async () => {
  const home = makeHome();
  script(home, "maybe.sh", "[ -e broken ] && { echo no luck >&2; exit 4; }\nexec sleep 600\n");
  await tsm(home, ["start", ...quick, "maybe.sh"]);
  script(home, "broken", "");
  const failed = await tsm(home, ["restart", "maybe", "--settle", "30000"]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("tsm: failed to restart 'maybe': ");
  expect(failed.stderr).toContain("   no luck\n");
  expect(readMeta(home, "maybe")).toMatchObject({ status: "crashed", last_exit: { code: 4 } });
});

test("restart * restarts all, at once", async () => {
  const home = makeHome();
  for (const name of ["a", "b"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  const before = ["a", "b"].map((name) => pidOf(home, name));
  const restarted = await tsm(home, ["restart", "*", ...quick]);
  expect(restarted.stdout).toMatch(/^tsm: restarted 'a' .*\ntsm: restarted 'b' .*\n$/);
  expect(before.filter(isAlive)).toEqual([]);
});

/** A program that notes each of its lives in `lives` and ends when told. */
const mortal = (code: string) =>
  `echo $$ >>lives\nuntil [ -e "die-$(wc -l <lives | tr -d ' ')" ]; do sleep 0.02; done\n${code}\n`;

test.for([
  { policy: "always", code: "exit 0", because: "it ended well" },
  { policy: "always", code: "exit 3", because: "it failed" },
  { policy: "on-failure", code: "exit 3", because: "it failed" },
  { policy: "on-failure", code: "kill -KILL $$", because: "a signal ended it" },
])("policy $policy brings it back after `$code`: $because", async ({ policy, code }) => {
  const home = makeHome();
  script(home, "mortal.sh", mortal(code));
  await tsm(home, ["start", ...quick, "--restart", policy, "mortal.sh"]);
  const first = pidOf(home, "mortal");
  script(home, "die-1", "");
  await until("the first is gone", () => !isAlive(first));
  expect((await tsm(home, ["list"])).stdout).toMatch(/│ mortal +│ (waiting|online)/);
  await until(
    "it lives again",
    () => readMeta(home, "mortal")["restarts"] === 1 && readMeta(home, "mortal")["status"] === "online",
  );
  const second = pidOf(home, "mortal");
  expect(second).not.toBe(first);
  expect(isAlive(second)).toBe(true);
  script(home, "die-2", "");
  await until(
    "it lives a third time",
    () => readMeta(home, "mortal")["restarts"] === 2 && readMeta(home, "mortal")["status"] === "online",
  );
  await tsm(home, ["stop", "mortal"]);
  expect(readMeta(home, "mortal")).toMatchObject({ status: "stopped", restarts: 2 });
});

test.for([
  { policy: "no", code: "exit 3", status: "crashed", because: "nobody asked" },
  { policy: "no", code: "exit 0", status: "stopped", because: "nobody asked" },
  { policy: "on-failure", code: "exit 0", status: "stopped", because: "that was no failure" },
])("policy $policy lets it rest after `$code`: $because", async ({ policy, code, status }) => {
  const home = makeHome();
  script(home, "mortal.sh", mortal(code));
  await tsm(home, ["start", ...quick, "--restart", policy, "mortal.sh"]);
  const runner = Number(readMeta(home, "mortal")["runner_pid"]);
  script(home, "die-1", "");
  // Its runner goes: nobody is left who could bring it back.
  await until("the runner is gone", () => !isAlive(runner));
  expect(readMeta(home, "mortal")).toMatchObject({ status, restarts: 0 });
  expect(readFileSync(join(home.folder, "lives"), "utf8").trim().split("\n")).toHaveLength(1);
});

test("a stop during the wait for the next start cancels it", async () => {
  const home = makeHome();
  script(home, "mortal.sh", mortal("exit 3"));
  await tsm(home, ["start", ...quick, "--restart", "always", "--restart-delay", "60000", "mortal.sh"]);
  const runner = Number(readMeta(home, "mortal")["runner_pid"]);
  script(home, "die-1", "");
  await until("it waits", () => readMeta(home, "mortal")["status"] === "waiting");
  expect(await tsm(home, ["stop", "mortal"])).toMatchObject({ code: 0 });
  expect(isAlive(runner)).toBe(false);
  expect(readMeta(home, "mortal")["status"]).toBe("stopped");
  expect(readFileSync(join(home.folder, "lives"), "utf8").trim().split("\n")).toHaveLength(1);
});

test("a start that dies at once under a policy is told, and goes on by the policy", async () => {
  const home = makeHome();
  script(home, "dies.sh", "echo bad >&2; exit 2\n");
  const failed = await tsm(home, ["start", "--settle", "30000", "--restart", "always", "dies.sh"]);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("tsm stop dies ends that") });
  await until("it is tried again", () => Number(readMeta(home, "dies")["restarts"]) >= 1);
  expect(await tsm(home, ["stop", "dies"])).toMatchObject({ code: 0 });
  expect(home.processes()).toEqual([]);
});

test("between the halves of a restart it is starting, for the list and for a stop of all", async () => {
  const home = makeHome();
  // Slow to end, so that the restart can be held in between.
  const slow = "trap 'sleep 0.3; exit 0' TERM; echo armed; while :; do sleep 0.01; done";
  await tsm(home, ["start", "--settle", "0", "--name", "it", "--", "bash", "-c", slow]);
  await until("its trap is set", () => logOf(home, "it").includes("armed"));
  const restart = startTsm(home, ["restart", "it", "--settle", "0"]);
  restart.child.stdin.end();
  await until("it is being stopped", () => readMeta(home, "it")["status"] === "stopping");
  restart.child.kill("SIGSTOP");
  await until("its record says stopped", () => readMeta(home, "it")["status"] === "stopped");
  expect((await tsm(home, ["list"])).stdout).toMatch(/ it +│ starting /);
  expect(await tsmJson(home, ["info", "it"])).toMatchObject({ status: "starting", pid: null, supervised: true });
  const stop = startTsm(home, ["stop", "*"]);
  stop.child.stdin.end();
  restart.child.kill("SIGCONT");
  await restart.outcome;
  expect(await stop.outcome).toMatchObject({ code: 0 });
  expect(await tsmJson(home, ["list", "all"])).toMatchObject([{ name: "it", status: "stopped", restarts: 1 }]);
});
