import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import nodeFs, * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { LockTimeout } from "../../../src/platform/platform.ts";
import { until } from "../../support/until.ts";
import { becomeUser, giveToUser } from "../../support/user.ts";

const { clock, locks, processes } = detectPlatform();

let programs: string;
let contender: string;

beforeAll(async () => {
  programs = fs.mkdtempSync(join(tmpdir(), "tsm-locks-"));
  contender = join(programs, "contender.mjs");
  const input = new URL("../../fixtures/platform/contender.ts", import.meta.url).pathname;
  await using build = await rolldown({ input, platform: "node" });
  await build.write({ file: contender, format: "esm", codeSplitting: false });
});

afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

test("a lock names its holder while it is held, and is gone when released", async () => {
  const folder = makeFolder();
  const release = await locks.acquire(join(folder, "lock"));
  const { pid, startMark, bootId } = processes.self();
  expect(fs.readlinkSync(join(folder, "lock"))).toMatch(new RegExp(`^${pid}-${startMark}-\\w+ ${bootId}$`));
  expect(locks.look(join(folder, "lock"))).toMatchObject({ holder: processes.self(), stale: false });
  expect(fs.readdirSync(folder)).toEqual(["lock"]);
  release();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("releasing twice does not take the lock from the next holder", async () => {
  const lock = join(makeFolder(), "lock");
  const first = await locks.acquire(lock);
  first();
  const second = await locks.acquire(lock);
  first();
  expect(locks.look(lock)).toBeDefined();
  second();
});

test.for([
  { lock: "free", nonce: undefined },
  { lock: "held by the dead", nonce: "1-2-dead" },
])("of twenty who want a lock that is $lock, one at a time gets it", async ({ nonce }) => {
  const lock = join(makeFolder(), "lock");
  if (nonce) fs.writeFileSync(lock, JSON.stringify({ ...processes.self(), startMark: "1", nonce }));
  let inside = 0;
  const enter = async () => {
    const release = await locks.acquire(lock);
    expect(++inside).toBe(1);
    await clock.sleep(5); // long enough for those who saw the dead holder to come by
    inside--;
    release();
  };
  await Promise.all(Array.from({ length: 20 }, enter));
});

test("who waits too long is told who holds it", async () => {
  const lock = join(makeFolder(), "lock");
  const release = await locks.acquire(lock);
  const error = await locks.acquire(lock, { timeoutMs: 30 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LockTimeout);
  expect(error).toMatchObject({ path: lock, holder: { pid: process.pid } });
  release();
});

test("a lock that goes from hand to hand is waited for longer than one holder would be", async () => {
  const lock = join(makeFolder(), "lock");
  let release = await locks.acquire(lock);
  const waiting = locks.acquire(lock, { timeoutMs: 400 });
  for (let hand = 0; hand < 8; hand += 1) {
    await clock.sleep(100);
    release();
    // Before anybody else can have a look.
    release = await locks.acquire(lock);
  }
  release();
  (await waiting)();
});

test("an aborted wait ends with the reason", async () => {
  const lock = join(makeFolder(), "lock");
  const release = await locks.acquire(lock);
  const controller = new AbortController();
  const waiting = locks.acquire(lock, { signal: controller.signal });
  controller.abort(new Error("Ctrl-C"));
  await expect(waiting).rejects.toThrow("Ctrl-C");
  release();
});

test.for([
  { whose: "a pid that is now another process's", holder: { pid: process.pid, startMark: "1" } },
  { whose: "an earlier boot", holder: { bootId: "before" } },
  { whose: "a process that is gone", holder: { pid: 2 ** 22 + 1 } },
])("the lock of $whose is taken over at once, be it a link or a file", async ({ holder }) => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  const dead = { ...processes.self(), ...holder };
  fs.writeFileSync(lock, JSON.stringify({ ...dead, nonce: "1-2-dead" }));
  (await locks.acquire(lock, { timeoutMs: 0 }))();
  fs.symlinkSync(`${dead.pid}-${dead.startMark}-0zdead ${dead.bootId}`, lock);
  (await locks.acquire(lock, { timeoutMs: 0 }))();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("a link that names nobody is respected for seconds and then taken over, wherever it leads", async () => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  fs.writeFileSync(join(folder, "precious"), "a person's");
  fs.symlinkSync("precious", lock);
  await expect(locks.acquire(lock, { timeoutMs: 20 })).rejects.toMatchObject({ path: lock, holder: undefined });
  const longAgo = Date.now() / 1000 - 60;
  fs.lutimesSync(lock, longAgo, longAgo);
  (await locks.acquire(lock, { timeoutMs: 0 }))();
  expect(fs.readdirSync(folder)).toEqual(["precious"]);
  expect(fs.readFileSync(join(folder, "precious"), "utf8")).toBe("a person's");
});

test.for(["", "{", "null", '{"pid":1}', '{"pid":1,"startMark":"1","bootId":"b","nonce":"../../x"}'])(
  "an unreadable lock (%s) is respected for seconds and then taken over",
  async (content) => {
    const folder = makeFolder();
    const lock = join(folder, "lock");
    fs.writeFileSync(lock, content);
    await expect(locks.acquire(lock, { timeoutMs: 20 })).rejects.toMatchObject({ path: lock, holder: undefined });
    const longAgo = Date.now() / 1000 - 60;
    fs.utimesSync(lock, longAgo, longAgo);
    const release = await locks.acquire(lock, { timeoutMs: 0 });
    release();
    expect(fs.readdirSync(folder)).toEqual([]);
  },
);

test("a takeover removes what the dead left, and neither other locks nor what the living use", async () => {
  const folder = makeFolder();
  const self = processes.self();
  const dead = { ...self, startMark: "1", nonce: "7-1-abc" };
  fs.writeFileSync(join(folder, "lock"), JSON.stringify(dead));
  fs.writeFileSync(join(folder, "lock.7-1-abc"), JSON.stringify({ ...dead, nonce: "8-1-abc" })); // died taking over
  fs.writeFileSync(join(folder, "lock.9-1-old"), JSON.stringify(dead));
  fs.writeFileSync(join(folder, "lock.7-1-abc.9-1-old"), JSON.stringify(dead));
  const others = ["lock.txt", "lock.v2", "lock.v2.7-1-x", "locksmith"];
  for (const name of others) fs.writeFileSync(join(folder, name), "");
  const release = await locks.acquire(join(folder, "lock"), { timeoutMs: 1000 });
  release();
  expect(fs.readdirSync(folder).sort()).toEqual(others);
});

test("a dead holder's lock is removed only by who holds its guard", async () => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  fs.writeFileSync(lock, JSON.stringify({ ...processes.self(), startMark: "1", nonce: "1-2-dead" }));
  const beside: string[][] = [];
  const unlink = nodeFs.unlinkSync;
  const spy = vi.spyOn(nodeFs, "unlinkSync").mockImplementation((path) => {
    if (path === lock) beside.push(fs.readdirSync(folder).sort());
    unlink(path);
  });
  onTestFinished(syncBuiltins);
  onTestFinished(() => spy.mockRestore());
  syncBuiltins();
  const release = await locks.acquire(lock);
  expect(beside).toEqual([["lock", "lock.1-2-dead"]]);
  release();
});

test("where links are not supported, the lock still holds one at a time", async () => {
  const folder = makeFolder();
  const link = vi.spyOn(nodeFs, "symlinkSync").mockImplementation(() => {
    throw Object.assign(new Error("EPERM: operation not permitted, symlink"), { code: "EPERM", syscall: "symlink" });
  });
  onTestFinished(syncBuiltins); // runs last
  onTestFinished(() => link.mockRestore());
  syncBuiltins();
  const release = await locks.acquire(join(folder, "lock"));
  expect(link).toHaveBeenCalled();
  await expect(locks.acquire(join(folder, "lock"), { timeoutMs: 20 })).rejects.toBeInstanceOf(LockTimeout);
  release();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("a lock in a folder that is missing is the system's error", async () => {
  await expect(locks.acquire(join(makeFolder(), "missing", "lock"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a lock in a folder that may not be written is the system's error, which names the lock", async () => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  fs.chmodSync(folder, 0o500);
  giveToUser(folder);
  becomeUser();
  await expect(locks.acquire(lock)).rejects.toMatchObject({ code: "EACCES", path: lock });
});

test("a folder in the place of a lock is the system's error, which names it", async () => {
  const lock = join(makeFolder(), "lock");
  fs.mkdirSync(lock);
  await expect(locks.acquire(lock)).rejects.toMatchObject({ code: "EISDIR", path: lock });
});

test("a fifo in the place of a lock holds nobody for ever", () => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  spawnSync("bash", ["-c", 'mkfifo "$0"', lock]);
  fs.utimesSync(lock, 1, 1);
  fs.writeFileSync(join(folder, "ledger"), "0\n");
  // A program of its own: whom a fifo holds no timer of his wakes.
  const { stdout, signal } = spawnSync(process.execPath, [contender, lock, join(folder, "ledger"), "1"], {
    encoding: "utf8",
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  expect({ stdout, signal }).toEqual({ stdout: ".", signal: null });
  expect(fs.readdirSync(folder)).toEqual(["ledger"]);
});

test("twelve programs, half of them killed as they hold it, never hold it together", async () => {
  const folder = makeFolder();
  const ledger = makeLedger(folder);
  const rounds = 25;
  const children = Array.from({ length: 12 }, (_, at) => contend(folder, rounds, at % 2 === 0 ? at + 3 : 0));
  await Promise.all(children.map(({ ended }) => ended));
  // The last to end may be one that was killed: who comes next takes over.
  (await locks.acquire(join(folder, "lock"), { timeoutMs: 5000 }))();
  const numbers = fs.readFileSync(ledger, "utf8").trimEnd().split("\n").map(Number);
  expect(numbers).toEqual(Array.from(numbers, (_, at) => at));
  expect(numbers.length - 1).toBe(children.reduce((sum, child) => sum + child.done(), 0));
  expect(children.filter(({ process }) => process.signalCode === "SIGKILL")).toHaveLength(6);
  for (const child of children.filter(({ process }) => process.exitCode === 0)) expect(child.done()).toBe(rounds);
  expect(fs.readdirSync(folder)).toEqual(["ledger"]);
});

test("programs killed at any moment neither let two in nor leave anything behind", async () => {
  const folder = makeFolder();
  const ledger = makeLedger(folder);
  const size = () => fs.statSync(ledger).size;
  const survivors = Array.from({ length: 4 }, () => contend(folder, 60, 0));
  for (let victim = 0; victim < 25; victim++) {
    const { process: child, done, ended } = contend(folder, 1_000_000, 0);
    // After a few rounds of its own, at whatever it is doing then.
    await until("it has taken part", () => done() > victim % 4);
    const before = size();
    await until("time has passed", () => size() > before + (victim % 7), { everyMs: 0 });
    child.kill("SIGKILL");
    await ended;
  }
  await Promise.all(survivors.map(({ ended }) => ended));
  for (const { process: child } of survivors) expect(child.exitCode).toBe(0);
  // The last to die holds it, so that who comes next takes over and tidies.
  await contend(folder, 1, 1).ended;
  (await locks.acquire(join(folder, "lock"), { timeoutMs: 5000 }))();
  const numbers = fs.readFileSync(ledger, "utf8").trimEnd().split("\n").map(Number);
  expect(numbers).toEqual(Array.from(numbers, (_, at) => at));
  expect(fs.readdirSync(folder)).toEqual(["ledger"]);
});

interface Contender {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  /** How many numbers it has written. */
  done(): number;
}

function contend(folder: string, rounds: number, dies: number): Contender {
  const child = spawn(
    process.execPath,
    [contender, join(folder, "lock"), join(folder, "ledger"), String(rounds), String(dies)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let dots = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    dots += chunk.length;
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { process: child, ended: once(child, "close"), done: () => dots };
}

function makeLedger(folder: string): string {
  fs.writeFileSync(join(folder, "ledger"), "0\n");
  return join(folder, "ledger");
}

function makeFolder(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), "tsm-locks-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `import * as fs` elsewhere sees what is spied on here. */
function syncBuiltins(): void {
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
}
