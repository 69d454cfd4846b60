import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/* `undo` at a terminal: the built program over real processes. */

async function start(home: Home, ...names: string[]): Promise<void> {
  for (const name of names) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
}

async function statuses(home: Home): Promise<Record<string, string>> {
  const all = (await tsmJson(home, ["list", "all"])) as { name: string; status: string }[];
  return Object.fromEntries(all.map(({ name, status }) => [name, status]));
}

test("one that is started again asks nothing, and is $_ then", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  const shell = await openShell(home);
  shell.type("delete one; list; undo\r");
  await shell.waitFor((screen) => /started it \(TSM ID: 0, PID: \d+\)/.test(screen.text()) && atPrompt(screen));
  expect(shell.text()).toMatch(/undo: delete of 'one' \d+s ago: re-creates #0 one and starts it \(it was online\)/);
  expect(shell.text()).not.toContain("(y/N)");
  shell.type("stop $_\r");
  await shell.waitFor((screen) => screen.text().includes("stopped 'one'") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "stopped", two: "online" });
});

test("several are named and asked about, and Enter is no; what another shell or the command line did counts too", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  const shell = await openShell(home);
  await tsm(home, ["stop", "*"]);
  shell.type("undo\r");
  await shell.waitFor("Do it?");
  expect(shell.text()).toMatch(
    /undo: stop of 2 processes \d+s ago:\s+'one': starts #0 again \(it was online\)\s+'two': starts #1/,
  );
  shell.key("enter");
  await shell.waitFor((screen) => screen.text().includes("nothing was done") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "stopped", two: "stopped" });
  shell.type("undo -y\r");
  await shell.waitFor((screen) => screen.text().includes("started 'two' again") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "online", two: "online" });
});

test("where the last one cannot be undone the next one that can is asked about, and Enter is no", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  await tsm(home, ["stop", "one"]);
  await tsm(home, ["restart", "two", "--settle", "0"]);
  await tsm(home, ["restart", "two", "--settle", "0"]);
  expect(await tsm(home, ["undo", "--yes"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("tsm undo 3 undoes the stop of 'one' before it; tsm undo 1 --forget takes it"),
  });
  const shell = await openShell(home);
  shell.type("undo\r");
  await shell.waitFor("Undo the stop of 'one' before it instead?");
  expect(shell.text()).toMatch(/tsm: the restart of 'two' cannot be undone: process \d+ has ended/);
  shell.key("enter");
  await shell.waitFor((screen) => screen.text().includes("nothing was done") && atPrompt(screen));
  shell.type("undo\r");
  await shell.waitFor("(y/N)");
  shell.type("y\r");
  await shell.waitFor((screen) => screen.text().includes("started 'one' again") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "online", two: "online" });
});

test("what it would end it asks about", async () => {
  const home = makeHome();
  await start(home, "one");
  await tsm(home, ["stop", "one"]);
  const shell = await openShell(home);
  shell.type("restart one\r");
  await shell.waitFor((screen) => screen.text().includes("restarted 'one'") && atPrompt(screen));
  shell.type("undo\r");
  await shell.waitFor("Do it?");
  shell.type("y\r");
  await shell.waitFor((screen) => screen.text().includes("tsm: stopped 'one'") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "stopped" });
  shell.type("undo --list\r");
  await shell.waitFor(
    (screen) => /1 {2}stop of 'one' \d+s ago, on the command line/.test(screen.text()) && atPrompt(screen),
  );
});
