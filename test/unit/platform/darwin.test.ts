import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { darwinPorts, parseLsof, parseNetstat } from "../../../src/platform/darwin/ports.ts";
import {
  darwinProcesses,
  parseCpuTime,
  parseEnvironment,
  parseStarted,
  parseTable,
} from "../../../src/platform/darwin/processes.ts";
import type { DarwinSystem } from "../../../src/platform/darwin/system.ts";

test("the table leaves out zombies, the kernel and lines that are no process", () => {
  expect(parseTable(recorded("ps-table.txt")).map((entry) => entry.pid)).toEqual([
    1, 412, 501, 1933, 1934, 1940, 1941, 1942, 99999,
  ]);
});

test("a line of the table is read whole, with spaces in the name", () => {
  expect(entryOf(412)).toEqual({
    pid: 412,
    parentPid: 1,
    groupId: 412,
    sessionId: 0,
    startMark: String(Date.UTC(2026, 1, 3, 8, 1, 40) / 1000),
    name: "Google Chrome He",
    suspended: false,
    cpuMs: (12 * 60 + 5) * 1000 + 770,
    waitedCpuMs: 0,
    memoryBytes: 148_992 * 1024,
  });
});

test("a name may hold parentheses, or be empty", () => {
  expect(entryOf(1940)?.name).toBe("my (odd) name");
  expect(entryOf(1942)?.name).toBe("");
});

test("state T is suspended, and no other", () => {
  const suspended = parseTable(recorded("ps-table.txt")).filter((entry) => entry.suspended);
  expect(suspended.map((entry) => entry.pid)).toEqual([1940]);
});

test.for([
  { text: "Tue Feb  3 09:05:07 2026", means: Date.UTC(2026, 1, 3, 9, 5, 7) / 1000 },
  { text: "Sat Feb 14 23:59:59 2026", means: Date.UTC(2026, 1, 14, 23, 59, 59) / 1000 },
  { text: "Di  3 Feb 09:05:07 2026", means: undefined },
  { text: "Tue Foo  3 09:05:07 2026", means: undefined },
])("$text began at $means", ({ text, means }) => {
  expect(parseStarted(text)).toBe(means);
});

test.for([
  { text: "0:03.45", means: 3450 },
  { text: "123:45.67", means: 7_425_670 },
  { text: "1:02:03.00", means: 3_723_000 },
  { text: "2-01:02:03", means: 176_523_000 },
])("cpu time $text is $means ms", ({ text, means }) => {
  expect(parseCpuTime(text)).toBe(means);
});

test("the environment begins where the arguments end, though these look like it", () => {
  const environment = parseEnvironment(
    recorded("ps-arguments.txt").trimEnd(),
    recorded("ps-environment.txt").trimEnd(),
  );
  expect(Object.fromEntries(environment)).toEqual({
    USER: "ada",
    SHELL: "/bin/zsh",
    TSM_HOME: "/Users/ada/my tetra/tsm",
    TSM_NAME: "api-8000",
    TSM_ID: "7",
    EMPTY: "",
    PATH: "/opt/homebrew/bin:/usr/bin:/bin",
    NODE_OPTIONS: "--max-old-space-size=512 --title=x",
    __CF_USER_TEXT_ENCODING: "0x1F5:0x0:0x0",
  });
});

test("a protected program shows an empty environment", () => {
  expect(parseEnvironment("/bin/bash runner", "/bin/bash runner").size).toBe(0);
});

test("lsof gives every process that holds a socket, and every address", () => {
  expect(parseLsof(recorded("lsof-listen.txt")).map(({ pid, address, port }) => `${pid} ${address} ${port}`)).toEqual([
    "489 0.0.0.0 7000",
    "489 :: 7000",
    "1933 :: 3000",
    "1934 :: 3000",
    "1934 ::1 3001",
    "1934 127.0.0.1 3002",
    "1934 127.0.0.1 3002",
    "2101 fe80:1::1 49152",
  ]);
});

test("netstat gives listening sockets and never clients", () => {
  expect(parseNetstat(recorded("netstat.txt")).map(({ address, port }) => `${address} ${port}`)).toEqual([
    "127.0.0.1 3002",
    "::1 3001",
    ":: 3000",
    ":: 7000",
    "0.0.0.0 7000",
    "fe80::1%lo0 49152",
    "0.0.0.0 22",
    ":: 22",
  ]);
});

test("a port of another user is listening, and nobody's", () => {
  const ports = darwinPorts(mac());
  expect(ports.isListening(22)).toBe(true);
  expect(ports.listenersOn(22)).toEqual([
    { port: 22, address: "0.0.0.0", pid: undefined },
    { port: 22, address: "::", pid: undefined },
  ]);
});

test("a port that only a client uses is free", () => {
  expect(darwinPorts(mac()).isListening(52_400)).toBe(false);
});

test("listeners are sorted and each is told once", () => {
  expect(
    darwinPorts(mac())
      .listeners()
      .map(({ port, pid }) => `${port} ${pid}`),
  ).toEqual([
    "22 undefined",
    "22 undefined",
    "3000 1933",
    "3000 1934",
    "3001 1934",
    "3002 1934",
    "7000 489",
    "7000 489",
    "49152 2101",
  ]);
});

test("the ports of some processes are asked of lsof for those alone", () => {
  expect(darwinPorts(mac()).portsOf([1934])).toEqual([3000, 3001, 3002]);
  expect(darwinPorts(mac()).portsOf([])).toEqual([]);
});

test("which file a process has open is asked of lsof, and only by who can wait", () => {
  const processes = darwinProcesses(mac());
  const identity = { pid: 1933, startMark: startOf(1933), bootId: "5D0C9A1E-BOOT" };
  const open = { path: "/Users/ann/shop/mine.log", inode: 8648234567 };
  expect(processes.openFile(identity, 1, { patient: true })).toEqual(open);
  expect(processes.openFile(identity, 1)).toBeUndefined();
  expect(processes.openFile({ ...identity, startMark: "1" }, 1, { patient: true })).toBeUndefined();
});

test("a process is identified by its start, and a zombie is nobody", () => {
  const processes = darwinProcesses(mac());
  expect(processes.identify(1933)).toEqual({ pid: 1933, startMark: startOf(1933), bootId: "5D0C9A1E-BOOT" });
  expect(processes.identify(1935)).toBeUndefined();
  expect(processes.identify(4242)).toBeUndefined();
});

test("alive means the same boot, pid and start", () => {
  const processes = darwinProcesses(mac());
  const identity = { pid: 1933, startMark: startOf(1933), bootId: "5D0C9A1E-BOOT" };
  expect(processes.isAlive(identity)).toBe(true);
  expect(processes.isAlive({ ...identity, startMark: "1" })).toBe(false);
  expect(processes.isAlive({ ...identity, bootId: "an earlier boot" })).toBe(false);
  const parent = processes.table().find(({ pid }) => pid === 1933)?.parentPid;
  expect(parent).toBeGreaterThan(0);
  // Of the table, and asked for anew.
  expect(processes.parentOf(identity)).toBe(parent);
  expect(darwinProcesses(mac()).parentOf(identity)).toBe(parent);
  expect(processes.parentOf({ ...identity, startMark: "1" })).toBeUndefined();
});

test("after one table, checking its processes runs no more ps", () => {
  const runs: string[] = [];
  const processes = darwinProcesses(mac(runs));
  const bootId = processes.bootId();
  const table = processes.table();
  runs.length = 0;
  expect(table.every(({ pid, startMark }) => processes.isAlive({ pid, startMark, bootId }))).toBe(true);
  expect(runs).toEqual([]);
});

test("a process that began after the table is asked for anew", () => {
  const system = mac();
  let shown = "";
  const processes = darwinProcesses({
    ...system,
    run: (file, args) => (args.includes("-axww") ? shown : system.run(file, args)),
  });
  processes.table();
  shown = recorded("ps-table.txt");
  expect(processes.isAlive({ pid: 1933, startMark: startOf(1933), bootId: processes.bootId() })).toBe(true);
});

test("marks are found in the environment", () => {
  const environment = darwinProcesses(mac()).environment(1933);
  expect(environment?.get("TSM_ID")).toBe("7");
  expect(darwinProcesses(mac()).environment(4242)).toBeUndefined();
});

test("the command line is split at spaces", () => {
  expect(darwinProcesses(mac()).commandLine(1933)?.slice(0, 2)).toEqual(["node", "server.js"]);
  expect(darwinProcesses(mac()).commandLine(4242)).toBeUndefined();
});

test("the age is counted from the start", () => {
  const identity = { pid: 1933, startMark: startOf(1933), bootId: "5D0C9A1E-BOOT" };
  expect(darwinProcesses(mac()).ages()(identity)).toBe(mac().nowMs() - Number(startOf(1933)) * 1000);
});

test("a signal reaches the process whose start is right, and none other", async () => {
  const child = sleeper();
  const processes = darwinProcesses(macWith(child));
  const identity = processes.identify(child.pid ?? 0);
  if (!identity) throw new Error("the child is not in the table");
  expect(processes.signal({ ...identity, startMark: "1" }, "SIGKILL")).toBe(false);
  expect(processes.signalGroup({ ...identity, startMark: "1" }, "SIGKILL")).toBe(false);
  expect(processes.signalGroup(identity, "SIGTERM")).toBe(true);
  expect((await once(child, "exit"))[1]).toBe("SIGTERM");
  expect(processes.signal(identity, "SIGKILL")).toBe(false);
});

/** A machine that answers as the recorded one did. */
function mac(runs: string[] = []): DarwinSystem {
  return {
    run(file, args) {
      runs.push([file, ...args].join(" "));
      if (file.endsWith("sysctl")) return "5D0C9A1E-BOOT\n";
      if (file.endsWith("netstat")) return recorded("netstat.txt");
      if (args.includes("in")) return args.includes("1933") ? recorded("lsof-open-of-1933.txt") : "";
      if (file.endsWith("lsof")) return recorded(args.includes("1934") ? "lsof-of-1934.txt" : "lsof-listen.txt");
      const pid = args[args.indexOf("-p") + 1];
      if (args.includes("args=")) return pid === "1933" ? recorded("ps-arguments.txt") : "";
      if (args.includes("command=")) return pid === "1933" ? recorded("ps-environment.txt") : "";
      const table = recorded("ps-table.txt");
      if (!args.includes("-p")) return table;
      return table.split("\n").find((line) => line.trim().split(" ")[0] === pid) ?? "";
    },
    exists: (pid) => recorded("ps-table.txt").includes(`${pid} `),
    nowMs: () => Date.UTC(2026, 1, 15, 1, 0, 0),
  };
}

/** The same machine, on which a real child of ours runs as leader of its group. */
function macWith(child: ChildProcess): DarwinSystem {
  const system = mac();
  return {
    ...system,
    exists: (pid) => pid === child.pid && child.exitCode === null && child.signalCode === null,
    run: (file, args) =>
      args.includes(String(child.pid))
        ? `${child.pid} ${process.pid} ${child.pid} Ss   Sun Feb 15 00:00:02 2026       0:00.02   1040 sleep\n`
        : system.run(file, args),
  };
}

function sleeper(): ChildProcess {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

function entryOf(pid: number) {
  return parseTable(recorded("ps-table.txt")).find((entry) => entry.pid === pid);
}

function startOf(pid: number): string {
  return entryOf(pid)?.startMark ?? "";
}

function recorded(name: string): string {
  return readFileSync(new URL(`../../fixtures/platform/darwin/${name}`, import.meta.url), "utf8");
}
