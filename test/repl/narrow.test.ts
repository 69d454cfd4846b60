import { describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { script, tick } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

/* Narrow terminals, windows whose width changes, names that are wide, and terminals that know ASCII only. */

async function homeWith(...names: readonly string[]) {
  const home = makeHome();
  script(home, "tick.sh", tick);
  for (const name of names) await tsm(home, ["start", "--settle", "0", "--restart", "no", "--name", name, "./tick.sh"]);
  return home;
}

/** What a verb shows on a terminal of so many columns. */
async function shown(home: { path: string; folder: string }, args: readonly string[], columns: number, env = {}) {
  const options = { cwd: home.folder, env: { TSM_HOME: home.path, ...env }, columns, rows: 1000 };
  const screen = openScreen(process.execPath, [program, ...args], options);
  await screen.exit;
  return screen;
}

/** No row went on in the next: the text has the rows that the screen has. */
function isUnwrapped(screen: Screen): boolean {
  return screen.text().trimEnd() === screen.rows().join("\n");
}

describe("nothing is broken in the middle of a word", () => {
  test.for([
    { args: ["list", "all"], columns: 80 },
    { args: ["list", "all"], columns: 40 },
    { args: ["list", "all"], columns: 20 },
    { args: ["help"], columns: 80 },
    { args: ["help"], columns: 40 },
    { args: ["help"], columns: 30 },
    { args: ["help", "search", "memory"], columns: 40 },
    { args: ["config", "list"], columns: 80 },
    { args: ["config", "list"], columns: 40 },
    { args: ["bind"], columns: 80 },
    { args: ["bind"], columns: 40 },
    { args: ["events"], columns: 40 },
    { args: ["events"], columns: 30 },
    { args: ["doctor"], columns: 80 },
    { args: ["stop", "--help"], columns: 40 },
    { args: ["watch", "list", "--times", "1"], columns: 40 },
    { args: ["examples"], columns: 40 },
    { args: ["patrol"], columns: 30 },
    { args: ["reconcile"], columns: 40 },
    { args: ["sessions", "api"], columns: 40 },
    { args: ["cleanup"], columns: 30 },
  ])("$args on $columns columns", async ({ args, columns }) => {
    const home = await homeWith("api", "a-name-that-is-longer-than-anybody-needs");
    expect(isUnwrapped(await shown(home, args, columns))).toBe(true);
  });

  test("answers and hints of the shell on 40 columns", async () => {
    const shell = await openShell(await homeWith("api"), { columns: 40 });
    shell.type("stop api\r");
    await shell.waitFor(/^tsm: stopped 'api' \(.*\n {5}.* left\)$/m);
    await shell.waitFor(atPrompt);
    shell.key("ctrl-c");
    await shell.waitFor(/^Ctrl-C again, or Ctrl-D, leaves the\nshell$/m);
    expect(isUnwrapped(shell)).toBe(true);
  });

  test("jobs that end with the shell are named in whole words", async () => {
    const shell = await openShell(makeHome(), { columns: 40 });
    for (const seconds of [1000, 2000]) {
      shell.type(`!sleep ${seconds} &\r`);
      await shell.waitFor((screen) => screen.text().includes(`] !sleep ${seconds}`) && atPrompt(screen));
    }
    shell.key("ctrl-d");
    await shell.exit;
    expect(shell.text()).toMatch(/^tsm: 2 jobs are ended: \[1\] !sleep 1000,\n {5}\[2\] !sleep 2000$/m);
  });

  test("info on 40 columns says everything, below its titles", async () => {
    const screen = await shown(await homeWith("api"), ["info", "api"], 40);
    expect(screen.text()).toMatch(/^status\n {2}online$/m);
    expect(screen.text()).toMatch(/^started\n {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
    expect(screen.text()).not.toContain("…");
  });

  test("on 20 columns a list is a row for each process", async () => {
    const screen = await shown(await homeWith("api", "worker-with-a-name"), ["list"], 20);
    expect(screen.rows()).toEqual(["0 api online", "1 worker-wit… online"]);
  });
});

describe("wide names", () => {
  test("the frame of the list stays straight, and names are cut between characters", async () => {
    const home = await homeWith("世界-服务器-名字", "cafe\u0301");
    for (const columns of [80, 40]) {
      const screen = await shown(home, ["list"], columns);
      const cells = (row: string) =>
        [...row].reduce((sum, letter) => sum + (/[\u4e00-\u9fff]/.test(letter) ? 2 : letter === "\u0301" ? 0 : 1), 0);
      const [top = "", ...rows] = screen.rows();
      for (const row of rows) expect(cells(row)).toBe(cells(top));
    }
  });

  test("they stand in the menu, on the line and in the proposal where they should", async () => {
    const home = await homeWith("世界-web", "世界-worker");
    const shell = await openShell(home, { columns: 40 });
    const prompt = "tsm 2● › ";
    shell.type("stop 世\t");
    await shell.waitFor(/stop 世界-w\n› 世界-web {5}#0 online.*\n {2}世界-worker {2}#1 online/);
    expect(shell.cursor().column).toBe(prompt.length + "stop ".length + 6);
    shell.key("down", "enter");
    await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt}stop 世界-worker`);
    expect(shell.cursor().column).toBe(prompt.length + "stop 世界-worker ".length + 2);
    shell.key("ctrl-u");
    shell.type("stop 世界-we");
    await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt}stop 世界-web`);
    expect(shell.cursor().column).toBe(prompt.length + "stop 世界-we".length + 2);
  });
});

describe("a window that changes while it is looked at", () => {
  /** From the row of the prompt on. */
  const region = (screen: Screen): string[] => {
    const rows = screen.rows();
    return rows.slice(rows.findLastIndex((row) => row.startsWith("tsm 3●")));
  };

  test("an open menu is drawn anew for each width, and there is one prompt", async () => {
    const home = await homeWith("api-one", "api-two", "api-three");
    const shell = await openShell(home, { columns: 24, rows: 24 });
    shell.key("ctrl-l");
    shell.type("stop ap\t");
    await shell.waitFor(/^› api-one .*…$/m);
    // As wide as the rows at least: this terminal takes the cursor along when what stands below it is wrapped.
    for (const [index, columns] of [50, 80, 60, 40, 80].entries()) {
      shell.resize(columns, 24);
      shell.key("down");
      const chosen = ["api-two", "api-three", "api-one"][index % 3] ?? "";
      // The key is struck after the change: what it leads to is the last that is painted.
      await shell.waitFor((screen) => region(screen).some((row) => row.startsWith(`› ${chosen} `)));
      expect(shell.text().split("tsm 3●")).toHaveLength(2);
      const [line, ...menu] = region(shell);
      expect(line).toBe("tsm 3● › stop api-");
      // Nothing of the menu is wrapped.
      expect(menu.map((row) => row.slice(2, 9))).toEqual(["api-one", "api-two", "api-thr"]);
    }
    shell.key("escape");
    await shell.waitFor(
      (screen) => region(screen).length === 1 && region(screen)[0]?.startsWith("tsm 3● › stop ap") === true,
    );
  });

  test("a long question ends its rows between words, and leaves nothing behind when its window gets narrower", async () => {
    const home = await homeWith("api-one", "api-two", "a-name-that-is-lo\u0301nger-than-anybody-needs");
    const shell = await openShell(home, { columns: 60, rows: 24 });
    shell.key("ctrl-l");
    shell.type("stop *\r");
    await shell.waitFor(/^tsm 3● › stop \*\n\? stop 3 processes: api-one, api-two,\n {2}a-name\S+needs\? \(y\/N\)$/);
    for (const columns of [40, 25]) {
      shell.resize(columns, 24);
      await shell.waitFor(columns === 40 ? /-nee\nds\?\n {2}\(y\/N\)$/ : /processes:\n {2}api-one, api-two,\n/);
      shell.type("x");
      await shell.waitFor(columns === 40 ? /\) x$/ : /\) xx$/);
      expect(shell.text().split("3 processes")).toHaveLength(2);
    }
    // What is no answer has a row of its own below, with the cursor where it was.
    shell.key("enter");
    await shell.waitFor(/\) xx\nAnswer y or n/);
    for (const [index, columns] of [40, 60].entries()) {
      shell.resize(columns, 24);
      // The first key has begun the answer anew.
      const answer = "z".repeat(index + 1);
      shell.type("z");
      await shell.waitFor((screen) => {
        const row = screen.rows()[screen.cursor().row] ?? "";
        return row.endsWith(`(y/N) ${answer}`) && row.length === screen.cursor().column;
      });
      expect(shell.text().split("3 processes")).toHaveLength(2);
      expect(shell.rows()[0]).toBe("tsm 3● › stop *");
    }
    shell.key("ctrl-c");
    await shell.waitFor((screen) => !screen.text().includes("3 processes") && screen.rows().at(-1) === "tsm 3● ›");
    shell.key("ctrl-l");
    shell.resize(60, 24);
    shell.type("restart api\r");
    await shell.waitFor(/^\? 'api' is a part of several names\. Which one\?\n❯ 0: api-one/m);
    for (const columns of [40, 30, 22]) {
      shell.resize(columns, 24);
      shell.key("down");
      const chosen = columns === 30 ? "0: api-one" : "1: api-two";
      await shell.waitFor(new RegExp(`^❯ ${chosen}`, "m"));
      expect(shell.text().split("Which")).toHaveLength(2);
      expect(shell.text().split("navigate")).toHaveLength(2);
    }
    shell.key("escape");
    await shell.waitFor((screen) => !screen.text().includes("Which") && screen.rows().at(-1) === "tsm 3● ›");
  });

  test("the choices of a picker are cut for the width that the window has now, without a key", async () => {
    const names = ["one", "two"].map((word) => `${word}-of-the-names-that-nobody-wants-to-read-twice`);
    const shell = await openShell(await homeWith(...names), { columns: 80, rows: 24 });
    shell.key("ctrl-l");
    shell.type("restart names\r");
    const whole = names.map((name, id) => `${id}: ${name} (online)`);
    await shell.waitFor(`❯ ${whole[0]}\n  ${whole[1]}\n\n↑↓ navigate`);
    const shows = (columns: number, chosen: number) => (screen: Screen) => {
      const [prompt, ...rows] = screen.rows();
      const question = rows.slice(
        0,
        rows.findIndex((row) => row.includes(": one-")),
      );
      const cut = whole.map((label, index) => {
        const row = `${index === chosen ? "❯" : " "} ${label}`;
        return row.length < columns ? row : `${row.slice(0, columns - 2)}…`;
      });
      return (
        prompt === "tsm 2● › restart names" &&
        question.map((row) => row.trim()).join(" ") === "? 'names' is a part of several names. Which one?" &&
        rows.slice(question.length, -2).join("\n") === cut.join("\n") &&
        rows.at(-1)?.startsWith("↑↓ navigate") === true
      );
    };
    let chosen = 0;
    for (const columns of [40, 30, 60, 26, 80]) {
      shell.resize(columns, 24);
      await shell.waitFor(shows(columns, chosen));
      chosen = 1 - chosen;
      shell.key("down");
      await shell.waitFor(shows(columns, chosen));
    }
    shell.key("escape");
    await shell.waitFor(/^tsm 2● › restart names\ntsm: .*\ntsm 2● ›$/);
  });

  test("what is typed between changes of the width is whole", async () => {
    const home = await homeWith("a", "b", "c");
    const shell = await openShell(home, { columns: 60, rows: 24 });
    shell.key("ctrl-l");
    const prompt = "tsm 3● › ";
    let typed = "word ";
    shell.type(typed);
    // In its colours, which the first prompt does not wait for: a paint that crosses a change leaves a copy above.
    await shell.waitFor((screen) => screen.lookOf(0, prompt.length).colour === 1);
    for (const columns of [50, 40, 30, 20, 30, 40, 50, 60]) {
      shell.resize(columns, 24);
      typed += "word ";
      shell.type("word ");
      await shell.waitFor(
        (screen) =>
          screen.text() === `${prompt}${typed.trimEnd()}` &&
          screen.cursor().column === (prompt.length + typed.length) % columns,
      );
    }
  });

  test("a notice comes whole, in rows that end between words, above the line", async () => {
    const home = await homeWith("api");
    const shell = await openShell(home, { columns: 40, rows: 24 });
    shell.key("ctrl-l");
    shell.type("logs a");
    await shell.waitFor("› logs a");
    process.kill(pidOf(home, "api"), "SIGKILL");
    await shell.waitFor(/^✗ api \(#0\) crashed: killed by SIGKILL;\nit is not started again\ntsm \S+ .*› logs a/);
  });

  test("the search says what it finds, and its keys only where they fit", async () => {
    const shell = await openShell(makeHome(), { columns: 40, rows: 24 });
    shell.type("version\r");
    await shell.waitFor((screen) => /^\d+\.\d+/m.test(screen.text()) && atPrompt(screen));
    shell.key("ctrl-r");
    shell.type("ver");
    await shell.waitFor((screen) => screen.rows().at(-1) === "search: ver");
    shell.resize(80, 24);
    await shell.waitFor(/^search: ver {3}Ctrl-R older · Tab take · Enter run · Esc back$/m);
  });
});

describe("without UTF-8", () => {
  const env = { LC_ALL: "C" };
  const ascii = /^[\x00-\x7f]*$/;

  test.for([
    ["list"],
    ["list", "all"],
    ["info", "api"],
    ["help"],
    ["stop", "--help"],
    ["ports"],
    ["config"],
    ["patrol"],
    ["help", "search", "port"],
  ])("%s is ASCII, on a terminal and in a pipe", async (args) => {
    const home = await homeWith("api", "a-name-that-is-longer-than-anybody-needs");
    for (const columns of [80, 40]) {
      const screen = await shown(home, args, columns, env);
      expect(screen.text()).not.toBe("");
      expect(screen.bytes()).toMatch(ascii);
    }
    expect((await tsm(home, args, { env })).stdout).toMatch(ascii);
  });

  test("a port that is held is told in ASCII", async () => {
    const home = makeHome();
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    script(home, "tick.sh", tick);
    const { stderr } = await tsm(home, ["start", "./tick.sh", "--port", port], { env });
    server.close();
    expect(stderr).toContain(`!! Port ${port} is already in use!`);
    expect(stderr).toMatch(ascii);
  });

  test("so are the prompt, the proposal, the menu, the search, a question, a notice and what a child leaves", async () => {
    const home = await homeWith("api-one", "api-two");
    const shell = await openShell(home, { env, columns: 80, rows: 50, prompt: /^tsm \d+\* (\d+x )?>$/ });
    shell.type("stop one");
    await shell.waitFor("tsm 2* > stop one -> api-one (#0, online)");
    shell.key("ctrl-u", "tab");
    await shell.waitFor(/^> start .*~?\n[\s\S]*1-\d+ of \d+$/m);
    shell.key("escape");
    await shell.waitFor((screen) => screen.rows().at(-1) === "tsm 2* >");
    shell.key("ctrl-r");
    shell.type("zzz");
    await shell.waitFor('no older line has "zzz"   Ctrl-R older | Tab take | Enter run | Esc back');
    shell.key("escape");
    await shell.waitFor((screen) => screen.rows().at(-1) === "tsm 2* >");
    shell.type("stop api\r");
    await shell.waitFor(
      /\? 'api' is a part of several names\. Which one\?[\s\S]*> 0: api-one[\s\S]*\nUpDown navigate \| Enter select/,
    );
    shell.key("escape");
    await shell.waitFor("nothing was chosen");
    shell.type("!printf ragged\r");
    await shell.waitFor(/^ragged\$$/m);
    process.kill(pidOf(home, "api-one"), "SIGKILL");
    await shell.waitFor(/^x api-one \(#0\) crashed/m);
    await shell.waitFor((screen) => screen.rows().at(-1) === "tsm 1* 1x >");
    shell.key("ctrl-d");
    await shell.exit;
    expect(shell.bytes()).toMatch(ascii);
  });
});
