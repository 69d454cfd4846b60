import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

/* `/last` and `/history` of the built program: what was printed and typed, and how it ended. */

test("/last says when it began, how long it took and its exit code; --search finds in all of them", async () => {
  const home = makeHome();
  const shell = await openShell(home);
  shell.type("info nobody\rversion\r/last 2\r");
  await shell.waitFor(/^› info nobody\ntsm: process 'nobody' not found\n.*\n {2}\d\d:\d\d:\d\d, \d.*s, exit 1$/m);
  shell.type("/last\r");
  await shell.waitFor(/^› version\n\d+\.\d+\.\d+\n {2}\d\d:\d\d:\d\d, \d.*s, exit 0$/m);
  shell.type("/clear\rlast --search NOT\r");
  await shell.waitFor(/^2 › info nobody\ntsm: process 'nobody' not found\n {2}.*exit 1\ntsm/m);
  expect(shell.text()).not.toContain("› version");
  shell.type("/last --search nowhere-at-all\r");
  await shell.waitFor("no output that is kept has it");
});

test("Tab behind /last offers the numbers with their commands", async () => {
  const shell = await openShell(makeHome());
  shell.type("info nobody\rversion\r/last \t");
  await shell.waitFor(/^› 1 +version\n {2}2 +info nobody\n {2}--search /m);
  shell.key("down", "enter", "enter");
  await shell.waitFor(/^› info nobody\ntsm: process 'nobody' not found$/m);
});

test("a script has them too, and as JSON", async () => {
  const { code, stdout } = await tsm(makeHome(), ["repl", "-c", "version > /dev/null; version; last --json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout.slice(stdout.indexOf("{")))).toMatchObject({
    n: 1,
    command: "version",
    exitCode: 0,
    durationMs: expect.any(Number),
    startedAt: expect.any(Number),
  });
});

test("/history WORDS shows only what has them, --failed what failed", async () => {
  const home = makeHome();
  const shell = openScreen(process.execPath, [program, "repl"], { cwd: home.folder, env: { TSM_HOME: home.path } });
  await shell.waitFor(atPrompt);
  shell.type("version\rports\r/clear\rhistory VERS\r");
  await shell.waitFor(/^tsm 0● › history VERS\nversion\ntsm 0● ›$/);
  shell.type("/clear\rhistory nowhere\r");
  await shell.waitFor(/^tsm 0● › history nowhere\ntsm: nothing on record fits\ntsm 0● ›$/);
  shell.type(
    "info nobody\rlsit\r lsti\r!false\r!true\rversion; info nobody; version\rlist >\r/clear\rhistory --failed\r",
  );
  await shell.waitFor(/--failed\ninfo nobody\nlsit\n!false\nversion; info nobody; version\nlist >\ntsm 0● ›$/);
});

test("/history --failed knows what failed in other shells, and what has gone well in them since", async () => {
  const home = makeHome();
  const first = await openShell(home);
  const second = await openShell(home);
  first.type("info nobody\rlsit\r!test -e there\r!false &\r lsti\r");
  await first.waitFor((screen) => screen.text().includes("exit 1  !false") && atPrompt(screen));
  first.type("/clear\rhistory --failed\r");
  await first.waitFor(/--failed\ninfo nobody\nlsit\n!test -e there\n!false &\ntsm 0● ›$/);
  second.type("!touch there\r!test -e there\r/clear\rhistory --failed\r");
  await second.waitFor(/--failed\ninfo nobody\nlsit\n!false &\ntsm 0● ›$/);
  const third = await openShell(home);
  third.type("/clear\rhistory --failed\r");
  await third.waitFor(/--failed\ninfo nobody\nlsit\n!false &\ntsm 0● ›$/);
});
