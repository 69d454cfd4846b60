import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { report } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { identify, processes, row, runners, services } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { reboot } from "../support/reboot.ts";
import { editMeta, isAlive, journalOf, logOf, pidOf, readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { killTicker, tickerOf } from "../support/ticker.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const ticking = ["bash", "-c", "while echo tick; do sleep 0.02; done"];

test("with the ticker alive, a killed runner is replaced, and the process has noticed nothing", async () => {
  const home = makeHome();
  await start(home, "api", ticking);
  const pid = pidOf(home, "api");
  const killed = await killRunner(home, "api");
  const begun = performance.now();
  await until("it has a runner again", () => watched(home, "api", killed));
  report(`a killed runner was replaced after ${Math.round(performance.now() - begun)} ms`);
  expect(await row(home, "api")).toMatchObject({ pid, status: "online", supervised: true, restarts: 0 });
  const size = logOf(home, "api").length;
  await until("it goes on logging", () => logOf(home, "api").length > size);
  expect(runners(home)).toHaveLength(1);
});

test.runIf(process.platform === "linux")("the ticker needs no disk on which pipes can be made", async () => {
  const home = makeHome();
  mkdirSync(join(home.path, "runtime/.ticker"), { recursive: true });
  await start(home, "api", ticking);
  const killed = await killRunner(home, "api");
  await until("it has a runner again", () => watched(home, "api", killed));
});

// In a container PID 1 may take note of the dead late, or never.
test.runIf(process.platform === "linux")("to the ticker a runner that is a zombie is dead", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "600"]);
  await start(home, "other", ["sleep", "600"]);
  expect((await tsm(home, ["stop", "api"])).code).toBe(0);
  // What takes its place takes note of nobody.
  const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec tail -f /dev/null"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [said] = await once(parent.stdout, "data");
  const pid = Number(String(said));
  await until("its parent is another", () => readFileSync(`/proc/${parent.pid}/comm`, "utf8") === "tail\n");
  process.kill(pid, "SIGKILL");
  await until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  const file = join(home.path, "runtime/processes/api/runner.pid");
  writeFileSync(file, `${pid} 1\n`);
  writeFileSync(join(home.path, "runtime/runners.changed"), "");
  await until("the ticker has had it looked after", () => !existsSync(file));
});

test.for([["list"], ["info", "api"], ["patrol"], ["stop", "other"]])(
  "without a ticker, `tsm %s` gives it a runner again",
  async (words) => {
    const home = makeHome();
    await start(home, "api", ticking);
    await start(home, "other", ["sleep", "600"]);
    const pid = pidOf(home, "api");
    await killTicker(home);
    const killed = await killRunner(home, "api");
    expect((await tsm(home, words)).code).toBe(0);
    expect(watched(home, "api", killed)).toBe(true);
    expect(tickerOf(home)).toBeDefined();
    expect(await row(home, "api")).toMatchObject({ pid, supervised: true });
  },
);

test("a command that fails looks after the others too", async () => {
  const home = makeHome();
  await start(home, "api", ticking);
  await killTicker(home);
  const killed = await killRunner(home, "api");
  expect((await tsm(home, ["stop", "nothing"])).code).toBe(1);
  expect(watched(home, "api", killed)).toBe(true);
});

test("an adopted process's death is seen and it is restarted once, by its policy", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "600"], "--restart", "on-failure");
  await adoptAgain(home, "api");
  const first = pidOf(home, "api");
  process.kill(first, "SIGKILL");
  const begun = performance.now();
  await until(
    "it is back",
    () => readMeta(home, "api")["restarts"] === 1 && readMeta(home, "api")["status"] === "online",
  );
  report(`an adopted process was back ${Math.round(performance.now() - begun)} ms after its death`);
  expect(services(home)).toHaveLength(1);
  expect(pidOf(home, "api")).not.toBe(first);
  // How it ended only a parent could have learnt.
  expect(readMeta(home, "api")["last_exit"]).toMatchObject({ code: null, signal: null, by: "crash" });
  expect((await tsm(home, ["info", "api"])).stdout).toMatch(/last exit +how it ended is not known, /);
  // Of this life the new runner is the parent.
  process.kill(pidOf(home, "api"), "SIGKILL");
  await until("it is back", () => readMeta(home, "api")["restarts"] === 2);
  expect(readMeta(home, "api")["last_exit"]).toMatchObject({ signal: "SIGKILL" });
  expect(services(home)).toHaveLength(1);
});

test("an adopted process is given up by its policy too", async () => {
  const home = makeHome();
  await start(home, "api", ["bash", "-c", "echo last >&2; exec sleep 600"], "--restart", "no");
  await adoptAgain(home, "api");
  process.kill(pidOf(home, "api"), "SIGKILL");
  await until("it is seen", () => readMeta(home, "api")["status"] === "crashed");
  expect((await tsm(home, ["info", "api"])).stdout).toContain("last words\n   last\n");
  await until("its runner is gone", () => runners(home).length === 0);
});

test.for([
  { words: ["stop", "api"], left: 0 },
  { words: ["kill", "api"], left: 0 },
  { words: ["delete", "api"], left: 0 },
  { words: ["restart", "api", "--settle", "0"], left: 1 },
])("$words.0 of an adopted process reaches its whole tree", async ({ words, left }) => {
  const home = makeHome();
  await start(home, "api", ["bash", "-c", "trap '' TERM; sleep 600 & setsid sleep 601 & while :; do sleep 0.1; done"]);
  await until("its tree is there", () => services(home).length >= 3);
  await adoptAgain(home, "api");
  const old = services(home).map(({ pid, start: startMark }) => ({ pid, startMark, bootId: processes.bootId() }));
  const done = await tsm(home, [...words, ...(words[0] === "kill" ? [] : ["--timeout", "0.3"])]);
  expect(done).toMatchObject({ code: 0, stderr: "" });
  expect(old.filter((each) => processes.isAlive(each))).toEqual([]);
  expect(runners(home)).toHaveLength(left);
});

test("TERM to an adopting runner ends the process for good, and KILL follows", async () => {
  const home = makeHome();
  await start(
    home,
    "api",
    ["bash", "-c", "trap '' TERM; while :; do sleep 0.1; done"],
    "--restart",
    "always",
    "--kill-timeout",
    "500",
  );
  await adoptAgain(home, "api");
  const runner = identify(Number(readMeta(home, "api")["runner_pid"]));
  process.kill(runner.pid, "SIGTERM");
  await until("the runner is gone", () => !processes.isAlive(runner));
  expect(readMeta(home, "api")).toMatchObject({ status: "stopped", restarts: 0 });
  expect(home.processes()).toEqual([]);
});

test("died while nobody watched: its policy brings it back once, and counts", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "600"], "--restart", "always");
  await start(home, "no", ["sleep", "601"], "--restart", "no");
  await start(home, "done", ["sleep", "602"]);
  await killTicker(home);
  for (const name of ["api", "no", "done"]) {
    await killRunner(home, name);
    process.kill(pidOf(home, name), "SIGKILL");
  }
  await until("they are gone", () => services(home).length === 0);
  const report = await tsmJson(home, ["patrol"]);
  expect(report).toMatchObject({
    restarted: [{ name: "api" }, { name: "done" }],
    crashed: [{ name: "no" }],
    adopted: [],
  });
  await until("it is up", () => readMeta(home, "api")["status"] === "online");
  expect(readMeta(home, "api")).toMatchObject({ restarts: 1, unstable_restarts: 1 });
  expect(readMeta(home, "no")).toMatchObject({ status: "crashed", last_exit: { code: null, signal: null } });
  expect(services(home)).toHaveLength(2);
  expect(journalOf(home).filter(({ event }) => event === "unseen-exit")).toHaveLength(3);
});

test("a wait goes on where it was: same count, no shorter, no extra life", async () => {
  const home = makeHome();
  script(home, "dies.sh", "echo life >>lives; exit 7\n");
  await start(home, "it", ["bash", "dies.sh"], "--restart", "on-failure", "--restart-delay", "1500");
  await until("it waits", () => readMeta(home, "it")["status"] === "waiting");
  await killTicker(home);
  const killed = await killRunner(home, "it");
  expect((await row(home, "it")).status).toBe("crashed");
  await until("somebody waits again", () => watched(home, "it", killed));
  expect(readMeta(home, "it")).toMatchObject({ status: "waiting", unstable_restarts: 1, last_exit: { code: 7 } });
  expect(readFileSync(join(home.folder, "lives"), "utf8")).toBe("life\n");
  await until("it lives again", () => readMeta(home, "it")["restarts"] === 1);
  expect((await tsm(home, ["stop", "it"])).code).toBe(0);
  expect(home.processes()).toEqual([]);
});

test("a port that a stranger has taken meanwhile is waited for", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "server.cjs", server);
  await tsm(home, [
    "start",
    "--settle",
    "20000",
    "--restart",
    "always",
    "--port",
    String(port),
    "--name",
    "web",
    "node",
    "server.cjs",
  ]);
  const name = `web-${port}`;
  await killTicker(home);
  await killRunner(home, name);
  process.kill(pidOf(home, name), "SIGKILL");
  await start(home, "stranger", ["node", "server.cjs"], "--settle", "20000", "--port", String(port));
  await tsm(home, ["patrol"]);
  await until("it waits", () => readMeta(home, name)["reason"] !== "");
  expect(readMeta(home, name)).toMatchObject({ status: "waiting", restarts: 0 });
  await tsm(home, ["delete", `stranger-${port}`]);
  await until("it is back", () => readMeta(home, name)["status"] === "online");
});

test("what a killed runner forked and could not write down is ended before another is started", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "600"], "--restart", "always");
  const stray = pidOf(home, "api");
  await killTicker(home);
  await killRunner(home, "api");
  editMeta(home, "api", { pid: 0, start_mark: "0" });
  await tsm(home, ["patrol"]);
  await until("it is up", () => readMeta(home, "api")["status"] === "online");
  expect(isAlive(stray)).toBe(false);
  expect(services(home)).toHaveLength(1);
});

test("a start that was cut off is stopped, and what it had begun is ended", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "600"]);
  await killTicker(home);
  await killRunner(home, "api");
  editMeta(home, "api", { status: "starting", pid: 0, start_mark: "0" });
  expect(await tsmJson(home, ["patrol"])).toMatchObject({ stopped: [{ name: "api" }] });
  expect(readMeta(home, "api")["status"]).toBe("stopped");
  expect(home.processes()).toEqual([]);
});

test("a reboot makes every record stopped, and `start all` brings them back", async () => {
  const home = makeHome();
  for (const name of ["a", "b", "c"]) await start(home, name, ["sleep", "600"], "--restart", "always");
  await start(home, "own", ["sleep", "700"]);
  await tsm(home, ["stop", "own"]);
  const old = reboot(home, ["a", "b", "c"]);
  await until("nothing runs", () => services(home).length === 0);
  const rows = (await tsmJson(home, ["list", "all"])) as { status: string }[];
  expect(rows.map(({ status }) => status)).toEqual(["stopped", "stopped", "stopped", "stopped"]);
  expect(readMeta(home, "a")).toMatchObject({ status: "stopped", restarts: 0 });
  const begun = await tsm(home, ["start", "all", "--settle", "0"]);
  expect(begun).toMatchObject({ code: 0, stderr: "" });
  expect(begun.stdout).toMatch(/^(tsm: started '\w+' \(TSM ID: \d, PID: \d+\)\n){4}$/);
  expect(services(home)).toHaveLength(4);
  expect(old.filter((pid) => services(home).some((each) => each.pid === pid))).toEqual([]);
  expect(await tsm(home, ["start", "all"])).toMatchObject({ code: 0, stdout: "tsm: there is nothing to start\n" });
  reboot(home, ["a", "b", "c", "own"]);
  expect(await tsm(home, ["restart", "all", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  expect(services(home)).toHaveLength(4);
  await tsm(home, ["stop", "a"]);
  expect(await tsm(home, ["start", "a", "--settle", "0"])).toMatchObject({ code: 0 });
  expect(readMeta(home, "a")).toMatchObject({ tsm_id: 0, status: "online" });
});

function watched(home: Home, name: string, killed: number): boolean {
  const now = Number(readMeta(home, name)["runner_pid"]);
  return now !== killed && isAlive(now);
}

async function adoptAgain(home: Home, name: string): Promise<void> {
  const killed = await killRunner(home, name);
  await tsm(home, ["patrol"]);
  await until("it has a runner again", () => watched(home, name, killed));
}

async function start(home: Home, name: string, command: string[], ...flags: string[]): Promise<void> {
  const { code, stderr } = await tsm(home, ["start", "--name", name, "--settle", "0", ...flags, "--", ...command]);
  if (code !== 0 && !stderr.includes("is started again by its policy")) throw new Error(stderr);
}

async function killRunner(home: Home, name: string): Promise<number> {
  const runner = identify(Number(readMeta(home, name)["runner_pid"]));
  process.kill(runner.pid, "SIGKILL");
  await until("the runner is gone", () => !processes.isAlive(runner), { everyMs: 1 });
  return runner.pid;
}
