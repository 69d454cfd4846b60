import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { busyMs, report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { identify, list, meta, processes, row, runners, services } from "../support/managed.ts";
import { editMeta } from "../support/record.ts";
import { killTicker, tickerOf, tickersOf } from "../support/ticker.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: busyMs });

test("runners, tickers and commands killed in random order while two shells restart and stop: never two of one", async () => {
  const home = makeHome();
  const steady = ["s0", "s1", "s2"];
  const moving = ["m0", "m1", "m2", "m3"];
  await Promise.all([...steady, ...moving].map((name) => start(home, name, ["sleep", "3600"], "always")));
  const pids = steady.map((name) => meta(home, name).pid);
  const bystander = await startOf(home, "bystander");
  const kills = times(40, 1000);
  const counts = { runner: 0, ticker: 0, tsm: 0, patrol: 0, verbs: 0 };
  let most = 0;
  let isOver = false;

  const shell = async (): Promise<void> => {
    while (!isOver) {
      const name = pick(moving);
      const verb = pick([
        ["restart", name, "--settle", "0"],
        ["stop", name],
        ["restart", name, "--settle", "0"],
        ["patrol"],
      ]);
      const running = startTsm(home, verb);
      running.child.stdin.end();
      counts.verbs += 1;
      if (Math.random() < 0.15) {
        await later(60 + Math.random() * 150);
        if (running.child.kill("SIGKILL")) counts.tsm += 1;
      }
      const { code, stderr } = await running.outcome;
      expect(stderr).not.toMatch(/bug of tsm|damaged/);
      expect([0, 1, null], stderr).toContain(code);
    }
  };
  const shells = [shell(), shell()];
  while (counts.runner < kills) {
    const dice = Math.random();
    if (dice < 0.05 && kill(tickerOf(home))) counts.ticker += 1;
    else if (dice < 0.1 && kill(patrolOf(home))) counts.patrol += 1;
    else if (kill(Number(metaOf(home, pick([...steady, ...moving]))?.runner_pid))) counts.runner += 1;
    for (const [, found] of copies(home)) most = Math.max(most, found.length);
    await later(Math.random() * 60);
  }
  isOver = true;
  await Promise.all(shells);

  // One command, and what the ticker does by itself.
  await tsm(home, ["patrol"]);
  await until("all is watched again", async () => {
    const rows = await list(home);
    return rows.every(({ supervised, status }) => supervised && ["online", "stopped"].includes(status));
  });
  expect(steady.map((name) => meta(home, name).pid)).toEqual(pids);
  expect(meta(home, "bystander").pid).toBe(bystander);
  const rows = await list(home);
  const online = rows.filter(({ status }) => status === "online");
  const alive = services(home);
  expect(sorted(alive.map(({ pid }) => pid)), JSON.stringify([alive, rows])).toEqual(
    sorted(online.map(({ pid }) => pid ?? 0)),
  );
  await until("one runner each", () => runners(home).length === online.length);
  expect(tickersOf(home)).toHaveLength(1);
  // A stop may wait for one that ends while the new one already runs; two of one name never do.
  expect(most).toBe(1);
  report(`killed: ${JSON.stringify(counts)}: same pids, at most ${most} of one name at any look`);
});

test("the ticker brings back what was killed together with its runner, once", async () => {
  const home = makeHome();
  const names = Array.from({ length: 8 }, (_, at) => `p${at}`);
  // None of these lives lasts: in the long version the backoff would be half a minute, and then they would be given up.
  const flags = ["--max-backoff", "100", "--max-restarts", "1000"];
  await Promise.all(names.map((name) => start(home, name, ["sleep", "3600"], "always", ...flags)));
  const rounds = times(2, 20);
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const { pid, runner_pid } = meta(home, name);
      for (const victim of round % 2 === 0 ? [pid, runner_pid] : [runner_pid, pid]) process.kill(victim, "SIGKILL");
    }
    await until("all are back", () =>
      names.every((name) => meta(home, name)["restarts"] === round && isUp(home, name)),
    );
    // From the fork to its own command a process is not counted; one too many would stay.
    await until("one of each", () => services(home).length === names.length);
    await until("one runner each", () => runners(home).length === names.length);
  }
  report(`${rounds * names.length} processes killed with their runners: each brought back once`);
});

test.for([
  {
    what: "while it waits for its turn",
    flags: ["--restart", "always", "--restart-delay", "60000"],
    status: "waiting",
  },
  { what: "when it was given up", flags: ["--restart", "always", "--max-restarts", "0"], status: "crashed" },
])("the exit stays on record $what", async ({ flags, status }) => {
  const home = makeHome();
  const ends = {
    c0: "exit 0",
    c3: "exit 3",
    c137: "exit 137",
    kill: "kill -KILL $$",
    segv: "kill -SEGV $$",
    abrt: "kill -ABRT $$",
  };
  await Promise.all(
    Object.entries(ends).map(([name, code]) =>
      tsm(home, ["start", "--name", name, "--settle", "0", ...flags, "--", "bash", "-c", `ulimit -c 0; ${code}`]),
    ),
  );
  const expected = {
    ...{ c0: { code: 0, signal: null }, c3: { code: 3, signal: null }, c137: { code: 137, signal: null } },
    ...{
      kill: { code: null, signal: "SIGKILL" },
      segv: { code: null, signal: "SIGSEGV" },
      abrt: { code: null, signal: "SIGABRT" },
    },
  };
  for (const [name, exit] of Object.entries(expected)) {
    await until("it has ended", () => meta(home, name).status === status);
    expect(meta(home, name).last_exit).toMatchObject({ ...exit, core: false, by: "crash" });
  }
  // The runner is killed: what was learnt is not lost. A stop during the wait changes nothing of it.
  if (status === "waiting") {
    const old = Object.keys(expected).map((name) => Number(metaOf(home, name)?.runner_pid));
    for (const pid of old) process.kill(pid, "SIGKILL");
    await until("others wait in their place", () =>
      Object.keys(expected).every((name) => {
        const now = Number(metaOf(home, name)?.runner_pid);
        return !old.includes(now) && processes.identify(now) !== undefined;
      }),
    );
    expect((await tsm(home, ["stop", "*"])).code).toBe(0);
  }
  for (const [name, exit] of Object.entries(expected))
    expect(meta(home, name).last_exit).toMatchObject({ ...exit, by: "crash" });
  await until("nothing is left", () => home.processes().length === 0);
});

test("an exit in the moment in which its runner is killed: known or said to be unknown, never wrong", async () => {
  const home = makeHome();
  const rounds = times(6, 150);
  const seen: Record<string, number> = {};
  await start(
    home,
    "api",
    ["bash", "-c", `trap 'exit 9' USR1; echo $$ >${join(home.folder, "up")}; while :; do sleep 0.005; done`],
    "always",
  );
  for (let round = 1; round <= rounds; round += 1) {
    await until("it is up", () => {
      const record = metaOf(home, "api");
      return record?.status === "online" && Number(readFileSync(join(home.folder, "up"), "utf8")) === record.pid;
    });
    const { pid, runner_pid } = meta(home, "api");
    process.kill(pid, "SIGUSR1");
    await later(Math.random() * 12);
    kill(runner_pid);
    await until("it is back", () => metaOf(home, "api")?.pid !== pid && isUp(home, "api"));
    const exit = meta(home, "api").last_exit;
    const text = `${exit?.code} ${exit?.signal}`;
    seen[text] = (seen[text] ?? 0) + 1;
    expect(["9 null", "null null"]).toContain(text);
    // On record it is up from the fork on, and the command it becomes is there a moment later; a second one would stay.
    await until("there is one of it", () => copies(home, "bash -c").get("api")?.length === 1);
    await tsm(home, ["reset", "api"]);
  }
  report(`an exit around the death of its runner: ${JSON.stringify(seen)}`);
});

test("an end in the moment in which its runner is asked to end: known or said to be unknown, never wrong", async () => {
  const home = makeHome();
  const names = Array.from({ length: 8 }, (_, at) => `s${at}`);
  for (const name of names) await start(home, name, ["sleep", "3600"], "on-failure");
  const seen: Record<string, number> = {};
  const rounds = times(8, 100);
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const { pid, runner_pid } = meta(home, name);
      // One after the other in no time, and as `kill` of several does it.
      if (round % 2 === 0) execFileSync("kill", [String(pid), String(runner_pid)]);
      else for (const each of [pid, Number(runner_pid)]) process.kill(each, "SIGTERM");
    }
    await until("all rest", () => names.every((name) => metaOf(home, name)?.status === "stopped"));
    for (const name of names) {
      const exit = meta(home, name).last_exit;
      const text = `${exit?.code} ${exit?.signal}`;
      seen[text] = (seen[text] ?? 0) + 1;
      expect(["null SIGTERM", "null null"]).toContain(text);
    }
    expect((await tsm(home, ["start", ...names, "--settle", "0"])).code).toBe(0);
  }
  report(`ends beside that of their runner: ${JSON.stringify(seen)}`);
});

test("a service that ends again and again while its runner is killed again and again lives one life at a time", async () => {
  const home = makeHome();
  const file = (name: string) => join(home.folder, name);
  // Each life names itself, and looks whether the one before still lives.
  const alone = [
    `if [ -e ${file("alone")} ] && kill -0 "$(cat ${file("alone")})"; then echo two >>${file("two")}; fi`,
    `echo $$ >${file("alone")}; sleep 0.15; rm -f ${file("alone")}; echo life >>${file("lives")}; exit 1`,
  ].join("\n");
  await start(home, "api", ["bash", "-c", alone], "always", "--restart-delay", "20", "--max-restarts", "100000");
  const kills = times(25, 400);
  for (let done = 0; done < kills; done += 1) {
    await later(Math.random() * 120);
    kill(Number(metaOf(home, "api")?.runner_pid));
    if (done % 4 === 0) await tsm(home, ["list"]);
    if (done % 9 === 0) kill(tickerOf(home));
  }
  await tsm(home, ["patrol"]);
  await until("it is watched", async () => (await row(home, "api")).supervised);
  const lives = readFileSync(join(home.folder, "lives"), "utf8").split("\n").length - 1;
  expect((await tsm(home, ["stop", "api"])).code).toBe(0);
  expect(() => readFileSync(join(home.folder, "two"))).toThrow(/ENOENT/);
  await until("nothing is left", () => home.processes().length === 0);
  report(`${kills} runners killed around ${lives} lives: one at a time`);
});

test("a ticker killed again and again is started by the next command, and nothing else changes", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"], "always");
  const before = meta(home, "api");
  for (let round = 0; round < times(6, 100); round += 1) {
    await killTicker(home);
    await tsm(home, round % 2 === 0 ? ["list"] : ["version"]);
    expect(tickersOf(home)).toEqual([tickerOf(home)]);
  }
  expect(meta(home, "api")).toEqual(before);
});

test.for([
  { words: ["restart", "api", "--settle", "0"], left: 1 },
  { words: ["stop", "api"], left: 0 },
  { words: ["kill", "api"], left: 0 },
  { words: ["patrol"], left: 1 },
])(
  "a runner that no record names, as its tsm was killed, brings nothing back after $words.0",
  async ({ words, left }) => {
    const home = makeHome();
    await start(home, "api", ["sleep", "3600"], "always");
    const { runner_pid, runner_mark } = meta(home, "api");
    await killTicker(home);
    kill(runner_pid);
    await tsm(home, ["patrol"]);
    await killTicker(home);
    const adopter = identify(Number(meta(home, "api").runner_pid));
    // As the record stood before the adopting runner came to write it.
    editMeta(home, "api", { runner_pid, runner_mark });
    expect((await tsm(home, words)).code).toBe(0);
    expect(processes.isAlive(adopter)).toBe(false);
    expect(runners(home)).toHaveLength(left);
    const { pid } = meta(home, "api");
    if (left === 1) process.kill(pid, "SIGKILL");
    // As long as an adopting runner takes to see a death.
    const begun = performance.now();
    await until("it has had the time", () => performance.now() - begun > 1500);
    expect(copies(home).get("api") ?? []).toHaveLength(left);
  },
);

/**
 * Of each name, the processes that are its own life and lead their group: not what that forks. The look takes a moment, in
 * which one may end and the next begin: only who lives at its end counts.
 */
function copies(home: Home, begins = "sleep 3600"): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const leaders = new Set(processes.table().flatMap(({ pid, groupId }) => (pid === groupId ? [pid] : [])));
  const bootId = processes.bootId();
  const seen = services(home).flatMap(({ pid, start: startMark, command }) => {
    const name = processes.environment(pid)?.get("TSM_NAME");
    const isOwn = command.includes(begins) && leaders.has(pid) && name !== undefined;
    return isOwn ? [{ name, identity: { pid, startMark, bootId } }] : [];
  });
  for (const { name, identity } of seen) {
    if (processes.isAlive(identity)) found.set(name, [...(found.get(name) ?? []), identity.pid]);
  }
  return found;
}

function isUp(home: Home, name: string): boolean {
  const record = metaOf(home, name);
  return record?.status === "online" && processes.identify(record.pid)?.startMark === record.start_mark;
}

function metaOf(home: Home, name: string) {
  try {
    return meta(home, name);
  } catch {
    return undefined; // not there at this moment
  }
}

function patrolOf(home: Home): number | undefined {
  const ticker = tickerOf(home);
  return processes.table().find(({ parentPid }) => ticker !== undefined && parentPid === ticker)?.pid;
}

/** @returns whether there was somebody to kill. */
function kill(pid: number | undefined): boolean {
  if (pid === undefined || !(pid > 1) || processes.identify(pid) === undefined) return false;
  process.kill(pid, "SIGKILL");
  return true;
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T; // never empty here
}

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function start(home: Home, name: string, command: string[], policy: string, ...flags: string[]): Promise<void> {
  const words = ["start", "--name", name, "--restart", policy, "--settle", "0", ...flags, "--", ...command];
  const { code, stderr } = await tsm(home, words);
  if (code !== 0 && !stderr.includes("ended as soon as it was started")) throw new Error(stderr);
}

async function startOf(home: Home, name: string): Promise<number> {
  await start(home, name, ["sleep", "3601"], "no");
  return identify(meta(home, name).pid).pid;
}
