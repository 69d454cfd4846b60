import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";

test("ps is the list, and /ps the machine's processes", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"]);
  const shell = await openShell(home);
  shell.type("clear; ps\r");
  await shell.waitFor((screen) => /│ 0 +│ api /.test(screen.text()) && atPrompt(screen));
  shell.type("clear; /ps\r");
  await shell.waitFor((screen) => /^\S+ +\d+ +[\d.]+ +[\d.]+ /m.test(screen.text()) && atPrompt(screen));
  expect(shell.text()).not.toContain("│ api ");
});

test("all of a namespace, and all that run a script, are named before they are ended", async () => {
  const home = makeHome();
  for (const name of ["one", "two"])
    await tsm(home, ["start", "--name", name, "--namespace", "shop", "--settle", "0", "--", "sleep", "600"]);
  const shell = await openShell(home);
  shell.type("clear; stop shop\r");
  await shell.waitFor("stop 2 processes: one, two?");
  shell.key("enter");
  await shell.waitFor((screen) => screen.text().includes("nothing was done") && atPrompt(screen));
  expect(shell.text()).toContain("nothing was done");
});
