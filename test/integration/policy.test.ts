import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row, services } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { editMeta, folderOf, isAlive, journalOf, pidOf, readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { program, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "0"];

/** Notes the time since boot of each of its lives in `lives`, in milliseconds. */
const noting = `awk '{ print int($1 * 1000) }' /proc/uptime >>lives\n`;

function lives(home: Home): number[] {
  return readFileSync(join(home.folder, "lives"), "utf8").trim().split("\n").map(Number);
}

function gaps(home: Home): number[] {
  return lives(home).flatMap((time, at, all) => (at === 0 ? [] : [time - (all[at - 1] ?? 0)]));
}

test("what exits at once is tried at once, then after 100 ms, 200 ms, …, and given up after --max-restarts", async () => {
  const home = makeHome();
  script(home, "dies.sh", `${noting}echo "line $$" >&2\nexit 3\n`);
  await tsm(home, ["start", ...quick, "--restart", "on-failure", "--max-restarts", "5", "dies.sh"]);
  await until("it is given up", () => readMeta(home, "dies")["status"] === "crashed");
  const waits = gaps(home);
  expect(waits).toHaveLength(5);
  // Each a quarter more or less by chance; the machine may be late, never early.
  for (const [at, least] of [0, 75, 150, 300, 600].entries()) expect(waits[at]).toBeGreaterThanOrEqual(least - 10);
  expect(waits[0]).toBeLessThan(waits[3] ?? 0);
  expect(readMeta(home, "dies")).toMatchObject({
    restarts: 5,
    unstable_restarts: 5,
    reason: "gave up after 5 restarts that did not last",
    last_exit: { code: 3, signal: null, by: "crash" },
  });
  const shown = await tsm(home, ["info", "dies"]);
  expect(shown.stdout).toContain("crashed: gave up after 5 restarts that did not last");
  expect(shown.stdout).toMatch(/last words\n( {3}line \d+\n){6}$/);
  expect((await tsmJson(home, ["info", "dies"])) as object).toMatchObject({
    lastWords: Array(6).fill(expect.any(String)),
  });
  expect(home.processes()).toEqual([]);
});

test("the last 20 lines are kept, and no more", async () => {
  const home = makeHome();
  script(home, "dies.sh", "seq 1 50 >&2\nexit 1\n");
  await tsm(home, ["start", ...quick, "--restart", "no", "dies.sh"]);
  await until("it has crashed", () => readMeta(home, "dies")["status"] === "crashed");
  const words = readFileSync(join(folderOf(home, "dies"), "last-words"), "utf8");
  expect(words).toBe(`${Array.from({ length: 20 }, (_, at) => at + 31).join("\n")}\n`);
});

test("by default what fails is brought back, what ends well rests, and what fails as it is started has crashed", async () => {
  const home = makeHome();
  script(home, "fails.sh", `sleep 0.4\n${noting}exit 3\n`);
  script(home, "ends.sh", "sleep 0.4\nexit 0\n");
  script(home, "dies.sh", "echo no >&2\nexit 3\n");
  const settle = ["--settle", "100"];
  expect(await tsm(home, ["start", ...settle, "fails.sh"])).toMatchObject({ code: 0, stderr: "" });
  expect(await tsm(home, ["start", ...settle, "ends.sh"])).toMatchObject({ code: 0, stderr: "" });
  const died = await tsm(home, ["start", "dies.sh"]);
  expect(died).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ended as soon as it was started: exit code 3"),
  });
  expect(died.stderr).toContain("tsm logs dies");
  expect(readMeta(home, "dies")).toMatchObject({ status: "crashed", restarts: 0, restart_policy: "on-failure" });
  await until("it is brought back", () => Number(readMeta(home, "fails")["restarts"]) >= 2);
  await until("it rests", () => readMeta(home, "ends")["status"] === "stopped");
  expect(readMeta(home, "ends")).toMatchObject({ restarts: 0 });
  // The trial is the first life's alone, and a policy that was asked for has none.
  expect(lives(home).length).toBeGreaterThanOrEqual(2);
  const asked = await tsm(home, ["start", "--name", "asked", "--restart", "on-failure", "dies.sh"]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("started again by its policy 'on-failure'") });
  await until("it is brought back", () => Number(readMeta(home, "asked")["restarts"]) >= 2);
  // As after any other start: a restart that fails is a failed start.
  expect((await tsm(home, ["restart", "dies"])).code).toBe(1);
  expect(readMeta(home, "dies")).toMatchObject({ status: "crashed", restarts: 0 });
});

test.for([
  { what: "cut", text: '{"restart": "on-fai' },
  { what: "gone", text: undefined },
])("a policy that is $what starts nothing, and stops nothing from being watched and ended", async ({ text }) => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "--restart", "always", "--", "sleep", "600"]);
  const policy = join(folderOf(home, "it"), "launch/policy.json");
  if (text === undefined) unlinkSync(policy);
  else writeFileSync(policy, text);
  const pid = pidOf(home, "it");
  // As by the defaults it could run as root.
  expect(await tsm(home, ["restart", "it"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("policy.json is"),
  });
  expect(pidOf(home, "it")).toBe(pid);
  process.kill(Number(readMeta(home, "it")["runner_pid"]), "SIGKILL");
  await tsm(home, ["patrol"]);
  await until("it is watched", async () => (await row(home, "it")).supervised);
  process.kill(pid, "SIGKILL");
  await until("it has crashed", () => readMeta(home, "it")["status"] === "crashed");
  expect(await tsm(home, ["info", "it"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["stop", "it"])).toMatchObject({ code: 0 });
  expect(services(home)).toEqual([]);
});

test("what fails five times and then works stays up, and its counters say what happened", async () => {
  const home = makeHome();
  script(home, "late.sh", `${noting}[ "$(wc -l <lives)" -gt 5 ] || exit 1\nexec sleep 600\n`);
  await tsm(home, ["start", ...quick, "--restart", "on-failure", "--min-uptime", "500", "late.sh"]);
  await until("it is up", () => lives(home).length === 6 && readMeta(home, "late")["status"] === "online");
  expect(readMeta(home, "late")).toMatchObject({ restarts: 5, unstable_restarts: 5 });
  const pid = pidOf(home, "late");
  // It has lasted for longer than --min-uptime: its next end is the first again.
  await until("it has lasted", async () => Number(((await row(home, "late")) as { uptimeMs?: number }).uptimeMs) > 600);
  process.kill(pid, "SIGKILL");
  await until("it is back", () => readMeta(home, "late")["restarts"] === 6);
  expect(readMeta(home, "late")).toMatchObject({ unstable_restarts: 0, last_exit: { signal: "SIGKILL", by: "crash" } });
  expect(services(home)).toHaveLength(1);
});

test("what lasts for 1.2 s each time waits longer and longer, as long as that is less than --min-uptime", async () => {
  const home = makeHome();
  script(home, "short.sh", `${noting}sleep 1.2\nexit 1\n`);
  await tsm(home, ["start", ...quick, "--restart", "always", "--max-restarts", "3", "short.sh"]);
  await until("it is given up", () => readMeta(home, "short")["status"] === "crashed");
  const waits = gaps(home).map((gap) => gap - 1200);
  for (const [at, least] of [0, 75, 150].entries()) expect(waits[at]).toBeGreaterThanOrEqual(least - 10);
  expect(readMeta(home, "short")).toMatchObject({ restarts: 3, last_exit: { uptime: 1 } });
});

test("--max-backoff is the longest wait, and `list` shows the wait and which it is", async () => {
  const home = makeHome();
  script(home, "dies.sh", "exit 1\n");
  await tsm(home, ["start", ...quick, "--restart", "always", "--max-backoff", "100", "--max-restarts", "6", "dies.sh"]);
  await until("it is given up", () => readMeta(home, "dies")["status"] === "crashed", { timeoutMs: 5000 });
  await tsm(home, ["start", ...quick, "--restart", "always", "--restart-delay", "90000", "--name", "slow", "dies.sh"]);
  expect((await tsm(home, ["list"])).stdout).toMatch(/waiting \(retry in (89|90) s, 1st\)/);
  expect(await row(home, "slow")).toMatchObject({ status: "waiting", pid: null, retryInMs: expect.any(Number) });
});

test("--restart-delay replaces the backoff", async () => {
  const home = makeHome();
  script(home, "dies.sh", `${noting}exit 1\n`);
  await tsm(home, [
    ...["start", ...quick, "--restart", "always", "--restart-delay", "300", "--max-restarts", "3", "dies.sh"],
  ]);
  await until("it is given up", () => readMeta(home, "dies")["status"] === "crashed");
  for (const gap of gaps(home)) expect(gap).toBeGreaterThanOrEqual(290);
});

test.for([
  { policy: "always", code: 0 },
  { policy: "always", code: 3 },
  { policy: "on-failure", code: 3 },
])("--stop-exit-codes: $policy lets it rest after $code", async ({ policy, code }) => {
  const home = makeHome();
  script(home, "done.sh", `sleep 0.2; exit ${code}\n`);
  await tsm(home, ["start", ...quick, "--restart", policy, "--stop-exit-codes", "0,3", "done.sh"]);
  await until("it rests", () => readMeta(home, "done")["status"] === "stopped");
  expect(readMeta(home, "done")).toMatchObject({ restarts: 0, last_exit: { code, by: "crash" } });
});

test("a stop during the wait cancels it, and start and restart do not wait for it", async () => {
  const home = makeHome();
  script(home, "dies.sh", "[ -e well ] && exec sleep 600; exit 1\n");
  const waiting = async () => {
    await tsm(home, ["start", ...quick, "--restart", "always", "--restart-delay", "60000", "--name", "it", "dies.sh"]);
    await until("it waits", () => readMeta(home, "it")["status"] === "waiting");
  };
  await waiting();
  expect((await tsm(home, ["stop", "it"])).code).toBe(0);
  expect(readMeta(home, "it")).toMatchObject({ status: "stopped", last_exit: { code: 1, by: "crash" } });
  expect(home.processes()).toEqual([]);
  await waiting();
  script(home, "well", "");
  expect(await tsm(home, ["restart", "it", ...quick])).toMatchObject({ code: 0 });
  expect(readMeta(home, "it")).toMatchObject({ status: "online", unstable_restarts: 0 });
});

test("reset zeroes the counters of what runs, waits and rests", async () => {
  const home = makeHome();
  script(home, "dies.sh", "exit 1\n");
  await tsm(home, ["start", ...quick, "--name", "runs", "sleep", "600"]);
  await tsm(home, ["restart", "runs", ...quick]);
  await tsm(home, ["start", ...quick, "--restart", "always", "--max-restarts", "2", "--name", "rests", "dies.sh"]);
  await tsm(home, ["start", ...quick, "--restart", "always", "--restart-delay", "60000", "--name", "waits", "dies.sh"]);
  await until("it is given up", () => readMeta(home, "rests")["status"] === "crashed");
  expect(await tsm(home, ["reset", "*"])).toMatchObject({ code: 0, stderr: "" });
  for (const [name, status] of [
    ["runs", "online"],
    ["rests", "crashed"],
    ["waits", "waiting"],
  ] as const)
    expect(readMeta(home, name)).toMatchObject({ status, restarts: 0, unstable_restarts: 0 });
  // What it waits for is the first restart again.
  expect((await tsm(home, ["list", "all"])).stdout).toMatch(/waits .*waiting \(retry in \d+ s, 1st\)/);
  expect((await tsm(home, ["info", "waits"])).stdout).toMatch(/waiting \(retry in \d+ s, 1st\)/);
  // A runner that was stopped hears it all the same.
  await tsm(home, ["restart", "runs", ...quick]);
  process.kill(Number(readMeta(home, "runs")["runner_pid"]), "SIGSTOP");
  await tsm(home, ["reset", "runs"]);
  expect(readMeta(home, "runs")).toMatchObject({ status: "online", restarts: 0 });
});

test("--kill-signal and --kill-timeout are what a stop goes by, after a restart too", async () => {
  const home = makeHome();
  script(home, "picky.sh", "trap 'echo got INT; exit 5' INT\ntrap '' TERM\nwhile :; do sleep 0.02; done\n");
  script(home, "deaf.sh", "trap '' TERM\nwhile :; do sleep 0.02; done\n");
  await tsm(home, ["start", "--settle", "200", "--kill-signal", "SIGINT", "picky.sh"]);
  await tsm(home, ["start", "--settle", "200", "--kill-timeout", "300", "deaf.sh"]);
  await tsm(home, ["restart", "*", "--settle", "200"]);
  const stopped = await tsm(home, ["stop", "picky", "deaf"]);
  expect(stopped.stdout).toMatch(/'picky' \(\d process(es)?, [\d.]+ s, 0 forced, 0 left\)/);
  expect(stopped.stdout).toMatch(/'deaf' \(\d process(es)?, \d+\.\d+ s, [12] forced, 0 left\)/);
  expect(readMeta(home, "picky")).toMatchObject({ last_exit: { code: 5, by: "user" } });
  expect(readMeta(home, "deaf")).toMatchObject({ last_exit: { signal: "SIGKILL", by: "user" } });
});

test("a port that a stranger holds is waited for, burns no restart, and says who holds it", async () => {
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
  const first = pidOf(home, name);
  // Stopped, it cannot bring it back before the stranger has taken the port.
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGSTOP");
  process.kill(first, "SIGKILL");
  const stranger = await listenOn(port);
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGCONT");
  await until("it waits", () => readMeta(home, name)["reason"] !== "");
  const { restarts, unstable_restarts } = readMeta(home, name);
  expect((await tsm(home, ["list"])).stdout).toContain(`waiting (for port ${port})`);
  expect((await tsm(home, ["info", name])).stdout).toContain(`waiting: port ${port} is held by PID ${stranger.pid} (`);
  await until("it has looked again and again", () => journalOf(home).some(({ event }) => event === "port-held"));
  expect(readMeta(home, name)).toMatchObject({ status: "waiting", restarts, unstable_restarts });
  expect(restarts).toBe(0);
  stranger.kill("SIGKILL");
  await until("it is back", () => readMeta(home, name)["status"] === "online");
  expect(readMeta(home, name)).toMatchObject({ restarts: 1, reason: "" });
  expect(services(home)).toHaveLength(1);
  // Stopped while it waits for the port, it is stopped.
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGSTOP");
  process.kill(pidOf(home, name), "SIGKILL");
  await listenOn(port);
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGCONT");
  await until("it waits", () => readMeta(home, name)["reason"] !== "");
  expect(await tsm(home, ["stop", name])).toMatchObject({ code: 0 });
  expect(readMeta(home, name)).toMatchObject({ status: "stopped" });
  expect(home.processes()).toEqual([]);
});

test.for([
  { policy: "on-failure", flags: [], code: 2, goesOn: true },
  { policy: "always", flags: [], code: 0, goesOn: true },
  { policy: "on-failure", flags: [], code: 0, goesOn: false },
  { policy: "always", flags: ["--stop-exit-codes", "2"], code: 2, goesOn: false },
  { policy: "always", flags: ["--max-restarts", "0"], code: 2, goesOn: false },
])("a start that dies at once under $policy $flags with $code fails; it goes on: $goesOn", async (each) => {
  const home = makeHome();
  script(home, "dies.sh", `echo bad luck >&2; exit ${each.code}\n`);
  const failed = await tsm(home, ["start", "--settle", "20000", "--restart", each.policy, ...each.flags, "dies.sh"]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(`'dies' ended as soon as it was started: exit code ${each.code}\n   bad luck\n`);
  expect(failed.stderr.includes("tsm stop dies ends that")).toBe(each.goesOn);
  if (each.goesOn) {
    await until("it is tried again", () => Number(readMeta(home, "dies")["restarts"]) >= 2);
    expect((await tsm(home, ["stop", "dies"])).code).toBe(0);
  } else expect(readMeta(home, "dies")["status"]).toBe("crashed");
  expect(home.processes()).toEqual([]);
});

test("clock: a record that is a year off shows the same uptime", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  const { start_time } = readMeta(home, "it");
  for (const jump of [-31_536_000, 31_536_000]) {
    editMeta(home, "it", { start_time: Number(start_time) + jump });
    const [shown] = (await tsmJson(home, ["list"])) as { uptimeMs: number }[];
    expect(shown?.uptimeMs).toBeGreaterThanOrEqual(0);
    expect(shown?.uptimeMs).toBeLessThan(60_000);
  }
});

test("clock: a runner whose wall clock jumps by days recalls true uptimes, and waits no longer than it should", async () => {
  const home = makeHome();
  script(home, "dies.sh", `${noting}[ "$(wc -l <lives)" -gt 4 ] && exec sleep 600\nsleep 0.1; exit 1\n`);
  await tsm(home, ["start", ...quick, "--restart", "always", "dies.sh"]);
  await tsm(home, ["stop", "dies"]);
  const folder = folderOf(home, "dies");
  // The runner itself, with a clock that goes to and fro by up to eleven days.
  const source = readFileSync(join(program, "../watch-life.bash"), "utf8");
  expect(source).toContain("\nnow() {");
  script(home, "watch-life.bash", `${source}now() { REPLY=$(($(date +%s) + (RANDOM - 16384) * 60)); }\n`);
  const settings = readFileSync(join(folder, "launch/settings"), "utf8");
  for (const file of ["runner.bash", "begin-life.bash", "enter-life.bash"])
    copyFileSync(join(program, "..", file), join(home.folder, file));
  const token = /(?:^|\0)token=([^\0]*)/.exec(settings)?.[1] ?? "";
  writeFileSync(join(home.folder, "lives"), "");
  const runner = spawn("bash", [join(home.folder, "runner.bash"), folder, token], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, TSM_RUNNER: "dies", TSM_HOME: home.path },
  });
  await until("it is up", () => lives(home).length === 5 && readMeta(home, "dies")["status"] === "online");
  const uptimes = journalOf(home).flatMap(({ event, exit }) =>
    event === "exit" ? [(exit as { uptime: number }).uptime] : [],
  );
  expect(Math.max(...uptimes)).toBeLessThan(30);
  expect(Math.min(...uptimes)).toBeGreaterThanOrEqual(0);
  for (const [at, most] of [250, 375, 500, 750].entries()) expect(gaps(home)[at]).toBeLessThan(most + 1500);
  process.kill(runner.pid ?? 0, "SIGTERM");
  await once(runner, "exit");
  expect(isAlive(pidOf(home, "dies"))).toBe(false);
});

test("clock: nothing of the runner but `now`, which dates what is written down, asks the wall clock", () => {
  const source = ["watch-life.bash", "runner.bash", "begin-life.bash"]
    .map((file) => readFileSync(join(program, "..", file), "utf8"))
    .join("\n");
  const asks = source.match(/^.*(EPOCHSECONDS|EPOCHREALTIME|date \+%s).*$/gm) ?? [];
  expect(asks.map((line) => line.trim())).toEqual([
    expect.stringContaining("REPLY=${EPOCHSECONDS:-}"),
    expect.stringContaining('[ -n "$REPLY" ] || REPLY=$(date +%s)'),
  ]);
  expect(source.match(/^ *now$/gm)).toHaveLength(2);
});

/** A stranger with the port. */
async function listenOn(port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ["-e", `require("net").createServer().listen(${port}, () => console.log("up"))`],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}
