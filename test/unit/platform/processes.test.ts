import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { livesIn } from "../../../src/core/observe.ts";
import { tableOf } from "../../../src/core/tree.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { parseStat } from "../../../src/platform/linux/stat.ts";
import type { Identity } from "../../../src/platform/platform.ts";
import { until } from "../../support/until.ts";

const { processes } = detectPlatform();

test("this program knows itself", () => {
  expect(processes.self().pid).toBe(process.pid);
  expect(processes.isAlive(processes.self())).toBe(true);
  expect(processes.identify(process.pid)).toEqual(processes.self());
});

test.for([
  { what: "another start mark", change: { startMark: "1" } },
  { what: "another boot", change: { bootId: "0d9f" } },
  { what: "another pid", change: { pid: 1 } },
])("an identity with $what is not alive", ({ change }) => {
  expect(processes.isAlive({ ...processes.self(), ...change })).toBe(false);
});

test("the parent of exactly this process; an orphan has another, and who is gone has none", async () => {
  expect(processes.parentOf(processes.self())).toBe(process.ppid);
  expect(processes.parentOf({ ...processes.self(), startMark: "1" })).toBeUndefined();
  const parent = start("sh", ["-c", "sleep 600 & echo $!; wait"]);
  const child = processes.identify(Number(await firstLine(parent)));
  if (child === undefined) throw new Error("the child is gone");
  expect(processes.parentOf(child)).toBe(parent.pid);
  parent.kill("SIGKILL");
  await until("it is an orphan", () => processes.parentOf(child) !== parent.pid);
  expect(processes.isAlive(child)).toBe(true);
  processes.signal(child, "SIGKILL");
  await until("it is gone", () => processes.parentOf(child) === undefined);
});

test.for([0, -1, 1.5, Number.NaN, 2 ** 22 + 1])("there is no process %d", (pid) => {
  expect(processes.identify(pid)).toBeUndefined();
  expect(processes.isAlive({ ...processes.self(), pid })).toBe(false);
});

test("a zombie is not alive and is in no table", async () => {
  // The shell leaves its first child unreaped for as long as it has become the sleep.
  const parent = start("sh", ["-c", "sh -c 'echo $$' & exec sleep 600"]);
  const zombie = Number(await firstLine(parent));
  await until("the child is a zombie", () => /^Z/.test(stateOf(zombie)));
  expect(processes.identify(zombie)).toBeUndefined();
  expect(processes.table().some((entry) => entry.pid === zombie)).toBe(false);
  expect(processes.environment(zombie)).toBeUndefined();
  expect(processes.commandLine(zombie)).toBeUndefined();
});

test("the table has whoever may be started by a person, and none of the kernel's own threads", () => {
  const table = processes.table();
  const pids = table.map(({ pid }) => pid);
  expect(pids).toContain(process.pid);
  expect(pids).toContain(process.ppid);
  const kernel = table.find(({ name, parentPid }) => name === "kthreadd" && parentPid === 0);
  expect(table.filter(({ parentPid }) => parentPid === kernel?.pid)).toEqual([]);
});

test("lives as a table saw them: its yes is believed, and who is not in it is asked for", () => {
  const self = processes.self();
  const table = tableOf(processes.table());
  const nobody = { bootId: processes.bootId, isAlive: () => false, parentOf: () => undefined };
  expect(livesIn(table, nobody).parentOf(self)).toBe(process.ppid);
  expect(livesIn(table, nobody).isAlive({ ...self, startMark: "1" })).toBe(false);
  expect(livesIn(table, nobody).isAlive({ ...self, bootId: "another" })).toBe(false);
  expect(livesIn(tableOf([]), nobody).isAlive(self)).toBe(false);
  expect(livesIn(tableOf([]), processes).parentOf(self)).toBe(process.ppid);
});

test("the table shows a child with its parent, group and memory", async () => {
  const child = start("sleep", ["600"], { detached: true });
  // In the first moments after an exec the kernel counts no memory.
  const entry = await until("it has memory", () =>
    processes.table().find(({ pid, memoryBytes }) => pid === child.pid && memoryBytes > 0),
  );
  expect(entry).toMatchObject({ parentPid: process.pid, groupId: child.pid, name: "sleep", suspended: false });
  expect(entry.startMark).toBe(identityOf(child).startMark);
  expect(entry.memoryBytes).toBeLessThan(50_000_000);
});

test("memory and cpu agree with what the kernel says elsewhere", () => {
  const entry = processes.table().find(({ pid }) => pid === process.pid);
  const residentBytes = process.memoryUsage.rss();
  expect(Math.abs((entry?.memoryBytes ?? 0) - residentBytes)).toBeLessThan(residentBytes / 5);
  const { user, system } = process.cpuUsage();
  expect(Math.abs((entry?.cpuMs ?? 0) - (user + system) / 1000)).toBeLessThan(100);
});

test("a stopped process is suspended until it continues", async () => {
  const child = start("sleep", ["600"]);
  const isSuspended = () => processes.table().find(({ pid }) => pid === child.pid)?.suspended;
  expect(processes.signal(identityOf(child), "SIGSTOP")).toBe(true);
  await until("it is suspended", isSuspended);
  expect(processes.isAlive(identityOf(child))).toBe(true);
  processes.signal(identityOf(child), "SIGCONT");
  await until("it is not", () => isSuspended() === false);
});

test("the environment and the arguments are those it began with", async () => {
  const script = "console.log(1); setInterval(() => {}, 1e6)";
  const env = { PATH: process.env["PATH"] ?? "", TSM_ID: "7", EMPTY: "", LINES: "a=b", MÜNCHEN: "ö" };
  const child = start(process.execPath, ["-e", script], { env });
  await firstLine(child);
  const environment = processes.environment(child.pid ?? 0);
  expect(environment?.get("TSM_ID")).toBe("7");
  expect(environment?.get("EMPTY")).toBe("");
  expect(environment?.get("LINES")).toBe("a=b");
  if (process.platform === "linux") {
    expect(Object.fromEntries(environment ?? [])).toEqual(env);
    expect(processes.commandLine(child.pid ?? 0)).toEqual([process.execPath, "-e", script]);
  }
});

test("an argument keeps its spaces and line ends, and may be empty, where the system tells", async () => {
  const child = start("sh", ["-c", "echo ready; read x", "two words", "", "a\nb", ""], { stdin: "pipe" });
  await firstLine(child);
  const words = ["sh", "-c", "echo ready; read x", "two words", "", "a\nb", ""];
  const asToldByPs = expect.arrayContaining(["sh", "-c", "two", "words"]);
  const told = processes.commandLine(child.pid ?? 0);
  expect(told).toEqual(process.platform === "linux" ? words : asToldByPs);
});

test("a process that is gone has no environment, arguments or age", async () => {
  const child = start("sleep", ["600"]);
  const identity = identityOf(child);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(processes.environment(identity.pid)).toBeUndefined();
  expect(processes.commandLine(identity.pid)).toBeUndefined();
  expect(processes.signal(identity, "SIGTERM")).toBe(false);
  expect(processes.signalGroup(identity, "SIGTERM")).toBe(false);
});

test("the age grows with time", async () => {
  const before = performance.now();
  const child = start("sleep", ["600"]);
  const identity = identityOf(child);
  const age = await until("it is 50 ms old", () => {
    const ageMs = processes.ages()(identity);
    return ageMs >= 50 && ageMs;
  });
  // macOS tells whole seconds; Linux hundredths, twice rounded.
  expect(age).toBeLessThan(performance.now() - before + (process.platform === "darwin" ? 1000 : 30));
});

test("a signal with a wrong start mark harms nobody", () => {
  const child = start("sleep", ["600"], { detached: true });
  const stranger = { ...identityOf(child), startMark: "1" };
  expect(processes.signal(stranger, "SIGKILL")).toBe(false);
  expect(processes.signalGroup(stranger, "SIGKILL")).toBe(false);
  expect(processes.isAlive(identityOf(child))).toBe(true);
});

test("a signal to the group reaches what its leader started", async () => {
  const leader = start("sh", ["-c", "sleep 600 & echo $!; wait"], { detached: true });
  const grandchild = processes.identify(Number(await firstLine(leader)));
  if (!grandchild) throw new Error("the grandchild did not start");
  expect(processes.signalGroup(identityOf(leader), "SIGKILL")).toBe(true);
  await until("both are gone", () => !processes.isAlive(grandchild) && leader.signalCode);
});

test("a process that leads no group gets no group signal", () => {
  const member = start("sleep", ["600"]); // in the group of this test
  expect(processes.signalGroup(identityOf(member), "SIGKILL")).toBe(false);
  expect(processes.isAlive(identityOf(member))).toBe(true);
});

test("init and one's own group are refused", () => {
  const init = processes.identify(1);
  if (init) expect(() => processes.signal(init, "SIGCONT")).toThrow(/EPERM/);
  const own = processes.table().find(({ pid }) => pid === process.pid);
  const leader = processes.identify(own?.groupId ?? 0);
  if (leader) expect(() => processes.signalGroup(leader, "SIGCONT")).toThrow(/EPERM/);
});

test.for([
  { line: "77 (a) b) S 1 77 77 ", name: "a) b" },
  { line: "77 (a (b) S 1 77 77 ", name: "a (b" },
  { line: "77 () S 1 77 77 ", name: "" },
  { line: "77 (größe) S 1 77 77 ", name: "größe" },
])("a name may be anything: $name", ({ line, name }) => {
  const bytes = Buffer.from(`${line}0 -1 0 1 2 3 4 25 17 5 6 20 0 1 0 987654 1000 3 99\n`);
  expect(parseStat(bytes, bytes.length, 4096)).toEqual({
    pid: 77,
    parentPid: 1,
    groupId: 77,
    sessionId: 77,
    startMark: "987654",
    name,
    suspended: false,
    cpuMs: 420,
    waitedCpuMs: 110,
    memoryBytes: 3 * 4096,
  });
});

test.for(["Z", "X", "x"])("state %s is not alive", (state) => {
  const bytes = Buffer.from(`77 (a) ${state} 1 77 77 0 -1 0 1 2 3 4 25 17 0 0 20 0 1 0 987654 1000 3 99\n`);
  expect(parseStat(bytes, bytes.length, 4096)).toBeUndefined();
});

interface StartOptions {
  detached?: boolean;
  env?: Record<string, string>;
  stdin?: "pipe";
}

/** A child that ends with the test, with all of its group when it leads one. */
function start(file: string, args: string[], { detached = false, env, stdin }: StartOptions = {}): ChildProcess {
  const child = spawn(file, args, { detached, stdio: [stdin ?? "ignore", "pipe", "ignore"], ...(env && { env }) });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, "exit");
    process.kill(detached ? -child.pid : child.pid, "SIGKILL");
    await ended;
  });
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

function identityOf(child: ChildProcess): Identity {
  const identity = processes.identify(child.pid ?? 0);
  if (!identity) throw new Error(`child ${child.pid} is gone`);
  return identity;
}

function stateOf(pid: number): string {
  return execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).trim();
}
