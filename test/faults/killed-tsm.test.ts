import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { killAfter, moments } from "../support/killing.ts";
import { folderOf, list, meta, processes, row, runners, services } from "../support/managed.ts";
import { logOf } from "../support/record.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const start = ["start", "--name", "one", "--settle", "50", "--", "sleep", "3600"];
const other = ["start", "--name", "one", "--settle", "50", "--", "sleep", "4800"];

test.for([
  { verb: "start", before: [], words: start },
  { verb: "start of another command", before: [start, ["stop", "one"]], words: other },
  { verb: "restart", before: [start], words: ["restart", "one", "--settle", "50"] },
  { verb: "stop", before: [start], words: ["stop", "one"] },
  { verb: "delete", before: [start], words: ["delete", "one"] },
])(
  "a $verb killed at any moment: the next tsm reads all, does the same, and there are never two",
  async ({ before, words }) => {
    const home = makeHome();
    const bystander = ["start", "--name", "zero", "--settle", "0", "--", "sleep", "7200"];
    expect((await tsm(home, bystander)).code).toBe(0);
    const longestMs = await timed(home, before, words);
    const seen = new Map<string, number>();
    const rounds = times(4, 100);
    for (const moment of moments(rounds, longestMs)) {
      await prepare(home, before);
      const running = startTsm(home, words);
      running.child.stdin.end();
      await killAfter(running.child.pid ?? 0, moment);
      await running.outcome;

      const rows = await list(home);
      const zero = rows.find(({ name }) => name === "zero");
      const one = rows.find(({ name }) => name === "one");
      const state = one?.status ?? "no record";
      seen.set(state, (seen.get(state) ?? 0) + 1);
      expect(zero).toMatchObject({ id: 0, status: "online", supervised: true });
      if (one !== undefined) expect(one.id).toBe(1);

      // The same once more, to its end.
      const again = await tsm(home, words);
      expect(again.stderr).not.toMatch(/bug of tsm|damaged/);
      const mine = () => services(home).filter(({ pid }) => pid !== zero?.pid);
      const expected = words[0] === "start" || words[0] === "restart" ? 1 : 0;
      expect(mine(), `after ${state}: ${again.stdout}${again.stderr}`).toHaveLength(expected);
      expect(runners(home)).toHaveLength(expected + 1);
      await tsm(home, ["delete", "one"]);
      expect(mine()).toEqual([]);
      expect(runners(home)).toHaveLength(1);
    }
    expect(readdirSync(join(home.path, "runtime/processes"))).toEqual(["zero"]);
    // One that its dead holder has left binds nobody; where nobody wants it any more, a pass removes it.
    await tsm(home, ["patrol"]);
    expect(readdirSync(join(home.path, "locks"))).toEqual([]);
    report(
      `${rounds} × ${words[0]} killed within ${Math.round(longestMs)} ms: ${JSON.stringify(Object.fromEntries(seen))}`,
    );
  },
);

test("a start of many killed at any moment: the next one brings all up, and there are never two of one", async () => {
  const home = makeHome();
  const apps = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, script: "/bin/sleep", args: "3600" }));
  const file = join(home.folder, "many.json");
  writeFileSync(file, JSON.stringify({ apps }));
  const words = ["start", file, "--settle", "0"];
  const longestMs = await timed(home, [], words, "*");
  const rounds = times(4, 100);
  const seen = new Map<number, number>();
  for (const moment of moments(rounds, longestMs)) {
    const running = startTsm(home, words);
    running.child.stdin.end();
    await killAfter(running.child.pid ?? 0, moment);
    await running.outcome;
    const online = (await list(home)).filter(({ status }) => status === "online").length;
    seen.set(online, (seen.get(online) ?? 0) + 1);

    const again = await tsm(home, words);
    expect(again.stderr).not.toMatch(/bug of tsm|damaged/);
    const rows = await list(home);
    expect(rows.map(({ name, status, supervised }) => [name, status, supervised]).sort()).toEqual(
      apps.map(({ name }) => [name, "online", true]),
    );
    expect(services(home), `after ${online}: ${again.stdout}${again.stderr}`).toHaveLength(apps.length);
    expect(runners(home)).toHaveLength(apps.length);
    expect((await tsm(home, ["delete", "*", "--yes"])).code).toBe(0);
    expect(home.processes()).toEqual([]);
  }
  report(
    `${rounds} starts of 6 killed within ${Math.round(longestMs)} ms: ${JSON.stringify(Object.fromEntries(seen))} online`,
  );
});

async function prepare(home: Home, before: readonly string[][]): Promise<void> {
  for (const words of before) {
    const { code, stderr } = await tsm(home, words);
    if (code !== 0) throw new Error(stderr);
  }
}

/** How long the verb takes when nobody kills it: the shorter of two, as the machine may be busy. */
async function timed(home: Home, before: readonly string[][], words: string[], made = "one"): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2; round += 1) {
    await prepare(home, before);
    const begun = performance.now();
    await tsm(home, words);
    shortest = Math.min(shortest, performance.now() - begun);
    await tsm(home, ["delete", made, "--yes"]);
  }
  return shortest;
}

test("a restart that is killed between its halves is finished by the next command, and by nobody once it is stopped", async () => {
  const home = makeHome();
  // Slow to end, so that the kill comes in between.
  const slow = "trap 'sleep 0.4; exit 0' TERM; echo armed; while :; do sleep 0.01; done";
  const armed = (lives: number) =>
    until("its shell has set its trap", () => logOf(home, "one").split("armed\n").length > lives);
  expect((await tsm(home, ["start", "--name", "one", "--settle", "200", "--", "bash", "-c", slow])).code).toBe(0);
  const cutOff = async (...flags: string[]) => {
    const { pid } = meta(home, "one");
    const running = startTsm(home, ["restart", "one", "--settle", "0", ...flags]);
    running.child.stdin.end();
    await until("it is being stopped", () => meta(home, "one").status === "stopping");
    running.child.kill("SIGKILL");
    await running.outcome;
    await until("it is stopped", () => meta(home, "one").status === "stopped" && runners(home).length === 0);
    return pid;
  };
  const before = await cutOff("--restart-delay", "7", "--kill-timeout", "4s");
  expect((await tsm(home, ["version"])).code).toBe(0);
  expect(await row(home, "one")).toMatchObject({ status: "online", restarts: 1, supervised: true });
  expect(meta(home, "one").pid).not.toBe(before);
  // As it was asked to be.
  const policy = JSON.parse(readFileSync(join(folderOf(home, "one"), "launch/policy.json"), "utf8"));
  expect(policy).toMatchObject({ restartDelayMs: 7, killTimeoutSeconds: 4 });
  await armed(2);

  await cutOff();
  expect((await tsm(home, ["patrol"])).stdout).toContain("one");
  expect(await row(home, "one")).toMatchObject({ status: "online", restarts: 2 });
  await armed(3);

  await cutOff();
  // What a person says afterwards counts.
  expect((await tsm(home, ["stop", "one"])).code).toBe(0);
  expect((await tsm(home, ["patrol", "--json"])).stdout).toContain('"restarted": []');
  expect(await row(home, "one")).toMatchObject({ status: "stopped" });
  await cutOffByDelete();

  async function cutOffByDelete(): Promise<void> {
    await tsm(home, ["start", "one"]);
    await armed(4);
    await cutOff();
    expect((await tsm(home, ["delete", "one"])).code).toBe(0);
    expect(readdirSync(join(home.path, "runtime/under-way"))).toEqual([]);
    expect(services(home)).toEqual([]);
  }
});

test("a restart that is killed between its halves is finished with the environment and the file that it was asked for", async () => {
  const home = makeHome();
  const slow = "trap 'sleep 0.4; exit 0' TERM; echo armed; while :; do sleep 0.01; done";
  const file = join(home.folder, "app.json");
  const app = (env: Record<string, string>, ...args: string[]) =>
    writeFileSync(
      file,
      JSON.stringify({ apps: [{ name: "two", script: "/bin/bash", args: ["-c", slow, ...args], env }] }),
    );
  app({ WHOSE: "before" });
  await prepare(home, [
    ["start", "--name", "one", "--settle", "0", "--", "bash", "-c", slow],
    ["start", file, "--settle", "0"],
  ]);
  const names = ["one", "two"];
  for (const name of names) await until("its shell has set its trap", () => logOf(home, name).includes("armed"));
  app({ WHOSE: "after" }, "third");
  const restarts = [["one", "--update-env"], [file]].map((words) =>
    startTsm(home, ["restart", ...words, "--settle", "0"], { env: { WHOSE: "after" } }),
  );
  for (const { child } of restarts) child.stdin.end();
  await until("both are being stopped", () => names.every((name) => meta(home, name).status === "stopping"));
  for (const { child } of restarts) child.kill("SIGKILL");
  await Promise.all(restarts.map(({ outcome }) => outcome));
  await until("both are stopped", () => runners(home).length === 0);
  expect((await tsm(home, ["version"])).code).toBe(0);
  for (const name of names) {
    await until("it is up", async () => (await row(home, name)).status === "online");
    expect(await row(home, name)).toMatchObject({ restarts: 1, supervised: true });
    const { pid } = meta(home, name);
    // A runner's child has the runner's environment until it is the program.
    await until("it has it", () => processes.environment(pid)?.get("WHOSE") === "after");
  }
  await until("it is what the file says", () => processes.commandLine(meta(home, "two").pid)?.at(-1) === "third");
});

test("a stop, delete or restart that is killed while its pre_stop hook runs is finished by the next command, unless a start or an undo came first", async () => {
  const home = makeHome();
  const [begun, held] = [join(home.folder, "begun"), join(home.folder, "held")];
  mkdirSync(join(home.path, "hooks"), { recursive: true });
  writeFileSync(join(home.path, "hooks/pre_stop.sh"), `touch '${begun}'; [ ! -e '${held}' ] || exec sleep 3600\n`, {
    mode: 0o755,
  });
  expect((await tsm(home, start)).code).toBe(0);
  const cutOff = async (...words: string[]) => {
    rmSync(begun, { force: true });
    writeFileSync(held, "");
    const running = startTsm(home, [...words, "one"]);
    running.child.stdin.end();
    await until("its hook runs", () => existsSync(begun));
    running.child.kill("SIGKILL");
    await running.outcome;
    rmSync(held);
    expect(meta(home, "one").status).toBe("online");
  };
  for (const verb of ["stop", "delete"]) {
    await cutOff(verb);
    expect((await tsm(home, ["start", "one"])).code).toBe(0);
    expect(await row(home, "one")).toMatchObject({ status: "online" });
  }
  for (const verb of ["stop", "delete"]) {
    await cutOff(verb);
    expect((await tsm(home, ["undo"])).stdout).toContain("does nothing, it is online");
    expect(readdirSync(join(home.path, "runtime/under-way"))).toEqual([]);
    expect(await row(home, "one")).toMatchObject({ status: "online" });
  }
  const { pid } = meta(home, "one");
  const restarts = Number(meta(home, "one")["restarts"]);
  await cutOff("restart");
  // As the resident patrol writes it when a file has changed.
  const note = join(home.path, "runtime/under-way/one");
  const written = readFileSync(note, "utf8");
  expect(written).toContain(" user\n");
  writeFileSync(note, written.replace(" user\n", " watch\n"));
  expect((await tsm(home, ["version"])).code).toBe(0);
  expect(await row(home, "one")).toMatchObject({ status: "online", restarts: restarts + 1, supervised: true });
  expect(meta(home, "one").last_exit).toMatchObject({ by: "watch" });
  expect(meta(home, "one").pid).not.toBe(pid);
  await cutOff("restart");
  expect((await tsm(home, ["undo"])).code).toBe(0);
  expect(readdirSync(join(home.path, "runtime/under-way"))).toEqual([]);
  expect(await row(home, "one")).toMatchObject({ status: "online", restarts: restarts + 1 });

  await cutOff("stop");
  expect((await tsm(home, ["version"])).code).toBe(0);
  await until("it is stopped", () => meta(home, "one").status === "stopped");
  expect(meta(home, "one").last_exit).toMatchObject({ signal: "SIGTERM", by: "user" });
  await tsm(home, ["version"]);
  expect(readdirSync(join(home.path, "runtime/under-way"))).toEqual([]);
  expect(services(home)).toEqual([]);

  await tsm(home, ["start", "one", "--settle", "0"]);
  for (const [words, logs] of [[["delete"], false] as const, [["delete", "--keep-logs"], true] as const]) {
    await cutOff(...words);
    await until("it is deleted", async () => (await list(home)).length === 0);
    expect(readdirSync(join(home.path, "runtime/under-way"))).toEqual([]);
    expect(existsSync(join(home.path, "runtime/processes/one/current.out"))).toBe(logs);
    expect(services(home)).toEqual([]);
    // As it was deleted, it is kept.
    expect((await tsm(home, ["undo"])).code).toBe(0);
    expect(await row(home, "one")).toMatchObject({ status: "online" });
  }
});

test("what a start has written whose tsm was killed before its runner began is not what runs next", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "3600"], { env: { WHOSE: "first" } });
  await tsm(home, ["stop", "api"]);
  const launch = join(folderOf(home, "api"), "launch");
  const before = join(folderOf(home, "api"), ".launch-before");
  const { runner_pid, runner_mark } = meta(home, "api");
  // The same command, with another environment: as it lies there between the change of folders and the first word of the runner.
  cpSync(launch, before, { recursive: true });
  const change = (file: string, from: string | RegExp, to: string) => {
    const text = readFileSync(join(launch, file), "utf8");
    expect(text).toMatch(from);
    writeFileSync(join(launch, file), text.replace(from, to));
  };
  change("env", "WHOSE=first", "WHOSE=second");
  change("settings", /takes_over_from=[^\0]*/, `takes_over_from=${runner_pid} ${runner_mark}`);
  expect((await tsm(home, ["start", "api", "--settle", "0"])).code).toBe(0);
  expect(processes.environment(meta(home, "api").pid)?.get("WHOSE")).toBe("first");
  expect(existsSync(before)).toBe(false);
});
