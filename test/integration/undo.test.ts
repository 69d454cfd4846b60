import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, hasty, makeHome } from "../support/home.ts";
import { meta, row, services } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { folderOf, isAlive, journalOf, logOf, pidOf } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { type Outcome, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

async function start(home: Home, name: string, ...flags: string[]): Promise<void> {
  const { code, stderr } = await tsm(home, ["start", "--name", name, "--settle", "0", ...flags, "--", "sleep", "3600"]);
  if (code !== 0) throw new Error(stderr);
}

/** Fails the test with what it said when it fails. */
async function done(home: Home, ...words: string[]): Promise<Outcome> {
  const outcome = await tsm(home, words);
  expect(outcome, words.join(" ")).toMatchObject({ code: 0, stderr: "" });
  return outcome;
}

/** Every file that is kept for undo, by its path below the home. */
function kept(home: Home): string[] {
  const folder = join(home.path, "runtime/undo");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { encoding: "utf8", recursive: true }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

test.for(["stop", "kill"])("what was ended by %s is started again, under its id", async (verb) => {
  const home = hasty(makeHome());
  await start(home, "zero");
  await start(home, "one");
  await done(home, verb, "one");
  expect(await done(home, "undo", "--dry-run")).toMatchObject({
    stdout: expect.stringMatching(
      new RegExp(`^undo: ${verb} of 'one' \\d+s ago: starts #1 again \\(it was online\\)\\n$`),
    ),
  });
  expect(meta(home, "one")).toMatchObject({ status: "stopped" });
  const undone = await done(home, "undo");
  expect(undone.stdout).toMatch(/^undo: .*\ntsm: started 'one' again \(TSM ID: 1, PID: \d+\)\n$/);
  expect(await row(home, "one")).toMatchObject({ id: 1, status: "online", restarts: 0 });
  expect(journalOf(home)).toContainEqual(expect.objectContaining({ event: "undo", id: 1, name: "one", of: verb }));
  expect(await tsm(home, ["undo"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("nothing to undo"),
  });
});

test("a delete is undone with everything: id, command, environment, policy, port and logs", async () => {
  const home = hasty(makeHome());
  const port = await freePort();
  script(home, "it.sh", tick);
  const words = [
    "start",
    "--settle",
    "0",
    "--port",
    String(port),
    "--restart",
    "always",
    "--max-restarts",
    "7",
    "it.sh",
  ];
  await tsm(home, words, { env: { MY_SECRET_TOKEN: "t0p" } });
  const name = `it-${port}`;
  await until("it has written", () => logOf(home, name) === "tick\n");
  const before = meta(home, name);
  const files = (folder: string) => {
    const read = (file: string) => readFileSync(join(folder, "launch", file), "utf8");
    return { policy: JSON.parse(read("policy.json")), words: ["argv", "env", "port-from"].map(read) };
  };
  const launch = files(folderOf(home, name));
  await done(home, "delete", name);

  // Gone from everywhere that is looked at.
  expect(existsSync(folderOf(home, name))).toBe(false);
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  expect((await done(home, "ports")).stdout).toBe("");
  expect(await tsm(home, ["info", name])).toMatchObject({ code: 1 });
  for (const path of kept(home)) {
    // The logs are as they were; nobody but the owner gets into the folder.
    if (!path.includes("current."))
      expect(statSync(join(home.path, "runtime/undo", path)).mode & 0o777, path).toBe(0o600);
  }
  expect(statSync(join(home.path, "runtime/undo")).mode & 0o777).toBe(0o700);

  const said = (await done(home, "undo")).stdout;
  expect(said).toContain(`: re-creates #0 ${name} and starts it (it was online)\n`);
  expect(said).toMatch(
    new RegExp(`tsm: re-created '${name}' and started it \\(TSM ID: 0, PID: \\d+, Port: ${port}\\)\\n$`),
  );
  expect(await row(home, name)).toMatchObject({ id: 0, status: "online", port, supervised: true });
  expect(meta(home, name)).toMatchObject({
    command: before["command"],
    created: before["created"],
    restart_policy: "always",
  });
  expect(files(folderOf(home, name))).toEqual(launch);
  expect((await done(home, "ports")).stdout).toBe(`Process: it, Port: ${port}\n`);
  await until("it has written behind what it had written", () => logOf(home, name) === "tick\ntick\n");
  expect(kept(home)).toEqual([]);
});

test("what rested is re-created and not started; a delete of several, and a cleanup, are one", async () => {
  const home = hasty(makeHome());
  for (const name of ["a", "b", "c"]) await start(home, name);
  await done(home, "stop", "b");
  await done(home, "delete", "*");
  await start(home, "d");
  const { stdout } = await done(home, "undo");
  expect(stdout).toMatch(
    /^undo: delete of 3 processes \d+s ago:\n {5}'a': re-creates .*\n {5}'b': re-creates #1 b, stopped as it was\n/,
  );
  const rows = (await tsmJson(home, ["list", "all"])) as { name: string; id: number; status: string }[];
  const statuses = Object.fromEntries(rows.map(({ name, status }) => [name, status]));
  expect(statuses).toEqual({ a: "online", b: "stopped", c: "online", d: "online" });
  // #0 was given to another meanwhile: no id twice.
  expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
  await done(home, "cleanup", "--stopped");
  expect((await done(home, "undo")).stdout).toContain("tsm: re-created 'b' (TSM ID: ");
});

test("a restart is undone as far as it can be: what it has revived is stopped, what it has ended is gone", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  const pid = pidOf(home, "it");
  await done(home, "restart", "it", "--settle", "0");
  expect(await tsm(home, ["undo"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining(
      `tsm: the restart of 'it' cannot be undone: process ${pid} has ended and no process can be brought back; 'it' runs again, by the same command\n`,
    ),
  });
  await done(home, "stop", "it");
  await done(home, "restart", "it", "--settle", "0");
  const said = await done(home, "undo");
  expect(said.stdout).toMatch(/: stops #0 \(it was stopped before\)\ntsm: stopped 'it' \(1 process\)\n$/);
  expect(services(home)).toEqual([]);
  // What is before it is next: the stop, then the restart that is still on the list.
  await done(home, "undo");
  expect(services(home)).toHaveLength(1);
  expect(await tsmJson(home, ["undo", "--list"])).toMatchObject([{ verb: "restart", steps: [{ does: "cannot" }] }]);
});

test("delete --keep-logs is undone too, behind the logs that stayed", async () => {
  const home = hasty(makeHome());
  script(home, "it.sh", tick);
  await tsm(home, ["start", "--settle", "0", "it.sh"]);
  await until("it has written", () => logOf(home, "it") === "tick\n");
  await done(home, "delete", "it", "--keep-logs");
  await done(home, "undo");
  await until("it has written behind them", () => logOf(home, "it") === "tick\ntick\n");
  expect(await row(home, "it")).toMatchObject({ id: 0, status: "online" });
});

test("a damaged record is put back as it was", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  await done(home, "stop", "it");
  const path = join(folderOf(home, "it"), "meta.json");
  rmSync(path);
  await done(home, "delete", "it");
  expect((await done(home, "undo")).stdout).toContain("tsm: put the damaged record of 'it' back\n");
  expect((await tsm(home, ["info", "it"])).stderr).toContain("meta.json is missing");
});

test("what cannot be undone says why, changes nothing, and can be undone when that is out of the way", async () => {
  const home = hasty(makeHome());
  const port = await freePort();
  const folder = join(home.folder, "there");
  script(home, "there/it.sh", tick);
  await tsm(home, ["start", "--settle", "0", "--port", String(port), "--cwd", folder, "--name", "it", "./it.sh"]);
  const name = `it-${port}`;
  await done(home, "delete", name);
  const refused = async (why: string) => {
    const before = kept(home);
    expect(await tsm(home, ["undo"])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(why) });
    expect(kept(home)).toEqual(before);
  };

  await start(home, name);
  await refused(`the name '${name}' is taken by another process (#0)`);
  await done(home, "delete", name, "--purge");

  const stranger = createServer().listen(port);
  await new Promise((resolve) => stranger.once("listening", resolve));
  await refused(`port ${port} of '${name}' is held by PID ${process.pid}`);
  await new Promise((resolve) => stranger.close(resolve));

  renameSync(folder, `${folder}-moved`);
  await refused(`the folder ${folder} is gone`);
  renameSync(`${folder}-moved`, folder);
  expect((await done(home, "undo")).stdout).toContain(`tsm: re-created '${name}' and started it`);
});

test("the list tells the last first, who did it and what would happen; undo N takes one of it", async () => {
  const home = hasty(makeHome());
  for (const name of ["a", "b"]) await start(home, name);
  await done(home, "stop", "a");
  await done(home, "repl", "-c", "delete b");
  const { stdout } = await done(home, "undo", "--list");
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^1 {2}delete of 'b' \d+s ago, in a shell: re-creates #1 b and starts it \(it was online\)$/),
    expect.stringMatching(/^2 {2}stop of 'a' \d+s ago, on the command line: starts #0 again \(it was online\)$/),
    "",
  ]);
  await done(home, "undo", "2");
  expect(await row(home, "a")).toMatchObject({ status: "online" });
  expect(await tsmJson(home, ["undo", "--list"])).toMatchObject([{ verb: "delete", by: "shell" }]);
  expect(await tsm(home, ["undo", "2"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no 2 to undo: the list ends at 1"),
  });
});

test("what has come back by itself since needs nothing, and leaves the list", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  await done(home, "stop", "it");
  await done(home, "start", "it");
  const { pid } = meta(home, "it");
  expect((await done(home, "undo")).stdout).toContain("tsm: 'it' is left as it is: it is online\n");
  expect(meta(home, "it").pid).toBe(pid);
  expect(await tsmJson(home, ["undo", "--list"])).toEqual([]);
});

test("what touched nothing is not on the list, and neither is another signal than KILL", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  await done(home, "kill", "it", "--signal", "CONT");
  await tsm(home, ["stop", "nobody"]);
  expect(await tsmJson(home, ["undo", "--list"])).toEqual([]);
  await done(home, "stop", "it");
  await done(home, "stop", "it");
  expect(await tsmJson(home, ["undo", "--list"])).toHaveLength(1);
});

test("twenty can be undone; what is kept for older ones is gone from the disk", async () => {
  const home = hasty(makeHome());
  const names = Array.from({ length: 22 }, (_, index) => `p${index}`);
  const lines = (line: (name: string) => string) => done(home, "repl", "-c", names.map(line).join("; "));
  await lines((name) => `start --name ${name} --settle 0 -- sleep 3600`);
  await done(home, "stop", "*");
  await done(home, "undo", "--forget");
  await lines((name) => `delete ${name}`);
  const list = (await tsmJson(home, ["undo", "--list"])) as unknown[];
  expect(list).toHaveLength(20);
  expect(readdirSync(join(home.path, "runtime/undo"))).toHaveLength(20);
});

test("after a day nothing is kept: the next command, whichever, removes it", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  await done(home, "delete", "it");
  const folder = join(home.path, "runtime/undo");
  const [id = ""] = readdirSync(folder);
  const yesterday = Date.now() - 25 * 60 * 60 * 1000;
  renameSync(join(folder, id), join(folder, id.replace(/^\d+/, String(yesterday).padStart(15, "0"))));
  expect(await tsm(home, ["undo"])).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing to undo") });
  expect(readdirSync(folder)).toEqual([]);
});

test("--purge keeps nothing, and undo --forget gives back what is kept", async () => {
  const home = hasty(makeHome());
  for (const name of ["a", "b", "c"]) await start(home, name);
  await done(home, "delete", "a", "--purge");
  expect(kept(home)).toEqual([]);
  await done(home, "delete", "b");
  await done(home, "delete", "c");
  expect((await done(home, "undo", "1", "--forget")).stdout).toBe(
    "tsm: 1 entry is forgotten, with what was kept for it\n",
  );
  expect(await tsmJson(home, ["undo", "--list"])).toMatchObject([{ steps: [{ name: "b" }] }]);
  await done(home, "undo", "--forget");
  expect(kept(home)).toEqual([]);
});

test("two undo at once start it once, and one of them says so", async () => {
  const home = hasty(makeHome());
  await start(home, "it");
  await done(home, "delete", "it");
  const [first, second] = await Promise.all([tsm(home, ["undo"]), tsm(home, ["undo"])]);
  const codes = [first?.code, second?.code].sort();
  expect(codes, JSON.stringify([first, second])).toEqual([0, 1]);
  expect(services(home)).toHaveLength(1);
  expect(isAlive(pidOf(home, "it"))).toBe(true);
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});
