import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { script, tick } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

/** The colour of the first letter of a word in the row of the cursor. */
function colourOf(screen: Screen, word: string): number | undefined {
  const { row } = screen.cursor();
  const column = screen.rows()[row]?.indexOf(word) ?? -1;
  return column === -1 ? undefined : screen.lookOf(row, column).colour;
}

test.for([
  { says: "nothing of the background", env: { COLORFGBG: "" }, settings: [], verb: 28, wrong: 160 },
  { says: "a light background", env: { COLORFGBG: "0;15" }, settings: [], verb: 28, wrong: 160 },
  { says: "a dark background", env: { COLORFGBG: "15;0" }, settings: [], verb: 2, wrong: 1 },
  { says: "light, by the setting", env: {}, settings: [["theme", "light"]], verb: 28, wrong: 160 },
  { says: "its own styles", env: {}, settings: [["styles", "good=bold,33 bad=magenta"]], verb: 33, wrong: 5 },
])("the line is painted for what says $says", async ({ env, settings, verb, wrong }) => {
  const home = makeHome();
  for (const [name = "", value = ""] of settings) await tsm(home, ["config", "set", name, value]);
  const shell = await openShell(home, { env });
  shell.type("stop nobody");
  await shell.waitFor((screen) => colourOf(screen, "stop") === verb && colourOf(screen, "nobody") === wrong);
});

test("another theme holds from the next prompt on, and one that another shell has set too", async () => {
  const home = makeHome();
  const shell = await openShell(home);
  shell.type("list");
  await shell.waitFor((screen) => colourOf(screen, "list") === 2);
  shell.key("ctrl-u");
  shell.type("set theme light\r");
  await shell.waitFor((screen) => screen.text().includes("theme is now light") && atPrompt(screen));
  shell.type("list");
  await shell.waitFor((screen) => colourOf(screen, "list") === 28);
  await tsm(home, ["set", "styles", "good=33"]);
  shell.key("enter");
  await shell.waitFor((screen) => screen.text().includes("› list\n") && atPrompt(screen));
  shell.type("list");
  await shell.waitFor((screen) => colourOf(screen, "list") === 33);
});

test("mono has no hue, in the shell and on the command line, and keeps faint and bold", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["config", "set", "theme", "mono"]);
  await tsm(home, ["start", "--settle", "0", "--name", "api", "./tick.sh"]);
  const shell = await openShell(home);
  shell.type("stop ap");
  await shell.waitFor((screen) => screen.lookOf(screen.cursor().row, screen.cursor().column).faint);
  const list = openScreen(process.execPath, [program, "list"], { cwd: home.folder, env: { TSM_HOME: home.path } });
  await list.exit;
  const hue = /\x1b\[(?:\d+;)*(?:[34]\d|38;[\d;]+|9\d)m/;
  for (const screen of [shell, list]) expect(screen.bytes()).not.toMatch(hue);
  expect(list.bytes()).toContain("\x1b[1mapi\x1b[22m");
});

test("FORCE_COLOR paints in a pipe too, with as many colours as it says; 0 paints nowhere", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", "--settle", "0", "--name", "api", "./tick.sh"]);
  const list = async (env: Record<string, string>) => (await tsm(home, ["list"], { env })).stdout;
  expect(await list({ FORCE_COLOR: "1", COLORFGBG: "" })).toContain("\x1b[32monline");
  expect(await list({ FORCE_COLOR: "2", COLORFGBG: "" })).toContain("\x1b[38;5;28monline");
  expect(await list({})).not.toContain("\x1b");
  const env = { TSM_HOME: home.path, FORCE_COLOR: "0" };
  const screen = openScreen(process.execPath, [program, "list"], { cwd: home.folder, env });
  await screen.exit;
  expect(screen.bytes()).not.toContain("\x1b");
});

test("a setting of two words is found as flags are spelled too", async () => {
  const home = makeHome();
  await tsm(home, ["config", "set", "window-title", "on"]);
  expect((await tsm(home, ["config", "get", "windowTitle"])).stdout).toBe("on\n");
  expect((await tsm(home, ["config", "get", "window-title"])).stdout).toBe("on\n");
  await tsm(home, ["set", "editing-mode", "vi"]);
  expect((await tsm(home, ["config", "get", "editingMode"])).stdout).toBe("vi\n");
  await tsm(home, ["config", "set", "editingMode", "emacs"]);
  expect((await tsm(home, ["set", "editing-mode"])).stdout).toBe("emacs\n");
  expect((await tsm(home, ["config", "list"])).stdout).toMatch(/^editingMode +emacs/m);
});

test("a style that cannot be understood is refused, with the roles there are", async () => {
  const { code, stderr } = await tsm(makeHome(), ["config", "set", "styles", "verb=cyan"]);
  expect(code).toBe(64);
  expect(stderr).toMatch(/'verb=cyan' is not a role with its style\n.*good, bad, warn/);
});
