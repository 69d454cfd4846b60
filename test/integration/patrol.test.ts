import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { identify, processes, runners, services } from "../support/managed.ts";
import { folderOf, isAlive, pidOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { killTicker, tickerOf, tickersOf } from "../support/ticker.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const nothing = { adopted: [], restarted: [], crashed: [], stopped: [], orphans: [], leftovers: [], damaged: [] };

test("patrol of a home where all is well does nothing, and says so", async () => {
  const home = makeHome();
  expect(await tsm(home, ["patrol"])).toMatchObject({
    code: 0,
    stdout: "🚨 TSM Patrol: Checking for stale processes...\n✅ Cleaned up 0 stale entries\n",
  });
  await start(home, "api");
  await tsm(home, ["start", "--name", "rests", "--settle", "0", "--", "sleep", "600"]);
  await tsm(home, ["stop", "rests"]);
  const before = [readMeta(home, "api"), readMeta(home, "rests")];
  expect(await tsmJson(home, ["patrol"])).toMatchObject({ checked: 2, ...nothing });
  expect([readMeta(home, "api"), readMeta(home, "rests")]).toEqual(before);
});

test("what died with its runner is named with its pid, once", async () => {
  const home = makeHome();
  await start(home, "api");
  const pid = pidOf(home, "api");
  await killTicker(home);
  await killRunner(home, "api");
  process.kill(pid, "SIGKILL");
  const first = await tsm(home, ["patrol"]);
  expect(first.stdout).toContain(`🧹 Marking crashed process: api (PID ${pid})\n✅ Cleaned up 1 stale entries\n`);
  expect((await tsm(home, ["patrol"])).stdout).toContain("✅ Cleaned up 0 stale entries");
  expect(home.processes()).toEqual([]);
});

test("twenty passes at once give one process one runner", async () => {
  const home = makeHome();
  await start(home, "api");
  await start(home, "dead", "always");
  const pid = pidOf(home, "api");
  await killTicker(home);
  for (const name of ["api", "dead"]) await killRunner(home, name);
  process.kill(pidOf(home, "dead"), "SIGKILL");
  const passes = await Promise.all(Array.from({ length: 20 }, () => tsm(home, ["patrol"])));
  expect(passes.filter(({ code, stderr }) => code !== 0 || stderr !== "")).toEqual([]);
  await until("it is up", () => readMeta(home, "dead")["status"] === "online");
  expect(readMeta(home, "dead")["restarts"]).toBe(1);
  expect(pidOf(home, "api")).toBe(pid);
  expect(services(home)).toHaveLength(2);
  expect(runners(home)).toHaveLength(2);
});

test("processes with our marks and no record are named and left alone", async () => {
  const home = makeHome();
  await start(home, "api");
  const pid = pidOf(home, "api");
  await killTicker(home);
  await killRunner(home, "api");
  rmSync(folderOf(home, "api"), { recursive: true });
  expect(await tsmJson(home, ["patrol"])).toMatchObject({ orphans: [{ name: "api", pid }] });
  expect((await tsm(home, ["patrol"])).stdout).toContain(`⚠️  Process without a record: api (PID ${pid})`);
  expect(isAlive(pid)).toBe(true);
});

test("whose folder was removed by hand is named, and when it ends its runner brings nothing back and goes", async () => {
  const home = makeHome();
  await start(home, "api", "always");
  const file = join(home.folder, "apps.json");
  const apps = ["one", "two"].map((name) => ({ name, script: "/bin/sleep", args: "600" }));
  writeFileSync(file, JSON.stringify({ apps }));
  expect((await tsm(home, ["start", file, "--settle", "0"])).code).toBe(0);
  const names = ["api", "one", "two"];
  const pids = names.map((name) => pidOf(home, name));
  for (const name of names) rmSync(folderOf(home, name), { recursive: true });
  const { stdout, stderr } = await tsm(home, ["patrol"]);
  for (const [at, name] of names.entries()) expect(stdout).toContain(`without a record: ${name} (PID ${pids[at]})`);
  expect(stderr).toContain("tsm doctor --fix ends it");
  const { code, stderr: refused } = await tsm(home, ["start", "--name", "api", "--", "sleep", "600"]);
  expect([code, refused]).toEqual([
    1,
    expect.stringContaining(`'api' still runs (PID: ${pids[0]}), though its record`),
  ]);
  expect((await tsm(home, ["start", file])).stderr).toContain(`'one' still runs (PID: ${pids[1]})`);
  await start(home, "one-worker");
  expect(await tsm(home, ["stop", "one"])).toMatchObject({
    code: 1,
    stderr: `tsm: 'one' still runs (PID: ${pids[1]}), though its record was removed\n  tsm doctor --fix ends it, and all that belongs to it\n`,
  });
  // Whose name that is a part of is somebody else.
  expect(readMeta(home, "one-worker")).toMatchObject({ status: "online" });
  await tsm(home, ["delete", "one-worker"]);
  expect(existsSync(folderOf(home, "api"))).toBe(false);
  // Another of the name, started where nobody can know, is no business of the runner that was there before.
  rmSync(join(home.path, "runtime/known"), { recursive: true });
  await start(home, "api", "always");
  const again = pidOf(home, "api");
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await until("their runners have gone", () => runners(home).length === 1);
  expect(services(home).map(({ pid }) => pid)).toEqual([again]);
  expect(readMeta(home, "api")).toMatchObject({ status: "online", pid: again });
  expect(["one", "two"].filter((name) => existsSync(folderOf(home, name)))).toEqual([]);
  rmSync(home.path, { recursive: true });
  process.kill(again, "SIGKILL");
  await until("the last has gone", () => home.processes().length === 0);
  expect(existsSync(join(home.path, "runtime/processes"))).toBe(false);
});

test("a damaged record is named and the others are looked after", async () => {
  const home = makeHome();
  await start(home, "broken");
  await start(home, "api");
  await tsm(home, ["stop", "broken"]);
  writeFileSync(join(folderOf(home, "broken"), "meta.json"), "{");
  await killTicker(home);
  await killRunner(home, "api");
  const done = await tsm(home, ["patrol"]);
  expect(done.stdout).toContain("🧹 Watched again: api (PID ");
  expect(done.stderr).toContain("the record of 'broken' is damaged: meta.json is not valid JSON");
});

test("a pass does not wait for a process that another command is changing", async () => {
  const home = makeHome();
  await tsm(home, [
    "start",
    "--name",
    "deaf",
    "--settle",
    "200",
    "--",
    "bash",
    "-c",
    "trap '' TERM; while :; do sleep 0.1; done",
  ]);
  await killTicker(home);
  await killRunner(home, "deaf");
  const stopping = startTsm(home, ["stop", "deaf", "--timeout", "4"]);
  stopping.child.stdin.end();
  await until("it is being stopped", () => readdirSync(join(home.path, "locks")).includes("deaf.lock"));
  expect((await tsm(home, ["list"])).code).toBe(0);
  // It did not wait for the four seconds that the other takes.
  expect(stopping.child.exitCode).toBeNull();
  expect((await stopping.outcome).stdout).toContain("0 left");
});

test("twenty commands at once start one ticker", async () => {
  const home = makeHome();
  await start(home, "api");
  for (let round = 0; round < 3; round += 1) {
    await killTicker(home);
    await Promise.all(Array.from({ length: 20 }, () => tsm(home, ["list"])));
    expect(tickersOf(home)).toEqual([tickerOf(home)]);
  }
});

test("two tickers become one", async () => {
  const home = makeHome();
  await start(home, "api");
  const first = tickersOf(home)[0] ?? 0;
  // As if it had not been seen.
  rmSync(join(home.path, "runtime/ticker.pid"));
  await tsm(home, ["list"]);
  await until("the first has gone", () => !tickersOf(home).includes(first));
  expect(tickersOf(home)).toEqual([tickerOf(home)]);
});

test("a ticker is there for the first process and gone some seconds after the last", async () => {
  const home = makeHome();
  await tsm(home, ["list"]);
  expect(tickersOf(home)).toEqual([]);
  await start(home, "api");
  expect(tickersOf(home)).toHaveLength(1);
  await tsm(home, ["stop", "api"]);
  await until("the ticker has gone", () => tickersOf(home).length === 0, { timeoutMs: 12_000 });
  expect(existsSync(join(home.path, "runtime/ticker.pid"))).toBe(false);
  await start(home, "again");
  expect(tickersOf(home)).toHaveLength(1);
});

test("a runner that nobody can replace does not make the ticker work all the time", async () => {
  const home = makeHome();
  await start(home, "api");
  await start(home, "stopped");
  await start(home, "broken");
  await tsm(home, ["stop", "stopped"]);
  // Left behind by a runner that was killed just before it went.
  writeFileSync(join(folderOf(home, "stopped"), "runner.pid"), "99999999 1\n");
  await until("it is forgotten", () => !existsSync(join(folderOf(home, "stopped"), "runner.pid")));
  await killRunner(home, "broken");
  writeFileSync(join(folderOf(home, "broken"), "meta.json"), "{");
  const passes = childTime(tickerOf(home) ?? 0);
  const begun = performance.now();
  await until("eight seconds have gone", () => performance.now() - begun > 8000, { everyMs: 500 });
  // After 0, 1 and 4 s; with one each second it would be eight.
  expect((childTime(tickerOf(home) ?? 0) - passes) / (await onePass(home))).toBeLessThan(5);
});

test("a reused number in runner.pid or ticker.pid deceives nobody", async () => {
  const home = makeHome();
  const bystander = spawn("sleep", ["600"], { stdio: "ignore" });
  onTestFinished(() => void bystander.kill("SIGKILL"));
  await start(home, "api");
  await killTicker(home);
  writeFileSync(join(home.path, "runtime/ticker.pid"), `${bystander.pid} 1 ${processes.bootId()}\n`);
  await killRunner(home, "api");
  writeFileSync(join(folderOf(home, "api"), "runner.pid"), `${bystander.pid} 1\n`);
  await tsm(home, ["list"]);
  expect(tickersOf(home)).toEqual([tickerOf(home)]);
  expect(isAlive(Number(readMeta(home, "api")["runner_pid"]))).toBe(true);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

test.for(["patrol", "cleanup"])(
  "%s removes what killed programs left half made, and nothing of the living",
  async (verb) => {
    const home = makeHome();
    await start(home, "api");
    const self = identify(process.pid);
    const folder = "runtime/processes/api";
    const nonce = (start: string) => `${process.pid}-${start}-0zabc`;
    const dead = JSON.stringify({ pid: process.pid, startMark: "1", bootId: self.bootId, nonce: nonce("1") });
    const left = [`${folder}/.meta.json.99999999.0.tmp`, "locks/gone.lock", "locks/lost.lock"];
    const living = [`${folder}/.meta.json.${process.pid}.0.tmp`];
    for (const path of [...left.slice(0, 2), ...living]) writeFileSync(join(home.path, path), dead);
    symlinkSync(`${nonce("1")} ${self.bootId}`, join(home.path, "locks/lost.lock"));
    const paths = left.map((path) => join(home.path, path));
    const { stdout } = await tsm(home, [verb]);
    for (const path of paths) expect(stdout).toContain(`emoved what a killed program left: ${path}\n`);
    expect(readdirSync(join(home.path, "locks"))).toEqual([]);
    expect([...left, ...living].filter((path) => existsSync(join(home.path, path)))).toEqual(living);
    expect(await tsmJson(home, [verb])).toMatchObject({ leftovers: [] });
  },
);

test("cleanup forgets what has crashed, and with --stopped what was stopped, and nothing that runs", async () => {
  const home = makeHome();
  script(home, "dies.sh", "exit 1\n");
  await start(home, "runs");
  await start(home, "rests");
  await tsm(home, ["stop", "rests"]);
  await tsm(home, ["start", "dies.sh"]);
  expect(await tsm(home, ["cleanup"])).toMatchObject({
    code: 0,
    stdout: "tsm: deleted 'dies'\nSummary: Checked 3 processes, removed 1\n",
  });
  expect((await tsm(home, ["cleanup", "--stopped"])).stdout).toBe(
    "tsm: deleted 'rests'\nSummary: Checked 2 processes, removed 1\n",
  );
  expect(existsSync(folderOf(home, "rests"))).toBe(false);
  expect(readMeta(home, "runs")["status"]).toBe("online");
});

/** They have crashed, and run when the file `up` is there. */
async function crashedOnes(home: Home, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, at) => `p${10 + at}`);
  script(home, "first.sh", "[ -e up ] && exec sleep 600; exit 1\n");
  const words = (name: string) => ["start", "first.sh", "--name", name, "--settle", "0", "--restart", "no"];
  await Promise.all(names.map((name) => tsm(home, words(name))));
  await until("all have crashed", () => names.every((name) => readMeta(home, name)["status"] === "crashed"));
  return names;
}

test("several cleanups at once forget each process once, and none of them fails", async () => {
  const home = makeHome();
  const names = await crashedOnes(home, 16);
  const all = await Promise.all([1, 2, 3, 4].map(() => tsm(home, ["cleanup"])));
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: "" })));
  const forgotten = all.flatMap(({ stdout }) => stdout.match(/'p\d+'/g) ?? []);
  expect(forgotten.sort()).toEqual(names.map((name) => `'${name}'`));
});

test("cleanup leaves alone what has been started since it looked", async () => {
  const home = makeHome();
  for (let round = 0; round < 3; round += 1) {
    const names = await crashedOnes(home, 6);
    writeFileSync(join(home.folder, "up"), "");
    const started = names.map((name) => tsm(home, ["start", name]));
    await tsm(home, ["cleanup"]);
    for (const { stderr } of await Promise.all(started)) expect(stderr).not.toContain("was deleted while it started");
    rmSync(join(home.folder, "up"));
    await tsm(home, ["delete", "*"]);
  }
});

async function start(home: Home, name: string, policy = "no"): Promise<void> {
  const words = ["start", "--name", name, "--settle", "0", "--restart", policy, "--", "sleep", "600"];
  const { code, stderr } = await tsm(home, words);
  if (code !== 0) throw new Error(stderr);
}

async function killRunner(home: Home, name: string): Promise<void> {
  const runner = identify(Number(readMeta(home, name)["runner_pid"]));
  process.kill(runner.pid, "SIGKILL");
  await until("the runner is gone", () => !processes.isAlive(runner), { everyMs: 1 });
}

/** Clock ticks that the children of a process have used. */
function childTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return Number(fields[13]) + Number(fields[14]);
}

/** Clock ticks that one pass takes. */
async function onePass(home: Home): Promise<number> {
  const begun = performance.now();
  await tsm(home, ["patrol"]);
  return (performance.now() - begun) / 10;
}
