import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* `watch` and `repeat`: the built program over real processes, in a terminal and in scripts. */

function open(home: Home, args: readonly string[], rows = 24): Screen {
  return openScreen(process.execPath, [program, ...args], {
    cwd: home.folder,
    env: { TSM_HOME: home.path },
    columns: 90,
    rows,
  });
}

const start = (home: Home, name: string) => tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
const count = (screen: Screen, what: string) => screen.text().split(what).length - 1;

describe("watch", () => {
  test("redraws in place in the shell, and Ctrl-C returns to the prompt", async () => {
    const home = makeHome();
    await start(home, "one");
    const shell = await openShell(home, { columns: 90, rows: 24 });
    shell.type("/clear\rwatch 'list all' --every 0.1\r");
    await shell.waitFor(/^Every 0\.1 s: list all\n┌[\s\S]*│ one +│ online/m);
    await start(home, "two");
    await shell.waitFor(/│ two +│ online/);
    await tsm(home, ["delete", "one"]);
    await shell.waitFor((screen) => !screen.text().includes("│ one"));
    expect(count(shell, "Every 0.1 s")).toBe(1);
    expect(count(shell, "┌")).toBe(1);
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
    expect(count(shell, "│ two")).toBe(1);
    shell.type("version\r");
    await shell.waitFor(/^\d+\.\d+\.\d+$/m);
  });

  test("what it shows next is for the window as it is by then", async () => {
    const home = makeHome();
    await start(home, "one");
    const shell = await openShell(home, { columns: 110, rows: 24 });
    shell.type("watch 'list all' --every 2\r");
    await shell.waitFor(/^Every .*\n┌.*\n│ id.*│ mem +│$/m);
    shell.resize(70, 24);
    await shell.waitFor(/^Every .*\n┌[─┬]+┐\n│ id.*│ uptime +│\n├/m);
    expect(count(shell, "Every 2 s")).toBe(1);
    expect(count(shell, "┌")).toBe(2);
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
  });

  test("redraws in place on the command line too, and Ctrl-C ends it", async () => {
    const home = makeHome();
    await start(home, "one");
    const screen = open(home, ["watch", "--every", "0.1", "list", "--all"]);
    await screen.waitFor(/│ one +│ online/);
    await tsm(home, ["stop", "one"]);
    await screen.waitFor(/│ one +│ stopped/);
    expect(count(screen, "Every")).toBe(1);
    screen.key("ctrl-c");
    expect((await screen.exit).signal).toBeUndefined();
  });

  test("what is taller than the screen is cut, so that it can be written over", async () => {
    const home = makeHome();
    const shell = await openShell(home, { columns: 90, rows: 10 });
    shell.type("/clear\rwatch help --every 0.1\r");
    await shell.waitFor(
      (screen) => screen.rows()[0] === "Every 0.1 s: help" && /^… \d+ more lines$/m.test(screen.text()),
    );
    shell.type("echo");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.rows().some((row) => row.includes("^C")));
    expect(count(shell, "Every 0.1 s")).toBe(1);
  });

  test("in a pipe the outputs follow one another; --times ends it", async () => {
    const home = makeHome();
    const { code, stdout, stderr } = await tsm(home, ["watch", "version", "--every", "0", "--times", "3"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^(\d+\.\d+\.\d+)\n\n\1\n\n\1\n$/);
  });

  test("what fails is shown and watched on: it may come", async () => {
    const home = makeHome();
    const watching = startTsm(home, ["watch", "info it", "--every", "0.1"]);
    await until("it is not there", () => watching.printed.stdout.includes("process 'it' not found"));
    await start(home, "it");
    await until("it is there", () => /status +online/.test(watching.printed.stdout));
    watching.child.kill("SIGINT");
    await watching.outcome;
  });

  test.for([
    { line: "lsit", says: "unknown command 'lsit'" },
    { line: "list | cat", says: "watch takes one command, without pipes" },
    { line: "watch list", says: "watch cannot run watch" },
    {
      line: "!ls",
      says: "watch runs a command of tsm, and ! is bash's\n  !for i in {1..9}; do COMMAND; done repeats one there",
    },
    { line: "logs -f", says: "watch runs what ends, and this logs goes on until Ctrl-C" },
    { line: "restart all", says: "watch runs only what looks, and restart does more" },
    { line: "ports claim 3000", says: "watch runs only what looks, and ports does more" },
    { line: "config set lines 9", says: "watch runs only what looks, and config does more" },
    { line: "", says: "watch needs a command" },
  ])("'$line' is refused before anything runs: $says", async ({ line, says }) => {
    expect(await tsm(makeHome(), ["watch", line])).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringContaining(says),
    });
  });
});

test.for(["ports", "config get lines", "doctor port 1", "undo --list", "ports --help"])(
  "'%s' only looks and is watched, though its verb does more in other forms",
  async (line) => {
    const { stderr, stdout } = await tsm(makeHome(), ["watch", line, "--times", "1"]);
    expect(stderr).toBe("");
    expect(stdout).not.toBe("");
  },
);

describe("repeat", () => {
  const repl = (home: Home, commands: string) => tsm(home, ["repl", "-c", commands]);

  test("runs a command N times, typed as one word or several", async () => {
    const home = makeHome();
    const { code, stdout } = await repl(home, "repeat 3 version; repeat 2 'list --json'; repeat 1 config get lines");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(\d+\.\d+\.\d+)\n\1\n\1\n\[\]\n\[\]\n.*50.*\n$/);
  });

  test("with --every it pauses between two runs, which Ctrl-C ends", async () => {
    const shell = await openShell(makeHome());
    shell.type("repeat 2 --every 0.1 version; repeat 2 --every 600 version\r");
    await shell.waitFor(/(\n\d\.\d\.\d){3}/);
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("^C") && atPrompt(screen));
  });

  test("the first failure ends it with its exit code", async () => {
    const home = makeHome();
    const { code, stderr } = await repl(home, "repeat 3 info nobody");
    expect(code).toBe(1);
    expect(stderr.split("not found")).toHaveLength(2);
  });

  test("in the one word a pattern means processes, as in the shell", async () => {
    const home = makeHome();
    await start(home, "one");
    const { code, stdout } = await repl(home, `repeat 2 "restart o* --settle 0"`);
    expect({ code, restarted: stdout.split("restarted 'one'").length - 1 }).toEqual({ code: 0, restarted: 2 });
  });

  test("with $1 it acts on what was shown; Ctrl-C ends it", async () => {
    const home = makeHome();
    await start(home, "one");
    const shell = await openShell(home, { columns: 90, rows: 24 });
    shell.type("repeat 2 restart $1 --settle 0\r");
    await shell.waitFor((screen) => count(screen, "restarted 'one'") === 2 && atPrompt(screen));
    shell.type("repeat 3 wait one stopped\r");
    await shell.waitFor("wait one stopped");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("^C") && atPrompt(screen));
    shell.key("ctrl-l");
    shell.type("repeat 1000000 version\r");
    await shell.waitFor(/(\d\.\d\.\d\n){20}/);
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("^C") && atPrompt(screen));
  });

  test("belongs to the shell, and needs a number and a command", async () => {
    const home = makeHome();
    expect(await tsm(home, ["repeat", "2", "version"])).toMatchObject({ code: 64, stdout: "" });
    for (const line of ["repeat", "repeat 2", "repeat x version", "repeat 0 version"])
      expect(await repl(home, line), line).toMatchObject({ code: 64, stdout: "" });
  });
});
