import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

async function begin(home: Home, name: string, ...command: string[]): Promise<void> {
  expect(await tsm(home, ["start", "--settle", "0", "--name", name, ...command])).toMatchObject({ code: 0 });
}

/** A process at rest, whose logs the test alone writes. */
async function resting(home: Home, name: string): Promise<string> {
  await begin(home, name, "sleep", "600");
  expect(await tsm(home, ["stop", name])).toMatchObject({ code: 0 });
  return folderOf(home, name);
}

/** `tsm logs … -f`, and what it must have shown by and by. */
function follow(home: Home, ...args: string[]) {
  const { printed, child, outcome } = startTsm(home, ["logs", ...args, "-f"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let expected = "";
  return {
    async shows(more: string): Promise<void> {
      expected += more;
      await until("it is shown", () => printed.stdout.length >= expected.length && printed.stdout);
      expect(printed.stdout).toBe(expected);
    },
    async end(): Promise<void> {
      child.kill("SIGINT");
      expect(await outcome).toMatchObject({ code: 0, stdout: expected, stderr: "" });
    },
  };
}

test("a rotation takes bytes out below the reader: nothing is lost or doubled", async () => {
  const home = makeHome();
  const folder = await resting(home, "it");
  const out = join(folder, "current.out");
  writeFileSync(out, "one\n");
  const { shows, end } = follow(home, "it");
  await shows("one\n");
  for (const round of [1, 2, 3]) {
    appendFileSync(out, `before ${round} and a long line\nhalf `);
    await shows(`before ${round} and a long line\n`);
    // As a rotation does it, in the middle of a line, and more comes at once.
    const moved = readFileSync(out, "utf8");
    const { base } = readState(folder);
    const moving = { bytes: moved.length, token: "f".repeat(32), phase: "copied" };
    writeFileSync(join(folder, ".rotating.out"), moved);
    writeState(folder, { base, moving });
    const file = openSync(out, "r+");
    writeSync(file, moving.token, 0);
    closeSync(file);
    writeState(folder, { base, moving: { ...moving, phase: "stamped" } });
    truncateSync(out);
    writeState(folder, { base: base + moved.length, moving: { ...moving, phase: "placing" } });
    renameSync(join(folder, ".rotating.out"), join(folder, "current.out.1"));
    writeState(folder, { base: base + moved.length });
    appendFileSync(out, `of ${round}\n`);
    await shows(`half of ${round}\n`);
  }
  await end();
});

function readState(folder: string): { base: number } {
  try {
    return JSON.parse(readFileSync(join(folder, "rotation.out"), "utf8"));
  } catch {
    return { base: 0 };
  }
}

function writeState(folder: string, state: object): void {
  writeFileSync(join(folder, ".state"), JSON.stringify(state));
  renameSync(join(folder, ".state"), join(folder, "rotation.out"));
}

test("a line moved away with its file is shown, and so is all in the file that takes its place", async () => {
  const home = makeHome();
  const folder = await resting(home, "it");
  const out = join(folder, "current.out");
  writeFileSync(out, "one\n");
  const { shows, end } = follow(home, "it");
  await shows("one\n");
  renameSync(out, `${out}.old`);
  appendFileSync(`${out}.old`, "into the moved file\n");
  await shows("into the moved file\n");
  writeFileSync(out, "into the new one\n");
  await shows("into the new one\n");
  truncateSync(out);
  appendFileSync(out, "cut\n");
  await shows("cut\n");
  rmSync(out);
  writeFileSync(out, "made again\n");
  await shows("made again\n");
  await end();
});

test("what is written to a moved log is shown, and once, though an empty file lies in its place until it is taken over", async () => {
  const home = makeHome();
  const path = join(home.folder, "on-demand.sh");
  writeFileSync(
    path,
    'echo 1; for i in 2 3 4; do until [ -e "$1/$i" ]; do sleep 0.02; done; echo $i; done; exec sleep 600\n',
  );
  await begin(home, "it", "bash", path, home.folder);
  const out = join(folderOf(home, "it"), "current.out");
  const { shows, end } = follow(home, "it");
  await shows("1\n");
  renameSync(out, join(home.folder, "mine.log"));
  writeFileSync(out, "", { mode: 0o600 });
  writeFileSync(join(home.folder, "2"), "");
  await shows("2\n");
  expect(await tsm(home, ["rotate", "it"])).toMatchObject({ code: 0 });
  writeFileSync(join(home.folder, "3"), "");
  await shows("3\n");
  writeFileSync(join(home.folder, "4"), "");
  await shows("4\n");
  expect(readFileSync(join(home.folder, "mine.log"), "utf8")).toBe("1\n2\n");
  await end();
});

test("a question without an end is shown when nothing more comes, and goes on on its line", async () => {
  const home = makeHome();
  const folder = await resting(home, "it");
  const out = join(folder, "current.out");
  const { shows, end } = follow(home, "it", "--lines", "1");
  writeFileSync(out, "before\nGo on? ");
  await shows("before\n");
  await shows("Go on? ");
  appendFileSync(out, "yes\nafter\n");
  await shows("yes\nafter\n");
  await end();
});

test("a pattern that nobody fits yet is awaited by who follows, and an error without", async () => {
  const home = makeHome();
  expect(await tsm(home, ["logs", "soon-*"])).toMatchObject({ code: 1, stderr: expect.stringContaining("soon-*") });
  const { shows, end } = follow(home, "soon-*");
  await begin(home, "soon-1", "bash", "-c", "echo here; exec sleep 600");
  await shows("soon-1 | here\n");
  await end();
});

test("what is made under a pattern joins, what is deleted leaves, what is made again joins again", async () => {
  const home = makeHome();
  script(home, "says.sh", 'echo "$SAYS"\nexec sleep 600\n');
  const say = (name: string, text: string) =>
    tsm(home, ["start", "--settle", "0", "--name", name, "says.sh"], { env: { SAYS: text } });
  await say("api-1", "one");
  await say("db", "not meant");
  await until("it has spoken", () => readFileSync(join(folderOf(home, "api-1"), "current.out"), "utf8") === "one\n");
  const { shows, end } = follow(home, "api-*");
  await shows("api-1 | one\n");
  await say("api-2", "two");
  await shows("api-2 | two\n");
  await say("db-2", "not meant either");
  await tsm(home, ["delete", "api-1"]);
  await say("api-1", "three");
  await shows("api-1 | three\n");
  appendFileSync(join(folderOf(home, "api-2"), "current.out"), "four\n");
  await shows("api-2 | four\n");
  await end();
});

test("what takes the place of a deleted process at once is shown once", async () => {
  const home = makeHome();
  script(home, "says.sh", 'echo "$SAYS"\nexec sleep 600\n');
  const starting = "start --settle 0 --name api-1 says.sh";
  const env = (text: string) => ({ env: { SAYS: text } });
  await tsm(home, starting.split(" "), env("first"));
  await until("it has spoken", () => readFileSync(join(folderOf(home, "api-1"), "current.out"), "utf8") === "first\n");
  const { shows, end } = follow(home, "api-*");
  await shows("api-1 | first\n");
  for (const text of ["second", "third", "fourth", "fifth"]) {
    await tsm(home, ["repl", "-c", `delete api-1 --yes; ${starting}`], env(text));
    await shows(`api-1 | ${text}\n`);
  }
  appendFileSync(join(folderOf(home, "api-1"), "current.out"), "last\n");
  await shows("api-1 | last\n");
  await end();
});

test("a process that is named is followed through its deletion and into its next life", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await begin(home, "it", "tick.sh");
  await until("it has spoken", () => readFileSync(join(folderOf(home, "it"), "current.out"), "utf8") === "tick\n");
  const { shows, end } = follow(home, "it");
  await shows("tick\n");
  await tsm(home, ["delete", "it"]);
  await begin(home, "it", "tick.sh");
  await shows("tick\n");
  await tsm(home, ["restart", "it", "--settle", "0"]);
  await shows("tick\n");
  await end();
});

test("--grep, --level and both streams go on while it follows", async () => {
  const home = makeHome();
  const folder = await resting(home, "it");
  writeFileSync(join(folder, "current.out"), "INFO: old\nERROR: old\n");
  const { shows, end } = follow(home, "it", "--level", "error", "--grep", "o");
  await shows("ERROR: old\n");
  appendFileSync(join(folder, "current.out"), "INFO: no\nERROR: so\n    at foo\n");
  await shows("ERROR: so\n    at foo\n");
  appendFileSync(join(folder, "current.err"), "oops\n");
  await shows("oops\n");
  await end();
});

test("in the shell Ctrl-C returns to the prompt, and JSON lines are shown as text", async () => {
  const home = makeHome();
  const folder = await resting(home, "it");
  writeFileSync(
    join(folder, "current.out"),
    '{"level":40,"time":1767348000123,"msg":"slow","path":"/api","ms":12,"note":"two words"}\nsafe \x1b[2J\x1b]0;title\x07\n',
  );
  const shell = await openShell(home, { env: { TZ: "UTC" } });
  shell.type("logs it -f\r");
  await shell.waitFor('10:00:00.123 WARN slow path=/api ms=12 note="two words"');
  await shell.waitFor("safe ^[[2J^[]0;title^G");
  shell.key("ctrl-c");
  await shell.waitFor(atPrompt);
});
