import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unescapeLine } from "../../src/repl/history.ts";
import { makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import type { Screen } from "../support/screen.ts";
import { script, tick } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";

/* Two shells and the command line on the same processes. What changes in one is seen in the others by itself. */

const counts = (prompt: string) => (screen: Screen) => screen.rows().at(-1) === prompt;

test("what one shell or the command line changes, the prompts of both shells count without a key", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  const one = await openShell(home);
  const two = await openShell(home);
  one.type("start --restart no --name api ./tick.sh\r");
  await Promise.all([one, two].map((shell) => shell.waitFor(counts("tsm 1● ›"))));
  await tsm(home, ["start", "--settle", "0", "--name", "web", "./tick.sh"]);
  await Promise.all([one, two].map((shell) => shell.waitFor(counts("tsm 2● ›"))));
  two.type("stop web\r");
  await Promise.all([one, two].map((shell) => shell.waitFor(counts("tsm 1● ›"))));
  process.kill(pidOf(home, "api"), "SIGKILL");
  await Promise.all([one, two].map((shell) => shell.waitFor(counts("tsm 0● 1✗ ›"))));
  // Both tell the crash, which neither asked for.
  for (const shell of [one, two]) expect(shell.text()).toContain("✗ api (#0) crashed");
});

test("Tab, the colours and the proposal of a line that stands there know what another has started", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  const one = await openShell(home);
  one.type("stop worker");
  await one.waitFor(/› stop worker$/);
  await tsm(home, ["start", "--settle", "0", "--name", "worker", "./tick.sh"]);
  const row = () => one.rows().findIndex((line) => line.startsWith("tsm 1● › stop worker"));
  // Green: the one process it means is online.
  await one.waitFor((screen) => row() >= 0 && screen.lookOf(row(), "tsm 1● › stop w".length).colour === 2);
  one.key("ctrl-w", "tab");
  await one.waitFor((screen) => screen.rows()[screen.cursor().row] === "tsm 1● › stop worker");
  one.key("enter");
  await one.waitFor((screen) => screen.text().includes("stopped 'worker'") && atPrompt(screen));
});

test("an open menu tells what has become of its entries, which stay where they are", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  for (const name of ["api", "web"]) await tsm(home, ["start", "--settle", "0", "--name", name, "./tick.sh"]);
  const shell = await openShell(home);
  shell.type("stop \t");
  await shell.waitFor(/^› api +#0 online .*\n {2}web +#1 online /m);
  shell.key("down");
  await shell.waitFor(/^› web/m);
  await tsm(home, ["stop", "api"]);
  await shell.waitFor(/^ {2}api +#0 stopped\n› web +#1 online /m);
  await tsm(home, ["delete", "api"]);
  await shell.waitFor(/^ {2}api +#0 deleted\n› web +#1 online /m);
  shell.key("enter");
  await shell.waitFor((seen) => seen.rows().at(-1) === "tsm 1● › stop web");
});

test("both stop the same process at once: it is stopped once, and both are told how it is", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", "--settle", "0", "--name", "api", "./tick.sh"]);
  const one = await openShell(home);
  const two = await openShell(home);
  one.type("stop api\r");
  two.type("stop api\r");
  for (const shell of [one, two]) {
    await shell.waitFor((screen) => /tsm: (stopped 'api'|'api' )/.test(screen.text()) && atPrompt(screen));
    await shell.waitFor(counts("tsm 0● ›"));
  }
});

test("histories of two shells that type at once lose nothing and tear nothing", async () => {
  const home = makeHome();
  const shells = [await openShell(home), await openShell(home)];
  const typed = shells.map((_shell, which) =>
    Array.from({ length: 40 }, (_value, index) => `version # ${which} ${index}`),
  );
  shells.forEach((shell, which) => {
    shell.type(`${typed[which]?.join("\r")}\rversion --json # ${which} over\r`);
  });
  for (const shell of shells)
    await shell.waitFor((screen) => screen.text().includes('"version"') && atPrompt(screen), 30_000);
  const lines = readFileSync(join(home.path, "repl_history"), "utf8").trimEnd().split("\n");
  const entries = lines.filter((_line, index) => index % 2 === 1).map(unescapeLine);
  expect(lines.every((line, index) => index % 2 === 1 || /^#\d+$/.test(line))).toBe(true);
  for (const own of typed) expect(entries.filter((entry) => own.includes(entry))).toEqual(own);
});
