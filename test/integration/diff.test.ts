import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, journalOf, pidOf, readMeta } from "../support/record.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What runs were started with, and how one differs from another. */

const notes = (home: Home, name: string) => join(folderOf(home, name), "runs");
const numbers = (home: Home, name: string) => readdirSync(notes(home, name)).filter((file) => file !== "key");

async function done(home: Home, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stderr } = await tsm(home, args, { env });
  if (code !== 0) throw new Error(`tsm ${args.join(" ")}: ${stderr}`);
}

test("diff tells variables, commits and how the runs were, and no secret is on disk beyond the launch files", async () => {
  const home = makeHome();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", ...args], {
      cwd: home.folder,
    });
  git("init", "-q");
  git("commit", "-q", "--allow-empty", "-m", "one");
  const start = ["start", "--name", "api", "--settle", "0", "--", "bash", "-c", "sleep 600; :", "--token", "sesame-1"];
  await done(home, start, { GONE: "1", SAME: "x", OTHER: "a", API_KEY: "sesame-1", DB: "pg://u:sesame-1@h/db" });
  git("commit", "-q", "--allow-empty", "-m", "two \u001b[31mred");
  const env = { NEW: "1", SAME: "x", OTHER: "b", API_KEY: "sesame-2", DB: "pg://u:sesame-2@h/db" };
  await done(home, ["restart", "api", "--update-env", "--settle", "0"], env);
  await done(home, ["restart", "api", "--settle", "0"]);
  expect(numbers(home, "api")).toEqual(["1.json", "2.json"]);
  for (const file of readdirSync(notes(home, "api")))
    expect(readFileSync(join(notes(home, "api"), file), "utf8")).not.toContain("sesame");

  const diff = await tsmJson(home, ["diff", "api", "1", "2"]);
  expect(diff).toMatchObject({
    name: "api",
    from: { run: 1, how: expect.stringContaining("wanted by user") },
    to: { run: 2, began: "restart" },
    commits: { added: 1, removed: 0, subjects: [expect.stringContaining("two")] },
    logs: [],
  });
  expect((diff as { changes: { of: string; name: string }[] }).changes).toEqual([
    expect.objectContaining({ of: "git HEAD", name: "" }),
    { of: "variable", name: "API_KEY", from: "***MASKED***", to: "***MASKED***", hidden: true },
    { of: "variable", name: "DB", from: "pg://u:***MASKED***@h/db", to: "pg://u:***MASKED***@h/db", hidden: true },
    { of: "variable", name: "GONE", from: "1", to: null, hidden: false },
    { of: "variable", name: "NEW", from: null, to: "1", hidden: false },
    { of: "variable", name: "OTHER", from: "a", to: "b", hidden: false },
  ]);
  const { stdout } = await tsm(home, ["diff", "api", "1", "2"]);
  for (const line of [
    /^variable +- GONE=1$/m,
    /^variable +\+ NEW=1$/m,
    /^variable +~ OTHER=a → b$/m,
    /, 1 commit on: git log/,
  ])
    expect(stdout).toMatch(line);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).not.toContain("sesame");
  expect((await tsm(home, ["diff", "api"])).stdout).toMatch(/run 2 and run 3[\s\S]*Both were started in the same way/);
  // The timeline knows it without values.
  expect(journalOf(home).filter(({ event }) => event === "config")).toMatchObject([
    { name: "api", run: 2, changes: ["~API_KEY", "~DB", "-GONE", "+NEW", "~OTHER"] },
  ]);
  expect((await tsm(home, ["timeline", "1h", "api"])).stdout).toContain("is started otherwise than before: ~API_KEY");
  expect((await tsm(home, ["history", "api"])).stdout).toMatch(/git HEAD[\s\S]*[0-9a-f]{10}[\s\S]*[0-9a-f]{10}/);
});

test("what the runner brings back shares the note of its start, and a start under the same name has its own", async () => {
  const home = makeHome();
  await done(home, ["start", "--name", "it", "--settle", "0", "--restart", "always", "--", "sleep", "600"]);
  process.kill(pidOf(home, "it"), "SIGKILL");
  await until(
    "it is back",
    () => readMeta(home, "it")["restarts"] === 1 && readMeta(home, "it")["status"] === "online",
  );
  expect(numbers(home, "it")).toEqual(["1.json"]);
  expect(await tsmJson(home, ["diff", "it", "1", "2"])).toMatchObject({ changes: [] });
  await done(home, ["stop", "it"]);
  await done(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "700"]);
  expect(numbers(home, "it")).toEqual(["1.json", "3.json"]);
  expect(await tsmJson(home, ["diff", "2", "3"])).toMatchObject({
    changes: [
      { of: "command", from: expect.stringMatching(/sleep 600$/), to: expect.stringMatching(/sleep 700$/) },
      { of: "setting", name: "restart", from: "always", to: "on-failure" },
    ],
  });
});

test("errors that are new, gone or come much more often are told, each by what it says", async () => {
  const home = makeHome();
  const script = join(home.folder, "talk.sh");
  const write = (lines: readonly string[]) => writeFileSync(script, `${lines.join("\n")}\nexec sleep 600\n`);
  const times = (count: number, text: string) => `for i in $(seq ${count}); do echo "${text} $i" >&2; done`;
  write([times(2, "ERROR old"), times(2, "ERROR often"), times(3, "ERROR same"), "echo done"]);
  const said = async (run: number) =>
    await until("it has said all", async () =>
      (await tsm(home, ["logs", "t", "--run", String(run)])).stdout.includes("done"),
    );
  await done(home, ["start", "--name", "t", "--settle", "0", "--", "bash", script]);
  await said(1);
  write([times(1, "WARN fresh"), times(40, "ERROR often"), times(3, "ERROR same"), "echo done"]);
  await done(home, ["restart", "t", "--settle", "0"]);
  await said(2);
  const { logs } = (await tsmJson(home, ["diff", "t"])) as { logs: { change: string; message: string }[] };
  expect(logs.toSorted((a, b) => (a.change < b.change ? -1 : 1))).toMatchObject([
    { change: "gone", level: "error", message: "old 1", from: 2, to: 0 },
    { change: "more", level: "error", from: 2, to: 40 },
    { change: "new", level: "warn", from: 0, to: 1 },
  ]);
  expect((await tsm(home, ["diff", "t"])).stdout).toMatch(/^more +error +2 → 40 times +often/m);
});

test("what cannot be compared is said: no run, only one, no such run, which process, which runs", async () => {
  const home = makeHome();
  const fails = async (args: readonly string[], code: number, text: RegExp) =>
    expect(await tsm(home, ["diff", ...args])).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(text) });
  await fails([], 1, /no process has runs/);
  await fails(["nobody"], 1, /'nobody' not found/);
  for (const name of ["äpi two", "web"])
    await done(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
  await fails(["web"], 1, /'web' has no run but 1[\s\S]*tsm restart web/);
  for (const name of ["äpi two", "web"]) await done(home, ["restart", name, "--settle", "0"]);
  await fails(["web", "1", "9"], 1, /'web' has no run 9[\s\S]*There are runs 1 to 2/);
  await fails(["web", "2"], 64, /both are run 2 of 'web'/);
  await fails(["1", "2"], 64, /2 processes have runs 1 and 2[\s\S]*tsm diff web 1 2/);
  await fails(["7", "8"], 1, /no process has runs 7 and 8/);
  await fails(["web", "äpi two"], 64, /two runs of one process/);
  await fails(["*"], 1, /is 2 processes/);
  await fails(["web", "1", "2", "3"], 64, /two runs of one process/);
  expect(await tsmJson(home, ["diff", "last", "1", "äpi two"])).toMatchObject({ from: { run: 2 }, to: { run: 1 } });
  expect(await tsmJson(home, ["diff", "0", "1", "last"])).toMatchObject({ name: "äpi two", to: { run: 2 } });
});

test("a note that is damaged or gone makes nothing up, and the next start goes on", async () => {
  const home = makeHome();
  await done(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  await done(home, ["restart", "it", "--settle", "0", "--update-env"], { A: "1" });
  writeFileSync(join(notes(home, "it"), "1.json"), '{"argv":["/usr/bin/sle');
  expect(await tsmJson(home, ["diff", "it"])).toMatchObject({ changes: null, commits: null });
  expect((await tsm(home, ["diff", "it"])).stdout).toContain("What run 1 was started with is not on record.");
  // Marks of another key say nothing.
  rmSync(join(notes(home, "it"), "key"));
  await done(home, ["restart", "it", "--settle", "0"]);
  expect(numbers(home, "it")).toEqual(["3.json"]);
  rmSync(notes(home, "it"), { recursive: true });
  writeFileSync(notes(home, "it"), "no folder");
  await done(home, ["restart", "it", "--settle", "0"]);
  expect(await tsmJson(home, ["diff", "it"])).toMatchObject({ changes: null });
  expect(await tsmJson(home, ["history", "it"])).toMatchObject([1, 2, 3, 4].map((run) => ({ run, gitHead: null })));
});
