import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { meta, processes, services } from "../support/managed.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

interface Tree {
  readonly what: string;
  readonly script: string;
  /** How many processes it comes to. */
  readonly count: number;
  readonly forced: RegExp;
}

const ignoring = "trap '' TERM; sleep 3600; :";
const trees: readonly Tree[] = [
  { what: "one process", script: "exec sleep 3600", count: 1, forced: /^0$/ },
  {
    what: "children and grandchildren",
    script: "sleep 3600 & (sleep 3600 & sleep 3600 & wait) & wait",
    count: 5,
    forced: /^0$/,
  },
  { what: "a tree that ignores TERM", script: `bash -c "${ignoring}" & ${ignoring}; wait`, count: 4, forced: /^4$/ },
  { what: "one that left with setsid", script: "setsid sleep 3600 & wait", count: 2, forced: /^0$/ },
  {
    what: "a double fork",
    script: "(setsid bash -c 'sleep 3600 & sleep 3600 & wait' &) ; exec sleep 3600",
    count: 4,
    forced: /^0$/,
  },
  {
    what: "a tree that is stopped",
    script: "sleep 3600 & sleep 3600 & kill -STOP $! $$; wait",
    count: 3,
    forced: /^0$/,
  },
  { what: "one that left and ignores TERM", script: `setsid bash -c "${ignoring}" & wait`, count: 3, forced: /^2$/ },
];

test("trees of every shape end whole, and the receipt counts them", async () => {
  const home = makeHome();
  const rounds = times(1, 28);
  const all = Array.from({ length: rounds }, () => trees).flat();
  // A round at a time: two hundred commands at once take longer than one may.
  for (let round = 0; round < rounds; round += 1) {
    const starts = trees.map(({ script }, at) =>
      tsm(home, ["start", "--name", `t${round * trees.length + at}`, "--settle", "0", "--", "bash", "-c", script]),
    );
    for (const { code, stderr } of await Promise.all(starts)) expect(code, stderr).toBe(0);
  }
  const total = all.reduce((sum, { count }) => sum + count, 0);
  await until(`${total} processes are there`, () => services(home).length === total);
  const { code, stdout } = await tsm(home, ["stop", "*", "--timeout", "1"]);
  expect(code).toBe(0);
  for (const [at, { what, count, forced }] of all.entries()) {
    const line = new RegExp(`stopped 't${at}' \\((\\d+) process(?:es)?, [\\d.]+ s, (\\d+) forced, (\\d+) left\\)`).exec(
      stdout,
    );
    expect(line?.[1], `${what}: ${line?.[0]}`).toBe(String(count));
    expect(line?.[2], `${what}: ${line?.[0]}`).toMatch(forced);
    expect(line?.[3]).toBe("0");
  }
  expect(home.processes()).toEqual([]);
  report(`${all.length} trees, ${total} processes stopped: 0 survivors`);
});

test("whom the runner had to force, as tsm was held up until the time was over, the receipt counts too", async () => {
  const home = makeHome();
  await start(home, "deaf", `bash -c "${ignoring}" & ${ignoring}; wait`);
  await until("all are there", () => services(home).length === 4);
  const stopping = startTsm(home, ["stop", "deaf", "--timeout", "0.3"]);
  stopping.child.stdin.end();
  await until("it is being stopped", () => meta(home, "deaf").status === "stopping", { everyMs: 1 });
  stopping.child.kill("SIGSTOP");
  await until("they are gone", () => services(home).length === 0);
  stopping.child.kill("SIGCONT");
  expect((await stopping.outcome).stdout).toMatch(/stopped 'deaf' \(4 processes, [\d.]+ s, 4 forced, 0 left\)/);
});

test("a service with 200 children leaves none", async () => {
  const home = makeHome();
  await start(home, "bomb", "for n in {1..200}; do sleep 3600 & done; wait");
  await until("all are there", () => services(home).length === 201);
  const { stdout } = await tsm(home, ["stop", "bomb"]);
  expect(stdout).toMatch(/stopped 'bomb' \(201 processes, [\d.]+ s, 0 forced, 0 left\)/);
  expect(services(home)).toEqual([]);
});

test("a service that forks without end is ended", async () => {
  const home = makeHome();
  await start(
    home,
    "forks",
    "trap '' TERM; while :; do for n in {1..20}; do (trap '' TERM; sleep 2) & done; sleep 0.1; done",
  );
  await until("it has forked", () => services(home).length > 30);
  const { stdout } = await tsm(home, ["stop", "forks", "--timeout", "0.2"]);
  expect(stdout).toMatch(/stopped 'forks' \(\d+ processes, [\d.]+ s, \d+ forced, 0 left\)/);
  expect(services(home)).toEqual([]);
});

test("a child that hides (setsid, no environment) is found while its parents live", async () => {
  const home = makeHome();
  await start(home, "hides", "env -i setsid sleep 3611 & wait");
  const child = await until("it is there", () =>
    processes.table().find(({ pid }) => processes.commandLine(pid)?.join(" ") === "sleep 3611"),
  );
  const { stdout } = await tsm(home, ["stop", "hides"]);
  expect(stdout).toMatch(/stopped 'hides' \(2 processes, [\d.]+ s, 0 forced, 0 left\)/);
  expect(processes.identify(child.pid)?.startMark).not.toBe(child.startMark);
});

test("what another tsm start began from inside is left alone", async () => {
  const home = makeHome();
  const program = new URL("../../dist/tsm.js", import.meta.url).pathname;
  await start(home, "outer", `'${process.execPath}' '${program}' start --name inner -- sleep 3600; exec sleep 3600`);
  await until(
    "the inner one is up",
    () => services(home).filter(({ command }) => command.endsWith("sleep 3600")).length === 2,
  );
  const { pid } = meta(home, "inner");
  await tsm(home, ["stop", "outer"]);
  expect(services(home).map((each) => each.pid)).toEqual([pid]);
});

test("a bystander that shares nothing with a tree but its parent lives on", async () => {
  const home = makeHome();
  const bystander = spawn("sleep", ["3600"], { detached: true, stdio: "ignore" });
  onTestFinished(async () => {
    const ended = once(bystander, "exit");
    bystander.kill("SIGKILL");
    await ended;
  });
  await start(home, "api", "sleep 3600 & wait");
  await tsm(home, ["stop", "api"]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

async function start(home: Home, name: string, script: string): Promise<void> {
  const { code, stderr } = await tsm(home, ["start", "--name", name, "--settle", "0", "--", "bash", "-c", script]);
  if (code !== 0) throw new Error(stderr);
}
