import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { journalOf, readMeta } from "../support/record.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

function write(home: Home, at: Date, events: readonly Record<string, unknown>[]): void {
  mkdirSync(join(home.path, "db/events"), { recursive: true });
  const time = at.toISOString().replace(/\.\d+Z$/, "Z");
  const text = events.map((event) => `${JSON.stringify({ time, ...event })}\n`).join("");
  appendFileSync(join(home.path, `db/events/${time.slice(0, 10)}.jsonl`), text);
}

async function start(home: Home, name: string, ...command: string[]): Promise<void> {
  expect(await tsm(home, ["start", "--settle", "0", "--name", name, "--", ...command])).toMatchObject({ code: 0 });
}

test("events tells lives and commands, of one process or of all, and who is gone is remembered", async () => {
  const home = makeHome();
  await start(home, "api", "sleep", "600");
  await start(home, "web", "sleep", "600");
  expect(await tsm(home, ["stop", "api"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["delete", "api"])).toMatchObject({ code: 0 });
  const { stdout } = await tsm(home, ["events", "api"]);
  for (const told of [
    /Z api .*start --settle 0 --name api/,
    /Z api started as PID \d+, run 1\n/,
    /wanted by user\n/,
    /: delete api\n/,
  ])
    expect(stdout).toMatch(told);
  expect(stdout).not.toContain("web");
  const { stdout: lines } = await tsm(home, ["events", "--json", "-n", "2"]);
  expect(
    lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(journalOf(home).slice(-2));
  expect(await tsm(home, ["events", "nobody"])).toMatchObject({ code: 1, stdout: "" });
  expect(await tsm(home, ["events", "--since", "start"])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["events", "--since", "1h", "web"])).toMatchObject({ code: 0 });
});

test("a name that another has as a part of its own means itself, also when it is gone", async () => {
  const home = makeHome();
  await start(home, "api-2", "sleep", "600");
  write(home, new Date(), [
    { event: "flush", name: "api", id: 7 },
    { event: "reset", name: "apix", id: 8 },
  ]);
  expect((await tsm(home, ["events", "api"])).stdout).toMatch(/^\S+ api flush\n$/);
  expect((await tsm(home, ["timeline", "1h", "api"])).stdout).toMatch(/^\S+ api flush\n$/);
  expect((await tsm(home, ["events", "pi-2"])).stdout).toContain(" api-2 started");
});

test("a name that nobody has and nobody had is refused with the one that is near", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "server", "sleep", "600"]);
  for (const verb of ["events", "timeline"])
    expect(await tsm(home, [verb, "sevrer"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("  Did you mean 'server'? tsm events --since 30d looks further back"),
    });
});

test("what was typed is on record with its secrets masked, and what only looks is not", async () => {
  const home = makeHome();
  await start(home, "api", "sh", "-c", "exec sleep 600", "api", "--token", "sesame");
  await tsm(home, ["alias", "a=start --token sesame"]);
  for (const looks of [
    ["list"],
    ["config"],
    ["alias"],
    ["undo", "--list"],
    ["patrol", "--quick"],
    ["stop"],
    ["stop", "nobody"],
  ])
    await tsm(home, looks);
  await tsm(home, ["repl"], { stdin: "restart api --settle 0\nexit\n" });
  const commands = journalOf(home).filter(({ event }) => event === "command");
  expect(commands).toMatchObject([
    {
      door: "command line",
      names: ["api"],
      line: expect.stringContaining("start --settle 0 --name api"),
      pid: process.pid,
    },
    ...commands.slice(1, -1).map(() => ({ line: expect.stringContaining("alias") })),
    { door: "shell", names: ["api"], line: "restart api --settle 0" },
  ]);
  expect(JSON.stringify(journalOf(home))).not.toContain("sesame");
});

test("events -f goes on with what happens, over midnight too, until Ctrl-C", async () => {
  const home = makeHome();
  write(home, new Date(), [{ event: "start", name: "api", id: 0 }]);
  const { child, printed, outcome } = startTsm(home, ["events", "-f", "api"]);
  await until("the old line is there", () => printed.stdout.includes("api started"));
  write(home, new Date(), [
    { event: "stop", name: "web", id: 1 },
    { event: "flush", name: "api", id: 0 },
  ]);
  await until("the new line is there", () => printed.stdout.includes("api flush"));
  write(home, new Date(Date.now() + 86_400_000), [{ event: "kill", name: "api", id: 0 }]);
  await until("the next day is there", () => printed.stdout.includes("api kill"));
  expect(printed.stdout).not.toContain("web");
  child.kill("SIGINT");
  expect((await outcome).stderr).toBe("");
});

test("events -f of a name that nobody has says that it waits for one, and shows it when it comes", async () => {
  const home = makeHome();
  const { child, printed, outcome } = startTsm(home, ["events", "-f", "later", "api-*", "--json"]);
  await until("it says so", () => printed.stderr.includes("waiting for one of that name"));
  write(home, new Date(), [{ event: "start", name: "later", id: 0 }]);
  await until("the line is there", () => printed.stdout.includes('"later"'));
  child.kill("SIGINT");
  expect((await outcome).stderr).toBe("tsm: there is no process 'later' now; waiting for one of that name\n");
});

test("a commit is on record when a process is started from another than before", async () => {
  const home = makeHome();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", ...args], {
      cwd: home.folder,
    });
  git("init", "-q");
  git("commit", "-q", "--allow-empty", "-m", "one");
  await start(home, "api", "sleep", "600");
  expect(await tsm(home, ["restart", "api", "--settle", "0"])).toMatchObject({ code: 0 });
  git("commit", "-q", "--allow-empty", "-m", "two");
  expect(await tsm(home, ["restart", "api", "--settle", "0"])).toMatchObject({ code: 0 });
  const heads = journalOf(home).filter(({ event }) => event === "source");
  const two = readFileSync(join(home.folder, ".git/refs/heads/main"), "utf8").trim();
  expect(heads).toMatchObject([
    { before: null, branch: "main" },
    { before: heads[0]?.["head"], head: two },
  ]);
  expect((await tsm(home, ["timeline", "1h", "api"])).stdout).toContain("git HEAD went from");
});

test("timeline puts lives, commands and bursts of errors in the order of time", async () => {
  const home = makeHome();
  const script = 'for i in 1 2 3 4 5 6; do echo "ERROR no db" >&2; done; sleep 600';
  await start(home, "api", "bash", "-c", script);
  const moments = await until("the errors have a time", async () => {
    const answer = (await tsmJson(home, ["timeline", "1h"])) as {
      moments: { kind: string; names: string[]; text: string }[];
    };
    return answer.moments.some(({ kind }) => kind === "errors") && answer.moments;
  });
  expect(moments.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["command", "start", "errors"]));
  expect(moments.find(({ kind }) => kind === "errors")?.text).toMatch(/^6 error lines.*ERROR no db$/);
  const { stdout } = await tsm(home, ["timeline", "api"]);
  expect(stdout.split("\n").filter((line) => line !== "" && !/^\d{4}-\d\d-\d\dT[\d:]+Z api /.test(line))).toEqual([]);
  expect(await tsm(home, ["timeline", "1h", "2h"])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["timeline", "-5m"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("'-5m' is not a time"),
  });
  expect(await tsm(home, ["timeline", "nobody"])).toMatchObject({ code: 1 });
  expect(await tsm(home, ["timeline", "99999999w"])).toMatchObject({ code: 0 });
});

test("what was typed to start a process is told of it, though its port was put behind the name", async () => {
  const home = makeHome();
  const port = await freePort();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--port", String(port), "--", "sleep", "600"]);
  await tsm(home, ["set", "lines", "40"]);
  const { moments } = (await tsmJson(home, ["timeline"])) as { moments: { kind: string; names: string[] }[] };
  expect(moments.filter(({ kind }) => kind === "command").map(({ names }) => names)).toEqual([[`api-${port}`], []]);
  for (const name of ["api", `api-${port}`]) {
    expect((await tsm(home, ["timeline", name])).stdout).toContain("--name api");
    expect((await tsm(home, ["events", name])).stdout).toContain("--name api");
  }
});

test("a home without a journal, and one that nothing may be read of as a journal, have nothing to tell", async () => {
  const home = makeHome();
  expect(await tsm(home, ["events"])).toMatchObject({ code: 0, stdout: "" });
  expect((await tsm(home, ["timeline"])).stdout).toMatch(/^Nothing has happened since .*\.\n$/);
  mkdirSync(join(home.path, "db"), { recursive: true });
  writeFileSync(join(home.path, "db/events"), "a file");
  expect((await tsm(home, ["events"])).code).not.toBe(70);
  expect((await tsm(home, ["timeline"])).code).not.toBe(70);
});

test("who was never to be brought back has ended, and given nothing up; a start that fails says so", async () => {
  const home = makeHome();
  const flags = ["--settle", "0", "--restart", "no", "--name", "once"];
  await tsm(home, ["start", ...flags, "--", "bash", "-c", "exit 3"]);
  await until("it has crashed", () => readMeta(home, "once")["status"] === "crashed");
  await tsm(home, ["start", "--name", "bad", "--", "bash", "-c", "exit 3"]);
  const given = () => journalOf(home).filter(({ event }) => event === "gave-up");
  await until("it was given up", () => given().length > 0);
  expect(given()).toMatchObject([{ name: "bad", reason: "it ended while it was started" }]);
});

test("a process that is not brought back is on record as such, with the reason", async () => {
  const home = makeHome();
  const flags = ["--settle", "0", "--max-restarts", "1", "--restart", "on-failure", "--name", "api"];
  await tsm(home, ["start", ...flags, "--", "bash", "-c", "exit 3"]);
  const given = await until("it was given up", () => journalOf(home).find(({ event }) => event === "gave-up"));
  expect(given).toMatchObject({ name: "api", run: expect.any(Number), reason: expect.any(String) });
  expect((await tsm(home, ["timeline", "api"])).stdout).toContain(" api is not brought back");
});
