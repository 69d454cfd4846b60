import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/view/width.ts";
import { type Home, makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { script, tick } from "../support/scripts.ts";
import { welcomed } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

/* The shell where nothing can be painted. What it says is asserted as a text that goes on, as a screen reader reads it. */

const sequences = /[\x1b\x9b]/;

async function openPlain(
  home: Home,
  { env = {}, args = [] }: { env?: NodeJS.ProcessEnv; args?: readonly string[] } = {},
): Promise<Screen> {
  welcomed(home);
  const shell = openScreen(process.execPath, [program, "repl", ...args], {
    cwd: home.folder,
    columns: 100,
    rows: 50,
    env: { TSM_HOME: home.path, ...env },
  });
  await shell.waitFor(atPrompt);
  return shell;
}

function atPrompt(screen: Screen): boolean {
  const { row, column } = screen.cursor();
  const shown = screen.rows()[row] ?? "";
  return /^tsm \d+ online(, \d+ crashed)? >$/.test(shown) && column === shown.length + 1;
}

/** Types a line and waits until what it says is there, with the prompt behind it. */
async function run(shell: Screen, typed: string, says: RegExp): Promise<void> {
  const before = shell.text().length;
  shell.type(`${typed}\r`);
  await shell.waitFor((screen) => says.test(screen.text().slice(before)) && atPrompt(screen));
}

async function homeWith(...names: readonly string[]): Promise<Home> {
  const home = makeHome();
  script(home, "tick.sh", tick);
  for (const name of names) await tsm(home, ["start", "--settle", "0", "--name", name, "./tick.sh"]);
  return home;
}

test.for([
  { way: "TERM=dumb", env: { TERM: "dumb" }, args: [] },
  { way: "TSM_PLAIN=1", env: { TSM_PLAIN: "1" }, args: [] },
  { way: "--plain", env: {}, args: ["--plain"] },
])("$way: not one escape sequence, whatever is done", async ({ env, args }) => {
  const home = await homeWith("api-one", "api-two", "web");
  const shell = await openPlain(home, { env, args });
  expect(shell.text()).toMatch(/^0 api-one online pid \d+ up \d+s/m);
  await run(shell, "list all", /2 web online pid/);
  await run(shell, "logs web", /tick/);
  await run(shell, "help", /Tab completes/);
  await run(shell, "nosuchverb", /unknown command/);
  await run(shell, "!echo hi", /hi/);
  await run(shell, "list | grep -c api", /^2$/m);
  await run(shell, "watch list --times 2 --every 0", /api-one[\s\S]*api-one/);
  await run(shell, "/clear", /./);
  shell.type("stop *\r");
  await shell.waitFor(/stop 3 processes: api-one, api-two, web\? \(y\/N\)$/);
  shell.type("y\r");
  await shell.waitFor((screen) => /tsm 0 online >$/.test(screen.text()));
  shell.type("nosuchverb \t");
  await shell.waitFor("nothing to complete here");
  shell.key("up", "ctrl-c", "ctrl-d");
  expect((await shell.exit).code).toBe(0);
  expect(shell.text()).toContain("no process is running");
  expect(shell.bytes()).not.toMatch(sequences);
  // Nor a mark that has to be guessed at when it is read aloud.
  expect(shell.bytes()).toMatch(/^[\x00-\x7f]*$/);
});

test("the setting makes it plain, TSM_PLAIN=0 does not, and the command line goes along on a terminal only", async () => {
  const home = await homeWith("api");
  await tsm(home, ["config", "set", "plain", "on"]);
  await openPlain(home);
  const options = { cwd: home.folder, env: { TSM_HOME: home.path } };
  const list = openScreen(process.execPath, [program, "list"], options);
  await list.exit;
  expect(list.text()).toMatch(/^0 api online pid \d+ up \d+s memory [\d.]+ [kM]?B$/);
  expect((await tsm(home, ["list"])).stdout).toContain("│ api ");
  const boxed = openScreen(process.execPath, [program, "list"], {
    ...options,
    env: { ...options.env, TSM_PLAIN: "0" },
  });
  await boxed.exit;
  expect(boxed.text()).toContain("│ api ");
});

describe("Tab", () => {
  test("prints a numbered list; a number and Tab takes one, and typing goes on", async () => {
    const home = await homeWith("api-one", "api-two", "web");
    const shell = await openPlain(home, { args: ["--plain"] });
    shell.type("stop a\t");
    await shell.waitFor(
      /^1\) api-one, #0 online.*\n2\) api-two, #1 online.*\nA number and Tab takes one, or type on\.\ntsm 3 online > stop api-$/m,
    );
    shell.type("2\t");
    await shell.waitFor(/> stop api-two$/m);
    shell.key("enter");
    await shell.waitFor((screen) => /stopped 'api-two'/.test(screen.text()) && atPrompt(screen));
    expect(shell.text()).toMatch(/tsm 2 online >$/);
  });

  test("a number that is typed with Enter is an id", async () => {
    const home = await homeWith("one", "two", "three");
    const shell = await openPlain(home, { args: ["--plain"] });
    shell.type("stop \t");
    await shell.waitFor("A number and Tab");
    await run(shell, "2", /stopped 'three'/);
  });

  test("one that fits is put on the line as it is", async () => {
    const shell = await openPlain(await homeWith("api"), { args: ["--plain"] });
    shell.type("vers\t\r");
    await shell.waitFor((screen) => /> version\s*\n\d+\.\d+\.\d+/.test(screen.text()) && atPrompt(screen));
  });
});

test("Backspace, Ctrl-W and Ctrl-U take back, also wide characters", async () => {
  const shell = await openPlain(makeHome(), { args: ["--plain"] });
  shell.type("stop 世界x");
  await shell.waitFor("> stop 世界x");
  shell.key("backspace", "backspace");
  await shell.waitFor((screen) => (screen.rows().at(-1) ?? "").endsWith("> stop 世"));
  expect(shell.cursor().column).toBe("tsm 0 online > stop ".length + 2);
  shell.key("ctrl-w");
  await shell.waitFor((screen) => (screen.rows().at(-1) ?? "").endsWith("> stop"));
  shell.key("ctrl-u");
  await shell.waitFor(atPrompt);
  await run(shell, "version", /\d+\.\d+\.\d+/);
});

test("an open quote asks for the rest, ↑ brings back what was typed, and Ctrl-C drops it", async () => {
  const shell = await openPlain(makeHome(), { args: ["--plain"] });
  await run(shell, "!echo 'a\rb'", /a\nb\n/);
  shell.type("!ec");
  shell.key("up");
  await shell.waitFor(/> !echo 'a\n> b'$|> b'$/);
  shell.key("ctrl-c");
  await shell.waitFor((screen) => screen.text().includes("^C") && atPrompt(screen));
});

test("an ambiguous name is a numbered question, which what was typed ahead does not answer", async () => {
  const home = await homeWith("api-one", "api-two");
  const shell = await openPlain(home, { args: ["--plain"] });
  shell.type("stop api\r");
  await shell.waitFor(
    /'api' is a part of several names\. Which one\?\n1\) 0: api-one \(online\)\n2\) 1: api-two \(online\)\nThe number, or Enter for none:$/,
  );
  shell.type("7\r");
  await shell.waitFor("'7' is not a number from 1 to 2");
  shell.type("2\r");
  await shell.waitFor((screen) => screen.text().includes("stopped 'api-two'") && atPrompt(screen));
  shell.type("stop *\rn\rversion\r");
  await shell.waitFor(/stop 1 process: api-one\? \(y\/N\)$/);
  shell.type("\r");
  await shell.waitFor((screen) => screen.text().includes("nothing was done") && atPrompt(screen));
  // What was typed ahead were commands.
  await shell.waitFor((screen) => /unknown command 'n'[\s\S]*\d+\.\d+\.\d+/.test(screen.text()) && atPrompt(screen));
  expect(shell.text()).not.toContain("stopped 'api-one'");
});

test("a crash is a sentence on a line of its own, and what is being typed stands below it again", async () => {
  const home = makeHome();
  script(home, "api.sh", "echo boom >&2; exec sleep 1000");
  await tsm(home, ["start", "--restart", "no", "./api.sh"]);
  const shell = await openPlain(home, { args: ["--plain"] });
  shell.type("logs ap");
  await shell.waitFor("> logs ap");
  process.kill(pidOf(home, "api"), "SIGKILL");
  await shell.waitFor(
    /> logs ap\nNotice: api \(#0\) crashed: killed by SIGKILL; it is not started again\. It said: boom\ntsm \d online.* > logs ap$/,
  );
  await run(shell, "i", /boom/);
});

test("in a buffer of Emacs nothing is shown twice", async () => {
  const shell = await openPlain(makeHome(), { env: { TERM: "dumb", INSIDE_EMACS: "29.4,comint" } });
  shell.type("version\r");
  await shell.waitFor((screen) => /> \d+\.\d+\.\d+\n/.test(screen.text()) && atPrompt(screen));
});

test("a terminal that is closed ends it", async () => {
  const home = makeHome();
  const shell = await openPlain(home, { args: ["--plain"] });
  process.kill(shell.pid, "SIGHUP");
  expect((await shell.exit).code).toBe(129);
  expect(existsSync(join(home.path, "repl_history"))).toBe(false);
});

test("a key of one's own runs its line, and what was being typed comes back", async () => {
  const home = await homeWith("api");
  await tsm(home, ["bind", "ctrl-g", "list all"]);
  const shell = await openPlain(home, { args: ["--plain"] });
  shell.type("stop a");
  await shell.waitFor(/> stop a$/m);
  const before = shell.text().length;
  shell.type("\x07");
  await shell.waitFor((screen) => /> list all\n0 api online[\s\S]*> stop a$/.test(screen.text().slice(before)));
});

describe("within a line", () => {
  const before = "tsm 0 online > ";
  const lineIs =
    (marked: string) =>
    (screen: Screen): boolean => {
      const { row, column } = screen.cursor();
      const text = screen.rows()[row] ?? "";
      // A cell is no character: some take two.
      const wanted = before + marked.replace("|", "");
      const left = before + marked.slice(0, marked.indexOf("|"));
      return text.trimEnd() === wanted.trimEnd() && column === displayWidth(left);
    };

  test("a letter goes in where the cursor is, also before wide and combining ones", async () => {
    const shell = await openPlain(makeHome(), { env: { TERM: "dumb" } });
    shell.type("version api 世界 e\u0301");
    await shell.waitFor(lineIs("version api 世界 e\u0301|"));
    for (let step = 0; step < 6; step++) shell.key("left");
    shell.type("x");
    await shell.waitFor(lineIs("version apx|i 世界 e\u0301"));
  });

  test("home, end, words, deleting and cutting do what they do everywhere", async () => {
    const shell = await openPlain(makeHome(), { args: ["--plain"] });
    shell.type("list 世界 all");
    await shell.waitFor(lineIs("list 世界 all|"));
    shell.key("home");
    await shell.waitFor(lineIs("|list 世界 all"));
    shell.key("delete");
    await shell.waitFor(lineIs("|ist 世界 all"));
    shell.key("end");
    shell.key("ctrl-left");
    await shell.waitFor(lineIs("ist 世界 |all"));
    shell.key("backspace");
    shell.key("backspace");
    await shell.waitFor(lineIs("ist 世|all"));
    shell.key("ctrl-k");
    await shell.waitFor(lineIs("ist 世|"));
    shell.key("ctrl-a");
    shell.key("ctrl-y");
    await shell.waitFor(lineIs("all|ist 世"));
    shell.key("ctrl-u");
    await shell.waitFor(lineIs("|ist 世"));
    shell.type("l");
    await shell.waitFor(lineIs("l|ist 世"));
    shell.key("end");
    shell.key("backspace");
    shell.type("all\r");
    await shell.waitFor((screen) => /list all$[\s\S]*no process/m.test(screen.text()) && atPrompt(screen));
  });

  test("in a line that is longer than its row the cursor stays at the end, and all of it is run", async () => {
    const shell = await openPlain(makeHome(), { args: ["--plain"] });
    const long = `!echo ${"abcdefghi ".repeat(12)}`.trim();
    shell.type(long);
    await shell.waitFor((screen) => screen.text().replaceAll("\n", "").includes("abcdefghi abcdefghi"));
    shell.key("home");
    shell.key("left");
    shell.type("!\r");
    await shell.waitFor((screen) => screen.text().includes(`${long.slice(6)}!`.slice(0, 99)) && atPrompt(screen));
  });
});
