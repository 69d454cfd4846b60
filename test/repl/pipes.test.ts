import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import type { Screen } from "../support/screen.ts";
import { script } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What a verb prints, into bash and into files: the built program over real processes, in a terminal and in scripts. */

const narrow = { env: { LESS: "" }, columns: 60, rows: 24 };

/** Types the line and waits for what it shows, and the prompt after it. What it showed. */
async function run(screen: Screen, line: string, shows: string | RegExp): Promise<string> {
  screen.type(`${line}\r`);
  const shown = (seen: Screen) => seen.text().slice(seen.text().lastIndexOf(`› ${line.slice(0, 40)}`));
  await screen.waitFor(
    (seen) => (typeof shows === "string" ? shown(seen).includes(shows) : shows.test(shown(seen))) && atPrompt(seen),
  );
  return shown(screen);
}

/** A process that has written so many numbered lines and stays. */
async function withLines(home: Home, count: number): Promise<void> {
  script(home, "talk.sh", `seq 1 ${count}\nexec sleep 1000\n`);
  await tsm(home, ["start", "talk.sh", "--settle", "0"]);
  const log = join(home.path, "runtime/processes/talk/current.out");
  await until("all is written", () => existsSync(log) && readFileSync(log, "utf8").endsWith(`\n${count}\n`));
}

const repl = (home: Home, commands: string) => tsm(home, ["repl", "-c", commands]);

describe("in a terminal", () => {
  test("bash reads the plain output: no colour, and no box cut to the width of the screen", async () => {
    const home = makeHome();
    await withLines(home, 3);
    const shell = await openShell(home, narrow);
    // The box of a pipe is wider than this screen of 60 columns.
    expect(await run(shell, "list | grep talk", /talk.*│ online/)).toMatch(/│ 0 +│ talk {15}│ online {2}│ \d+/);
    await run(shell, "list | cat -v > seen", atEnd);
    const seen = readFileSync(join(home.folder, "seen"), "utf8");
    expect(seen).not.toContain("^[");
    expect(seen).toContain(" uptime ");
    await run(shell, "list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0][\"name\"])'", /^talk$/m);
  });

  test("less has the keys and the screen, and gives both back", async () => {
    const home = makeHome();
    await withLines(home, 1000);
    const shell = await openShell(home, narrow);
    shell.type("logs talk --lines 1000 | less\r");
    await shell.waitFor(/^1\n2\n3\n[\s\S]*23$/m);
    shell.type("G");
    await shell.waitFor(/^1000$/m);
    shell.type("q");
    await shell.waitFor(atPrompt);
    await run(shell, "version | cat", /^\d+\.\d+\.\d+/m);
  });

  test("a log that is larger than the memory it takes goes into less, and q ends it without a word", async () => {
    const home = makeHome();
    script(home, "talk.sh", `yes ${"x".repeat(99)} | head -c 150000000\necho end\nexec sleep 1000\n`);
    await tsm(home, ["start", "talk.sh", "--settle", "0"]);
    const log = join(home.path, "runtime/processes/talk/current.out");
    await until("all is written", () => statSync(log).size > 150_000_000);
    const shell = await openShell(home, narrow);
    const memory = (): number =>
      Number(execFileSync("ps", ["-o", "rss=", "-p", String(shell.pid)], { encoding: "utf8" })) * 1024;
    const before = memory();
    shell.type("logs talk --lines 2000000 | less -S\r");
    await shell.waitFor(/^(x+>\n){20}/m);
    // Under load the collector comes late; all of the log would be 150 MB, and twice that as text.
    expect(memory() - before).toBeLessThan(135_000_000);
    shell.type("q");
    await shell.waitFor(atPrompt);
    expect(shell.text()).not.toMatch(/EPIPE|exit|tsm: /);
    await run(shell, "logs talk --lines 20000 | tail -1", /^end$/m);
  });

  test("a row of the table that grep has found fits a screen of 80 columns", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"]);
    const shell = await openShell(home, { columns: 80 });
    const shown = await run(shell, "list | grep api", /^│ 0 .*│$/m);
    expect(shown.split("\n").filter((row) => row.includes("│"))).toEqual([expect.stringMatching(/^.{1,80}$/)]);
  });

  test("the exit code is shown as that of !cmd; the pipe's reader that goes early is no error", async () => {
    const home = makeHome();
    await withLines(home, 30_000);
    const shell = await openShell(home, narrow);
    await run(shell, "list | grep nobody", /^exit 1$/m);
    await run(shell, "list | sh -c 'kill -9 $$'", /exit 137 \(SIGKILL\)/);
    const shown = await run(shell, "logs talk --lines 30000 | head -1", /^1$/m);
    expect(shown).not.toMatch(/EPIPE|exit|tsm: /);
    await run(shell, "list | false; version", /^exit 1\n\d+\.\d+/m);
  });

  test("what fails says so on the screen, and bash is not started", async () => {
    const shell = await openShell(makeHome());
    const shown = await run(shell, "info nobody | wc -l", "process 'nobody' not found");
    expect(shown).not.toMatch(/^0$/m);
  });

  test("Ctrl-C ends logs -f in a pipe, and the prompt is back", async () => {
    const home = makeHome();
    await withLines(home, 3);
    const shell = await openShell(home, narrow);
    shell.type("logs -f talk | cat\r");
    await shell.waitFor(/^3$/m);
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
    await run(shell, "version", /^\d+\.\d+/m);
  });

  test("a file gets what the screen would have shown, plain; >> adds to it", async () => {
    const home = makeHome();
    const shell = await openShell(home, narrow);
    await run(shell, "version > 'my file'", atEnd);
    await run(shell, "version>>'my file'", atEnd);
    expect(readFileSync(join(home.folder, "my file"), "utf8")).toMatch(/^(\d+\.\d+\.\d+)\n\1\n$/);
    await run(shell, "info nobody > none", "process 'nobody' not found");
    expect(statSync(join(home.folder, "none")).size).toBe(0);
    await run(shell, "version > missing/f", "'missing/f' cannot be written: no such file or");
    await run(shell, "version >", "column 9: no file is named behind the >");
  });

  test("a line that ends in | goes on; Tab behind | and > completes as bash would", async () => {
    const home = makeHome();
    script(home, "only-file.txt", "inside\n");
    const shell = await openShell(home, narrow);
    shell.type("version |\r");
    await shell.waitFor(/› version \|\n {2}…/);
    shell.type("cat -\r");
    await shell.waitFor((seen) => /^\d+\.\d+/m.test(seen.text().split("cat -")[1] ?? "") && atPrompt(seen));
    shell.type("version | cat only-\t\r");
    await shell.waitFor(/^inside$/m);
    shell.type("version > only-\t\r");
    await until("the file is taken", () => /^\d/.test(readFileSync(join(home.folder, "only-file.txt"), "utf8")));
  });
});

describe("in a script", () => {
  test("bash has the rest of the command, up to ;", async () => {
    const home = makeHome();
    expect(await repl(home, "version | tr 0-9. x; version | wc -l")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^x+\n *1\n$/),
      stderr: "",
    });
  });

  test("its exit code counts, and so does that of a command which fails by itself", async () => {
    const home = makeHome();
    expect(await repl(home, "list | grep -q nobody; version")).toMatchObject({ code: 1, stdout: "" });
    expect(await repl(home, "lsit | cat; version")).toMatchObject({ code: 64, stdout: "" });
  });

  test("a reader that goes early is silent, and no failure", async () => {
    const home = makeHome();
    await withLines(home, 30_000);
    expect(await repl(home, "logs talk --lines 30000 | head -1; logs -f talk | head -2; version > /dev/null")).toEqual({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(/^1\n\d+\n\d+\n$/),
      stderr: "",
    });
  });

  test("quoted | and > are letters", async () => {
    const home = makeHome();
    expect((await repl(home, "info 'a|b>c'")).stderr).toContain("process 'a|b>c' not found");
  });

  test("a line with a fault runs nothing of it", async () => {
    const home = makeHome();
    expect(await repl(home, "version; list | wc || version")).toMatchObject({ code: 0 });
    expect(await repl(home, "version; list >")).toEqual({
      code: 64,
      signal: null,
      stdout: "",
      stderr: "tsm: column 15: no file is named behind the >\n",
    });
  });
});

/** The next prompt is there, whatever stands before it. */
const atEnd = /\ntsm [^\n]*›$/;
