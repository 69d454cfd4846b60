import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, identify, list, meta, processes, row, runners, services } from "../support/managed.ts";
import { diskKinds, makeSmallDisk } from "../support/small-disk.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const sleeper = ["--settle", "0", "--", "sleep", "3600"];

/** From one room to the next: every write of a pretended disk, every other page of a real one. */
const stepOf = (kind: string) => (kind === "a pretended disk" ? 1 : times(2, 1));

test.for([
  { what: "TSM_HOME with spaces, quotes and a dollar", name: `a home's "$HOME" \`x\`` },
  { what: "TSM_HOME with a newline", name: "two\nlines" },
  { what: "TSM_HOME with a trailing =", name: "a=b=" },
  { what: "TSM_HOME beyond ASCII", name: "größe-家-🏠" },
  { what: "a long TSM_HOME", name: Array.from({ length: 12 }, () => "x".repeat(250)).join("/") },
])("$what works like any other", async ({ name }) => {
  const base = makeHome();
  const home: Home = { ...base, path: join(base.folder, name) };
  const { code, stderr, stdout } = await tsm(home, [
    "start",
    "--name",
    "api",
    "--",
    "bash",
    "-c",
    "echo hello; exec sleep 3600",
  ]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^tsm: started 'api' \(TSM ID: 0, PID: \d+\)\n$/);
  expect(await row(home, "api")).toMatchObject({ status: "online", supervised: true });
  expect((await tsm(home, ["logs", "api", "--nostream"])).stdout).toContain("hello");
  expect((await tsm(home, ["restart", "api", "--settle", "0"])).code).toBe(0);
  expect((await tsm(home, ["stop", "api"])).stdout).toContain("0 left");
  const events = readdirSync(join(home.path, "db/events")).map((day) =>
    readFileSync(join(home.path, "db/events", day), "utf8"),
  );
  const kinds = events
    .join("")
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line).event);
  expect(kinds).toEqual(["command", "start", "command", "exit", "restart", "start", "command", "exit", "stop"]);
  expect((await tsm(home, ["delete", "api"])).code).toBe(0);
  expect(readdirSync(base.folder)).toEqual([name.split("/")[0]]);
});

test("a TSM_HOME that is a link is the home that it leads to", async () => {
  const home = makeHome();
  mkdirSync(home.path);
  const link = join(home.folder, "link");
  symlinkSync(home.path, link);
  expect((await tsm({ ...home, path: link }, ["start", "--name", "api", ...sleeper])).code).toBe(0);
  expect((await tsm(home, ["stop", "api"])).stdout).toContain("(1 process");
});

test("a relative TSM_HOME is refused", async () => {
  const home = makeHome();
  const { code, stderr } = await tsm(home, ["list"], { env: { TSM_HOME: "here" } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tsm: the home 'here' is not an absolute path\n {2}Set TSM_HOME/);
  expect(readdirSync(home.folder)).toEqual([]);
});

test("a TSM_HOME that is longer than any path is refused in words", async () => {
  const home = makeHome();
  const path = `${home.path}/${"x".repeat(300)}`;
  const { code, stderr } = await tsm({ ...home, path }, ["start", "--name", "api", ...sleeper]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tsm: a path is too long/);
});

test("a TSM_HOME that leads to itself, or into what may not be looked at, is refused in words", async () => {
  const home = makeHome();
  symlinkSync("home", home.path);
  for (const words of [["start", "--name", "api", ...sleeper], ["list"], ["why", "api"], ["doctor"], ["users"]]) {
    const { code, stdout, stderr } = await tsm(home, words);
    expect(`${code} ${stdout}${stderr}`, words.join(" ")).toMatch(/^[01] [\s\S]*(leads to itself|\(ELOOP)/);
    expect(stderr).not.toContain("bug");
  }
});

test.for(["home", "home/runtime", "home/runtime/processes", "home/locks"])(
  "a file where the folder %s should be",
  async (at) => {
    const home = makeHome();
    const path = join(dirname(home.path), at);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    const { code, stderr } = await tsm(home, ["start", "--name", "api", ...sleeper]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tsm: (?!this is a bug).+\n {2}\S/);
    expect(stderr).toContain(home.path);
    expect(home.processes()).toEqual([]);
  },
);

test.for([
  { what: "the home", path: (home: Home) => home.path },
  { what: "the folder of the processes", path: (home: Home) => join(home.path, "runtime/processes") },
  { what: "the folder of the locks", path: (home: Home) => join(home.path, "locks") },
])("$what cannot be written: a clear message, exit 1, nothing started, and the rest is readable", async ({ path }) => {
  const home = userHome();
  expect((await tsmAsUser(home, ["setup"])).code).toBe(0);
  for (const folder of ["runtime", "runtime/processes", "locks", "db"])
    mkdirSync(join(home.path, folder), { recursive: true });
  const closed = path(home);
  const closeAll = (mode: number) => {
    chmodSync(closed, mode);
    if (closed === home.path)
      for (const folder of ["locks", "runtime/processes"]) chmodSync(join(closed, folder), mode);
  };
  closeAll(0o500);
  const { code, stderr } = await tsmAsUser(home, ["start", "--name", "api", ...sleeper]);
  expect(stderr).toMatch(/^tsm: .+ may not be accessed \(EACCES: .+\)\n {2}Check its owner and permissions/);
  expect(code).toBe(1);
  expect(services(home)).toEqual([]);
  expect((await tsmAsUser(home, ["list"])).code).toBe(0);
  closeAll(0o700);
  expect((await tsmAsUser(home, ["start", "--name", "api", ...sleeper])).code).toBe(0);
});

test.for(diskKinds)("%s, read-only: starts are refused, lists work, and what runs can be stopped", async (kind) => {
  const { home, env, makeReadOnly, makeWritable } = makeSmallDisk(kind);
  await start(home, "api");
  const identity = identify(meta(home, "api").pid);
  makeReadOnly();
  const { code, stderr } = await tsm(home, ["start", "--name", "other", ...sleeper], { env });
  expect(stderr).toMatch(/^tsm: the disk is mounted read-only \(EROFS/);
  expect(code).toBe(1);
  expect(await row(home, "api")).toMatchObject({ status: "online" });
  const stopped = await tsm(home, ["stop", "api"], { env });
  expect(stopped.stderr).toBe("");
  expect(stopped.stdout).toMatch(/stopped 'api' \(1 process, [\d.]+ s, 0 forced, 0 left\)/);
  expect(processes.isAlive(identity)).toBe(false);
  expect((await row(home, "api")).status).not.toBe("online");
  makeWritable();
  expect((await tsm(home, ["restart", "api", "--settle", "0"], { env })).code).toBe(0);
  expect(services(home)).toHaveLength(1);
});

test.for(diskKinds)("%s with room for so much: a start succeeds or leaves no trace", async (kind) => {
  const { home, env, fill, drain } = makeSmallDisk(kind);
  await start(home, "other");
  await tsm(home, ["delete", "other"]);
  const outcomes: (number | null)[] = [];
  for (let room = 0; outcomes.at(-1) !== 0 && room < 60; room += stepOf(kind)) {
    fill(room);
    const { code, stderr } = await tsm(home, ["start", "--name", "new", ...sleeper], { env });
    outcomes.push(code);
    if (code === 0) break;
    expect(stderr).toMatch(/^tsm: .*disk.* is full/);
    expect(code).toBe(1);
    expect(readdirSync(join(home.path, "runtime/processes")), `room for ${room}`).toEqual([]);
    expect(readdirSync(join(home.path, "locks"))).toEqual([]);
    expect(home.processes()).toEqual([]);
  }
  drain();
  expect(outcomes.at(-1)).toBe(0);
  expect(outcomes.length).toBeGreaterThan(5);
  expect(await row(home, "new")).toMatchObject({ status: "online" });
  report(`starts on ${kind} with room for more and more: exit ${outcomes.join(" ")}`);
});

test.for(diskKinds)("%s with room for so much: what was defined before is not lost", async (kind) => {
  const { home, env, fill, drain } = makeSmallDisk(kind);
  await start(home, "old", ["sleep", "3601"]);
  await tsm(home, ["stop", "old"]);
  const definition = () => [
    { ...meta(home, "old"), last_exit: null },
    ...["argv", "env", "overlay", "settings"].map((file) =>
      readFileSync(join(folderOf(home, "old"), "launch", file), "utf8"),
    ),
  ];
  const before = definition();
  let isDone = false;
  for (let room = 0; !isDone && room < 60; room += stepOf(kind)) {
    fill(room);
    const { code, stderr } = await tsm(home, ["start", "--name", "old", ...sleeper], { env });
    isDone = code === 0;
    if (isDone) break;
    expect(stderr).toMatch(/^tsm: .*disk.* is full/);
    expect(definition(), `room for ${room}`).toEqual(before);
    expect(home.processes()).toEqual([]);
  }
  drain();
  expect(isDone).toBe(true);
  expect((await row(home, "old")).command).toContain("sleep 3600");
  expect((await tsm(home, ["restart", "old", "--settle", "0"])).code).toBe(0);
  expect(services(home)).toHaveLength(1);
});

test.skipIf(!diskKinds.includes("a disk of 1 MB"))("a restart without room for it ends nothing", async () => {
  const { home, fill } = makeSmallDisk("a disk of 1 MB");
  await start(home, "it");
  const { pid } = meta(home, "it");
  for (let room = 0; room < 12; room += 1) {
    fill(room);
    const { code, stderr } = await tsm(home, ["restart", "it", "--settle", "0"]);
    expect(code, `room for ${room}: ${stderr}`).toBe(1);
    expect(stderr).toMatch(/^tsm: .*disk.* is full/);
    expect(meta(home, "it"), `room for ${room}`).toMatchObject({ pid, status: "online" });
  }
});

test.for(diskKinds)("%s that became full: exits are seen, and stop, kill and delete work", async (kind) => {
  const { home, env, fill, drain } = makeSmallDisk(kind);
  for (const name of ["a", "b", "c", "d"]) await start(home, name);
  await start(home, "always", ["sleep", "3600"], "always");
  fill(0);
  const killed = identify(meta(home, "a").pid);
  process.kill(killed.pid, "SIGKILL");
  await until("its end is seen", async () => (await row(home, "a")).status === "crashed");
  expect((await tsm(home, ["stop", "b"], { env })).stdout).toMatch(
    /stopped 'b' \(1 process, [\d.]+ s, 0 forced, 0 left\)/,
  );
  fill(0);
  expect((await tsm(home, ["kill", "c"], { env })).stdout).toContain("'c' got SIGKILL (1 process)");
  fill(0);
  expect(await tsm(home, ["delete", "d"], { env })).toMatchObject({ code: 0, stderr: "" });
  fill(0);
  const rows = await list(home);
  expect(rows.filter(({ status }) => status === "online").map(({ name }) => name)).toEqual(["always"]);
  // Its policy holds without a byte of space.
  const before = identify(meta(home, "always").pid);
  process.kill(before.pid, "SIGKILL");
  await until("it is back", () => services(home).length === 1 && !processes.isAlive(before));
  expect((await tsm(home, ["stop", "always"], { env })).stdout).toContain("0 left");
  expect(home.processes()).toEqual([]);
  drain();
  for (const name of ["a", "b", "c", "always"]) {
    expect((await tsm(home, ["restart", name, "--settle", "0"])).code).toBe(0);
  }
  expect(services(home)).toHaveLength(4);
  expect(runners(home)).toHaveLength(4);
});

test.skipIf(!diskKinds.includes("a disk of 1 MB"))(
  "a disk without an inode: nothing starts and the message names the file, and stop, kill and delete work",
  async () => {
    const { home, useUpInodes } = makeSmallDisk("a disk of 1 MB");
    for (const name of ["a", "b", "c"]) await start(home, name);
    useUpInodes();
    const { code, stderr } = await tsm(home, ["start", "--name", "new", ...sleeper]);
    expect(code).toBe(1);
    expect(stderr).toContain(`tsm: the disk is full (ENOSPC: ${home.path}/`);
    expect((await tsm(home, ["stop", "a"])).stdout).toContain("0 left");
    useUpInodes();
    expect((await tsm(home, ["kill", "b"])).stdout).toContain("'b' got SIGKILL (1 process)");
    useUpInodes();
    expect(await tsm(home, ["delete", "c"])).toMatchObject({ code: 0, stderr: "" });
    expect(services(home)).toEqual([]);
    expect((await list(home)).map(({ name, status }) => [name, status])).toEqual([
      ["a", "stopped"],
      ["b", "stopped"],
    ]);
  },
);

async function start(home: Home, name: string, command = ["sleep", "3600"], policy = "no"): Promise<void> {
  const words = ["start", "--name", name, "--restart", policy, "--settle", "0", "--", ...command];
  const { code, stderr } = await tsm(home, words);
  if (code !== 0) throw new Error(stderr);
}
