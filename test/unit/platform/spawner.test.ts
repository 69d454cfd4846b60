import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, onTestFinished, test } from "vitest";
import { detectPlatform } from "../../../src/platform/detect.ts";
import type { SpawnRequest } from "../../../src/platform/platform.ts";
import { until } from "../../support/until.ts";

const { processes, spawner } = detectPlatform();

test("a detached program leads a session and a group of its own, with the environment it was given", async () => {
  const identity = await spawn({ file: "/bin/sleep", args: ["600"], env: { ONLY: "this" } });
  const entry = processes.table().find(({ pid }) => pid === identity.pid);
  expect(entry?.groupId).toBe(identity.pid);
  if (process.platform === "linux") {
    expect(entry?.sessionId).toBe(identity.pid);
    expect(Object.fromEntries(processes.environment(identity.pid) ?? [])).toEqual({ ONLY: "this" });
  }
});

test("arguments and folder arrive as they are", async () => {
  const folder = makeFolder();
  const script = 'pwd > out; printf "%s|" "$@" >> out; mv out done';
  await spawner.spawnDetached(
    request({ file: "/bin/sh", args: ["-c", script, "sh", "a b", "", '"$HOME"'], cwd: folder }),
  );
  const text = await until("it has written", () => fs.readFileSync(join(folder, "done"), "utf8"));
  expect(text).toBe(`${folder}\na b||"$HOME"|`);
});

test.for([
  { what: "a program that does not exist", file: "/nonexistent/program", code: "ENOENT" },
  { what: "a file that is not executable", file: "/etc/passwd", code: "EACCES" },
  { what: "a folder", file: "/", code: "EACCES" },
])("$what is the system's error $code", async ({ file, code }) => {
  await expect(spawner.spawnDetached(request({ file }))).rejects.toMatchObject({ code });
});

test("a working directory that does not exist is ENOENT", async () => {
  await expect(spawner.spawnDetached(request({ cwd: "/nonexistent" }))).rejects.toMatchObject({ code: "ENOENT" });
});

test.for([
  { fd: 9, limit: 1024 },
  { fd: 200, limit: 1024 },
  { fd: 300, limit: 250 },
])("descriptor $fd that our parent left open is not inherited, where $limit are allowed", async ({ fd, limit }) => {
  const folder = makeFolder();
  const program = await bundle(folder, "spawns-sleep.ts");
  // As a shell does that holds a lock in descriptor 9; and the pipe of $(…), which would never end.
  const out = execFileSync(
    "bash",
    ["-c", `exec ${fd}> held; ulimit -n ${limit}; "$0" "$1"`, process.execPath, program],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 20_000,
    },
  );
  const identity = processes.identify(Number(out));
  if (!identity) throw new Error(`the sleep is gone: ${out}`);
  onTestFinished(() => {
    processes.signal(identity, "SIGKILL");
  });
  if (process.platform === "linux") {
    const open = () =>
      fs.readdirSync(`/proc/${identity.pid}/fd`).map((each) => fs.readlinkSync(`/proc/${identity.pid}/fd/${each}`));
    // Above the limit bash closes it, a moment later.
    await until("it holds nothing", () => open().every((path) => path === "/dev/null"));
  }
});

test("what is captured has no input, and comes back with its code and both streams", async () => {
  const { signal } = new AbortController();
  const run = (script: string, timeoutMs = 20_000) =>
    spawner.capture(request({ file: "/bin/sh", args: ["-c", script] }), timeoutMs, signal);
  expect(await run("cat; echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  expect((await run("sleep 600 & wait", 50)).code).toBe(null);
  expect((await run("yes")).code).toBe(null); // more than anybody wants to read
  expect(await run("sleep 3 & echo done")).toMatchObject({ code: 0, stdout: "done\n" }); // what is left behind holds the pipe
  const away = new AbortController();
  const running = spawner.capture(request({ args: ["600"] }), 20_000, away.signal);
  away.abort();
  expect((await running).code).toBe(null);
  await expect(spawner.capture(request({ file: "/nonexistent" }), 50, signal)).rejects.toMatchObject({
    code: "ENOENT",
  });
});

async function spawn(wanted: Partial<SpawnRequest>) {
  const identity = await spawner.spawnDetached(request(wanted));
  if (!identity) throw new Error("it has already ended");
  onTestFinished(async () => {
    processes.signal(identity, "SIGKILL");
    await until("it is gone", () => !processes.isAlive(identity));
  });
  return identity;
}

function request(wanted: Partial<SpawnRequest>): SpawnRequest {
  return { file: "/bin/sleep", args: [], env: { PATH: process.env["PATH"] ?? "" }, cwd: "/", ...wanted };
}

async function bundle(folder: string, fixture: string): Promise<string> {
  const input = new URL(`../../fixtures/platform/${fixture}`, import.meta.url).pathname;
  const file = join(folder, "program.mjs");
  await using build = await rolldown({ input, platform: "node" });
  await build.write({ file, format: "esm", codeSplitting: false });
  return file;
}

function makeFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "tsm-spawner-")));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
