import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/view/width.ts";
import { type Home, makeHome } from "../support/home.ts";
import { readMeta } from "../support/record.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { script } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* `monit` and `list --watch` at a real terminal, on the command line and in the shell. */

interface Size {
  readonly columns: number;
  readonly rows: number;
}

const usual: Size = { columns: 80, rows: 24 };

function open(home: Home, { columns, rows }: Size = usual, words: readonly string[] = ["monit"], env = {}): Screen {
  return openScreen(process.execPath, [program, ...words], {
    cwd: home.folder,
    env: { TSM_HOME: home.path, ...env },
    columns,
    rows,
  });
}

/** A bash at the terminal, in which things are run. */
async function openBash(home: Home): Promise<Screen> {
  const env = { TSM_HOME: home.path, PS1: "$ ", TSM: program, NODE: process.execPath, HISTFILE: "" };
  const bash = openScreen("bash", ["--norc", "--noprofile", "-i"], { cwd: home.folder, env, ...usual });
  await bash.waitFor(/^\$$/m);
  return bash;
}

const start = (home: Home, name: string, ...words: readonly string[]) =>
  tsm(home, ["start", "--name", name, "--settle", "0", "--", ...(words.length === 0 ? ["sleep", "600"] : words)]);

const status = (home: Home, name: string) => readMeta(home, name)["status"];
const isMonit = (screen: Screen) => /^tsm monit · /.test(screen.rows()[0] ?? "");
const keysShown = /^↑↓ select .* q quit$/;

/** The row with the marker. */
const selected = (screen: Screen) => screen.rows().find((row) => row.startsWith("› "));

describe("the screen", () => {
  test.for([usual, { columns: 200, rows: 60 }])(
    "at $columns x $rows: the processes with their histories, the logs of the selected one, and the keys",
    async (size) => {
      const home = makeHome();
      const talker = script(home, "talker.sh", 'echo "first words"; echo bad >&2; exec sleep 600\n');
      await start(home, "talker", "bash", talker);
      await start(home, "quiet");
      await tsm(home, ["start", "--restart", "no", "--name", "dead", "--settle", "0", "--", "bash", "-c", "exit 3"]);
      await until("it has crashed", () => status(home, "dead") === "crashed");
      // The past, as passes would have written it.
      await tsm(home, ["patrol", "--quick"]);
      const now = Math.floor(Date.now() / 1000);
      const day = new Date(now * 1000).toISOString().slice(0, 10);
      const past = Array.from({ length: 8 }, (_, at) => `${now - (8 - at) * 60} 0:${(at + 1) * 100}:${at * 1000} ;\n`);
      writeFileSync(join(home.path, `db/metrics/${day}.samples`), `\nnames {"0":"talker"}\n${past.join("")}`);
      const screen = open(home, size);
      await screen.waitFor(/^› 0 +talker +online .*[▂▃▄▅▆▇].* first words|^› 0 +talker +online .*[▂▃▄▅▆▇]/m);
      await screen.waitFor("first words");
      const rows = screen.rows();
      expect(rows).toHaveLength(size.rows);
      expect(rows[0]).toMatch(/^tsm monit · 2 online · 1 crashed · cpu \d+\.\d% · mem .* \d\d:\d\d:\d\d$/);
      expect(rows[1]).toMatch(/^ {2}id\* +name +status .*cpu .* min.* mem .* min.* uptime +rst$/);
      expect(rows[3]).toMatch(/^ {2}1 +quiet +online /);
      expect(rows[4]).toMatch(/^ {2}2 +dead +crashed .* - /);
      expect(rows.join("\n")).toMatch(/^── logs of talker ─+$/m);
      expect(rows.at(-1)).toMatch(keysShown);
      for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(size.columns);
      screen.type("q");
      expect(await screen.exit).toMatchObject({ code: 0 });
    },
  );

  test("follows the window: larger, smaller, too small, and back", async () => {
    const home = makeHome();
    await start(home, "api");
    const screen = open(home);
    const fits = (columns: number, rows: number) => (seen: Screen) =>
      seen.rows().length === rows &&
      keysShown.test(seen.rows().at(-1) ?? "") &&
      /^› 0 +api /m.test(seen.rows().join("\n")) &&
      (seen.rows()[0]?.length ?? 0) === columns;
    await screen.waitFor(fits(80, 24));
    for (const [columns, rows] of [
      [200, 60],
      [100, 30],
      [80, 24],
    ] as const) {
      screen.resize(columns, rows);
      await screen.waitFor(fits(columns, rows));
    }
    screen.resize(60, 15);
    await screen.waitFor(
      (seen) => seen.rows().join("\n") === "monit needs 80x24;\nthis window has 60x15.\nMake it larger, or press q.",
    );
    // What is not seen is not done.
    screen.type("sy");
    screen.resize(120, 40);
    await screen.waitFor(fits(120, 40));
    expect(status(home, "api")).toBe("online");
    screen.type("q");
    await screen.exit;
  });

  test("paints only what changes: nothing while nothing does", async () => {
    const home = makeHome();
    await start(home, "api");
    const screen = open(home);
    await screen.waitFor((seen) => keysShown.test(seen.rows().at(-1) ?? ""));
    const before = screen.bytes().length;
    const clock = screen.rows()[0];
    await screen.waitFor((seen) => seen.rows()[0] !== clock);
    const painted = screen.bytes().slice(before);
    expect(painted).not.toContain("\x1b[2J");
    expect(painted).not.toContain("select");
    screen.type("q");
    await screen.exit;
  });

  test("a terminal without UTF-8 gets ASCII", async () => {
    const home = makeHome();
    await start(home, "api");
    const screen = open(home, usual, ["monit"], { LANG: "C", LC_ALL: "C" });
    await screen.waitFor(/^> 0 +api +online/m);
    expect(screen.rows().join("")).toMatch(/^[ -~]*$/);
    screen.type("q");
    await screen.exit;
  });

  test("a home without processes says what to do", async () => {
    const screen = open(makeHome());
    await screen.waitFor("there is no process yet: tsm start server.sh");
    screen.type("rswl");
    screen.type("q");
    expect(await screen.exit).toMatchObject({ code: 0 });
  });

  test("a process that begins, crashes or goes is shown so, and hostile names and logs stay harmless", async () => {
    const home = makeHome();
    await start(home, "evil", "bash", "-c", "printf 'a\\033[2Jb\\033]0;title\\007\\tc\\n'; exec sleep 600");
    const screen = open(home);
    await screen.waitFor(/^\d\d:\d\d:\d\d a.*b.*c$/m);
    expect(isMonit(screen)).toBe(true);
    await start(home, "second");
    await screen.waitFor(/^ {2}1 +second +online/m);
    await tsm(home, ["delete", "evil"]);
    await screen.waitFor(/^› 1 +second +online/m);
    expect(screen.rows().join("\n")).not.toContain("evil");
    screen.type("q");
    await screen.exit;
  });
});

describe("keys", () => {
  test("r restarts, and s stops when y is the answer", async () => {
    const home = makeHome();
    await start(home, "api");
    await start(home, "web");
    const pid = readMeta(home, "api")["pid"];
    const screen = open(home);
    await screen.waitFor(/^› 0 +api +online/m);
    screen.type("r");
    await screen.waitFor(/tsm: restarted 'api'/);
    expect(readMeta(home, "api")["pid"]).not.toBe(pid);
    screen.key("down");
    await screen.waitFor(/^› 1 +web/m);
    screen.type("s");
    await screen.waitFor(/^Stop 'web'\? \(y\/N\)$/m);
    screen.type("n");
    await screen.waitFor("'web' was left as it is");
    expect(status(home, "web")).toBe("online");
    screen.type("s");
    await screen.waitFor(/^Stop 'web'\? \(y\/N\)$/m);
    screen.type("y");
    await screen.waitFor(/tsm: stopped 'web'/);
    expect(status(home, "web")).toBe("stopped");
    await screen.waitFor(/^› 1 +web +stopped/m);
    expect(status(home, "api")).toBe("online");
    screen.type("q");
    await screen.exit;
  });

  test("acts on the process of exactly this name: never on an id, or a name that it is a part of", async () => {
    const home = makeHome();
    await start(home, "zero");
    await start(home, "a.b");
    await start(home, "a.b-c");
    const screen = open(home);
    await screen.waitFor(/^› 0 +zero/m);
    screen.key("down");
    await screen.waitFor(/^› 1 +a\.b /m);
    screen.type("s");
    await screen.waitFor(/^Stop 'a\.b'\?/m);
    await tsm(home, ["delete", "a.b"]);
    screen.type("y");
    await screen.waitFor(/not found/);
    expect([status(home, "zero"), status(home, "a.b-c")]).toEqual(["online", "online"]);
    screen.type("q");
    await screen.exit;
  });

  test("/ filters as it is typed, o sorts", async () => {
    const home = makeHome();
    for (const name of ["beta", "alpha", "gamma"]) await start(home, name);
    const screen = open(home);
    await screen.waitFor(/^› 0 +beta/m);
    screen.type("/gam");
    await screen.waitFor(
      (seen) => selected(seen)?.startsWith("› 2   gamma") === true && !seen.rows().join().includes("beta"),
    );
    screen.key("escape");
    await screen.waitFor((seen) => seen.rows().join().includes("beta"));
    screen.type("o");
    await screen.waitFor(
      (seen) => /^. .*alpha/.test(seen.rows()[2] ?? "") && seen.rows().at(-1)?.includes("by name") === true,
    );
    screen.type("q");
    await screen.exit;
  });

  test("a paste presses no keys, and stands in the filter as typed", async () => {
    const home = makeHome();
    for (const name of ["beta", "gamma"]) await start(home, name);
    const screen = open(home);
    await screen.waitFor(/^› 0 +beta/m);
    screen.paste("sy\nq");
    screen.type("/");
    screen.paste("gam\n");
    await screen.waitFor((seen) => selected(seen)?.startsWith("› 1   gamma") === true);
    expect(screen.rows().join("\n")).not.toMatch(/stop/i);
    expect([status(home, "beta"), status(home, "gamma")]).toEqual(["online", "online"]);
    screen.key("enter");
    screen.type("q");
    await screen.exit;
  });

  test("l shows the logs alone and scrolls back; w says more of the process", async () => {
    const home = makeHome();
    await start(home, "api", "bash", "-c", 'for n in {1..200}; do echo "line $n."; done; exec sleep 600');
    const screen = open(home);
    await screen.waitFor("line 200.");
    screen.type("l");
    await screen.waitFor(
      (seen) => seen.rows().join().includes("line 182.") && seen.rows().at(-1)?.includes("q back") === true,
    );
    screen.key("home");
    await screen.waitFor("line 1.");
    screen.key("end");
    await screen.waitFor("line 200.");
    screen.type("q");
    await screen.waitFor(showsKeys);
    screen.type("w");
    await screen.waitFor(/^── \w+ api ─/m);
    screen.key("escape");
    await screen.waitFor(showsKeys);
    screen.type("q");
    await screen.exit;
  });

  test("what is under way when it is left is told when it is done", async () => {
    const home = makeHome();
    await start(
      home,
      "slow",
      "bash",
      "-c",
      "trap 'until [ -e go ]; do sleep 0.1; done; exit 0' TERM; echo up; while :; do sleep 0.1; done",
    );
    const screen = open(home);
    await screen.waitFor(/ up$/m);
    screen.type("sy");
    await screen.waitFor("stop of 'slow' is under way");
    screen.type("q");
    await screen.waitFor("tsm: stop of 'slow' is under way");
    script(home, "go", "");
    await screen.waitFor(/tsm: stopped 'slow'/);
    expect(await screen.exit).toMatchObject({ code: 0 });
  });
});

const showsKeys = (screen: Screen): boolean => keysShown.test(screen.rows().at(-1) ?? "");

describe("the terminal is as it was", () => {
  const typedAtMonit = async (home: Home) => {
    const bash = await openBash(home);
    bash.type('echo "before it"; stty -a > before; "$NODE" "$TSM" monit; echo "left $?"; stty -a > after\r');
    await bash.waitFor(isMonit);
    await bash.waitFor(/^› 0 +api/m);
    return bash;
  };
  const isRestored = async (bash: Screen, home: Home) => {
    await bash.waitFor(/^before it$/m);
    bash.type("cmp before after && echo same; rm before after\r");
    await bash.waitFor(/^same$/m);
    expect(bash.bytes().lastIndexOf("\x1b[?1049l")).toBeGreaterThan(bash.bytes().lastIndexOf("\x1b[?1049h"));
    expect(bash.bytes().lastIndexOf("\x1b[?25h")).toBeGreaterThan(bash.bytes().lastIndexOf("\x1b[?25l"));
    expect(bash.bytes().lastIndexOf("\x1b[?7h")).toBeGreaterThan(bash.bytes().lastIndexOf("\x1b[?7l"));
    expect(status(home, "api")).toBe("online");
  };

  test.for(["q", "escape", "ctrl-c"])("after %s", async (key) => {
    const home = makeHome();
    await start(home, "api");
    const bash = await typedAtMonit(home);
    if (key === "q") bash.type("q");
    else bash.key(key);
    await bash.waitFor(/^left 0$/m);
    await isRestored(bash, home);
  });

  test.for([
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGHUP", code: 129 },
    { signal: "SIGINT", code: 0 },
  ] as const)("after $signal", async ({ signal, code }) => {
    const home = makeHome();
    await start(home, "api");
    const bash = await typedAtMonit(home);
    const monit = await until("it is found", () =>
      home.processes().find(({ command }) => command.endsWith("tsm.js monit")),
    );
    process.kill(monit.pid, signal);
    await bash.waitFor(new RegExp(`^left ${code}$`, "m"));
    await isRestored(bash, home);
  });

  test("while Ctrl-Z has stopped it; fg paints it anew", async () => {
    const home = makeHome();
    await start(home, "api");
    const bash = await openBash(home);
    bash.type('echo "before it"; "$NODE" "$TSM" monit\r');
    await bash.waitFor(/^› 0 +api/m);
    for (let round = 0; round < 2; round += 1) {
      bash.key("ctrl-z");
      await bash.waitFor((seen) => !isMonit(seen) && /Stopped.*\n\$$/.test(seen.rows().join("\n")));
      bash.type("echo typed\r");
      await bash.waitFor(/^typed$/m);
      bash.type("clear; fg\r");
      await bash.waitFor((seen) => isMonit(seen) && keysShown.test(seen.rows().at(-1) ?? ""));
    }
    bash.type("q");
    await bash.waitFor(/^\$$/m);
    bash.type("echo typed too\r");
    await bash.waitFor(/^typed too$/m);
  });
});

describe("in the shell", () => {
  test("dash takes the screen and gives it back; keys and prompt are the shell's again", async () => {
    const home = makeHome();
    await start(home, "api");
    const shell = await openShell(home, usual);
    for (const key of ["q", "escape", "ctrl-c"]) {
      shell.type("dash\r");
      await shell.waitFor((seen) => isMonit(seen) && /^› 0 +api/m.test(seen.rows().join("\n")));
      if (key === "q") shell.type("q");
      else shell.key(key);
      await shell.waitFor(atPrompt);
    }
    shell.type("version\r");
    await shell.waitFor(/^\d+\.\d+\.\d+$/m);
    expect(shell.bracketsPastes()).toBe(true);
  });

  test("SIGTERM for the shell ends both, and the terminal is given back", async () => {
    const home = makeHome();
    await start(home, "api");
    const shell = await openShell(home, usual);
    shell.type("monit\r");
    await shell.waitFor((seen) => isMonit(seen));
    process.kill(shell.pid, "SIGTERM");
    expect(await shell.exit).toMatchObject({ code: 143 });
    expect(shell.bytes().lastIndexOf("\x1b[?1049l")).toBeGreaterThan(shell.bytes().lastIndexOf("\x1b[?1049h"));
  });

  test("it does not run behind the prompt, and a pipe gets a table", async () => {
    const home = makeHome();
    await start(home, "api");
    const shell = await openShell(home, { columns: 140, rows: 30 });
    shell.type("monit &\r");
    await shell.waitFor("it owns the screen");
    shell.type("monit | cat\r");
    await shell.waitFor(/│ 0 +│ api +│/);
    await shell.waitFor(atPrompt);
  });
});

describe("without a terminal", () => {
  test("a pipe gets one table, --json one answer", async () => {
    const home = makeHome();
    await start(home, "api");
    expect(await tsm(home, ["monit"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/│ 0 +│ api +│/),
    });
    expect(await tsmJson(home, ["monit"])).toMatchObject([{ id: 0, name: "api", samples: [] }]);
  });

  test("a terminal for lines of words gets the table too", async () => {
    const home = makeHome();
    await start(home, "api");
    const screen = open(home, usual, ["monit"], { TERM: "dumb" });
    expect(await screen.exit).toMatchObject({ code: 0 });
    expect(screen.bytes()).not.toContain("\x1b");
    expect(screen.text()).toContain("api");
  });
});

describe("list --watch", () => {
  test("keeps its table up to date in place, follows the window, and leaves the last one", async () => {
    const home = makeHome();
    await start(home, "one");
    const screen = open(home, usual, ["list", "--watch"]);
    await screen.waitFor(/^tsm list every 2 s, q leaves +\d\d:\d\d:\d\d\n┌[\s\S]*│ one +│ online/);
    await start(home, "two");
    await screen.waitFor(/│ two +│ online/);
    screen.resize(120, 30);
    await screen.waitFor(/│ mem +│\n/);
    screen.resize(60, 10);
    await screen.waitFor(
      (seen) =>
        seen.rows().length <= 10 && /^tsm list/.test(seen.rows()[0] ?? "") && !seen.rows().join().includes("mem"),
    );
    screen.key("ctrl-c");
    expect(await screen.exit).toMatchObject({ code: 0 });
    expect(screen.rows()[0]).toMatch(/^┌/);
    expect(screen.rows().filter((row) => row.includes("│ two"))).toHaveLength(1);
  });

  test("in the shell too", async () => {
    const home = makeHome();
    await start(home, "one");
    const shell = await openShell(home, usual);
    shell.type("/clear\rlist -w --sort -cpu\r");
    await shell.waitFor(/^tsm list every 2 s/);
    shell.type("q");
    await shell.waitFor((seen) => atPrompt(seen) && /│ one +│ online/.test(seen.text()));
  });

  test("in a pipe one listing follows the other, and with --json each is a line", async () => {
    const home = makeHome();
    await start(home, "one");
    for (const words of [
      ["list", "--watch"],
      ["list", "--watch", "--json"],
    ]) {
      const running = startTsm(home, words);
      await until("it has looked twice", () => running.printed.stdout.split(/one/).length > 2);
      running.child.kill("SIGINT");
      expect(await running.outcome).toMatchObject({ code: 0, stderr: "" });
      if (words.includes("--json"))
        for (const line of running.printed.stdout.trimEnd().split("\n"))
          expect(JSON.parse(line)).toMatchObject({ at: expect.any(Number), processes: [{ name: "one" }] });
    }
  });
});
