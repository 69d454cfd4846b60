import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, identify, list, meta, processes, row, runners, services } from "../support/managed.ts";
import { killTicker } from "../support/ticker.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Writes a line every 50 ms and has a child of its own. */
const ticking = ["bash", "-c", "sleep 3600 & while echo tick; do sleep 0.05; done"];

test("a process outlives its runner: it runs and logs on, and is listed without supervision", async () => {
  const home = makeHome();
  await start(home, "api", ticking);
  const { pid } = meta(home, "api");
  await killRunner(home, "api");
  const size = () => readFileSync(join(folderOf(home, "api"), "current.out")).length;
  const before = size();
  await until("it goes on logging", () => size() > before + 10);
  // It shows what is so, and then sees to it.
  expect((await tsm(home, ["info", "api"])).stdout).toContain("online (unsupervised)");
  expect(await row(home, "api")).toMatchObject({ status: "online", supervised: true, pid });
  await killRunner(home, "api");
  expect((await tsm(home, ["list"])).stdout).toContain("online (unsupervised)");
  await killRunner(home, "api");
  const again = await tsm(home, ["start", "--name", "api", "--", ...ticking]);
  expect(again).toMatchObject({ code: 1 });
  expect(again.stderr).toContain(`'api' is already running (TSM ID: 0, PID: ${pid})`);
});

test.for([
  { words: ["stop", "api"], left: 0, records: 1, says: /stopped 'api' \(\d processes, [\d.]+ s, 0 forced, 0 left\)/ },
  { words: ["kill", "api"], left: 0, records: 1, says: /'api' got SIGKILL \(\d processes\)/ },
  { words: ["delete", "api"], left: 0, records: 0, says: /deleted 'api' \(\d processes ended\)/ },
  { words: ["restart", "api", "--settle", "0"], left: 1, records: 1, says: /restarted 'api' \(TSM ID: 0, PID: \d+\)/ },
])("without a runner, $words.0 reaches the whole tree", async ({ words, left, records, says }) => {
  const home = makeHome();
  await start(home, "api", ticking);
  // What it runs comes and goes: who has gone by itself is not waited for.
  const old = services(home).flatMap(({ pid }) => processes.identify(pid) ?? []);
  await killRunner(home, "api");
  const { code, stdout, stderr } = await tsm(home, words);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toMatch(says);
  expect(old.filter((each) => processes.isAlive(each))).toEqual([]);
  expect(runners(home)).toHaveLength(left);
  expect(await list(home)).toHaveLength(records);
});

test("runner and process killed at once: crashed, and restart brings it back once", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  const { pid, runner_pid } = meta(home, "api");
  await killTicker(home);
  process.kill(runner_pid, "SIGKILL");
  process.kill(pid, "SIGKILL");
  await until("it is seen", async () => (await row(home, "api")).status === "crashed");
  const outcome = await tsm(home, ["restart", "api", "--settle", "0"]);
  expect(outcome.code).toBe(0);
  expect(await row(home, "api")).toMatchObject({ id: 0, status: "online", supervised: true });
  expect(services(home)).toHaveLength(1);
});

test("a process that ends after its runner is crashed, and never shown online", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  const identity = identify(meta(home, "api").pid);
  await killRunner(home, "api");
  process.kill(identity.pid, "SIGKILL");
  await until("it is gone", () => !processes.isAlive(identity));
  expect((await row(home, "api")).status).toBe("crashed");
  expect((await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "3600"])).code).toBe(0);
  expect(services(home)).toHaveLength(1);
});

test("runners killed at any moment of a restart by policy: the next start leaves exactly one process", async () => {
  const home = makeHome();
  const rounds = times(6, 100);
  const seen: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    // Ends after 20 ms, is started again after a second: and is sent KILL, and its runner too, in between.
    await start(
      home,
      "flappy",
      ["bash", "-c", `echo $$ >>${join(home.folder, "runs")}; exec sleep 3600`],
      "always",
      "--restart-delay",
      "200",
    );
    const { pid, runner_pid } = meta(home, "flappy");
    const runner = identify(runner_pid);
    process.kill(pid, "SIGKILL");
    if (round % 2 === 1) await until("it waits", () => meta(home, "flappy").status === "waiting", { everyMs: 1 });
    await spin(((round * 7) % 10) * 3);
    process.kill(runner_pid, "SIGKILL");
    await until("the runner is gone", () => !processes.isAlive(runner), { everyMs: 1 });
    const { status } = await row(home, "flappy");
    seen[status] = (seen[status] ?? 0) + 1;
    await tsm(home, ["restart", "flappy", "--settle", "0"]);
    expect(services(home)).toHaveLength(1);
    expect(runners(home)).toHaveLength(1);
    await tsm(home, ["delete", "flappy"]);
    expect(home.processes()).toEqual([]);
  }
  report(`${rounds} runners killed around an exit: ${JSON.stringify(seen)}, 0 duplicates`);
});

test("a runner killed right after it has forked, before it could say so, leaves nothing behind", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"], "always");
  const { pid, runner_pid } = meta(home, "api");
  const path = join(folderOf(home, "api"), "meta.json");
  const told = readFileSync(path, "utf8");
  const runner = identify(runner_pid);
  await killTicker(home);
  process.kill(runner_pid, "SIGKILL");
  await until("the runner is gone", () => !processes.isAlive(runner));
  // As the record stood between two lives: the process that runs is in no record.
  writeFileSync(path, told.replace(`"pid": ${pid},`, '"pid": 0,').replace('"online"', '"waiting"'));
  expect((await row(home, "api")).status).toBe("crashed");
  await until("another lives in its place", () => meta(home, "api").pid > 0);
  expect(meta(home, "api").pid).not.toBe(pid);
  expect(services(home).map((each) => each.pid)).toEqual([meta(home, "api").pid]);
  expect((await tsm(home, ["restart", "api", "--settle", "0"])).code).toBe(0);
  expect(services(home)).toHaveLength(1);
  expect(existsSync(join(folderOf(home, "api"), ".launch-before"))).toBe(false);
});

test("a stopped runner does not hold up a stop", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  process.kill(meta(home, "api").runner_pid, "SIGSTOP");
  const { stdout } = await tsm(home, ["stop", "api"]);
  expect(stdout).toMatch(/stopped 'api' \(1 process, [\d.]+ s, 0 forced, 0 left\)/);
  expect(home.processes()).toEqual([]);
  expect(meta(home, "api")).toMatchObject({ status: "stopped", last_exit: { signal: "SIGTERM", by: "user" } });
});

async function start(home: Home, name: string, command: string[], policy = "no", ...flags: string[]): Promise<void> {
  const words = ["start", "--name", name, "--restart", policy, "--settle", "0", ...flags, "--", ...command];
  const { code, stderr } = await tsm(home, words);
  if (code !== 0) throw new Error(stderr);
}

/** And the ticker: what is looked at must not be mended meanwhile. */
async function killRunner(home: Home, name: string): Promise<void> {
  await killTicker(home);
  const runner = identify(meta(home, name).runner_pid);
  process.kill(runner.pid, "SIGKILL");
  await until("the runner is gone", () => !processes.isAlive(runner));
}

async function spin(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) await new Promise(setImmediate);
}
