import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, pidOf, readMeta } from "../support/record.ts";
import { residents } from "../support/resident.ts";
import { script } from "../support/scripts.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Listens, and says so, as soon as there is a file `go`. `/bad` it answers with 503. */
const slow = `
const fs = require("node:fs");
const server = require("node:http").createServer((request, response) => {
  response.statusCode = request.url === "/bad" ? 503 : 200;
  response.end("x");
});
const timer = setInterval(() => {
  if (!fs.existsSync("go")) return;
  clearInterval(timer);
  server.listen(Number(process.env.PORT), () => console.log("Now Listening"));
}, 5);
`;

async function prepared(): Promise<{ home: Home; port: number; name: string; go: string }> {
  const home = makeHome();
  script(home, "slow.cjs", slow);
  const port = await freePort();
  return { home, port, name: `it-${port}`, go: join(home.folder, "go") };
}

const begin = (port: number, ...flags: string[]) => [
  "start",
  "--name",
  "it",
  "--port",
  String(port),
  ...flags,
  "--",
  "node",
  "slow.cjs",
];

async function isStarting(home: Home, name: string): Promise<number> {
  return await until("it is starting, with a pid", async () => {
    const { status, pid } = await row(home, name);
    return status === "starting" && pid;
  });
}

test.for([
  { kind: "port", probe: () => "port" },
  { kind: "http", probe: (port: number) => `http://localhost:${port}/` },
  { kind: "log", probe: () => "log:/now listening$/i" },
  { kind: "command", probe: (port: number) => `cmd:[ "$PORT" = ${port} ] && echo >/dev/tcp/localhost/$PORT` },
])("a start with a $kind probe comes back when it is ready, and not before", async ({ probe }) => {
  const { home, port, name, go } = await prepared();
  const running = startTsm(home, begin(port, "--ready", probe(port)));
  const pid = await isStarting(home, name);
  expect(running.child.exitCode).toBeNull();
  writeFileSync(go, "");
  expect(await running.outcome).toMatchObject({
    code: 0,
    stderr: "",
    stdout: `tsm: started '${name}' (TSM ID: 0, PID: ${pid}, Port: ${port})\n`,
  });
  expect(await row(home, name)).toMatchObject({ status: "online", pid });
  // Asked once and for all: nobody stays for it.
  await until("no patrol is resident", () => residents(home).length === 0);
});

test("a restart waits too, and what an earlier run has said does not count", async () => {
  const { home, port, name, go } = await prepared();
  writeFileSync(go, "");
  expect(await tsm(home, begin(port, "--ready", "log:/Listening/"))).toMatchObject({ code: 0 });
  const first = pidOf(home, name);
  rmSync(go);
  const running = startTsm(home, ["restart", "it"]);
  const second = await until("the next one is starting", async () => {
    const { status, pid } = await row(home, name);
    return status === "starting" && pid !== first && pid;
  });
  expect(running.child.exitCode).toBeNull();
  writeFileSync(go, "");
  expect(await running.outcome).toMatchObject({ code: 0, stderr: "" });
  expect(readMeta(home, name)).toMatchObject({ status: "online", pid: second, restarts: 1 });
});

test("one that is not ready in time has failed: it says why, is ended, and is on record as crashed", async () => {
  const { home, port, name, go } = await prepared();
  writeFileSync(go, "");
  const probe = `http://localhost:${port}/bad`;
  const failed = await tsm(home, begin(port, "--ready", probe, "--ready-timeout", "400"));
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain(`tsm: '${name}' was not ready within 0.4 s: it answered 503\n`);
  const record = readMeta(home, name);
  expect(record).toMatchObject({
    status: "crashed",
    reason: "not ready within 0.4 s: it answered 503",
    last_exit: { signal: "SIGTERM", by: "health" },
  });
  expect(isAlive(Number(record["pid"]))).toBe(false);
  expect((await tsm(home, ["info", "it"])).stdout).toContain("crashed: not ready within 0.4 s: it answered 503");
});

test("one that ignores TERM does not get away with it", async () => {
  const home = makeHome();
  script(home, "deaf.sh", 'trap "" TERM\nwhile :; do sleep 1; done\n');
  const failed = await tsm(home, [
    ..."start --ready cmd:false --ready-timeout 200 --kill-timeout 200 --name deaf".split(" "),
    "deaf.sh",
  ]);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("not ready within 0.2 s: it ended with 1") });
  expect(readMeta(home, "deaf")).toMatchObject({ status: "crashed", last_exit: { signal: "SIGKILL" } });
});

test("a probe that does not come back has failed too, and a person can read for how long it was waited for", async () => {
  const home = makeHome();
  const words = ["start", "--ready", "cmd:exec sleep 600", "--ready-timeout", "400", "sleep 600"];
  const failed = await tsm(home, words);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/not ready within 0\.4 s: not done within 0\.\d s$/m);
});

test("its policy brings back what did not get ready, and the patrol finds out when it is", async () => {
  const { home, port, name, go } = await prepared();
  const flags = ["--ready", "port", "--ready-timeout", "1500", "--restart", "on-failure"];
  const failed = await tsm(home, begin(port, ...flags));
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(`not ready within 1.5 s: it does not listen on port ${port}`);
  expect(failed.stderr).toContain("It is started again by its policy 'on-failure'");
  await until("it has been started again", () => Number(readMeta(home, name)["restarts"]) > 0);
  writeFileSync(go, "");
  await until("it is online", async () => (await row(home, name)).status === "online");
});

test("one that ends while it is waited for has failed at once, with its last words", async () => {
  const { home, port, name } = await prepared();
  const words = ["start", "--name", "it", "--port", String(port), "--ready", "port", "--ready-timeout", "10m"];
  const failed = await tsm(home, [...words, "echo no config >&2; exit 3"]);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain(`'${name}' ended as soon as it was started: exit code 3\n   no config\n`);
  expect(readMeta(home, name)).toMatchObject({ status: "crashed", last_exit: { code: 3, by: "crash" } });
});

test("brought back after a crash it is starting until it is ready again, whoever looks", async () => {
  const { home, port, name, go } = await prepared();
  writeFileSync(go, "");
  await tsm(home, begin(port, "--ready", `http://localhost:${port}`, "--restart", "always"));
  const first = pidOf(home, name);
  rmSync(go);
  process.kill(first, "SIGKILL");
  await until("the next one is starting", async () => {
    const { status, pid } = await row(home, name);
    return status === "starting" && pid !== null && pid !== first;
  });
  writeFileSync(go, "");
  await until("it is online", () => readMeta(home, name)["status"] === "online");
  await until("no patrol is resident any more", () => residents(home).length === 0);
  expect(readMeta(home, name)).toMatchObject({ restarts: 1, status: "online" });
});

test("and it is found to be ready, or late, while nobody calls tsm", async () => {
  const { home, port, name, go } = await prepared();
  writeFileSync(go, "");
  await tsm(home, begin(port, "--ready", `http://localhost:${port}`, "--restart", "always", "--ready-timeout", "2s"));
  const first = pidOf(home, name);
  process.kill(first, "SIGKILL");
  await until("it is online again", () => readMeta(home, name)["status"] === "online" && pidOf(home, name) !== first);
  rmSync(go);
  process.kill(pidOf(home, name), "SIGKILL");
  await until("it is late", () => JSON.stringify(readMeta(home, name)["last_exit"]).includes('"by":"health"'));
});

test("Ctrl-C ends the wait and nothing else", async () => {
  const { home, port, name, go } = await prepared();
  const running = startTsm(home, begin(port, "--ready", "port"));
  const pid = await isStarting(home, name);
  running.child.kill("SIGINT");
  expect(await running.outcome).toMatchObject({ code: 130 });
  writeFileSync(go, "");
  await until("it is online", () => readMeta(home, name)["status"] === "online");
  expect(pidOf(home, name)).toBe(pid);
});

test("a start that is killed while it waits is no loss: the next command sees to the rest", async () => {
  const { home, port, name, go } = await prepared();
  const running = startTsm(home, begin(port, "--ready", "port"));
  running.child.stdin.end();
  const pid = await isStarting(home, name);
  await until("it has begun to wait", () => existsSync(join(home.path, "runtime/under-way", name)));
  running.child.kill("SIGKILL");
  await running.outcome;
  expect((await tsm(home, ["version"])).code).toBe(0);
  await until("somebody waits in its place", () => residents(home).length === 1);
  writeFileSync(go, "");
  await until("it is online", async () => (await row(home, name)).status === "online");
  expect(pidOf(home, name)).toBe(pid);
  await until("nobody stays", () => residents(home).length === 0);
});

test("a stop ends the wait of the start", async () => {
  const { home, port, name } = await prepared();
  const running = startTsm(home, begin(port, "--ready", "port"));
  await isStarting(home, name);
  expect(await tsm(home, ["stop", "it"])).toMatchObject({ code: 0 });
  expect(await running.outcome).toMatchObject({ code: 1 });
  expect(readMeta(home, name)).toMatchObject({ status: "stopped", last_exit: { by: "user" } });
});

test("a runner that is killed while its process gets ready changes nothing", async () => {
  const { home, port, name, go } = await prepared();
  const running = startTsm(home, begin(port, "--ready", "port"));
  const pid = await isStarting(home, name);
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGKILL");
  await tsm(home, ["patrol"]);
  writeFileSync(go, "");
  expect(await running.outcome).toMatchObject({ code: 0, stderr: "" });
  await until("it is online", async () => (await row(home, name)).status === "online");
  expect(pidOf(home, name)).toBe(pid);
});

test.for([
  { flags: ["--ready", "log:/(/"], says: "--ready: 'log:/(/' is not a regular expression" },
  { flags: ["--ready", "log:up"], says: "--ready: 'log:up' has no /expression/" },
  { flags: ["--ready", "http://"], says: "--ready: 'http://' is not an address" },
  { flags: ["--ready", "cmd:"], says: "--ready: the command behind cmd: is empty" },
  { flags: ["--ready", "soon"], says: "--ready: 'soon' is not a probe" },
  { flags: ["--ready", "port"], says: "--ready port: it has no port" },
  { flags: ["--health", "port"], says: "--health port: it has no port" },
  { flags: ["--health", "log:/x/"], says: "--health: 'log:/x/' says something once" },
  { flags: ["--health-interval", "5s"], says: "--health-interval is how --health is asked, and there is no --health" },
  { flags: ["--health-failures", "9"], says: "--health-failures is how --health is asked, and there is no --health" },
  { flags: ["--ready-timeout", "5s"], says: "--ready-timeout is how --ready is asked, and there is no --ready" },
  { flags: ["--max-memory", "much"], says: "--max-memory: 'much' is not a size" },
  { flags: ["--max-memory", "0"], says: "--max-memory: '0' is not a size" },
  { flags: ["--cron", "daily"], says: "--cron: 'daily' is not a cron expression" },
  { flags: ["--cron", "99 * * * *"], says: "--cron: '99 * * * *' is not a cron expression" },
  { flags: ["--cron", "0 0 30 2 *"], says: "--cron: '0 0 30 2 *' is a time that never comes" },
  { flags: ["--ignore-watch", "a,,b"], says: "--ignore-watch: 'a,,b' has an empty part" },
])("start $flags is refused before anything starts", async ({ flags, says }) => {
  const home = makeHome();
  const refused = await tsm(home, ["start", ...flags, "--", "sleep", "600"]);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain(`tsm: ${says}`);
  expect(home.processes()).toEqual([]);
});
