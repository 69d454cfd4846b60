import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import type { Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What runs behind the prompt: the built program over real processes. */

/** Types the line and waits for what it shows, and the prompt after it. */
async function run(screen: Screen, line: string, shows: RegExp): Promise<void> {
  screen.type(`${line}\r`);
  await screen.waitFor((seen) => {
    const text = seen.text();
    return shows.test(text.slice(text.lastIndexOf(`› ${line}`))) && atPrompt(seen);
  });
}

/** A process whose log is what the returned function adds to it. */
async function talking(home: Home, name = "api"): Promise<(line: string) => void> {
  await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "1000"]);
  const log = join(home.path, `runtime/processes/${name}/current.out`);
  await until("it has a log", () => existsSync(log));
  return (line) => appendFileSync(log, `${line}\n`);
}

const lastRow = (screen: Screen) => screen.rows().at(-1);
const none = (home: Home) => until("no process is left", () => home.processes().length === 0);
const repl = (home: Home, commands: string) => tsm(home, ["repl", "-c", commands]);

describe("a command behind the prompt", () => {
  test("prints above the line that is being typed, with its number before it", async () => {
    const home = makeHome();
    const say = await talking(home);
    const shell = await openShell(home);
    await run(shell, "logs -f api &", /\[1\] logs -f api\n/);
    shell.type("restart half");
    await shell.waitFor((screen) => lastRow(screen)?.endsWith("› restart half") === true);
    say("first");
    say("\x1b[2Jsecond\rover");
    await shell.waitFor(/^\[1\] first\n\[1\] .*over\ntsm 1● › restart half$/m);
    expect(shell.cursor().column).toBe("tsm 1● › restart half".length);
    shell.key("ctrl-u");
    await run(shell, "jobs", /\[1\] +\d.*s +logs -f api\n/);
    await run(shell, "stop %1", /tsm: ended \[1\] logs -f api\n/);
    await run(shell, "jobs", /nothing runs behind the prompt/);
    expect((await tsm(home, ["list"])).stdout).toContain("online");
  });

  test("of bash has no terminal and no input, and its end is told with its exit code", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "!cat; tty; printf 'no end' &", /\[1\] not a tty\n\[1\] no end\n\[1\] done {2}!cat; tty; printf/);
    await run(shell, "!exit 2 &", /\[1\] exit 2 {2}!exit 2\n/);
    await run(shell, "!kill -9 $$ &", /\[1\] exit 137 \(SIGKILL\) {2}!kill/);
    await run(shell, "info nobody &", /\[1\] tsm: process 'nobody' not found\n[\s\S]*\[1\] exit 1 {2}info nobody/);
    await run(shell, "version | tr 0-9. x &", /\[1\] x+\n\[1\] done {2}version \| tr/);
    await run(shell, "version > file & version", /\[1\] version > file\n(.*\n)*\d+\.\d+/);
    await shell.waitFor(/\[1\] done {2}version > file/);
  });

  test("leaves $_ as it is", async () => {
    const home = makeHome();
    await talking(home, "one");
    await talking(home, "two");
    const shell = await openShell(home);
    await run(shell, "info one", /name +one/);
    await run(shell, "info two > /dev/null &", /\[2\] done/);
    await run(shell, "paths $_", /processes\/one/);
  });

  test("what owns the screen or the shell is refused, and so is &&", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "watch list &", /tsm: watch cannot run behind the prompt: it owns the screen/);
    await run(shell, "exit &", /tsm: exit cannot run behind the prompt/);
    await run(shell, "lsit &", /tsm: unknown command 'lsit'/);
    await run(shell, "list && list", /tsm: column 6: && is bash's; here ; separates commands/);
    await run(shell, "jobs", /nothing runs behind the prompt/);
  });

  test("asks nothing: what needs an answer says so", async () => {
    const home = makeHome();
    await talking(home, "api-one");
    await talking(home, "api-two");
    const shell = await openShell(home);
    await run(shell, "stop api-* &", /nobody is asked behind the prompt: stop 2 processes[\s\S]*exit 64/);
    await run(shell, "stop api &", /nobody is asked behind the prompt[\s\S]*exit 64/);
    expect((await tsm(home, ["list"])).stdout.match(/online/g)).toHaveLength(2);
  });

  test("in a storm some lines are shown and the others counted; keys work, and memory has an end", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "version", /\d+\.\d+/);
    const memory = (): number => Number(execFileSync("ps", ["-o", "rss=", "-p", String(shell.pid)])) * 1024;
    const before = memory();
    shell.type("!yes 'a line of the storm' &\r");
    await shell.waitFor(/\[1\] … \d+ lines left out: fg %1/);
    for (const letter of "stop %1") {
      shell.type(letter);
      await shell.waitFor((screen) => lastRow(screen)?.startsWith("tsm 0● › ") === true);
    }
    await shell.waitFor((screen) => lastRow(screen)?.startsWith("tsm 0● › stop %1") === true);
    expect(memory() - before).toBeLessThan(100_000_000);
    shell.key("enter");
    await shell.waitFor((screen) => /ended \[1\] !yes/.test(screen.text()) && atPrompt(screen));
    // Whole lines, each of them.
    for (const row of shell
      .text()
      .split("\n")
      .filter((line) => line.startsWith("[1]"))
      .slice(1))
      expect(row).toMatch(/^\[1\] (?:a line of the storm|… \d+ lines left out(?:: fg %1)?)$/);
  });

  test.for([
    { has: "a child", line: "!echo it has the screen; read -r line", leave: "\r" },
    { has: "a command", line: "watch version --every 1", leave: "\x03" },
  ])("waits while $has has the whole screen, and is shown then", async ({ line, leave }) => {
    const home = makeHome();
    const shell = await openShell(home);
    await run(shell, `!${waitFor("go")}; echo meanwhile; touch said; ${waitFor("end")} &`, /\[1\] !until/);
    shell.type(`${line}\r`);
    await shell.waitFor(/^it has the screen$|^Every 1 s: version$/m);
    writeFileSync(join(home.folder, "go"), "");
    await until("the job has said it", () => existsSync(join(home.folder, "said")));
    await shell.waitFor((screen) => !screen.text().includes("[1] meanwhile"));
    shell.type(leave);
    await shell.waitFor((screen) => screen.text().includes("[1] meanwhile\n") && atPrompt(screen));
  });
});

describe("fg", () => {
  test("shows the lines of logs -f plainly; Ctrl-Z puts it back, Ctrl-C ends it", async () => {
    const home = makeHome();
    const say = await talking(home);
    const shell = await openShell(home);
    await run(shell, "logs -f api &", /\[1\] logs -f api\n/);
    shell.type("fg\r");
    await shell.waitFor((screen) => lastRow(screen) === "tsm 1● › fg" && screen.cursor().column === 0);
    await saidUntil(say, shell, /› fg\n(?:again\n)*again/);
    shell.key("ctrl-z");
    await shell.waitFor((screen) => /\[1\] logs -f api$/m.test(afterLast(screen, "› fg")) && atPrompt(screen));
    await saidUntil(say, shell, /\[1\] again/);
    shell.type("fg %1\r");
    await shell.waitFor((screen) => screen.text().includes("› fg %1") && screen.cursor().column === 0);
    shell.key("ctrl-c");
    await shell.waitFor((screen) => afterLast(screen, "› fg %1").includes("^C") && atPrompt(screen));
    await run(shell, "jobs", /nothing runs behind the prompt/);
  });

  test("shows what bash has printed and what follows; Ctrl-C ends all of it", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    await run(shell, `!echo before; ${waitFor("go")}; echo after; sleep 1000 & wait &`, /\[1\] before/);
    shell.type("/clear\rfg 1\r");
    await shell.waitFor(/› fg 1\nbefore\n?$/);
    writeFileSync(join(home.folder, "go"), "");
    await shell.waitFor(/› fg 1\nbefore\nafter$/);
    shell.key("ctrl-c");
    await shell.waitFor((screen) => /\^C\n[\s\S]*exit 130/.test(screen.text()) && atPrompt(screen));
    await until("nothing of it is left", () => home.processes().length === 1);
    await run(shell, "fg", /tsm: nothing runs behind the prompt/);
    await run(shell, "fg %3", /tsm: there is no job %3/);
  });

  test("has the exit code of the job", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    shell.type(`!${waitFor("go")}; exit 7 &\rfg\r`);
    await shell.waitFor(/› fg$/m);
    writeFileSync(join(home.folder, "go"), "");
    shell.type("/last\r");
    await shell.waitFor(/› fg\nexit 7\n[\s\S]*› fg\nexit 7\n.*, exit 7$/m);
  });
});

describe("the end of the shell", () => {
  test.for([
    { by: "Ctrl-D", keys: "\x04" },
    { by: "Ctrl-C twice", keys: "\x03\x03" },
    { by: "exit", keys: "exit\r" },
    { by: "SIGTERM", signal: "SIGTERM" },
    { by: "SIGHUP", signal: "SIGHUP" },
  ] as const)("by $by ends every job, and says so", async (how) => {
    const home = makeHome();
    await talking(home);
    const shell = await openShell(home);
    await run(shell, "!trap '' TERM; sleep 1000 & echo deaf; while :; do wait; done &", /\[1\] deaf/);
    await run(shell, "!sleep 1000 | cat &", /\[2\] !sleep/);
    await run(shell, "logs -f api | grep x &", /\[3\] logs/);
    if ("keys" in how) shell.type(how.keys);
    else process.kill(shell.pid, how.signal);
    await shell.exit;
    expect(shell.text()).toContain("tsm: 3 jobs are ended: [1] !trap");
    await tsm(home, ["stop", "api"]);
    await none(home);
  });
});

test("what is typed ahead of the end is ended with it", async () => {
  const home = makeHome();
  const shell = await openShell(home);
  shell.type("!sleep 1000 &\r\x04");
  expect((await shell.exit).code).toBe(0);
  await none(home);
});

describe("numbers", () => {
  test("a job takes the lowest that is no job's and no process's id", async () => {
    const home = makeHome();
    await talking(home, "zero");
    await talking(home, "one");
    const shell = await openShell(home);
    await run(shell, "!sleep 1000 &", /\[2\] !sleep/);
    await run(shell, "!sleep 1001 &", /\[3\] !sleep/);
    await run(shell, "stop 2", /tsm: ended \[2\] !sleep 1000/);
    await run(shell, "!sleep 1002 &", /\[2\] !sleep/);
    await run(shell, "stop * --yes", /stopped 'zero'[\s\S]*stopped 'one'/);
    await run(shell, "jobs", /\[2\].*!sleep 1002\n.*\[3\].*!sleep 1001/);
    await run(shell, "start one", /started 'one'/);
    await run(shell, "stop %2 one 3", /stopped 'one'.*\ntsm: ended \[2\] !sleep 1002\ntsm: ended \[3\] !sleep 1001/);
  });

  test("a number that has come to be both asks which", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    await run(shell, "!sleep 1000 &", /\[1\] !sleep/);
    await talking(home, "zero");
    await talking(home, "one");
    shell.type("stop 1\r");
    await shell.waitFor(/❯.*1: one, the process\n.*%1: !sleep 1000, the job/);
    shell.key("down");
    await shell.waitFor(/❯.*%1/);
    shell.key("enter");
    await shell.waitFor((screen) => screen.text().includes("tsm: ended [1] !sleep 1000") && atPrompt(screen));
    expect((await tsm(home, ["list"])).stdout.match(/online/g)).toHaveLength(2);
  });

  test("Tab offers jobs with their commands", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "!sleep 1000 &", /\[1\] !sleep/);
    await run(shell, "!sleep 1001 &", /\[2\] !sleep/);
    shell.type("fg \t");
    await shell.waitFor(/%1 +!sleep 1000\n.*%2 +!sleep 1001/);
    shell.key("ctrl-u");
    shell.type("stop %2\t");
    await shell.waitFor(/^tsm 0● › stop %2$/m);
    shell.key("ctrl-u");
    shell.type("stop %\t");
    await shell.waitFor(/%1 +!sleep 1000\n.*%2 +!sleep 1001/);
  });
});

describe("in a script", () => {
  test("it is waited for at the end, and its exit code counts", async () => {
    const home = makeHome();
    expect(
      await repl(home, `!${waitFor("go")}; echo late; exit 3 &\nversion > /dev/null; !echo early; touch go`),
    ).toMatchObject({
      code: 3,
      stdout: "early\nlate\n",
      stderr: "",
    });
    expect(await repl(home, "!exit 3 &\n!exit 4")).toMatchObject({ code: 4 });
    await none(home);
  });

  test("fg waits for it, stop ends it, and jobs knows it", async () => {
    const home = makeHome();
    const { code, stdout } = await repl(home, "!sleep 1000 &\njobs --json; stop %1; jobs");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/"command": "!sleep 1000"[\s\S]*tsm: ended \[1\] !sleep 1000\ntsm: nothing runs/),
    });
    expect(await repl(home, "!echo it; sleep 1; exit 3 &\nfg; !echo never")).toMatchObject({
      code: 3,
      stdout: "it\n",
    });
  });

  test("a number that is both is refused with both names", async () => {
    const home = makeHome();
    const lines = "!sleep 1000 &\nstart --name a --settle 0 sleep 1000; start --name b --settle 0 sleep 1000; stop 1";
    const { code, stderr } = await repl(home, lines);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^tsm: 1 is the process 'b' and the job '!sleep 1000'\n {2}Give b .*%1 for the job\n/,
      ),
    });
  });

  test("a shell that is killed with KILL leaves none of its jobs, and nothing that looks after them", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    await run(shell, "!trap '' HUP; echo up; sleep 1000 & sleep 1001; true &", /\[1\] up\n/);
    await run(shell, "!setsid sleep 1002 & echo went", /went\n/);
    await until("it has left", () => home.processes().some(({ command }) => command === "sleep 1002"));
    process.kill(shell.pid, "SIGKILL");
    await until("only what has left its job is there", () => home.processes().length === 1);
    for (const { pid } of home.processes()) process.kill(pid, "SIGKILL");
  });

  test("a failure that ends the script, and a signal, end it too", async () => {
    const home = makeHome();
    expect(await repl(home, "!sleep 1000 &\ninfo nobody")).toMatchObject({ code: 1 });
    await none(home);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const running = startTsm(home, ["repl", "-c", "!echo up; sleep 1000 &"]);
      await until("the job is up", () => running.printed.stdout.includes("up"));
      running.child.kill(signal);
      await running.outcome;
      await none(home);
    }
  });
});

test("the command line has no jobs, and says so", async () => {
  const home = makeHome();
  expect(await tsm(home, ["jobs"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("belongs to the shell"),
  });
  expect(await tsm(home, ["stop", "%1"])).toMatchObject({ code: 1, stderr: expect.stringContaining("%1 is a job") });
});

/** Until a file of this name is in the folder. */
function waitFor(name: string): string {
  return `until [ -e ${name} ]; do sleep 0.02; done`;
}

function afterLast(screen: Screen, what: string): string {
  return screen.text().slice(screen.text().lastIndexOf(what));
}

/** Adds lines to the log until one is seen so: when it is followed from, nobody can see. */
async function saidUntil(say: (line: string) => void, screen: Screen, shows: RegExp): Promise<void> {
  await until(`the screen shows ${shows}`, () => {
    if (shows.test(screen.text())) return true;
    say("again");
    return false;
  });
}
