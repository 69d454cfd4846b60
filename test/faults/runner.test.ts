import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, identify, list, meta, processes, row, runners, services } from "../support/managed.ts";
import { type Outcome, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** What ends a program that does nothing about it, on every system. */
const deadly = [
  ...([
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
  ] as const),
  ...([
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGSYS",
  ] as const),
];

test("every kind of exit is recorded as what it was", async () => {
  const home = makeHome();
  const codes = [0, 1, 2, 3, 42, 64, 126, 127, 128, 129, 130, 137, 139, 143, 200, 254, 255];
  await Promise.all([
    ...codes.map((code) => start(home, `c${code}`, ["bash", "-c", `exit ${code}`])),
    ...deadly.map((name) => start(home, `s${name}`, ["sleep", "3600"])),
  ]);
  for (const name of deadly) process.kill(meta(home, `s${name}`).pid, name);
  await until("all have ended", () => home.processes().length === 0);
  for (const code of codes) {
    expect(meta(home, `c${code}`)).toMatchObject({ last_exit: { code, signal: null, by: "crash" } });
  }
  for (const signal of deadly)
    expect(meta(home, `s${signal}`)).toMatchObject({
      status: "crashed",
      last_exit: { code: null, signal, by: "crash" },
    });
  report(`${codes.length} exit codes and ${deadly.length} signals: each recorded as it was`);
});

test.for([
  {
    what: "by exit code on TERM",
    script: "trap 'exit 7' TERM; while :; do sleep 0.01; done",
    exit: { code: 7, signal: null },
  },
  { what: "by the signal", script: "exec sleep 3600", exit: { code: null, signal: "SIGTERM" } },
  { what: "by 143", script: "trap 'exit 143' TERM; while :; do sleep 0.01; done", exit: { code: 143, signal: null } },
])("an exit during a stop is recorded: $what", async ({ script, exit }) => {
  const home = makeHome();
  await start(home, "api", ["bash", "-c", `echo up; ${script}`]);
  await said(home, "api", "up");
  expect((await tsm(home, ["stop", "api"])).code).toBe(0);
  expect(meta(home, "api")).toMatchObject({ status: "stopped", last_exit: { ...exit, by: "user" } });
});

test("a runner that waits uses no time and forks nothing", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  const { runner_pid } = meta(home, "api");
  await idle(runner_pid);
  const before = usage(runner_pid);
  // As long as three lists take: a runner that spins uses as much by then.
  for (let round = 0; round < 3; round += 1) await list(home);
  expect(usage(runner_pid)).toEqual(before);
});

test("signals that runners get by accident change nothing", async () => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  const { pid, runner_pid } = meta(home, "api");
  for (const signal of ["SIGHUP", "SIGINT", "SIGCHLD", "SIGWINCH", "SIGCONT", "SIGHUP"] as const)
    process.kill(runner_pid, signal);
  await idle(runner_pid);
  expect(await row(home, "api")).toMatchObject({ status: "online", supervised: true, pid });
  expect((await tsm(home, ["stop", "api"])).stdout).toContain("0 forced, 0 left");
});

test("TERM to the runner ends the process for good: while it runs, while it waits, while it starts", async () => {
  const home = makeHome();
  for (let round = 0; round < times(3, 60); round += 1) {
    await start(home, "flappy", ["bash", "-c", "exit 1"], "always");
    const runner = identify(meta(home, "flappy").runner_pid);
    if (round % 3 === 1) await until("it waits", () => meta(home, "flappy").status === "waiting", { everyMs: 1 });
    if (round % 3 === 2)
      await until("it runs again", () => Number(meta(home, "flappy")["restarts"]) > 0, { everyMs: 1 });
    process.kill(runner.pid, "SIGTERM");
    await until("the runner is gone", () => !processes.isAlive(runner));
    expect(meta(home, "flappy").status).toBe("stopped");
    expect(home.processes()).toEqual([]);
    await tsm(home, ["delete", "flappy"]);
  }
});

test("stop, again and again, on a machine that is busy: no TERM is lost", async () => {
  const home = makeHome();
  // Load: what is forked and ends, all the time.
  for (const name of ["busy1", "busy2"]) await start(home, name, ["bash", "-c", "while :; do /bin/true; done"]);
  const rounds = times(8, 200);
  for (let round = 0; round < rounds; round += 1) {
    await start(home, "api", round % 2 === 0 ? ["sleep", "3600"] : ["bash", "-c", "sleep 3600 & sleep 3600 & wait"]);
    const { stdout } = await tsm(home, ["stop", "api", "--timeout", "20"]);
    expect(stdout, `round ${round}`).toMatch(/stopped 'api' \(\d process(es)?, [\d.]+ s, 0 forced, 0 left\)/);
  }
  report(`${rounds} stops under load: 0 TERMs lost`);
});

test("the process is given exactly what it should have, and nothing of the runner's", async () => {
  const home = makeHome();
  const inherited = await startOf(home, "plain", ["sleep", "3600"]);
  // What the caller of tsm left open is /dev/null for the process: see the spawner.
  const descriptors = readdirSync(`/proc/${inherited}/fd`).map(
    (fd) => `${fd} ${readlinkSync(`/proc/${inherited}/fd/${fd}`)}`,
  );
  const folder = folderOf(home, "plain");
  expect(descriptors.filter((each) => !/^\d\d+ \/dev\/null$/.test(each))).toEqual([
    "0 /dev/null",
    `1 ${folder}/current.out`,
    `2 ${folder}/current.err`,
  ]);
  const status = readFileSync(`/proc/${inherited}/status`, "utf8");
  for (const field of ["SigBlk", "SigIgn", "SigCgt", "ShdPnd", "SigPnd"])
    expect(status).toMatch(new RegExp(`^${field}:\\s+0+$`, "m"));
  const ours = (of: number | "self") =>
    readFileSync(`/proc/${of}/limits`, "utf8")
      .split("\n")
      .filter((line) => !/open files/.test(line));
  expect(ours(inherited)).toEqual(ours("self"));
});

test.for(["022", "077", "000"])("the caller's umask %s is the process's", async (mask) => {
  const home = makeHome();
  const old = process.umask(Number.parseInt(mask, 8));
  const outcome = tsm(home, ["start", "--name", "api", "--settle", "0", "--", "bash", "-c", "umask; exec sleep 3600"]);
  process.umask(old);
  expect((await outcome).code).toBe(0);
  await said(home, "api", `0${mask}\n`);
});

test.for(["current.out", "current.err"])("a folder where %s should be is told before anything starts", async (log) => {
  const home = makeHome();
  await start(home, "api", ["sleep", "3600"]);
  await tsm(home, ["stop", "api"]);
  const path = join(folderOf(home, "api"), log);
  rmSync(path);
  mkdirSync(path);
  const { code, stderr } = await tsm(home, ["restart", "api"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tsm: .*current\.\w+ is a folder where a log should be/);
  expect(home.processes()).toEqual([]);
  rmSync(path, { recursive: true });
  expect((await tsm(home, ["restart", "api", "--settle", "0"])).code).toBe(0);
});

test("a log that becomes a folder while the process runs is the next life's failure, not a hanging runner", async () => {
  const home = makeHome();
  await start(home, "api", ["bash", "-c", "sleep 0.2; exit 1"], "always");
  const path = join(folderOf(home, "api"), "current.out");
  rmSync(path);
  mkdirSync(path);
  await until("it was brought back", () => Number(meta(home, "api")["restarts"]) > 0);
  expect(["waiting", "online", "starting"]).toContain((await row(home, "api")).status);
  expect((await tsm(home, ["stop", "api"])).code).toBe(0);
  expect(home.processes()).toEqual([]);
});

test("the runners of a hundred rounds leave no sleep, no pipe and no temporary file behind", async () => {
  const home = makeHome();
  const rounds = times(6, 100);
  for (let round = 0; round < rounds; round += 1) {
    await start(home, "api", ["sleep", "3600"]);
    await tsm(home, ["stop", "api"]);
  }
  expect(home.processes()).toEqual([]);
  expect(readdirSync(folderOf(home, "api")).sort()).toEqual([
    // Of the last start but one: the next one writes its files there.
    ".launch-next",
    "clock.err",
    "clock.out",
    "current.err",
    "current.out",
    "launch",
    "meta.json",
    "rests",
    "run",
    "runs",
  ]);
  expect(runners(home)).toEqual([]);
  expect(services(home)).toEqual([]);
});

async function start(home: Home, name: string, command: string[], policy = "no"): Promise<Outcome> {
  const outcome = await tsm(home, ["start", "--name", name, "--restart", policy, "--settle", "0", "--", ...command]);
  // A process may end at once; that it is on record is what the test is about.
  if (outcome.code !== 0 && !outcome.stderr.includes("ended as soon as it was started"))
    throw new Error(outcome.stderr);
  return outcome;
}

async function startOf(home: Home, name: string, command: string[]): Promise<number> {
  await start(home, name, command);
  return meta(home, name).pid;
}

async function said(home: Home, name: string, text: string): Promise<void> {
  await until(`it says ${JSON.stringify(text)}`, () =>
    readFileSync(join(folderOf(home, name), "current.out"), "utf8").includes(text),
  );
}

/** Sleeping, twice in a row with no time used between. */
async function idle(pid: number): Promise<void> {
  let last = "";
  await until("it sleeps", () => {
    const now = usage(pid);
    const isQuiet = now === last && now.startsWith("S ");
    last = now;
    return isQuiet;
  });
}

/** State, and the time in ticks that it and its children have used, of which there would be more with each fork. */
function usage(pid: number): string {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const switches = /voluntary_ctxt_switches:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return [fields[0], ...fields.slice(11, 15), switches].join(" ");
}
