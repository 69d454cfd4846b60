import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { platform } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { editMeta, folderOf, pidOf, readMeta } from "../support/record.ts";
import { seenOf } from "../support/resident.ts";
import { script, server } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { type RunOptions, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { giveToUser } from "../support/user.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

/* Each cause is seeded with a real process; then what is needed to name it is taken away, and nothing may be named. */

interface Answer {
  readonly cause: string;
  readonly state: string;
  readonly confidence: string;
  readonly run: number | null;
  readonly evidence: readonly { readonly from: string; readonly text: string }[];
  readonly fix: readonly string[];
  readonly blockers: readonly { readonly kind: string }[];
  readonly [field: string]: unknown;
}

async function why(home: Home, name: string, options: RunOptions = {}): Promise<Answer> {
  // What is not as it says fails the expectation that looks at it.
  return (await tsmJson(home, ["why", name], options)) as Answer;
}

/** What a person reads, as one line. */
async function said(home: Home, name: string): Promise<string> {
  const { stdout, stderr, code } = await tsm(home, ["why", name]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.replaceAll(/\s+/g, " ");
}

async function start(home: Home, ...words: string[]): Promise<void> {
  await tsm(home, ["start", "--name", "it", ...words]);
  expect(existsSync(join(folderOf(home, "it"), "meta.json"))).toBe(true);
}

async function untilStatus(home: Home, status: string): Promise<void> {
  await until(`it is ${status}`, () => readMeta(home, "it")["status"] === status);
}

/** Kills it as a stranger would, and waits until that is on record. */
async function killed(home: Home, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  process.kill(pidOf(home, "it"), signal);
  await untilStatus(home, "crashed");
}

function forgetJournal(home: Home): void {
  rmSync(join(home.path, "db"), { recursive: true, force: true });
}

function evidenceOf({ evidence }: Answer, from: string): string {
  return evidence
    .filter((each) => each.from === from)
    .map(({ text }) => text)
    .join("\n");
}

/** A program of the test itself that listens on a port. */
async function stranger(port = 0): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve, reject) => listener.once("error", reject).listen(port, resolve));
  onTestFinished(() => {
    listener.close();
  });
  const address = listener.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

test("an exit with a code: the code, the run, the last words, and no cause that nobody names", async () => {
  const home = makeHome();
  script(home, "it.sh", "echo 'the moon is full' >&2\nexit 3\n");
  await start(home, "it.sh");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "exit", state: "crashed", confidence: "certain", run: 1, exit: { code: 3 } });
  expect(evidenceOf(answer, "journal")).toContain("run 1, exit code 3 at ");
  expect(evidenceOf(answer, "stderr")).toBe("the moon is full");
  expect(answer.fix).toEqual(["tsm logs it --run 1", "tsm restart it"]);
  expect(await said(home, "it")).toMatch(/^it is down, crashed \(\d+s ago\): it ended by itself with exit code 3/);
});

test("the same without a journal and with an empty log: the record alone, and nothing besides", async () => {
  const home = makeHome();
  script(home, "it.sh", "echo 'Error: listen EADDRINUSE: address already in use :::1' >&2\nexit 3\n");
  await start(home, "it.sh");
  forgetJournal(home);
  await tsm(home, ["flush", "it"]);
  forgetJournal(home);
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "exit", confidence: "certain", exit: { code: 3 } });
  expect(answer.evidence).toEqual([{ from: "record", text: expect.stringMatching(/^exit code 3 at /) }]);
  expect(await said(home, "it")).toContain("it left no words that say why");
});

test("a journal that is cut, no JSON or a folder says less and breaks nothing", async () => {
  const home = makeHome();
  script(home, "it.sh", "exit 3\n");
  await start(home, "it.sh");
  const day = join(home.path, "db/events", `${new Date().toISOString().slice(0, 10)}.jsonl`);
  writeFileSync(day, '{"time":"2026","name":"it"\nnull\n"name":"it"\n{"name":"it","event":7}\n\0\n');
  expect((await why(home, "it")).cause).toBe("exit");
  rmSync(day);
  mkdirSync(day);
  expect((await why(home, "it")).cause).toBe("exit");
});

test("words of an earlier run are no words of this one", async () => {
  const home = makeHome();
  script(home, "it.sh", "[ -e again ] && exit 4\necho 'No space left on device' >&2\nexit 3\n");
  await start(home, "it.sh");
  expect(await why(home, "it")).toMatchObject({ cause: "disk-full", confidence: "likely" });
  script(home, "again", "");
  await tsm(home, ["restart", "it"]);
  expect(await why(home, "it")).toMatchObject({ cause: "exit", run: 2, exit: { code: 4 } });
});

test("a person stopped it: which command, from where", async () => {
  const home = makeHome();
  await start(home, "--settle", "0", "--", "sleep", "600");
  await tsm(home, ["stop", "it"]);
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "stopped-by-person", state: "stopped", verb: "stop", by: "command line" });
  expect(answer.fix).toEqual(["tsm restart it"]);
  expect(await said(home, "it")).toContain("a person stopped it, with tsm stop in a command line.");
  await tsm(home, ["restart", "it", "--settle", "0"]);
  await tsm(home, ["kill", "it"]);
  expect(await why(home, "it")).toMatchObject({ cause: "stopped-by-person", verb: "kill" });
  // Neither the journal nor what can be undone is needed to know that much.
  forgetJournal(home);
  rmSync(join(home.path, "runtime/undo"), { recursive: true });
  expect(await why(home, "it")).toMatchObject({ cause: "stopped-by-person", verb: null, by: null });
});

test("a stop while it waits for its next start is a stop, not the crash before it", async () => {
  const home = makeHome();
  script(home, "it.sh", "exit 3\n");
  await tsm(home, ["start", "--name", "it", "--restart", "always", "--restart-delay", "600000", "it.sh"]);
  await untilStatus(home, "waiting");
  const waiting = await why(home, "it");
  expect(waiting).toMatchObject({ cause: "exit", state: "waiting", retry: { inMs: expect.any(Number), attempt: 1 } });
  expect(await said(home, "it")).toMatch(/It is started again in \d+ s; that is the 1st restart in a row\./);
  await tsm(home, ["stop", "it"]);
  expect(await why(home, "it")).toMatchObject({ cause: "stopped-by-person", state: "stopped", retry: null });
});

test("it was done: exit code 0 is no crash", async () => {
  const home = makeHome();
  script(home, "it.sh", "while [ ! -e over ]; do sleep 0.05; done\n");
  await start(home, "--settle", "0", "it.sh");
  script(home, "over", "");
  await untilStatus(home, "stopped");
  expect(await why(home, "it")).toMatchObject({ cause: "done", state: "stopped", exit: { code: 0, by: "crash" } });
});

const kernel = { NODE_OPTIONS: `--import=${new URL("../fixtures/pretend-kernel.mjs", import.meta.url).href}` };

/** What `tsm` sees of a kernel that says this. @param log undefined: it may not be read. */
function pretendKernel(home: Home, kills: number, log: readonly string[] | undefined): RunOptions {
  const [kmsg, vmstat] = [join(home.folder, "kmsg"), join(home.folder, "vmstat")];
  writeFileSync(vmstat, `nr_free_pages 1\noom_kill ${kills}\n`);
  if (log === undefined) rmSync(kmsg, { force: true });
  else writeFileSync(kmsg, `${log.join("\n")}\n`);
  return { env: { ...kernel, PRETEND_KMSG: kmsg, PRETEND_VMSTAT: vmstat } };
}

const hasKernelLog = process.platform === "linux";

test.runIf(hasKernelLog)(
  "SIGKILL: the out-of-memory killer only when the kernel says so, else a stranger, else it cannot be told",
  async () => {
    const home = makeHome();
    await start(home, "--restart", "no", "--settle", "0", "--", "sleep", "600");
    const pid = pidOf(home, "it");
    await killed(home);
    const micros = Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6);
    const first = "5,0,0,-;Linux version 6";
    const line = (whom: number, name: string) =>
      `3,77,${micros},-;Out of memory: Killed process ${whom} (${name}) total-vm:9kB, anon-rss:9kB`;

    const own = await why(home, "it", pretendKernel(home, 1, [first, line(pid, "sleep")]));
    expect(own).toMatchObject({ cause: "oom-killed", confidence: "certain" });
    expect(evidenceOf(own, "kernel")).toContain(`Killed process ${pid} (sleep)`);

    const other = await why(home, "it", pretendKernel(home, 1, [first, line(pid + 1, "java")]));
    expect(other).toMatchObject({ cause: "killed", signal: "SIGKILL", oom: "no" });

    // Of the same name, at the same time: only where pids are others it may be this one.
    const alike = pretendKernel(home, 1, [first, line(pid + 1, "sleep")]);
    expect(await why(home, "it", alike)).toMatchObject({ cause: "killed", signal: "SIGKILL", oom: "no" });
    const contained = { env: { ...alike.env, PRETEND_CONTAINER: "1" } };
    expect(await why(home, "it", contained)).toMatchObject({ cause: "oom-killed", confidence: "likely" });

    const none = await why(home, "it", pretendKernel(home, 0, undefined));
    expect(none).toMatchObject({ cause: "killed", oom: "no" });
    expect(evidenceOf(none, "kernel")).toContain("has killed nobody since");

    const closed = await why(home, "it", pretendKernel(home, 7, undefined));
    expect(closed).toMatchObject({ cause: "killed", oom: "not known" });
    expect(evidenceOf(closed, "kernel")).toContain("(7), and its log of that time cannot be read");
  },
);

test.runIf(hasKernelLog)(
  "what it has started was killed for want of memory, which its shell and the kernel both say",
  async () => {
    const home = makeHome();
    // As bash says it of a program that it has started; the program lives on here, of which nobody is asked.
    const said = "$$ Killed                  python3 hog.py";
    await start(
      home,
      "--restart",
      "no",
      "--settle",
      "0",
      "--",
      "bash",
      "-c",
      `echo "x.sh: line 2: ${said}" >&2; exit 137`,
    );
    await untilStatus(home, "crashed");
    const pid = Number(/line 2: (\d+) Killed/.exec(evidenceOf(await why(home, "it"), "stderr"))?.[1]);
    expect(await why(home, "it", pretendKernel(home, 0, []))).toMatchObject({ cause: "exit" });
    const micros = Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6);
    const line = `3,77,${micros},-;Memory cgroup out of memory: Killed process ${pid} (python3) total-vm:9kB`;
    const page = await why(home, "it", pretendKernel(home, 1, [line]));
    expect(page).toMatchObject({ cause: "oom-killed", confidence: "certain", child: { pid, name: "python3" } });
    expect((await tsm(home, ["why", "it"], pretendKernel(home, 1, [line]))).stdout.replaceAll("\n", " ")).toContain(
      `the kernel killed PID ${pid} (python3), which it had started, for want of memory (exit code 137`,
    );
    expect(await why(home, "it", pretendKernel(home, 1, [line.replace(`${pid}`, `${pid + 1}`)]))).toMatchObject({
      cause: "exit",
    });
  },
);

test("a stranger's SIGTERM is named as one, tsm's own signal as a person's", async () => {
  const home = makeHome();
  await start(home, "--restart", "no", "--settle", "0", "--", "sleep", "600");
  await killed(home, "SIGTERM");
  expect(await why(home, "it")).toMatchObject({ cause: "killed", signal: "SIGTERM", oom: "no" });
  await tsm(home, ["restart", "it", "--settle", "0"]);
  await tsm(home, ["kill", "it", "--signal", "SIGINT"]);
  await untilStatus(home, "crashed");
  expect(await why(home, "it")).toMatchObject({ cause: "signalled-by-person", signal: "SIGINT", run: 2 });
  forgetJournal(home);
  expect(await why(home, "it")).toMatchObject({ cause: "killed", signal: "SIGINT" });
});

test("a fault of its own is no kill", async () => {
  const home = makeHome();
  await start(home, "--restart", "no", "--settle", "0", "--", "sleep", "600");
  await killed(home, "SIGSEGV");
  expect(await why(home, "it")).toMatchObject({ cause: "fault", signal: "SIGSEGV" });
});

test("a port that somebody else has: who, and the command that ends it", async () => {
  const home = makeHome();
  const port = await stranger();
  script(home, "it.cjs", `require("node:net").createServer().listen(${port});\n`);
  await start(home, "--", "node", "it.cjs");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "port-taken", confidence: "certain", port, holder: { pid: process.pid } });
  expect(evidenceOf(answer, "ports")).toContain(`port ${port} is held by PID ${process.pid} (`);
  expect(answer.fix).toEqual([`kill ${process.pid}`, "tsm restart it"]);
});

test("a port that is free again is likely, and nobody is accused", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "it.sh", `echo 'Error: listen EADDRINUSE: address already in use :::${port}' >&2\nexit 1\n`);
  await start(home, "it.sh");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "port-taken", confidence: "likely", port, holder: null });
  expect(answer.fix).toEqual(["tsm restart it"]);
});

test("it waits for its port, which one of ours has", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "server.cjs", server);
  script(home, "it.sh", "exec sleep 600\n");
  const name = `it-${port}`;
  const words = ["--port", String(port), "--settle", "0", "--restart", "always"];
  await tsm(home, ["start", "--name", "it", ...words, "it.sh"]);
  await tsm(home, ["start", "--name", "other", "--", "node", "server.cjs"], { env: { PORT: String(port) } });
  expect(await why(home, name)).toMatchObject({ cause: "port-of-another", holder: { name: "other" } });
  process.kill(pidOf(home, name), "SIGKILL");
  await until(
    "it waits for its port",
    () => readMeta(home, name)["status"] === "waiting" && readMeta(home, name)["reason"] !== "",
  );
  const answer = await why(home, name);
  expect(answer).toMatchObject({ cause: "waiting-for-port", state: "waiting", port, holder: { name: "other" } });
  expect(answer.fix).toEqual(["tsm stop other"]);
});

test.for([
  { line: "OSError: [Errno 28] No space left on device", cause: "disk-full" },
  { line: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", cause: "out-of-memory" },
  { line: "Error: EMFILE: too many open files, open 'x'", cause: "too-many-files" },
  { line: "ModuleNotFoundError: No module named 'flask'", cause: "module-missing", module: "flask" },
  { line: "Error: Cannot find module 'express'", cause: "module-missing", module: "express" },
  { line: "Error: connect ECONNREFUSED 127.0.0.1:1", cause: "connection-refused", port: 1 },
  { line: "Error: ENOENT: no such file or directory, open '/x/y.json'", cause: "file-missing", path: "/x/y.json" },
  { line: "it.sh: line 1: psql: command not found", cause: "command-missing", command: "psql" },
  { line: "bash: /etc/shadow: Permission denied", cause: "permission-denied" },
  { line: "I have permission issues and the disk is full of joy", cause: "exit" },
])("its last words '$line' look like $cause", async ({ line, ...expected }) => {
  const home = makeHome();
  script(home, "it.sh", `cat said >&2\nexit 1\n`);
  script(home, "said", `${line}\n    at somewhere (x.js:1:2)\n`);
  await start(home, "it.sh");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ ...expected, confidence: expected.cause === "exit" ? "certain" : "likely" });
  expect(evidenceOf(answer, "stderr")).toContain(line);
});

test.for([
  { program: "it.js", missing: "require('express')", fix: "npm install express" },
  { program: "it.js", missing: "require('@a/b/c.js')", fix: "npm install @a/b" },
  { program: "it.js", missing: "require('express')", lists: "package.json", fix: "npm install" },
  { program: "it.js", missing: "require('./own')", lists: "package.json", fix: null },
  { program: "it.py", missing: "import no_such.part", fix: "pip install no_such" },
  { program: "it.py", missing: "import no_such", lists: "requirements.txt", fix: "pip install -r requirements.txt" },
])("$program misses a module, and what installs it is $fix", async ({ program, missing, lists, fix }) => {
  const home = makeHome();
  writeFileSync(join(home.folder, program), `${missing}\n`);
  if (lists !== undefined) writeFileSync(join(home.folder, lists), "{}");
  await start(home, "--restart", "no", program);
  await untilStatus(home, "crashed");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "module-missing" });
  expect(answer.fix).toEqual([...(fix === null ? [] : [`cd ${home.folder} && ${fix}`]), "tsm restart it"]);
});

test("its pre-hook failed", async () => {
  const home = makeHome();
  script(home, "hook.sh", "echo 'no database' >&2\nexit 7\n");
  await start(home, "--pre-hook", "./hook.sh", "--", "sleep", "600");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "hook-failed", state: "crashed", hook: join(home.folder, "hook.sh") });
  expect(evidenceOf(answer, "stderr")).toContain("no database");
});

test("its pre-hook is still running", async () => {
  const home = makeHome();
  script(home, "hook.sh", "sleep 600\n");
  const starting = tsm(home, [
    "start",
    "--name",
    "it",
    "--restart",
    "no",
    "--pre-hook",
    "./hook.sh",
    "--",
    "sleep",
    "600",
  ]);
  await until("it has begun", () => pidOf(home, "it") > 0);
  expect(await why(home, "it")).toMatchObject({ cause: "hook-running", hook: join(home.folder, "hook.sh") });
  await tsm(home, ["kill", "it"]);
  await starting;
});

/** Ends it where it could be brought back, and waits until it is given up. */
async function broughtBackInVain(home: Home): Promise<void> {
  process.kill(pidOf(home, "it"), "SIGKILL");
  await untilStatus(home, "crashed");
}

const inVain = ["--restart", "always", "--max-restarts", "1", "--restart-delay", "0", "--settle", "0"];

test("its folder is gone", async () => {
  const home = makeHome();
  const cwd = join(home.folder, "a folder");
  mkdirSync(cwd);
  await start(home, ...inVain, "--cwd", cwd, "--", "sleep", "600");
  rmSync(cwd, { recursive: true });
  await broughtBackInVain(home);
  const answer = await why(home, "it");
  expect(answer).toMatchObject({
    cause: "folder-gone",
    folder: cwd,
    gaveUp: expect.stringContaining("gave up after 1 restart that"),
  });
  expect(answer.fix).toEqual([`mkdir -p '${cwd}'`, "tsm restart it"]);
});

test("its folder is closed to its user", async () => {
  const home = userHome();
  const cwd = join(home.folder, "a folder");
  mkdirSync(cwd);
  giveToUser(cwd);
  await tsmAsUser(home, ["start", "--name", "it", ...inVain, "--cwd", cwd, "--", "sleep", "600"]);
  chmodSync(cwd, 0);
  await broughtBackInVain(home);
  const answer = await tsmAsUser(home, ["why", "it", "--json"]);
  expect(JSON.parse(answer.stdout)).toMatchObject({
    cause: "folder-closed",
    confidence: "certain",
    folder: cwd,
    fix: [`chmod u+rwx '${cwd}'`, "tsm restart it"],
  });
  chmodSync(cwd, 0o700);
  const open = await tsmAsUser(home, ["why", "it", "--json"]);
  expect(JSON.parse(open.stdout)).toMatchObject({ cause: "permission-denied", confidence: "likely", blockers: [] });
});

test.for([
  { how: "gone", break: (path: string) => rmSync(path), cause: "program-gone", fix: [] },
  {
    how: "not executable",
    break: (path: string) => chmodSync(path, 0o600),
    cause: "not-executable",
    fix: ["chmod +x PROGRAM", "tsm restart it"],
  },
])("its program is $how", async ({ break: breakIt, cause, fix }) => {
  const home = makeHome();
  const program = script(home, "program", readFileSync("/bin/sleep", "latin1"), 0o755);
  // As bytes: the text above is only a way to make a file with the bit set.
  writeFileSync(program, readFileSync("/bin/sleep"));
  await start(home, ...inVain, "--", "./program", "600");
  breakIt(program);
  await broughtBackInVain(home);
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause, program, blockers: [{ kind: cause }] });
  expect(answer.fix).toEqual(fix.map((command) => command.replace("PROGRAM", program)));
});

test("its script is gone", async () => {
  const home = makeHome();
  const path = script(home, "it.cjs", "setInterval(() => {}, 60000);\n");
  await start(home, ...inVain, "--", "node", "it.cjs");
  renameSync(path, join(home.folder, "other.cjs"));
  await broughtBackInVain(home);
  expect((await why(home, "it")).blockers).toEqual([{ kind: "script-gone", text: `${path} is gone`, fix: [] }]);
});

test("what would keep a stopped one from its next start stands beside who stopped it", async () => {
  const home = makeHome();
  const env = script(home, "it.env", "A=1\n");
  await start(home, "--env", env, "--settle", "0", "--", "sleep", "600");
  await tsm(home, ["stop", "it"]);
  expect((await why(home, "it")).blockers).toEqual([]);
  writeFileSync(env, "A=<your key>\nB=CHANGEME\n");
  expect(await why(home, "it")).toMatchObject({
    cause: "stopped-by-person",
    blockers: [{ kind: "env-file", text: expect.stringContaining("placeholders") }],
  });
  rmSync(env);
  expect(await said(home, "it")).toContain(`It could not be started now: the env file ${env} was not found.`);
});

test("it is not ready yet; then it was not in time", async () => {
  const home = makeHome();
  const words = ["--restart", "no", "--ready", "cmd:false", "--ready-timeout", "600s", "--", "sleep", "600"];
  const starting = tsm(home, ["start", "--name", "it", ...words]);
  await until("it is starting", () => readMeta(home, "it")["status"] === "starting" && pidOf(home, "it") > 0);
  expect(await why(home, "it")).toMatchObject({ cause: "getting-ready", state: "starting", ready: "cmd:false" });
  await tsm(home, ["stop", "it"]);
  await starting;
  await tsm(home, [
    "start",
    "--name",
    "it",
    "--restart",
    "no",
    "--ready",
    "cmd:false",
    "--ready-timeout",
    "200ms",
    "--",
    "sleep",
    "600",
  ]);
  await untilStatus(home, "crashed");
  expect(await why(home, "it")).toMatchObject({
    cause: "not-ready-in-time",
    why: expect.stringContaining("not ready within 0.2 s"),
  });
});

test("it is up and does not pass its health probe", async () => {
  const home = makeHome();
  const words = ["--health", "cmd:[ ! -e sick ]", "--health-interval", "100", "--health-failures", "1000000"];
  await start(home, "--settle", "0", ...words, "--", "sleep", "600");
  await until("it has been found well", () => seenOf(home, "it").health?.why === null);
  expect(await why(home, "it")).toMatchObject({ cause: "fine", state: "online" });
  script(home, "sick", "");
  await until("it has been found not well", () => seenOf(home, "it").health?.why === "it ended with 1");
  expect(await why(home, "it")).toMatchObject({ cause: "unhealthy", why: "it ended with 1", state: "online" });
});

test("it is up, and unreachable: nobody listens, or on another port, or it is suspended", async () => {
  const home = makeHome();
  const [port, other] = [await freePort(), await freePort()];
  const name = `it-${port}`;
  script(
    home,
    "it.cjs",
    `setInterval(() => require("node:fs").existsSync("go") && open(), 20);
let server; function open() { server ??= require("node:net").createServer().listen(${other}); }\n`,
  );
  await tsm(home, ["start", "--name", "it", "--port", String(port), "--settle", "0", "--", "node", "it.cjs"]);
  expect(await why(home, name)).toMatchObject({ cause: "not-listening", port, state: "online" });
  script(home, "go", "");
  await until("it listens elsewhere", async () => (await why(home, name)).cause === "other-port");
  expect(await why(home, name)).toMatchObject({ cause: "other-port", ports: [other] });
  process.kill(pidOf(home, name), "SIGSTOP");
  await until("it is suspended", async () => (await why(home, name)).cause === "suspended");
  expect((await why(home, name)).fix).toEqual([`tsm kill ${name} --signal SIGCONT`]);
});

test.runIf(platform() === "linux")("it listens and accepts nobody; who accepts and is silent is well", async () => {
  const home = makeHome();
  const [port, quiet] = [await freePort(), await freePort()];
  script(
    home,
    "busy.cjs",
    `require("node:net").createServer().listen(${port}, () => setTimeout(() => { for (;;); }, 100));\n`,
  );
  script(home, "quiet.cjs", `require("node:net").createServer(() => {}).listen(${quiet}, "127.0.0.1");\n`);
  await tsm(home, ["start", "--name", "busy", "--port", String(port), "--settle", "30000", "--", "node", "busy.cjs"]);
  await tsm(home, [
    "start",
    "--name",
    "quiet",
    "--port",
    String(quiet),
    "--settle",
    "30000",
    "--",
    "node",
    "quiet.cjs",
  ]);
  expect(await why(home, `quiet-${quiet}`)).toMatchObject({ cause: "fine" });
  const name = `busy-${port}`;
  await until("it is busy", async () => (await why(home, name)).cause === "not-answering");
  expect(await why(home, name)).toMatchObject({
    confidence: "certain",
    port,
    cpuPercent: expect.any(Number),
    fix: [`tsm logs ${name}`, `tsm restart ${name}`],
  });
  expect((await tsm(home, ["why", name])).stdout.replaceAll("\n", " ")).toMatch(
    /runs: it listens on port \d+ but does not answer: it accepted no connection within \d+ s/,
  );
  const ofPort = await tsm(home, ["why", `:${port}`]);
  expect(ofPort.stdout).toContain("but does not answer: it accepted no connection within");
  expect(ofPort.stdout).toContain(`fix      tsm why ${name}\n`);
});

test("it takes connections and answers no request: where HTTP is spoken that is told, and else nothing", async () => {
  const home = makeHome();
  const [hung, endless, plain] = [await freePort(), await freePort(), await freePort()];
  script(home, "hung.cjs", `require("http").createServer(() => {}).listen(${hung});\n`);
  script(
    home,
    "endless.cjs",
    // Without an end, as events are streamed.
    `require("http").createServer((_, answer) => answer.write("x")).listen(${endless}, "127.0.0.1");\n`,
  );
  // Of another protocol, though it asks somebody by HTTP.
  script(
    home,
    "plain.cjs",
    `console.log("asks http://localhost:1/"); require("net").createServer(() => {}).listen(${plain});\n`,
  );
  for (const [name, port] of [
    ["hung", hung],
    ["endless", endless],
    ["plain", plain],
  ] as const)
    await tsm(home, [
      "start",
      "--name",
      name,
      "--port",
      String(port),
      "--settle",
      "30000",
      "--",
      "node",
      `${name}.cjs`,
    ]);
  const name = `hung-${hung}`;
  expect(await why(home, name)).toMatchObject({
    cause: "silent",
    over: "tcp",
    confidence: "likely",
    port: hung,
    evidence: [
      { from: "ports", text: `it accepted a connection to port ${hung}, and answered GET / with nothing within 1 s` },
      { from: "files", text: "its script names a server of HTTP" },
    ],
    fix: [`tsm logs ${name}`, `tsm restart ${name}`],
  });
  expect(await said(home, name)).toContain("runs: it looks as if it hangs or is slow: it listens on port");
  const ofPort = await tsm(home, ["why", `:${hung}`]);
  expect(ofPort.stdout).toContain("it looks as if it hangs or is slow");
  expect(ofPort.stdout).toContain(`fix      tsm why ${name}\n`);
  // What its owner has it asked is the better question.
  await tsm(home, ["delete", name, "--yes"]);
  const health = ["--health", "cmd:true", "--health-interval", "100"];
  await tsm(home, ["start", "--name", "hung", "--port", String(hung), ...health, "--", "node", "hung.cjs"]);
  await until("it has been found well", () => seenOf(home, name).health?.why === null);
  expect(await why(home, name)).toMatchObject({ cause: "fine" });
  // A busy machine may keep even this one from an answer within a second.
  await until("the endless one has answered", async () => (await why(home, `endless-${endless}`)).cause === "fine");
  expect(await why(home, `plain-${plain}`)).toMatchObject({ cause: "fine" });
});

test("it takes connections and answers no request over TLS, of whosever certificate: that is told too", async () => {
  const home = makeHome();
  const ports = await freePorts(3);
  const servers = [
    // Its words say nothing of the protocol, and it asks others by plain HTTP.
    ["hung", 'require("http"); require("https").createServer(own, () => {})'],
    // Does not even get as far as a request.
    ["deaf", 'console.log("https://localhost:" + port); require("net").createServer(() => {})'],
    ["well", 'require("node:https").createServer(own, (_, answer) => answer.end("x"))'],
  ] as const;
  const files = ["cert", "key"].map((name) => new URL(`../fixtures/tls/${name}.pem`, import.meta.url).pathname);
  for (const [index, [name, server]] of servers.entries()) {
    const port = ports[index];
    const own = `const [cert, key] = ${JSON.stringify(files)}.map((name) => require("fs").readFileSync(name));`;
    script(home, `${name}.cjs`, `const port = ${port}; ${own} const own = { cert, key };\n${server}.listen(port);\n`);
    await tsm(home, ["start", "--name", name, "--port", String(port), "--settle", "30000", "node", `${name}.cjs`]);
  }
  const [hung, deaf, well] = ports;
  expect(await why(home, `hung-${hung}`)).toMatchObject({
    cause: "silent",
    over: "tls",
    evidence: [
      { text: `it accepted a connection to port ${hung}, and answered GET / over TLS with nothing within 1 s` },
      { from: "files", text: "its script names a server of HTTPS" },
    ],
  });
  expect(await why(home, `deaf-${deaf}`)).toMatchObject({
    cause: "silent",
    over: "tls",
    evidence: [{}, { from: "stdout", text: `https://localhost:${deaf}` }],
  });
  await until("the one that is well has answered", async () => (await why(home, `well-${well}`)).cause === "fine");
});

test("it is up and always was: nothing is wrong; it came back: how its last run ended", async () => {
  const home = makeHome();
  await start(home, "--settle", "0", "--restart", "always", "--", "sleep", "600");
  expect(await why(home, "it")).toMatchObject({ cause: "fine", state: "online", fix: [], evidence: [] });
  expect(await said(home, "it")).toBe("it is up: nothing is wrong as far as can be seen. ");
  process.kill(pidOf(home, "it"), "SIGKILL");
  await until(
    "it is back",
    () => readMeta(home, "it")["restarts"] === 1 && readMeta(home, "it")["status"] === "online",
  );
  expect(await why(home, "it")).toMatchObject({
    cause: "restarted",
    by: "crash",
    restarts: 1,
    fix: ["tsm logs it --run 1"],
  });
  const [pid, runner] = [pidOf(home, "it"), Number(readMeta(home, "it")["runner_pid"])];
  process.kill(runner, "SIGKILL");
  process.kill(pid, "SIGKILL");
  await until("it is back again", async () => {
    await tsm(home, ["patrol"]);
    return pidOf(home, "it") !== pid && readMeta(home, "it")["status"] === "online";
  });
  expect(await said(home, "it")).toContain(
    "it is up again: nobody saw how its last run ended (restarted 2 times so far)",
  );
});

test("a restart for memory names its limit", async () => {
  const home = makeHome();
  await start(home, "--settle", "0", "--max-memory", "1K", "--", "sleep", "600");
  // It is weighed again and again: in between it is up. What the patrol saw is written down after the restart.
  const answer = await until("it is up again", async () => {
    const found = await why(home, "it");
    return found.cause === "restarted" && found["why"] !== null && found;
  });
  expect(answer).toMatchObject({ by: "memory", why: expect.stringContaining("1K (0 MB) are allowed") });
});

test("what the last runner did not see is not explained", async () => {
  const home = makeHome();
  await start(home, "--restart", "no", "--settle", "0", "--", "sleep", "600");
  process.kill(Number(readMeta(home, "it")["runner_pid"]), "SIGKILL");
  process.kill(pidOf(home, "it"), "SIGKILL");
  await tsm(home, ["patrol"]);
  await untilStatus(home, "crashed");
  const answer = await why(home, "it");
  expect(answer).toMatchObject({ cause: "ended-unseen" });
  expect(answer).not.toHaveProperty("signal");
});

test("a restart of the machine is one", async () => {
  const home = makeHome();
  await start(home, "--settle", "0", "--", "sleep", "600");
  await tsm(home, ["kill", "it"]);
  editMeta(home, "it", { status: "online", boot_id: "00000000-0000-0000-0000-000000000000", last_exit: null });
  forgetJournal(home);
  expect(await why(home, "it")).toMatchObject({ cause: "machine-restarted", state: "stopped" });
});

test("a service that never ran says so, and what it depends on", async () => {
  const home = makeHome();
  define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
  define(home, "tetra/web", "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=(db)\n");
  expect(await why(home, "db")).toMatchObject({ cause: "never-started", fix: ["tsm start tetra/db"] });
  expect(await why(home, "tetra/web")).toMatchObject({
    cause: "dependency-down",
    needs: [{ ref: "tetra/db", status: null }],
  });
  await tsm(home, ["start", "web", "--settle", "0"]);
  expect(await why(home, "tetra/web")).toMatchObject({ name: "web-auto", cause: "fine" });
});

test("a service whose dependency was stopped and who says that nobody answers", async () => {
  const home = makeHome();
  define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
  script(
    home,
    "web.sh",
    "while [ ! -e fail ]; do sleep 0.05; done; echo 'connect ECONNREFUSED 127.0.0.1:5432' >&2; exit 1\n",
  );
  define(home, "tetra/web", `TSM_COMMAND='bash web.sh'\nTSM_CWD='${home.folder}'\nTSM_DEPENDS=(db)\nTSM_RESTART=no\n`);
  await tsm(home, ["start", "web", "--settle", "0"]);
  await tsm(home, ["stop", "db"]);
  script(home, "fail", "");
  await until("web has crashed", () => readMeta(home, "web-auto")["status"] === "crashed");
  const answer = await why(home, "web-auto");
  expect(answer).toMatchObject({ cause: "dependency-down", service: "tetra/db", confidence: "likely" });
  expect(answer.fix).toEqual(["tsm start tetra/db", "tsm restart web-auto"]);
});

test("who is not there is not explained: a near name is asked about, a damaged record is named as one", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "server", "--settle", "0", "--", "sleep", "600"]);
  expect(await tsm(home, ["why", "servre"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Did you mean 'server'?"),
  });
  writeFileSync(join(folderOf(home, "server"), "meta.json"), "{");
  expect(await tsm(home, ["why", "server"])).toMatchObject({ code: 65, stderr: expect.stringContaining("is damaged") });
});

test("secrets in its words are masked, and hostile ones do not reach the terminal", async () => {
  const home = makeHome();
  script(
    home,
    "it.sh",
    `printf 'token: s3cr3tt3r\\npostgres://me:hunter2hunter@db\\nAPI_KEY=abcdefghij\\n{"password": "open sesame"}\\nleaked %s\\n\\033[2Jcleared\\n' "$MY_SECRET" >&2\nexit 1\n`,
  );
  await tsm(home, ["start", "--name", "it", "it.sh"], { env: { MY_SECRET: "verysecretvalue" } });
  const { stdout } = await tsm(home, ["why", "it"]);
  const json = JSON.stringify(await why(home, "it"));
  for (const secret of ["hunter2hunter", "abcdefghij", "open sesame", "verysecretvalue", "s3cr3tt3r"]) {
    expect(stdout).not.toContain(secret);
    expect(json).not.toContain(secret);
  }
  expect(stdout).toContain("leaked ***MASKED***");
  expect(stdout).not.toContain("\x1b");
});
