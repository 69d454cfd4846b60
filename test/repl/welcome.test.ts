import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { atPrompt } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

async function open(home: Home, columns = 80): Promise<Screen> {
  const options = { cwd: home.folder, env: { TSM_HOME: home.path }, columns };
  const shell = openScreen(process.execPath, [program, "repl"], options);
  await shell.waitFor(atPrompt);
  return shell;
}

const greets = (shell: Screen): boolean => shell.text().includes("Welcome to tsm");

test("the first shell of a home says the four things to know in three lines, and no other does", async () => {
  const home = makeHome();
  const first = await open(home);
  const [one = "", two = "", three = "", four] = first.rows();
  expect(one).toMatch(/Verbs work bare or with \//);
  expect(two).toMatch(/^Tab completes, \? .*!cmd runs cmd in bash\.$/);
  expect(three).toMatch(/^Ctrl-D leaves, and everything keeps running\. \/tour/);
  expect(four).toBe("");
  expect(greets(await open(home))).toBe(false);
});

test("on 40 columns it breaks between words", async () => {
  const shell = await open(makeHome(), 40);
  expect(shell.rows().slice(0, 4)).toEqual([
    "Welcome to tsm. Verbs work bare or with",
    expect.stringMatching(/^\/: start server\.sh/),
    expect.stringMatching(/^Tab completes/),
    expect.any(String),
  ]);
});

test("of two that open at once one says it", async () => {
  const home = makeHome();
  const both = await Promise.all([open(home), open(home)]);
  expect(both.filter(greets)).toHaveLength(1);
});

test("a script and a pipe do not say it, and leave it to the first shell", async () => {
  const home = makeHome();
  expect((await tsm(home, ["repl", "-c", "version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await tsm(home, ["repl"], { stdin: "version\n" })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(existsSync(join(home.path, "config/welcomed"))).toBe(false);
  expect(greets(await open(home))).toBe(true);
});

test("a home where that cannot be kept is no reason to say it each time", async () => {
  const home = makeHome();
  mkdirSync(home.path);
  // As good as a disk that is read-only: nothing can be made in it.
  writeFileSync(join(home.path, "config"), "");
  expect(greets(await open(home))).toBe(false);
});
