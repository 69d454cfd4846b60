import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { buildToyShell } from "./toy/build.ts";

/* What the shell shows while a line is typed: processes api-3000, api-worker, web-8080 online, db crashed, old stopped. */

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

interface Opened extends Screen {
  readonly home: string;
  readonly folder: string;
}

async function openShell(
  options: { env?: NodeJS.ProcessEnv; columns?: number; rows?: number; history?: readonly string[] } = {},
): Promise<Opened> {
  const home = makeHome();
  mkdirSync(home.path, { recursive: true });
  if (options.history !== undefined) {
    writeFileSync(join(home.path, "repl_history"), options.history.map((line) => `#1\n${line}\n`).join(""));
  }
  const env = { TSM_HOME: home.path, ...options.env };
  const screen = openScreen(process.execPath, [program], { ...options, env, cwd: home.folder });
  await screen.waitFor(/^tsm \d+● (\d+✗ )?›$/m);
  return Object.assign(screen, { home: home.path, folder: home.folder });
}

const prompt = "tsm 3● 1✗ › ";

/** What stands behind the prompt, and how it looks: `stop` in green is `2:stop`, faint text `faint:…`. */
function painted(screen: Screen): string {
  const { row } = screen.cursor();
  const text = screen.rows()[row] ?? "";
  let out = "";
  let last = "";
  for (let column = prompt.length; column < text.length; column++) {
    const { colour, faint } = screen.lookOf(row, column);
    const look = text[column] === " " ? "" : faint ? "faint:" : colour === undefined ? "" : `${colour}:`;
    if (look !== last && last !== "") out += "›";
    if (look !== last && look !== "") out += `‹${look}`;
    last = look;
    out += text[column] ?? "";
  }
  return last === "" ? out : `${out}›`;
}

/** What is typed and what is proposed behind it, by the cursor. */
function halves(screen: Screen): { typed: string; proposed: string } {
  const { row, column } = screen.cursor();
  const text = (screen.rows()[row] ?? "").padEnd(column);
  return { typed: text.slice(prompt.length, column), proposed: text.slice(column) };
}

function shows(typed: string, proposed: string): (screen: Screen) => boolean {
  return (screen) => {
    const seen = halves(screen);
    return seen.typed === typed && seen.proposed === proposed;
  };
}

describe("the line in colours", () => {
  test.for([
    { typed: "stop db", looks: "‹2:stop› ‹1:db›" },
    { typed: "stop api-3000", looks: "‹2:stop› ‹2:api-3000›" },
    { typed: "stop a", looks: "‹2:stop› ‹3:a›" },
    { typed: "stop nobody", looks: "‹2:stop› ‹1:nobody›" },
    { typed: "stop old x", looks: "‹2:stop› ‹faint:old› ‹1:x›" },
    { typed: "strop db", looks: "‹1:strop› db" },
    { typed: "stop api --keep-log", looks: "‹2:stop› ‹2:api› ‹1:--keep-log›" },
    { typed: "echo 'a", looks: "‹2:echo› ‹1:'›‹12:a›" },
    { typed: "!ls 'a b'", looks: "‹5:!ls› ‹5:'a› ‹5:b'›" },
  ])("$typed", async ({ typed, looks }) => {
    const shell = await openShell();
    shell.type(typed);
    // Without the proposal: the cursor goes home.
    await shell.waitFor((screen) => halves(screen).typed === typed);
    shell.key("home");
    await shell.waitFor((screen) => screen.cursor().column === prompt.length && painted(screen) === looks);
  });

  test("a path that exists is underlined", async () => {
    const shell = await openShell();
    writeFileSync(join(shell.folder, "notes.txt"), "");
    shell.type("open notes.txt");
    await shell.waitFor((screen) => screen.isUnderlined(screen.cursor().row, screen.cursor().column - 1));
    shell.type("x");
    await shell.waitFor((screen) => halves(screen).typed === "open notes.txtx");
    expect(shell.isUnderlined(shell.cursor().row, shell.cursor().column - 2)).toBe(false);
  });

  test("NO_COLOR leaves the line as it is", async () => {
    const shell = await openShell({ env: { NO_COLOR: "1" } });
    shell.type("stop nobody");
    await shell.waitFor("stop nobody");
    shell.key("home");
    await shell.waitFor((screen) => screen.cursor().column === prompt.length);
    expect(painted(shell)).toBe("stop nobody");
  });
});

describe("the proposal behind the line", () => {
  test("it is faint, Right takes it, and Enter runs only what is typed", async () => {
    const shell = await openShell({ history: ["echo hello world"] });
    shell.type("ech");
    await shell.waitFor(shows("ech", "o hello world"));
    expect(shell.lookOf(shell.cursor().row, shell.cursor().column).faint).toBe(true);
    shell.key("right");
    await shell.waitFor(shows("echo hello world", ""));
    shell.key("enter");
    await shell.waitFor("[hello]\n[world]");
    shell.type("echo");
    await shell.waitFor(shows("echo", " hello world"));
    shell.key("enter");
    await shell.waitFor((screen) => screen.rows().at(-2) === `${prompt}echo`);
    expect(shell.text().split("[hello]")).toHaveLength(2);
  });

  test.for(["end", "ctrl-f", "ctrl-e"])("%s takes it too", async (key) => {
    const shell = await openShell({ history: ["echo hello"] });
    shell.type("e");
    await shell.waitFor(shows("e", "cho hello"));
    shell.key(key);
    await shell.waitFor(shows("echo hello", ""));
  });

  test("Alt-F takes one word at a time, and undo gives it back", async () => {
    const shell = await openShell({ history: ["echo api-1 two"] });
    shell.type("ec");
    await shell.waitFor(shows("ec", "ho api-1 two"));
    shell.key("alt-f");
    await shell.waitFor(shows("echo", " api-1 two"));
    shell.key("alt-f");
    await shell.waitFor(shows("echo api-1", " two"));
    shell.key("ctrl-_");
    await shell.waitFor(shows("echo", " api-1 two"));
  });

  test("a note can not be taken", async () => {
    const shell = await openShell();
    shell.type("stop wb");
    await shell.waitFor(shows("stop wb", " → web-8080 (#4, online)"));
    shell.key("right", "ctrl-f", "end");
    shell.type("!");
    await shell.waitFor(shows("stop wb!", ""));
  });

  test("a verb shows what it takes", async () => {
    const shell = await openShell();
    shell.type("stop");
    await shell.waitFor(shows("stop", " [flags] PROCESS…"));
  });

  test("it is there only while the cursor is at the end", async () => {
    const shell = await openShell({ history: ["echo hello"] });
    shell.type("echo");
    await shell.waitFor(shows("echo", " hello"));
    shell.key("left");
    await shell.waitFor((screen) => screen.rows()[screen.cursor().row] === `${prompt}echo`);
    shell.key("right");
    await shell.waitFor(shows("echo", " hello"));
  });

  test("nothing of it is left by Ctrl-C, Ctrl-D's end, a search or a menu", async () => {
    const shell = await openShell({ history: ["echo hello", "stop web-8080"] });
    shell.type("echo");
    await shell.waitFor(shows("echo", " hello"));
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.rows().at(-2) === `${prompt}echo^C`);
    shell.type("stop ");
    await shell.waitFor(shows("stop ", "web-8080"));
    shell.key("tab");
    await shell.waitFor("web-8080    #4");
    expect(halves(shell).proposed).toBe("");
    shell.key("escape");
    await shell.waitFor(shows("stop ", "web-8080"));
    process.kill(shell.pid, "SIGTERM");
    await shell.exit;
    expect(shell.rows().at(-1)).toBe(`${prompt.trimEnd()} stop`);
  });

  test("on 40 columns it is cut, moves nothing, and is taken whole", async () => {
    const shell = await openShell({ columns: 40, history: [`echo ${"word ".repeat(10)}end`] });
    shell.type("echo");
    await shell.waitFor((screen) => screen.rows().at(-1)?.endsWith("…") === true);
    expect(shell.rows()).toHaveLength(2);
    expect(shell.rows().at(-1)?.length).toBe(39);
    expect(shell.cursor()).toEqual({ row: 1, column: prompt.length + 4 });
    shell.resize(60, 24);
    await shell.waitFor((screen) => screen.rows().length === 2 && screen.rows().at(-1)?.length === 59);
    shell.key("right", "enter");
    await shell.waitFor("[end]");
  });

  test("wide characters stand where they should, in the line and behind it", async () => {
    const shell = await openShell({ columns: 40, history: ["echo 世界 你好"] });
    shell.type("echo 世");
    await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt}echo 世界 你好`);
    expect(shell.cursor().column).toBe(prompt.length + 7);
    shell.key("right");
    await shell.waitFor((screen) => screen.cursor().column === prompt.length + 14);
  });

  test("what is printed meanwhile goes above, and the proposal stays", async () => {
    const shell = await openShell({ history: ["echo hello"] });
    shell.type("latebug\rech");
    await shell.waitFor((screen) => screen.text().includes("a late bug") && shows("ech", "o hello")(screen));
  });
});

describe("the menu", () => {
  test("tells id, status, port, uptime and memory, cut with … on a narrow screen", async () => {
    const shell = await openShell({ columns: 40 });
    shell.type("stop \t");
    await shell.waitFor(/^› api-3000 {4}#0 online :3000 1s 12\.0 …$/m);
    expect(shell.rows().every((row) => row.length < 40)).toBe(true);
  });

  test("Shift-Tab goes back, also from the first to the last", async () => {
    const shell = await openShell();
    shell.type("stop \t");
    await shell.waitFor("› api-3000");
    shell.key("tab");
    await shell.waitFor("› api-worker");
    shell.key("shift-tab");
    await shell.waitFor("› api-3000");
    shell.key("shift-tab");
    await shell.waitFor("› all");
  });

  test("PageDown and PageUp go through one that is longer than the screen, which stays whole", async () => {
    const shell = await openShell({ rows: 8 });
    shell.key("tab");
    await shell.waitFor(/› list[\s\S]*1–6 of \d+/);
    shell.key("pagedown");
    await shell.waitFor(/› go-on[\s\S]*7–12 of \d+/);
    expect(shell.rows().join("\n")).toContain("tsm 3● 1✗ ›");
    shell.key("pageup");
    await shell.waitFor(/› list[\s\S]*1–6 of \d+/);
  });

  test("scattered letters find what nothing else does", async () => {
    const shell = await openShell();
    shell.type("stop wb\t");
    await shell.waitFor(shows("stop web-8080 ", ""));
  });
});

describe("? at the end of a line", () => {
  test("shows the help for what is being typed, keeps the line, and is not remembered", async () => {
    const shell = await openShell();
    shell.type("stop --signal SIGINT db?\r");
    await shell.waitFor(
      (screen) => screen.text().includes("HELP stop") && halves(screen).typed === "stop --signal SIGINT db",
    );
    shell.key("enter");
    await shell.waitFor("STOPPED --signal,SIGINT,db");
    shell.key("up");
    await shell.waitFor((screen) => halves(screen).typed === "stop --signal SIGINT db");
    shell.key("up");
    shell.type("!");
    await shell.waitFor((screen) => halves(screen).typed === "stop --signal SIGINT db!");
  });

  test("inside quotes and behind ! it is a letter", async () => {
    const shell = await openShell();
    shell.type("echo 'why?'\r!echo so?\r");
    await shell.waitFor(/\[why\?\][\s\S]*^so\?$/m);
    expect(shell.text()).not.toContain("HELP");
  });

  test("alone it is the help", async () => {
    const shell = await openShell();
    shell.type("?\r");
    await shell.waitFor(/^HELP$/m);
    expect(halves(shell)).toEqual({ typed: "", proposed: "" });
  });
});
