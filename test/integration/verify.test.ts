import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { list } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, journalOf, pidOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test("a program that dies at once is reported with the last ten lines of its stderr", async () => {
  const home = makeHome();
  script(home, "dies.sh", 'for n in $(seq 1 25); do echo "trouble $n" >&2; done; echo fine; exit 7\n');
  const failed = await tsm(home, ["start", "dies.sh"]);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  const lines = failed.stderr.split("\n");
  expect(lines[0]).toBe("tsm: 'dies' ended as soon as it was started: exit code 7");
  expect(lines.slice(1, 11)).toEqual(Array.from({ length: 10 }, (_, index) => `   trouble ${index + 16}`));
  expect(failed.stderr).not.toContain("fine");
  expect(readMeta(home, "dies")).toMatchObject({
    status: "crashed",
    last_exit: { code: 7, signal: null, by: "crash" },
  });
  expect((await tsm(home, ["list"])).stdout).toMatch(/│ dies +│ crashed │ - /);
});

test("a line of a megabyte is not shown whole", async () => {
  const home = makeHome();
  script(home, "dies.sh", "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1\n");
  const failed = await tsm(home, ["start", "dies.sh"]);
  expect(failed.stderr.split("\n")[1]).toMatch(/^ {3}x+…$/);
  expect(failed.stderr.length).toBeLessThan(2000);
});

test("lines of an earlier run are not shown as those of this one", async () => {
  const home = makeHome();
  script(home, "dies.sh", 'echo "run $(cat n)" >&2; exit 1\n');
  for (const n of ["one", "two"]) {
    script(home, "n", n);
    const failed = await tsm(home, ["start", "dies.sh"]);
    expect(failed.stderr).toContain(`   run ${n}\n`);
    if (n === "two") expect(failed.stderr).not.toContain("run one");
  }
});

test.for([
  { line: "exit 0", exit: { code: 0, signal: null }, text: "exit code 0", because: "a service that ends has failed" },
  { line: "exit 3", exit: { code: 3, signal: null }, text: "exit code 3", because: "a code" },
  {
    line: "exit 137",
    exit: { code: 137, signal: null },
    text: "exit code 137",
    because: "a code that looks like KILL",
  },
  {
    line: "exit 143",
    exit: { code: 143, signal: null },
    text: "exit code 143",
    because: "a code that looks like TERM",
  },
  { line: "kill -KILL $$", exit: { code: null, signal: "SIGKILL" }, text: "killed by SIGKILL", because: "a signal" },
  { line: "kill -TERM $$", exit: { code: null, signal: "SIGTERM" }, text: "killed by SIGTERM", because: "a signal" },
  { line: "kill -HUP $$", exit: { code: null, signal: "SIGHUP" }, text: "killed by SIGHUP", because: "a signal" },
  { line: "kill -USR1 $$", exit: { code: null, signal: "SIGUSR1" }, text: "killed by SIGUSR1", because: "a signal" },
  {
    line: "ulimit -c 0; kill -SEGV $$",
    exit: { code: null, signal: "SIGSEGV" },
    text: "killed by SIGSEGV",
    because: "a signal that dumps",
  },
  {
    line: "ulimit -c 0; kill -ABRT $$",
    exit: { code: null, signal: "SIGABRT" },
    text: "killed by SIGABRT",
    because: "a signal that dumps",
  },
  { line: "exit 255", exit: { code: 255, signal: null }, text: "exit code 255", because: "the highest code" },
])("`$line` is known exactly: $because", async ({ line, exit, text }) => {
  const home = makeHome();
  script(home, "ends.sh", `${line}\n`);
  const failed = await tsm(home, ["start", "--settle", "30000", "ends.sh"]);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`: ${text}`) });
  expect(readMeta(home, "ends")).toMatchObject({ status: "crashed", last_exit: exit });
  expect((await tsm(home, ["info", "ends"])).stdout).toMatch(
    new RegExp(`^last exit +${text}.*, \\d{4}-\\d\\d-\\d\\d `, "m"),
  );
  expect(await tsmJson(home, ["info", "ends"])).toMatchObject({ status: "crashed", lastExit: exit });
  expect(journalOf(home)).toContainEqual(
    expect.objectContaining({ event: "exit", name: "ends", exit: expect.objectContaining(exit) }),
  );
});

test.for([
  { signal: "SIGKILL", exit: { code: null, signal: "SIGKILL" } },
  { signal: "SIGINT", exit: { code: null, signal: "SIGINT" } },
] as const)(
  "a process that gets $signal from a stranger later is crashed, by that signal",
  async ({ signal, exit }) => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "50", "--restart", "no", "--name", "it", "sleep", "600"]);
    process.kill(pidOf(home, "it"), signal);
    await until("it is crashed", () => readMeta(home, "it")["status"] === "crashed");
    expect(readMeta(home, "it")).toMatchObject({ last_exit: { ...exit, by: "crash" } });
  },
);

test("one that ends well later is stopped, with code 0", async () => {
  const home = makeHome();
  script(home, "once.sh", "until [ -e go ]; do sleep 0.02; done\n");
  await tsm(home, ["start", "--settle", "50", "once.sh"]);
  script(home, "go", "");
  await until("it is stopped", () => readMeta(home, "once")["status"] === "stopped");
  expect(readMeta(home, "once")).toMatchObject({ last_exit: { code: 0, signal: null, by: "crash" } });
  expect((await tsm(home, ["list"])).stdout).toContain("1 stopped not shown: tsm list all");
});

test("a stranger on the port is no good start", async () => {
  const home = makeHome();
  const port = await freePort();
  // The port is taken by this test as soon as the program runs, and the program does not listen at all.
  script(home, "waits.sh", "touch runs; until [ -e go ]; do sleep 0.02; done; exit 4\n");
  const starting = tsm(home, ["start", "--settle", "30000", "--port", String(port), "waits.sh"]);
  await until("it runs", () => isAlive(pidOf(home, `waits-${port}`)));
  const stranger = createServer();
  onTestFinished(() => void stranger.close());
  await once(stranger.listen(port), "listening");
  script(home, "go", "");
  const outcome = await starting;
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`🔴 Port ${port} is already in use!`);
  expect(outcome.stderr).toContain(`PID ${process.pid}`);
});

test("a port that a child of the program listens on counts", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "child.cjs", "require('node:net').createServer().listen(Number(process.env.PORT))");
  script(home, "parent.sh", "node child.cjs &\nwait\n");
  const started = await tsm(home, ["start", "--settle", "600000", "--port", String(port), "parent.sh"]);
  expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining(`Port: ${port}`) });
});

test("the settle time is a setting, and a flag", async () => {
  const home = makeHome();
  script(home, "late.sh", "until [ -e go ]; do sleep 0.02; done; exit 5\n");
  await tsm(home, ["config", "set", "settle", "600000"]);
  const starting = tsm(home, ["start", "late.sh"]);
  await until("it runs", () => isAlive(pidOf(home, "late")));
  script(home, "go", "");
  expect(await starting).toMatchObject({ code: 1, stderr: expect.stringContaining("exit code 5") });
  script(home, "stays.sh", "exec sleep 600\n");
  expect(await tsm(home, ["start", "--settle", "0", "stays.sh"])).toMatchObject({ code: 0 });
});

test("the journal is one JSON object a line, with time, event, id and name; of a command the names", async () => {
  const home = makeHome();
  script(home, 'odd "name"\\.sh', "echo >&2; exit 2\n");
  await tsm(home, ["start", './odd "name"\\.sh']);
  await tsm(home, ["start", "--settle", "50", "--name", "it", "sleep", "600"]);
  await tsm(home, ["restart", "it", "--settle", "50"]);
  await tsm(home, ["kill", "it"]);
  await tsm(home, ["delete", "it"]);
  const events = journalOf(home);
  for (const event of events)
    expect(event).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      ...(event["event"] === "command" ? { names: expect.any(Array) } : { id: expect.any(Number) }),
    });
  expect(events.filter(({ name }) => name === 'odd "name"\\').map(({ event }) => event)).toEqual([
    "start",
    "exit",
    "gave-up",
  ]);
  const its = events.filter(({ name }) => name === "it").map(({ event }) => event);
  expect(its.filter((event) => event === "start")).toHaveLength(2);
  expect(its.filter((event) => event === "exit")).toHaveLength(2);
  for (const event of ["restart", "kill", "delete"]) expect(its).toContain(event);
});

test("Ctrl-C ends the wait for a start, and the process goes on", async () => {
  const home = makeHome();
  const starting = startTsm(home, ["start", "--settle", "600000", "--name", "it", "sleep", "600"]);
  await until("it runs", () => readMeta(home, "it")["status"] === "online");
  starting.child.kill("SIGINT");
  expect(await starting.outcome).toMatchObject({
    code: 130,
    stdout: "",
    stderr: "tsm: 'it' was started; whether it stays up was not waited for\n",
  });
  expect(await tsmJson(home, ["list"])).toMatchObject([{ name: "it", status: "online", supervised: true }]);
});

test("two that want one port at the same time: who comes too late is waited for, and is no success", async () => {
  const home = makeHome();
  const port = String(await freePort());
  const both = (what: string) => join(home.folder, what);
  script(
    home,
    "first.cjs",
    `const fs = require("node:fs");
fs.writeFileSync(${JSON.stringify(both("first-looks"))}, "");
const look = setInterval(() => {
  if (!fs.existsSync(${JSON.stringify(both("second-began"))})) return;
  clearInterval(look);
  require("node:http").createServer().listen(process.env.PORT);
}, 5);`,
  );
  script(home, "second.sh", ": > second-began\nsleep 2.2\necho 'port taken' >&2\nexit 1\n");
  await tsm(home, ["start", "--settle", "0", "--name", "first", "--port", port, "first.cjs"]);
  await until("the first to look for the second", () => existsSync(both("first-looks")));
  const second = await tsm(home, ["start", "--settle", "1500", "--name", "second", "--port", port, "second.sh"]);
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/ended as soon as it was started: exit code 1|is already in use!/);
});

test("of two that want one port and take their time the late one has failed, and does not wait for it", async () => {
  const home = makeHome();
  const port = String(await freePort());
  script(
    home,
    "first.cjs",
    `const fs = require("node:fs");
const look = setInterval(() => {
  if (!fs.existsSync("second-began")) return;
  clearInterval(look);
  setTimeout(() => {
    require("node:http").createServer().listen(process.env.PORT, () => fs.writeFileSync("first-listens", ""));
  }, 300);
}, 5);`,
  );
  script(home, "second.sh", ": > second-began\nuntil [ -e first-listens ]; do sleep 0.02; done\nexit 1\n");
  await tsm(home, ["start", "--settle", "0", "--name", "first", "--port", port, "first.cjs"]);
  const second = await tsm(home, ["start", "--settle", "20", "--name", "second", "--port", port, "second.sh"]);
  expect(second).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("is already in use!") });
  expect(await tsmJson(home, ["list", "all"])).toMatchObject([
    { status: "online" },
    { status: "crashed", reason: "its port is held by another process" },
  ]);
});

test("who is stopped or restarted by somebody else before it is up has not failed", async () => {
  const home = makeHome();
  const starting = () => startTsm(home, ["start", "--name", "it", "--settle", "60000", "--", "sleep", "600"]).outcome;
  const isUp = () => until("it is online", async () => (await list(home))[0]?.status === "online");
  let started = starting();
  await isUp();
  expect(await tsm(home, ["restart", "it", "--settle", "0"])).toMatchObject({ code: 0 });
  const [{ pid } = { pid: null }] = await list(home);
  expect(await started).toMatchObject({ code: 0, stdout: `tsm: started 'it' (TSM ID: 0, PID: ${pid})\n`, stderr: "" });
  await tsm(home, ["delete", "it"]);
  started = starting();
  await isUp();
  await tsm(home, ["stop", "it"]);
  const stopped = await started;
  expect(stopped).toMatchObject({ code: 1, stdout: "" });
  expect(stopped.stderr).toBe("tsm: 'it' was stopped while it started\n  tsm start it starts it again\n");
});
