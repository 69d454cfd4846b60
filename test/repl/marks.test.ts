import { beforeAll, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { buildToyShell } from "./toy/build.ts";

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

const prompt = "tsm 3● 1✗ ›";

async function openShell(env: NodeJS.ProcessEnv = {}, args: readonly string[] = []): Promise<Screen> {
  const home = makeHome();
  const screen = openScreen(process.execPath, [program, ...args], {
    cwd: home.folder,
    env: { TSM_HOME: home.path, ...env },
  });
  await screen.waitFor((seen) => seen.rows().at(-1) === prompt || /crashed >$/.test(seen.rows().at(-1) ?? ""));
  return screen;
}

/** The marks in their order, and what of the rest is text. */
function marksOf(screen: Screen): string {
  const marks = screen.bytes().matchAll(/\x1b\]133;([^\x07]*)\x07/g);
  return [...marks].map(([, mark = ""]) => mark.replace(";redraw=0", "")).join(" ");
}

const iTerm = { TERM_PROGRAM: "iTerm.app" };

test("prompt, line, output and exit code are marked where the terminal knows it", async () => {
  const shell = await openShell(iTerm);
  await shell.waitFor((screen) => marksOf(screen) === "A B");
  shell.type("echo a\r");
  await shell.waitFor((screen) => marksOf(screen) === "A B C D;0 A B");
  shell.type("fail 3\r");
  await shell.waitFor((screen) => marksOf(screen).endsWith("C D;3 A B"));
  shell.type("!(exit 5)\r");
  await shell.waitFor((screen) => marksOf(screen).endsWith("C D;5 A B"));
  shell.type("dropped");
  await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt} dropped`);
  shell.key("ctrl-c");
  // Nothing was run: no output begins, and there is no exit code.
  await shell.waitFor((screen) => marksOf(screen).endsWith("D;5 A B D A B"));
});

test("they take no cell: typing, a menu, a notice above and a narrower window show what they always do", async () => {
  const shell = await openShell(iTerm);
  shell.type("stop a\t");
  await shell.waitFor(/› stop api-\n› api-3000/);
  shell.key("escape");
  await shell.waitFor((screen) => screen.rows().at(-1) === `${prompt} stop a`);
  expect(shell.cursor().column).toBe(`${prompt} stop a`.length);
  shell.key("ctrl-u");
  shell.type("latebug\r");
  // What is told above moves the prompt, which is marked where it stands now.
  await shell.waitFor((screen) => screen.text().includes("a late bug") && marksOf(screen).endsWith("C D;0 A B A B"));
  shell.type("a long line that has to be wrapped");
  await shell.waitFor("be wrapped");
  shell.resize(30, 24);
  await shell.waitFor((screen) => screen.text().endsWith(`${prompt} a long line that has to be wrapped`));
  await shell.waitFor((screen) => screen.rows().at(-1) === "as to be wrapped");
});

test.for([
  { env: {}, because: "nothing is known of it" },
  { env: { TERM_PROGRAM: "Apple_Terminal" }, because: "it is not known to understand them" },
  { env: { ...iTerm, TMUX: "/tmp/x,1,0" }, because: "tmux stands between" },
  { env: { TMUX: "/tmp/x,1,0", TERM_PROGRAM: "tmux", TERM_PROGRAM_VERSION: "3.3a" }, because: "this tmux is too old" },
  { env: { VTE_VERSION: "6800" }, because: "this VTE is too old" },
  { env: { ...iTerm, STY: "1.x" }, because: "screen stands between" },
])("none with $env: $because", async ({ env }) => {
  const shell = await openShell(env);
  shell.type("echo a\r");
  await shell.waitFor("[a]");
  expect(shell.bytes()).not.toContain("]133");
});

test.for([
  { TERM_PROGRAM: "WezTerm" },
  { TERM_PROGRAM: "vscode" },
  { TERM_PROGRAM: "ghostty" },
  { KITTY_WINDOW_ID: "1" },
  { WT_SESSION: "x" },
  { VTE_VERSION: "7802" },
  { TERM: "foot" },
  { TMUX: "/tmp/x,1,0", TERM_PROGRAM: "tmux", TERM_PROGRAM_VERSION: "3.5a" },
])("known: %s", async (env) => {
  const shell = await openShell(env);
  await shell.waitFor((screen) => marksOf(screen) === "A B");
});

test("plain has none, wherever", async () => {
  const shell = await openShell(iTerm, ["--plain"]);
  expect(shell.bytes()).not.toContain("\x1b");
});

test("the window is called by the counts while the setting is on, and as before at the end", async () => {
  const shell = await openShell({ TOY_TITLE: "1" });
  const title = "\x1b]2;tsm 3 online, 1 crashed\x07";
  expect(shell.bytes()).toContain(`\x1b[22;2t${title}`);
  shell.type("!true\r");
  // A child may have given it another name.
  await shell.waitFor((screen) => screen.bytes().split(title).length === 3);
  process.kill(shell.pid, "SIGTERM");
  await shell.exit;
  expect(shell.bytes().split(title).at(-1)).toContain("\x1b]2;\x07\x1b[23;2t");
  expect((await openShell()).bytes()).not.toContain("\x1b]2;");
});
