import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectPlatform } from "../../src/platform/detect.ts";
import { residentBash } from "../../src/runner/resident-bash.ts";
import { type Home, makeHome } from "../support/home.ts";
import { list, meta, processes, runners, services } from "../support/managed.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const names = ["a", "b", "c", "d"];

test.runIf(process.platform === "linux")(
  "the runners of many starts are forked by one that goes: their processes are what those of single starts are",
  async () => {
    const home = makeHome();
    await startMany(home);
    expect((await tsm(home, ["start", "--name", "single", "--settle", "0", "--", "/bin/sleep", "3600"])).code).toBe(0);
    await until("who forked them has gone", () => home.processes().length === 2 * (names.length + 1));
    const single = traitsOf(meta(home, "single").pid);
    for (const name of names) expect(traitsOf(meta(home, name).pid)).toEqual(single);
    for (const name of names) {
      const { runner_pid: runner } = meta(home, name);
      expect(readFileSync(`/proc/${runner}/comm`, "utf8")).toBe(`tsm:${name}\n`);
      expect(traitsOf(runner)["ignored"]).toBe(traitsOf(meta(home, "single").runner_pid)["ignored"]);
    }
  },
);

test("a runner that was forked brings its process back, is replaced when it is killed, and ends with a stop", async () => {
  const home = makeHome();
  await startMany(home);
  const before = meta(home, "a");
  process.kill(before.pid, "SIGKILL");
  await until("it was brought back", () => meta(home, "a")["restarts"] === 1 && meta(home, "a").pid !== before.pid);
  const { pid, runner_pid: runner } = meta(home, "b");
  process.kill(runner, "SIGKILL");
  await until("it has another runner", () => meta(home, "b").runner_pid !== runner);
  expect(meta(home, "b").pid).toBe(pid);
  expect((await list(home)).map(({ status, supervised }) => [status, supervised])).toEqual(
    names.map(() => ["online", true]),
  );
  expect((await tsm(home, ["restart", "*"])).code).toBe(0);
  expect(services(home)).toHaveLength(names.length);
  expect(runners(home)).toHaveLength(names.length);
  expect((await tsm(home, ["stop", "*"])).stdout).toContain("0 left");
  expect(home.processes()).toEqual([]);
});

test.runIf(process.platform === "linux")("who forks them is killed, and all are up all the same, once", async () => {
  const home = makeHome();
  await startMany(home);
  const folders = join(home.path, "runtime/processes");
  for (let isKilled = false; !isKilled; ) {
    const running = startTsm(home, ["restart", "*", "--settle", "0"]);
    running.child.stdin.end();
    while (!isKilled && running.child.exitCode === null) {
      await new Promise(setImmediate);
      for (const { pid } of processes.table().filter(({ parentPid }) => parentPid === running.child.pid)) {
        const identity = processes.identify(pid);
        if (identity === undefined || processes.folder(identity) !== folders) continue;
        isKilled = processes.signal(identity, "SIGKILL");
      }
    }
    expect(await running.outcome).toMatchObject({ code: 0, stderr: "" });
  }
  expect((await list(home)).map(({ status, supervised }) => [status, supervised])).toEqual(
    names.map(() => ["online", true]),
  );
  expect(services(home)).toHaveLength(names.length);
  expect(runners(home)).toHaveLength(names.length);
});

test("the shell starts many at once without a word of Node's", async () => {
  const home = makeHome();
  const apps = Array.from({ length: 12 }, (_, at) => ({ name: `m${at}`, script: "/bin/sleep", args: "3600" }));
  writeFileSync(join(home.folder, "many.json"), JSON.stringify({ apps }));
  const line = `start ${home.folder}/many.json --settle 0`;
  expect(await tsm(home, ["repl", "-c", line])).toMatchObject({ code: 0, stderr: "" });
});

test("a runner that was forked is known where `runtime` is a link", async () => {
  const home = makeHome();
  mkdirSync(home.path, { recursive: true });
  mkdirSync(join(home.folder, "elsewhere"));
  symlinkSync(join(home.folder, "elsewhere"), join(home.path, "runtime"));
  await startMany(home);
  writeFileSync(join(home.path, "runtime/processes/b/meta.json"), "no record");
  expect(await tsm(home, ["delete", "b", "--yes"])).toMatchObject({ code: 0, stderr: "" });
  expect(runners(home)).toHaveLength(names.length - 1);
});

test.runIf(process.platform === "linux")("who forks them may have as many processes as they", async () => {
  const home = makeHome();
  const runner = join(import.meta.dirname, "../../src/runner/runner.bash");
  const request = residentBash(detectPlatform(), { args: [runner], env: { TSM_HOME: home.path }, cwd: home.folder });
  const server = spawn(request.file, request.args, { env: request.env, cwd: request.cwd });
  const over = once(server, "close");
  server.stdin.write("/nowhere\0token\0");
  await once(server.stdout, "data");
  expect(mostProcesses(server.pid)).toBe(mostProcesses("self"));
  server.stdin.end();
  await over;
});

function mostProcesses(pid: number | string | undefined): string | undefined {
  return /^Max processes.*$/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[0];
}

async function startMany(home: Home): Promise<void> {
  const file = join(home.folder, "many.json");
  writeFileSync(file, JSON.stringify({ apps: names.map((name) => ({ name, script: "/bin/sleep", args: "3600" })) }));
  expect((await tsm(home, ["start", file, "--settle", "0"])).code).toBe(0);
}

/** What a process got from who started it. */
function traitsOf(pid: number): Record<string, string | undefined> {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return {
    ignored: /^SigIgn:\s*(\w+)/m.exec(status)?.[1],
    blocked: /^SigBlk:\s*(\w+)/m.exec(status)?.[1],
    umask: /^Umask:\s*(\w+)/m.exec(status)?.[1],
    processes: /^Max processes.*$/m.exec(limits)?.[0],
    variables: environment
      .map((entry) => entry.replace(/=.*/s, ""))
      .sort()
      .join(),
  };
}
