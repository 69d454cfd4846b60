import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectPlatform } from "../../src/platform/detect.ts";
import { type Home, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, pidOf, readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "50"];

/** Pids that scripts wrote into files, as soon as all are there. */
async function pidsFrom(home: Home, ...files: string[]): Promise<number[]> {
  return await until(`${files.join(", ")} hold pids`, () => {
    const pids = files.map((file) => Number(readFileSync(join(home.folder, file), "utf8")));
    return pids.every((pid) => pid > 1) && pids;
  });
}

/** `setsid` for every system: a session of its own, then the command. */
const setsid = `perl -MPOSIX -e 'fork and exit; POSIX::setsid(); exec @ARGV'`;

test("§6.1 stop ends the whole group, and the receipt counts it", async () => {
  const home = makeHome();
  script(home, "tree.sh", "sleep 601 & echo $! >a; sleep 602 & echo $! >b; (sleep 603 & echo $! >c; wait) & wait\n");
  await tsm(home, ["start", ...quick, "tree.sh"]);
  const pids = [pidOf(home, "tree"), ...(await pidsFrom(home, "a", "b", "c"))];
  const stopped = await tsm(home, ["stop", "tree"]);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  // The subshell is the fifth.
  expect(stopped.stdout).toMatch(/^tsm: stopped 'tree' \(5 processes, \d+\.\d s, 0 forced, 0 left\)\n$/);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(readMeta(home, "tree")).toMatchObject({ status: "stopped", last_exit: { signal: "SIGTERM", by: "user" } });
});

test.for([
  { line: "trap '' TERM; sleep 600 & echo $! >child; wait; wait; sleep 600", forced: true, because: "it ignores TERM" },
  { line: "(trap '' TERM; exec sleep 600) & echo $! >child; wait", forced: true, because: "its child ignores TERM" },
  { line: "( (sleep 600 & echo $! >child) & ); exec sleep 600", forced: false, because: "a double fork" },
  {
    line: `${setsid} sh -c 'echo $$ >child; exec sleep 600'; exec sleep 600`,
    forced: false,
    because: "§6.1 a child left with setsid",
  },
  {
    line: `(${setsid} sh -c 'sleep 600 & echo $! >child; wait') & sleep 600`,
    forced: false,
    because: "a grandchild of one that left",
  },
  {
    line: `${setsid} sh -c 'trap "" TERM; echo $$ >child; sleep 600; sleep 600'; exec sleep 600`,
    forced: true,
    because: "it left and ignores TERM",
  },
  { line: "set -m; sleep 600 & echo $! >child; set +m; exec sleep 600", forced: false, because: "a group of its own" },
  { line: "sleep 600 & echo $! >child; kill -STOP $!; wait", forced: false, because: "a stopped child" },
])("stop leaves nothing: $because", async ({ line, forced }) => {
  const home = makeHome();
  script(home, "hard.sh", `${line}\n`);
  await tsm(home, ["start", ...quick, "hard.sh"]);
  const [child = 0] = await pidsFrom(home, "child");
  await until("the child runs", () => isAlive(child));
  const leader = pidOf(home, "hard");
  const stopped = await tsm(home, ["stop", "hard", "--timeout", "0.5"]);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  const [, count, killed, left] =
    /\((\d+) processe?s?, [\d.]+ s, (\d+) forced, (\d+) left\)/.exec(stopped.stdout) ?? [];
  expect(Number(count)).toBeGreaterThanOrEqual(2);
  expect(Number(killed) > 0, stopped.stdout).toBe(forced);
  expect(left).toBe("0");
  expect([leader, child].filter(isAlive)).toEqual([]);
  expect(home.processes()).toEqual([]);
});

test("§6.2 what `npm start` runs ends with it, and its port is free", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const port = await freePort();
  // What npm does: a node that runs a shell that runs the server.
  script(
    home,
    "npm.cjs",
    "require('node:child_process').spawn('sh', ['-c', 'node server.cjs; true'], { stdio: 'inherit' })",
  );
  const started = await tsm(home, ["start", "--settle", "30000", "--port", String(port), "node", "npm.cjs"]);
  expect(started.code).toBe(0);
  const stopped = await tsm(home, ["stop", `:${port}`]);
  expect(stopped.stdout).toMatch(/\(3 processes, .* 0 left\)/);
  expect(detectPlatform().ports.isListening(port)).toBe(false);
});

test("a process that SIGSTOP has frozen is stopped without force", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  process.kill(pidOf(home, "it"), "SIGSTOP");
  expect((await tsm(home, ["stop", "it"])).stdout).toMatch(/\(1 process, \d\.\d s, 0 forced, 0 left\)/);
});

test("what a managed process starts with `tsm start` carries its own mark and is left alone", async () => {
  const home = makeHome();
  script(
    home,
    "outer.sh",
    `"${process.execPath}" "$TSM_PROGRAM" start --settle 50 --name inner sleep 600\ntouch done\nexec sleep 601\n`,
  );
  const { program } = await import("../support/tsm.ts");
  await tsm(home, ["start", ...quick, "outer.sh"], { env: { TSM_PROGRAM: program } });
  const inner = await until("inner runs", () => readMeta(home, "inner")["status"] === "online" && pidOf(home, "inner"));
  const { runner_pid } = readMeta(home, "inner");
  expect((await tsm(home, ["stop", "outer"])).stdout).toMatch(/0 left/);
  expect(isAlive(inner)).toBe(true);
  expect(isAlive(Number(runner_pid))).toBe(true);
  expect(await tsmJson(home, ["list"])).toMatchObject([{ name: "inner", status: "online", supervised: true }]);
});

test("a program that ends well on TERM keeps its own exit code", async () => {
  const home = makeHome();
  script(home, "ends.sh", "trap 'echo bye; exit 9' TERM\necho up\nwhile :; do sleep 0.02; done\n");
  await tsm(home, ["start", ...quick, "ends.sh"]);
  await until("it has set its trap", async () => (await tsm(home, ["logs", "ends"])).stdout.includes("up"));
  await tsm(home, ["stop", "ends"]);
  expect(readMeta(home, "ends")).toMatchObject({
    status: "stopped",
    last_exit: { code: 9, signal: null, by: "user" },
  });
  expect((await tsm(home, ["logs", "ends"])).stdout).toContain("bye");
});

test("--timeout 0 kills at once, a longer one waits for a slow end", async () => {
  const home = makeHome();
  script(
    home,
    "slow.sh",
    "trap 'until [ -e go ]; do sleep 0.02; done; exit 0' TERM\ntouch up\nwhile :; do sleep 0.02; done\n",
  );
  await tsm(home, ["start", ...quick, "slow.sh"]);
  const stopping = tsm(home, ["stop", "slow", "--timeout", "40"]);
  await until("it is stopping", () => readMeta(home, "slow")["status"] === "stopping");
  expect((await tsm(home, ["list"])).stdout).toContain("stopping");
  script(home, "go", "");
  expect((await stopping).stdout).toMatch(/0 forced, 0 left/);
  await tsm(home, ["start", ...quick, "--name", "deaf", "--", "bash", "-c", "trap '' TERM; while :; do sleep 1; done"]);
  expect((await tsm(home, ["stop", "deaf", "--timeout", "0"])).stdout).toMatch(/[12] forced, 0 left/);
});

test("stopping what is stopped is no failure, and says so", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  await tsm(home, ["stop", "it"]);
  expect(await tsm(home, ["stop", "it"])).toMatchObject({
    code: 0,
    stdout: "tsm: 'it' is already stopped\n",
    stderr: "",
  });
  expect(await tsm(home, ["stop", "0"])).toMatchObject({ code: 0 });
  await tsm(home, ["start", "--name", "dies", "--", "bash", "-c", "exit 3"]);
  expect(await tsm(home, ["stop", "dies"])).toMatchObject({
    code: 0,
    stdout: "tsm: 'dies' is not running: it has crashed\n",
  });
});

test.for(["*", "all"])("stop %s means every process, whatever files are here", async (everyone) => {
  const home = makeHome();
  script(home, "server.js", "");
  script(home, "all.sh", "");
  for (const name of ["a", "b"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  const stopped = await tsm(home, ["stop", everyone]);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  expect(stopped.stdout).toMatch(/^tsm: stopped 'a' .*\ntsm: stopped 'b' .*\n$/);
  expect(home.processes()).toEqual([]);
});

test("stop * with nothing on record is no failure", async () => {
  const home = makeHome();
  expect(await tsm(home, ["stop", "*"])).toMatchObject({ code: 0, stdout: "tsm: there is nothing to stop\n" });
});

test("the receipt as JSON has the same numbers", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  expect(await tsmJson(home, ["stop", "it"])).toEqual([
    {
      id: 0,
      name: "it",
      wasRunning: true,
      status: "stopped",
      processes: 1,
      seconds: expect.any(Number),
      forced: 0,
      left: 0,
    },
  ]);
});

test("a process whose runner is gone is still stopped, tree and all", async () => {
  const home = makeHome();
  script(home, "tree.sh", "sleep 601 & echo $! >a; wait\n");
  await tsm(home, ["start", ...quick, "tree.sh"]);
  const [child = 0] = await pidsFrom(home, "a");
  const leader = pidOf(home, "tree");
  process.kill(Number(readMeta(home, "tree")["runner_pid"]), "SIGKILL");
  await until("it is seen as unsupervised", async () =>
    (await tsm(home, ["list"])).stdout.includes("online (unsupervised)"),
  );
  expect((await tsm(home, ["stop", "tree"])).stdout).toMatch(/\(2 processes, .* 0 left\)/);
  expect([leader, child].filter(isAlive)).toEqual([]);
  expect(readMeta(home, "tree")).toMatchObject({ status: "stopped", last_exit: { by: "user" } });
});

test("children of a leader that has died are ended by stop too", async () => {
  const home = makeHome();
  script(home, "orphans.sh", "sleep 601 & echo $! >a\nuntil [ -e go ]; do sleep 0.02; done\nexit 3\n");
  await tsm(home, ["start", ...quick, "--restart", "no", "orphans.sh"]);
  const [child = 0] = await pidsFrom(home, "a");
  script(home, "go", "");
  await until("the leader is crashed", () => readMeta(home, "orphans")["status"] === "crashed");
  expect(isAlive(child)).toBe(true);
  expect((await tsm(home, ["stop", "orphans"])).stdout).toMatch(/\(1 process, .* 0 left\)/);
  expect(isAlive(child)).toBe(false);
});

test("Ctrl-C ends the wait for a stop; the runner ends the process alone, and another stop may hurry it", async () => {
  const home = makeHome();
  script(home, "deaf.sh", "trap '' TERM\ntouch up\nwhile :; do sleep 0.02; done\n");
  await tsm(home, ["start", ...quick, "deaf.sh"]);
  await until("it is deaf", () => existsSync(join(home.folder, "up")));
  const stopping = startTsm(home, ["stop", "deaf", "--timeout", "600"]);
  await until("it is stopping", () => readMeta(home, "deaf")["status"] === "stopping");
  stopping.child.kill("SIGINT");
  expect(await stopping.outcome).toMatchObject({
    code: 130,
    stdout: "",
    stderr: "tsm: 'deaf' still runs: it was told to end, and is killed when 600 s are over\n",
  });
  expect(isAlive(pidOf(home, "deaf"))).toBe(true);
  expect((await tsm(home, ["stop", "deaf", "--timeout", "0"])).stdout).toMatch(/[12] forced, 0 left/);
  expect(readMeta(home, "deaf")["status"]).toBe("stopped");
  expect(home.processes()).toEqual([]);
});

test("Ctrl-C in a restart or a delete that has begun ends no more than the wait: what was asked for is done", async () => {
  const home = makeHome();
  script(home, "deaf.sh", "trap '' TERM\ntouch up\nwhile [ ! -e go ]; do sleep 0.02; done\nrm go up\n");
  await tsm(home, ["start", ...quick, "deaf.sh"]);
  await until("it is deaf", () => existsSync(join(home.folder, "up")));
  const first = pidOf(home, "deaf");
  const interrupted = async (verb: string) => {
    const running = startTsm(home, [verb, "deaf", "--timeout", "600"]);
    await until("it is stopping", () => readMeta(home, "deaf")["status"] === "stopping");
    running.child.kill("SIGINT");
    script(home, "go", "");
    return await running.outcome;
  };
  expect(await interrupted("restart")).toMatchObject({ code: 130, stdout: "" });
  expect(readMeta(home, "deaf")).toMatchObject({ status: "online", restarts: 1 });
  expect(pidOf(home, "deaf")).not.toBe(first);
  await until("it is deaf again", () => existsSync(join(home.folder, "up")));
  expect(await interrupted("delete")).toMatchObject({ code: 0, stdout: expect.stringContaining("deleted 'deaf'") });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});
