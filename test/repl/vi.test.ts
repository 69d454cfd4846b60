import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";
import { buildToyShell } from "./toy/build.ts";

/* The keys of vi in the shell, as a person sees them: the screen, the cell of the cursor and its shape. */

let toy: string;
beforeAll(async () => {
  toy = await buildToyShell();
});

const prompt = "tsm 3● 1✗ › ";

async function openVi(options: { columns?: number; rows?: number; history?: readonly string[] } = {}): Promise<Screen> {
  const home = makeHome();
  mkdirSync(home.path, { recursive: true });
  const lines = options.history?.map((line) => `#1\n${line}\n`).join("") ?? "";
  writeFileSync(join(home.path, "repl_history"), lines);
  const env = { TSM_HOME: home.path, TOY_MODE: "vi" };
  const screen = openScreen(process.execPath, [toy], { ...options, env, cwd: home.folder });
  await screen.waitFor(
    (shown) => shown.cursorShape() === "bar" && /^tsm \d+● (\d+✗ )?›$/m.test(shown.rows().join("\n")),
  );
  return screen;
}

/** `stop |api` in normal mode, `stop ‸api` where text is typed, `stop _api` where it is overwritten; no proposal. */
function line(screen: Screen): string {
  const { row, column } = screen.cursor();
  const text = (screen.rows()[row] ?? "").padEnd(column);
  let typed = text.slice(prompt.length);
  for (let at = column; at < text.length; at++) {
    if (screen.lookOf(row, at).faint) typed = text.slice(prompt.length, at);
    if (typed.length < text.length - prompt.length) break;
  }
  const mark = { own: "?", bar: "‸", block: "|", underline: "_" }[screen.cursorShape()];
  return `${typed.slice(0, column - prompt.length)}${mark}${typed.slice(column - prompt.length)}`;
}

function shows(wanted: string): (screen: Screen) => boolean {
  return (screen) => line(screen) === wanted;
}

/** Escape by itself: what is typed next is no part of it. */
async function normal(screen: Screen): Promise<void> {
  screen.key("escape");
  await screen.waitFor((shown) => shown.cursorShape() === "block");
}

test("set editing-mode vi in the shell is for the very next line, and back", async () => {
  const home = makeHome();
  const shell = await openShell(home);
  expect(shell.cursorShape()).toBe("own");
  shell.type("set editing-mode vi\r");
  await shell.waitFor((screen) => atPrompt(screen) && screen.cursorShape() === "bar");
  shell.type("lisx");
  await shell.waitFor("› lisx");
  shell.key("escape");
  await shell.waitFor((screen) => screen.cursorShape() === "block" && screen.rows().at(-1) === "tsm 0● ‹ lisx");
  expect(shell.cursor().column).toBe("tsm 0● ‹ lis".length);
  shell.type("rt0");
  await shell.waitFor((screen) => screen.rows().at(-1) === "tsm 0● ‹ list" && screen.cursor().column === 9);
  shell.key("enter");
  await shell.waitFor(
    (screen) => atPrompt(screen) && screen.cursorShape() === "bar" && screen.text().includes("› list\n"),
  );
  // The command line changes it for the next line too.
  expect(await tsm(home, ["set", "editing-mode", "emacs"])).toMatchObject({ code: 0 });
  shell.key("enter");
  await shell.waitFor((screen) => atPrompt(screen) && screen.cursorShape() === "own");
});

test("Escape and a letter in one chunk are Escape and the letter", async () => {
  const shell = await openVi();
  shell.type("stop api\x1bbx");
  await shell.waitFor(shows("stop |pi"));
  shell.type("A-\x1b0");
  await shell.waitFor(shows("|stop pi-"));
});

test.for([
  { keys: "bcwdb", becomes: "stop db‸", because: "what is changed is typed" },
  { keys: "0Rstart", becomes: "start_api", because: "characters are overwritten" },
  { keys: "0f a--\x1b", becomes: "stop -|-api", because: "a character is found" },
])("$keys behind stop api: $because", async ({ keys, becomes }) => {
  const shell = await openVi();
  shell.type("stop api");
  await normal(shell);
  shell.type(keys);
  await shell.waitFor(shows(becomes));
});

test("a change is done again and taken back as one", async () => {
  const shell = await openVi();
  shell.type("echo one two three");
  await normal(shell);
  shell.type("0wcwx y");
  await shell.waitFor(shows("echo x y‸ two three"));
  await normal(shell);
  shell.type("w.");
  await shell.waitFor(shows("echo x y x |y three"));
  shell.type("u");
  await shell.waitFor(shows("echo x y |two three"));
  shell.type("2u");
  await shell.waitFor(shows("|"));
});

test("emoji, wide and combining characters are one step, and the cursor stands on their cell", async () => {
  const shell = await openVi();
  shell.type("echo 世界 e\u0301a 🇩🇪x");
  await normal(shell);
  await shell.waitFor((screen) => screen.cursor().column === prompt.length + 5 + 5 + 3 + 2);
  shell.type("h");
  await shell.waitFor((screen) => screen.cursor().column === prompt.length + 5 + 5 + 3);
  shell.type("bx");
  await shell.waitFor((screen) => screen.cursor().column === prompt.length + 5 + 5);
  expect(shell.rows().at(-1)).toContain("echo 世界 a 🇩🇪x");
  shell.type("blx");
  await shell.waitFor((screen) => screen.rows().at(-1)?.includes("echo 世 a 🇩🇪x") === true);
  shell.key("enter");
  await shell.waitFor("[世]\n[a]\n[🇩🇪x]");
});

test("Enter in normal mode runs the line, and the next one is typed; what was cut is still there", async () => {
  const shell = await openVi();
  shell.type("echo api");
  await normal(shell);
  shell.type("yb");
  shell.key("enter");
  await shell.waitFor((screen) => shows("‸")(screen) && screen.text().includes("[api]"));
  shell.type("stop x");
  await normal(shell);
  shell.type("p");
  await shell.waitFor(shows("stop xa|p"));
});

test("j and k go through the lines of a text first, then through the history", async () => {
  const shell = await openVi({ history: ["echo old", "echo new"] });
  shell.type("echo 'a");
  shell.key("enter");
  shell.type("bc'");
  await shell.waitFor(/ {2}… bc'/);
  await normal(shell);
  shell.type("k");
  await shell.waitFor(
    (screen) =>
      screen.rows().at(-2) === `${prompt.replace("›", "‹")}echo 'a` && screen.cursor().row === screen.rows().length - 2,
  );
  shell.type("jddk0D");
  await shell.waitFor(shows("|"));
  shell.type("k");
  await shell.waitFor(shows("echo ne|w"));
  shell.type("k");
  await shell.waitFor(shows("echo ol|d"));
  shell.type("2j");
  await shell.waitFor(shows("|"));
  shell.type("gg");
  await shell.waitFor(shows("echo ol|d"));
});

test("k finds what begins like the line", async () => {
  const shell = await openVi({ history: ["stop api", "echo x"] });
  shell.type("st");
  await normal(shell);
  shell.type("k");
  await shell.waitFor(shows("stop ap|i"));
});

test("/ and Ctrl-R search; Escape leaves the line as it was, in its mode", async () => {
  const shell = await openVi({ history: ["echo needle", "list"] });
  shell.type("stop x");
  await normal(shell);
  shell.type("/need");
  await shell.waitFor("search: need");
  shell.key("escape");
  await shell.waitFor(shows("stop |x"));
  shell.key("ctrl-r");
  shell.type("need");
  await shell.waitFor("search: need");
  shell.key("tab");
  await shell.waitFor(shows("echo needl|e"));
  shell.type("cc");
  shell.key("escape");
  shell.type("/need");
  await shell.waitFor("search: need");
  shell.key("enter");
  await shell.waitFor("[needle]");
});

describe("where text is typed", () => {
  test("a proposal is taken as ever, and is not there in normal mode", async () => {
    const shell = await openVi({ history: ["echo hello"] });
    shell.type("ech");
    await shell.waitFor(`${prompt}echo hello`);
    await normal(shell);
    await shell.waitFor(shows("ec|h"));
    expect(shell.rows().at(-1)).toBe(`${prompt.replace("›", "‹")}ech`);
    shell.type("a");
    shell.key("right");
    await shell.waitFor(shows("echo hello‸"));
  });

  test("the menu's Escape gives the line back and does not leave the typing; a second one does", async () => {
    const shell = await openVi();
    shell.type("stop ");
    shell.key("tab");
    await shell.waitFor("› api-3000");
    shell.key("escape");
    await shell.waitFor((screen) => !screen.text().includes("› api-3000") && shows("stop ‸")(screen));
    shell.key("tab");
    await shell.waitFor("› api-3000");
    shell.key("tab", "enter");
    await shell.waitFor(shows("stop api-worker ‸"));
    await normal(shell);
    shell.type("bcwdb");
    await shell.waitFor(shows("stop api-db‸"));
  });

  test("Tab does nothing in normal mode", async () => {
    const shell = await openVi();
    shell.type("stop");
    await normal(shell);
    shell.key("tab");
    shell.type("x");
    await shell.waitFor(shows("st|o"));
  });

  test("emacs' keys work, and . repeats what came of them", async () => {
    const shell = await openVi();
    shell.type("echo a b");
    await normal(shell);
    shell.type("bcwone two");
    shell.key("ctrl-w");
    shell.type("six");
    await shell.waitFor(shows("echo one six‸ b"));
    await normal(shell);
    shell.type("w.");
    await shell.waitFor(shows("echo one six one si|x"));
  });
});

test("a paste is text in both modes: behind the character in normal mode, and it presses no key", async () => {
  const shell = await openVi();
  shell.paste("echo dd");
  await shell.waitFor(shows("echo dd‸"));
  await normal(shell);
  shell.paste("xxdd");
  await shell.waitFor(shows("echo ddxxd|d"));
  shell.type("hhD");
  await shell.waitFor(shows("echo dd|x"));
});

test("keys struck while a command runs are for the next line, Escape too", async () => {
  const shell = await openVi();
  shell.type("slow 300\r");
  shell.type("stop api");
  shell.key("escape");
  shell.type("0cwecho\x1b");
  await shell.waitFor(shows("ech|o api"));
  expect(shell.text()).toContain("SLOW DONE");
});

test("Ctrl-C drops the line and a command that is begun, and the next line is typed", async () => {
  const shell = await openVi();
  shell.type("stop api");
  await normal(shell);
  shell.type("2d");
  shell.key("ctrl-c");
  await shell.waitFor((screen) => screen.text().includes(`${prompt}stop api^C`) && shows("‸")(screen));
  shell.type("w");
  await shell.waitFor(shows("w‸"));
});

test("an open quote goes on below, where text is typed", async () => {
  const shell = await openVi();
  shell.type("echo 'a");
  await normal(shell);
  shell.key("enter");
  await shell.waitFor((screen) => screen.cursorShape() === "bar" && /^ {2}…$/m.test(screen.rows().join("\n")));
  shell.type("b'\r");
  await shell.waitFor(/\[a\nb\]/);
});

test("a command, a child, a question and the end have the terminal's own cursor", async () => {
  const shell = await openVi();
  shell.type("follow\r");
  await shell.waitFor((screen) => screen.text().includes("FOLLOWING") && screen.cursorShape() === "own");
  shell.key("ctrl-c");
  await shell.waitFor((screen) => screen.text().includes("FOLLOW ENDED") && screen.cursorShape() === "bar");
  shell.type("!read -r -p 'child has it: ' x\r");
  await shell.waitFor((screen) => /^child has it:$/m.test(screen.rows().join("\n")) && screen.cursorShape() === "own");
  shell.type("\r");
  await shell.waitFor((screen) => screen.cursorShape() === "bar");
  shell.type("confirm\r");
  await shell.waitFor((screen) => screen.text().includes("Really?") && screen.cursorShape() === "own");
  shell.type("n\r");
  await shell.waitFor((screen) => screen.text().includes("CONFIRMED false") && screen.cursorShape() === "bar");
  await normal(shell);
  shell.key("ctrl-d");
  await shell.exit;
  expect(shell.cursorShape()).toBe("own");
});

test("SIGTERM leaves the terminal's own cursor too", async () => {
  const shell = await openVi();
  shell.type("stop");
  await normal(shell);
  process.kill(shell.pid, "SIGTERM");
  await shell.exit;
  expect(shell.cursorShape()).toBe("own");
});

test("on 20 columns the cursor is on its character in a line of several rows", async () => {
  const shell = await openVi({ columns: 20 });
  shell.type("echo abcdefghijklmnop");
  await normal(shell);
  const end = prompt.length + "echo abcdefghijklmnop".length - 1;
  await shell.waitFor((screen) => screen.cursor().column === end % 20);
  shell.type("0");
  await shell.waitFor((screen) => screen.cursor().column === prompt.length);
});

test("n and N go on from the last search, also on a new line", async () => {
  const shell = await openVi({ history: ["echo one", "list", "echo two", "echo three"] });
  await normal(shell);
  shell.type("/echo");
  await shell.waitFor("search: echo");
  shell.key("tab");
  await shell.waitFor(shows("echo thre|e"));
  shell.type("n");
  await shell.waitFor(shows("echo tw|o"));
  shell.type("n");
  await shell.waitFor(shows("echo on|e"));
  shell.type("n");
  await shell.waitFor("no further line has “echo”");
  shell.type("2N");
  await shell.waitFor(shows("echo thre|e"));
  shell.key("ctrl-c");
  await shell.waitFor(shows("‸"));
  await normal(shell);
  shell.type("n");
  await shell.waitFor(shows("echo thre|e"));
});

test("what is selected is seen, and is what the next key is about", async () => {
  const shell = await openVi();
  shell.type("stop api");
  await normal(shell);
  shell.type("bvl");
  await shell.waitFor(shows("stop a|pi"));
  const { row } = shell.cursor();
  const inverse = (column: number): boolean => shell.lookOf(row, prompt.length + column).inverse;
  expect([4, 5, 6, 7].map(inverse)).toEqual([false, true, true, false]);
  shell.type("d");
  await shell.waitFor(shows("stop |i"));
  expect(inverse(5)).toBe(false);
});
