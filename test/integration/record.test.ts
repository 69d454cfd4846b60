import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectPlatform } from "../../src/platform/detect.ts";
import { makeHome } from "../support/home.ts";
import { editMeta, folderOf, isAlive, pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const fourteen = [
  "tsm_id",
  "name",
  "pid",
  "command",
  "port",
  "cwd",
  "interpreter",
  "process_type",
  "env_file",
  "prehook",
  "start_time",
  "status",
  "restarts",
  "unstable_restarts",
];

test("the record begins with the 14 fields in their order, is small and whole", async () => {
  const home = makeHome();
  script(home, "env/local.env", "A=1\n");
  await tsm(home, ["start", "--settle", "0", "--port", "4601", "--env", "local", "--name", "it", "sleep", "600"]);
  const text = readFileSync(join(folderOf(home, "it-4601"), "meta.json"), "utf8");
  expect(Object.keys(JSON.parse(text)).slice(0, 14)).toEqual(fourteen);
  expect(Buffer.byteLength(text)).toBeLessThan(1024);
  expect(JSON.parse(text)).toMatchObject({
    tsm_id: 0,
    name: "it-4601",
    pid: expect.any(Number),
    port: 4601,
    cwd: home.folder,
    process_type: "command",
    env_file: join(home.folder, "env/local.env"),
    prehook: "",
    start_time: expect.any(Number),
    status: "online",
    restarts: 0,
    unstable_restarts: 0,
  });
  expect(readFileSync(join(folderOf(home, "it-4601"), "it-4601.pid"), "utf8")).toBe(`${pidOf(home, "it-4601")}\n`);
  await tsm(home, ["start", "--settle", "0", "--name", "portless", "sleep", "600"]);
  expect(readMeta(home, "portless")["port"]).toBe("none");
  for (const verb of ["restart", "stop"]) {
    await tsm(home, [verb, "it"]);
    expect(Object.keys(readMeta(home, "it-4601")).slice(0, 14), verb).toEqual(fourteen);
  }
});

test("folders are for their owner only, and so are files, whatever the umask", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  await tsm(home, ["start", "--settle", "0", "--port", "4602", "show.cjs"], { env: { MY_TOKEN: "hunter2" } });
  await tsm(home, ["stop", "show"]);
  for (const path of [
    home.path,
    ...readdirSync(home.path, { recursive: true, encoding: "utf8" }).map((name) => join(home.path, name)),
  ]) {
    const stat = statSync(path);
    expect((stat.mode & 0o777).toString(8), path).toBe(stat.isDirectory() ? "700" : "600");
  }
});

test("the umask of the program is the caller's", async () => {
  const home = makeHome();
  script(home, "makes.sh", "echo >made\nexec sleep 600\n");
  const before = process.umask(0o027);
  onTestFinished(() => void process.umask(before));
  await tsm(home, ["start", "--settle", "0", "makes.sh"]);
  await until("it has made its file", () => existsSync(join(home.folder, "made")));
  expect(statSync(join(home.folder, "made")).mode & 0o777).toBe(0o640);
});

test("no secret is in meta.json, the list or the journal, and the program gets it", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const words = [
    "--token",
    "hunter2",
    "--password=hunter2",
    "API_KEY=hunter2",
    "https://me:hunter2@host/x",
    "--port",
    "4603",
  ];
  await tsm(home, ["start", "--settle", "0", "--name", "a", "--", "node", "show.cjs", ...words]);
  expect((await seenIn(home.folder)).argv).toEqual(words);
  await tsm(home, ["start", "--settle", "0", "--name", "b", "DB_PASSWORD=hunter2 exec sleep 600"]);
  const seen = [
    readFileSync(join(folderOf(home, "a-4603"), "meta.json"), "utf8"),
    readFileSync(join(folderOf(home, "b"), "meta.json"), "utf8"),
    JSON.stringify(await tsmJson(home, ["list", "all"])),
    (await tsm(home, ["info", "a"])).stdout,
    (await tsm(home, ["start", "--name", "a", "--port", "4603", "sleep", "9"])).stderr,
    ...readdirSync(join(home.path, "db/events")).map((day) => readFileSync(join(home.path, "db/events", day), "utf8")),
  ];
  for (const text of seen) expect(text).not.toContain("hunter2");
  expect(readMeta(home, "a-4603")["command"]).toContain("***MASKED***");
});

test.for(["stop", "kill", "restart", "delete"])(
  "§6.7 a pid that is a stranger's by now is not online, and %s never signals it",
  async (verb) => {
    const home = makeHome();
    const bystander = spawn("sleep", ["600"]);
    onTestFinished(() => void bystander.kill("SIGKILL"));
    await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
    await tsm(home, ["stop", "it"]);
    editMeta(home, "it", { status: "online", pid: bystander.pid });
    expect(await tsmJson(home, ["list", "all"])).toMatchObject([{ name: "it", status: "crashed", pid: null }]);
    expect((await tsm(home, [verb, "it"])).code).toBe(0);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  },
);

test("§6.7 nor is a stranger signalled that took the runner's pid", async () => {
  const home = makeHome();
  const bystander = spawn("sleep", ["600"]);
  onTestFinished(() => void bystander.kill("SIGKILL"));
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  process.kill(Number(readMeta(home, "it")["runner_pid"]), "SIGKILL");
  editMeta(home, "it", { runner_pid: bystander.pid });
  expect(await tsm(home, ["stop", "it"])).toMatchObject({ code: 0, stdout: expect.stringContaining("(1 process, ") });
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
});

test("§6.8 a zombie is not online, and restart starts a new one", async () => {
  const home = makeHome();
  // `exec` leaves a parent that never waits for its child.
  const parent = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 600"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [said] = (await once(parent.stdout, "data")) as [Buffer];
  const zombie = detectPlatform().processes.identify(Number(said.toString()));
  expect(zombie).toBeDefined();
  parent.stdin.end();
  await until("it is a zombie", () => zombie !== undefined && !isAlive(zombie.pid));
  process.kill(zombie?.pid ?? 0, 0); // still there
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  await tsm(home, ["stop", "it"]);
  editMeta(home, "it", { status: "online", pid: zombie?.pid, start_mark: zombie?.startMark });
  expect(await tsmJson(home, ["list"])).toMatchObject([{ status: "crashed", pid: null }]);
  expect(await tsm(home, ["restart", "it", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  expect(isAlive(pidOf(home, "it"))).toBe(true);
});

test("after a reboot nothing is online, and nothing of this boot is signalled", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  const { pid, runner_pid } = readMeta(home, "it");
  process.kill(Number(runner_pid), "SIGKILL");
  editMeta(home, "it", {
    boot_id: "another boot",
    pid: process.pid,
    start_mark: detectPlatform().processes.self().startMark,
  });
  expect(await tsmJson(home, ["list", "all"])).toMatchObject([{ status: "stopped", pid: null }]);
  expect((await tsm(home, ["restart", "it", "--settle", "0"])).code).toBe(0);
  expect(await tsmJson(home, ["list"])).toMatchObject([{ id: 0, status: "online", pid: pidOf(home, "it") }]);
  expect(pidOf(home, "it")).not.toBe(pid);
});

test("a stray file or folder among the processes hides nothing", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  writeFileSync(join(home.path, "runtime/processes/stray"), "");
  mkdirSync(join(home.path, "runtime/processes/.reserved-7"));
  mkdirSync(join(home.path, "runtime/processes/empty"));
  expect(await tsm(home, ["list"])).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("│ it ") });
});
