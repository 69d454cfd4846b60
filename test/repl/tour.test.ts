import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { list } from "../support/managed.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { script, tick } from "../support/scripts.ts";
import { atPrompt, openShell, welcomed } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Begins the tour and takes its first step: the server runs. */
async function begin(home: Home, shell: Screen): Promise<void> {
  shell.type("/tour\r");
  await shell.waitFor(/1 of 5[\s\S]*› start --name tsm-tour[\s\S]*Run it\?/);
  expect(await list(home)).toEqual([]);
  shell.key("enter");
  await shell.waitFor(/started 'tsm-tour'[\s\S]*2 of 5[\s\S]*Run it\?/);
}

/** Nothing of the tour is left: no record, no process. */
async function isGone(home: Home): Promise<void> {
  await until("the tour's server is removed", async () => (await list(home)).length === 0);
  await until("nothing of it runs", () => home.processes().every(({ command }) => !command.includes("request")));
}

test("on 80×24 it starts, lists, shows logs, stops by a part of the name and runs bash, and leaves nothing", async () => {
  const home = makeHome();
  const shell = await openShell(home, { columns: 80, rows: 24 });
  await begin(home, shell);
  shell.key("enter");
  await shell.waitFor(/│ tsm-tour +│ online[\s\S]*3 of 5[\s\S]*› logs tsm-tour[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/request \d+\n[\s\S]*4 of 5[\s\S]*› stop tour\n[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/stopped 'tsm-tour'[\s\S]*5 of 5[\s\S]*› !date[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor((screen) => /That was it/.test(screen.text()) && atPrompt(screen));
  expect(shell.text()).not.toContain("Run it?");
  await isGone(home);
});

describe("it leaves nothing behind", () => {
  test.for(["q", "\x03", "\x04"])("when it is left with %j", async (key) => {
    const home = makeHome();
    const shell = await openShell(home);
    await begin(home, shell);
    shell.type(key);
    await shell.waitFor(atPrompt);
    await isGone(home);
    shell.type("version\r");
    await shell.waitFor((screen) => /\d+\.\d+\.\d+/.test(screen.text()) && atPrompt(screen));
  });

  test.for(["SIGTERM", "SIGHUP"] as const)("when the shell is ended by %s at a question", async (signal) => {
    const home = makeHome();
    const shell = await openShell(home);
    await begin(home, shell);
    process.kill(shell.pid, signal);
    expect((await shell.exit).code).toBe(signal === "SIGTERM" ? 143 : 129);
    await isGone(home);
  });

  test("when Ctrl-C comes while a step runs", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    shell.type("/tour\r");
    await shell.waitFor("Run it?");
    shell.key("enter");
    // Half a second passes until it counts as up.
    await until("it is being started", () => home.processes().some(({ command }) => command.includes("request")));
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
    await isGone(home);
  });
});

test("the server of a shell that was killed ends at once, and the next tour takes its place", async () => {
  const home = makeHome();
  const killed = await openShell(home);
  await begin(home, killed);
  process.kill(killed.pid, "SIGKILL");
  await until("it has ended", async () => (await list(home))[0]?.status === "stopped");
  const shell = await openShell(home);
  shell.type("/tour\r");
  await shell.waitFor(/start --name tsm-tour [\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/started 'tsm-tour'[\s\S]*2 of 5[\s\S]*Run it\?/);
  shell.type("q");
  await shell.waitFor(atPrompt);
  await isGone(home);
});

test("a process that is called alike keeps its name and is not touched", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", "--settle", "0", "--name", "tsm-tour", "./tick.sh"]);
  const shell = await openShell(home);
  shell.type("tour\r");
  await shell.waitFor(/start --name tsm-tour-2[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/2 of 5[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/3 of 5[\s\S]*Run it\?/);
  shell.key("enter");
  await shell.waitFor(/4 of 5[\s\S]*› stop tour-2\n[\s\S]*Run it\?/);
  shell.type("q");
  await shell.waitFor(atPrompt);
  await until("only that one is left", async () => {
    const [only, second] = await list(home);
    return second === undefined && only?.name === "tsm-tour" && only.status === "online";
  });
});

test("in words too, where q and Enter are a line", async () => {
  const home = makeHome();
  welcomed(home);
  const options = { cwd: home.folder, env: { TSM_HOME: home.path } };
  const shell = openScreen(process.execPath, [program, "repl", "--plain"], options);
  await shell.waitFor(/tsm 0 online >$/);
  shell.type("/tour\r");
  await shell.waitFor(/1 of 5[\s\S]*> start --name tsm-tour[\s\S]*Run it\? \(Enter, or q to leave\)$/);
  shell.type("\r");
  await shell.waitFor(/started 'tsm-tour'[\s\S]*2 of 5[\s\S]*Run it\? \(Enter, or q to leave\)$/);
  shell.type("q\r");
  await shell.waitFor(/tsm 0 online >$/);
  await isGone(home);
});

test("it needs somebody to take it", async () => {
  const { code, stderr } = await tsm(makeHome(), ["repl", "-c", "tour"]);
  expect(code).toBe(64);
  expect(stderr).toContain("the tour needs somebody to take it");
});
