import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { pidOf, readMeta } from "../support/record.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* The shell of the built program over real processes. */

async function run(screen: Screen, line: string, shows: string | RegExp): Promise<void> {
  screen.type(`${line}\r`);
  await screen.waitFor((seen) => {
    const text = seen.text().slice(seen.text().lastIndexOf(`› ${line}`));
    return (typeof shows === "string" ? text.includes(shows) : shows.test(text)) && atPrompt(seen);
  });
}

function script(home: Home, name: string, body: string): void {
  writeFileSync(join(home.folder, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
}

test("a process is started, seen, listed by the three spellings, and stopped; the prompt counts it", async () => {
  const home = makeHome();
  script(home, "tick.sh", "while :; do echo tick; sleep 0.2; done");
  const shell = await openShell(home);
  expect(shell.rows().at(-1)).toBe("tsm 0● ›");
  await run(shell, "start ./tick.sh", /tsm: started 'tick'[\s\S]*tsm 1● ›$/);
  for (const line of ["list", "/list", "tsm list", ""]) await run(shell, line, /tick +│ online[\s\S]*tsm 1● ›$/);
  await run(shell, "/stop tick", /tsm: stopped 'tick' [\s\S]*tsm 0● ›$/);
  shell.key("ctrl-d");
  expect((await shell.exit).code).toBe(0);
  expect(shell.text()).toContain("tsm: no process is running");
});

test("a crash is in the prompt; Ctrl-D leaves processes running and says how many", async () => {
  const home = makeHome();
  script(home, "dies.sh", "exit 3");
  script(home, "tick.sh", "sleep 1000");
  const shell = await openShell(home);
  await run(shell, "start ./dies.sh", /tsm 0● 1✗ ›$/);
  await run(shell, "start ./tick.sh", /tsm 1● 1✗ ›$/);
  shell.key("ctrl-d");
  expect((await shell.exit).code).toBe(0);
  expect(shell.text()).toContain("tsm: 1 process keeps running");
  expect((await tsm(home, ["list"])).stdout).toMatch(/tick .*online/);
});

test("logs -f follows until Ctrl-C, and the prompt is back", async () => {
  const home = makeHome();
  script(home, "tick.sh", "n=0; while :; do echo tick $((n++)); sleep 0.1; done");
  const shell = await openShell(home);
  await run(shell, "start ./tick.sh", "started");
  shell.type("logs -f tick\r");
  await shell.waitFor(/tick \d+\n.*tick \d+\n/);
  shell.key("ctrl-c");
  await shell.waitFor(atPrompt);
  await run(shell, "list", "online");
});

test("Tab offers what the verb can act on, with id and status, and Enter in the menu runs nothing", async () => {
  const home = makeHome();
  for (const name of ["alpha", "beta"]) {
    script(home, `${name}.sh`, "sleep 1000");
    await tsm(home, ["start", `./${name}.sh`]);
  }
  await tsm(home, ["stop", "beta"]);
  const shell = await openShell(home);
  shell.type("restart \t");
  await shell.waitFor(/› alpha +#0 online/);
  await shell.waitFor(/ {2}beta +#1 stopped/);
  shell.key("down", "enter");
  await shell.waitFor(/› restart beta$/m);
  shell.key("ctrl-u");
  shell.type("stop \t");
  await shell.waitFor(/^tsm 1● › stop alpha$/m);
  expect(shell.text()).not.toContain("tsm: stopped");
});

test("a verb that takes one process has the person pick among the instances of an app; elsewhere it names them", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "web", "--instances", "2", "--", "sleep", "1000"]);
  const shell = await openShell(home);
  shell.type("info web\r");
  await shell.waitFor(/info takes one. Which one\?[\s\S]*❯ web-0\n +web-1/);
  shell.key("down", "enter");
  await shell.waitFor((seen) => /^name +web-1$/m.test(seen.text()) && atPrompt(seen));
  expect(await tsm(home, ["info", "web"])).toMatchObject({
    code: 1,
    stderr: "tsm: 'web' matches 2 processes and info takes one\n  Give an id or a full name: web-0, web-1\n",
  });
});

test("an unknown verb is told with what was meant, and is never run", async () => {
  const shell = await openShell(makeHome());
  await run(shell, "lsit", /unknown command 'lsit'[\s\S]*list/);
  await run(shell, "kubectl ps", "unknown command 'kubectl'\n  !kubectl runs it in bash; help lists what there is");
  await run(shell, "git status", "unknown command 'git'\n  Did you mean 'get'? !git runs it in bash");
  await run(shell, "cd /srv", "unknown command 'cd'\n  The shell stays in its folder: start --cwd FOLDER");
  await run(shell, "!cd /", "nothing has changed\n  The shell stays in its folder: start --cwd FOLDER");
  await run(shell, "!cd / && pwd", /pwd\n\/\ntsm 0● ›$/);
});

test("a name that is a slip away is told, and nothing is done", async () => {
  const home = makeHome();
  script(home, "alpha.sh", "sleep 1000");
  await tsm(home, ["start", "./alpha.sh"]);
  const shell = await openShell(home);
  await run(shell, "stop aplha", /process 'aplha' not found\n {2}Did you mean 'alpha'\?[\s\S]*tsm 1● ›$/);
});

test("help search finds a verb by what its page says", async () => {
  const shell = await openShell(makeHome());
  await run(shell, "/help search max-memory", /^ {2}start, startOrRestart {2,}[\s\S]*--max-memory/m);
  await run(shell, "help search xyzzy", "nothing in the help has 'xyzzy'");
  await run(shell, "help stop xyzzy", "help does not know what to do with 'xyzzy'");
});

test("an ambiguous name opens a picker, and what is picked is stopped", async () => {
  const home = makeHome();
  for (const name of ["api-one", "api-two"]) {
    script(home, `${name}.sh`, "sleep 1000");
    await tsm(home, ["start", `./${name}.sh`]);
  }
  const shell = await openShell(home);
  shell.type("stop api\r");
  await shell.waitFor(/❯.*0: api-one \(online\)/);
  shell.key("down");
  await shell.waitFor(/❯.*api-two/);
  shell.key("enter");
  await shell.waitFor((seen) => seen.text().includes("stopped 'api-two'") && atPrompt(seen));
  expect(shell.text()).not.toContain("stopped 'api-one'");
});

test.for([["/exit\r"], ["/quit\r"], ["\x03", "\x03"]])(
  "who leaves with %j is told what keeps running",
  async (keys) => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "1000"]);
    const shell = await openShell(home);
    shell.type(keys.join(""));
    expect((await shell.exit).code).toBe(keys.length === 1 ? 0 : 130);
    expect(shell.text()).toContain("tsm: 1 process keeps running");
  },
);

test("/last, /history and /clear", async () => {
  const shell = await openShell(makeHome());
  await run(shell, "version", /\d+\.\d+\.\d+/);
  await run(shell, "/last", /› version\n.*\d+\.\d+\.\d+/);
  await run(shell, "/history", /version[\s\S]*\/last/);
  shell.type("/clear\r");
  await shell.waitFor((seen) => seen.rows().length === 1 && atPrompt(seen));
});

test("the prompt of a home with a thousand lines of history finds the newest at once", async () => {
  const home = makeHome();
  const first = await openShell(home);
  await run(first, "version", /\d+\.\d+/);
  first.key("ctrl-d");
  await first.exit;
  const entries = Array.from({ length: 1000 }, (_value, index) => `#1\nlogs p${index}\n`).join("");
  writeFileSync(join(home.path, "repl_history"), entries);
  const shell = await openShell(home);
  shell.key("up");
  await shell.waitFor(/› logs p999$/);
});

test("a crash is told above the line that is being typed, which stays; the counts of the prompt follow", async () => {
  const home = makeHome();
  // What it writes clears no screen.
  script(home, "api.sh", "printf 'boom\\033[2J\\n' >&2; exec sleep 1000");
  await tsm(home, ["start", "--restart", "no", "./api.sh"]);
  const shell = await openShell(home);
  shell.type("logs ap");
  // Behind the cursor stands what the line may become.
  const shows = (line: string) => (seen: Screen) =>
    (seen.rows().at(-1) ?? "").startsWith(line) && seen.cursor().column === line.length;
  await shell.waitFor(shows("tsm 1● › logs ap"));
  process.kill(pidOf(home, "api"), "SIGKILL");
  await shell.waitFor(
    /✗ api \(#0\) crashed: killed by SIGKILL; it is not started again\n {2}boom\^\[\[2J\ntsm \S.* › logs ap/,
  );
  await shell.waitFor(shows("tsm 0● 1✗ › logs ap"));
  shell.key("ctrl-u");
  await run(shell, "notices", /\d {2}api \(#0\) crashed: killed by SIGKILL.*\n {10}boom\^\[\[2J\n/);
});

test("while a child has the terminal a crash waits until it is back", async () => {
  const home = makeHome();
  script(home, "api.sh", "exec sleep 1000");
  await tsm(home, ["start", "--restart", "no", "./api.sh"]);
  const shell = await openShell(home);
  shell.type("!read -r line; echo said $line\r");
  const child = await until("the child has the terminal", () =>
    home.processes().find(({ command }) => command.includes("read -r line")),
  );
  expect(child.pid).toBeGreaterThan(1);
  process.kill(pidOf(home, "api"), "SIGKILL");
  await until("it has crashed", () => readMeta(home, "api")["status"] === "crashed");
  shell.type("hello\r");
  await shell.waitFor(/said hello\n[\s\S]*✗ api \(#0\) crashed/);
  expect(shell.text().indexOf("said hello")).toBeLessThan(shell.text().indexOf("✗ api"));
});

test("with the setting off nothing is told by itself, and notices has it", async () => {
  const home = makeHome();
  script(home, "api.sh", "exec sleep 1000");
  await tsm(home, ["config", "set", "notices", "off"]);
  await tsm(home, ["start", "--restart", "no", "./api.sh"]);
  const shell = await openShell(home);
  process.kill(pidOf(home, "api"), "SIGKILL");
  await shell.waitFor((seen) => seen.rows().at(-1) === "tsm 0● 1✗ ›");
  await until("it is known", async () => {
    await run(shell, "notices", /tsm/);
    return shell.text().includes("api (#0) crashed");
  });
  expect(shell.text()).not.toContain("✗ api");
});

describe("a restart that waits for who hears no TERM", () => {
  async function deaf(): Promise<Home> {
    const home = makeHome();
    script(home, "deaf.sh", "trap '' TERM\ntouch up\nwhile [ ! -e go ]; do sleep 0.02; done\nrm go\n");
    await tsm(home, ["start", "--settle", "0", "--kill-timeout", "600", "deaf.sh"]);
    await until("it is deaf", () => existsSync(join(home.folder, "up")));
    return home;
  }

  const isStopping = (home: Home) => () => readMeta(home, "deaf")["status"] === "stopping";
  const told = "tsm: restart is being finished; Ctrl-C again leaves it behind";

  test("says after Ctrl-C that it is being finished; a second one leaves it behind", async () => {
    const home = await deaf();
    const shell = await openShell(home);
    shell.type("/clear\rrestart deaf\r");
    await until("it is stopping", isStopping(home));
    shell.key("ctrl-c");
    await shell.waitFor(told);
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
    expect(shell.text()).toContain(`restart deaf\n^C\n${told}\ntsm: left behind, it may still be at work\n`);
    script(home, "go", "");
    await until("it was started again", () => readMeta(home, "deaf")["restarts"] === 1);
  });

  test("says it on the command line too, and ends well", async () => {
    const home = await deaf();
    const env = { TSM_HOME: home.path };
    const screen = openScreen(process.execPath, [program, "restart", "deaf"], { cwd: home.folder, env });
    await until("it is stopping", isStopping(home));
    screen.key("ctrl-c");
    await screen.waitFor(told);
    script(home, "go", "");
    expect(await screen.exit).toMatchObject({ code: 130 });
    expect(readMeta(home, "deaf")).toMatchObject({ restarts: 1 });
  });
});
