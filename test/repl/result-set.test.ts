import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import type { Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { program, tsm } from "../support/tsm.ts";

/* `$_`, `$1`, …: what was last shown or acted on, in the built program over real processes. */

/** Types the line and waits for the prompt after it. What it showed. */
async function run(screen: Screen, line: string): Promise<string> {
  const before = screen.text().length;
  const shown = (seen: Screen) => seen.text().slice(before);
  screen.type(`${line}\r`);
  await screen.waitFor((seen) => shown(seen).includes(`${line}\n`) && atPrompt(seen));
  return shown(screen);
}

const names = (text: string) => [...text.matchAll(/ed '([^']+)'/g)].map(([, name]) => name);

async function start(home: Home, ...all: string[]): Promise<void> {
  for (const name of all) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
}

const repl = (home: Home, commands: string) => tsm(home, ["repl", "-c", commands]);

test("$_ is what was shown first of all, listed, filtered, named; $1 its first", async () => {
  const home = makeHome();
  await start(home, "one", "two", "three");
  const shell = await openShell(home);
  expect(names(await run(shell, "restart $_"))).toEqual(["one", "two", "three"]);
  await run(shell, "stop two three");
  expect(names(await run(shell, "restart $1"))).toEqual(["two"]);
  await run(shell, "list stopped");
  expect(names(await run(shell, "restart $_"))).toEqual(["three"]);
  await run(shell, "list --sort -id --limit 2");
  expect(names(await run(shell, "restart $1 $2"))).toEqual(["two", "three"]);
  await run(shell, "version");
  await run(shell, "help stop");
  expect(await run(shell, "info $1")).toMatch(/name +two/);
  await run(shell, "");
  expect(names(await run(shell, "restart $_"))).toEqual(["one", "two", "three"]);
  expect(await run(shell, 'info "$1"')).toMatch(/name +one/);
  expect(await run(shell, "info '$1'")).toContain("'$1'");
  await run(shell, "list --sort -id --limit 2");
  expect(names(await run(shell, 'restart "$_"'))).toEqual(["two", "three"]);
  await run(shell, "list all");
  expect(await run(shell, "list $_ '$_'")).toContain("'$_' is none of all, running");
});

test("what $1 means is said while it is typed", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  const shell = await openShell(home);
  await run(shell, "list --sort -id");
  shell.type("restart $1");
  await shell.waitFor("› restart $1 → two (#1, online)");
});

test("within more text, in double quotes or none, the names take their place; in single quotes they are letters", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  const { code, stdout, stderr } = await repl(
    home,
    `list > /dev/null; list --where "name = $2" | grep -c 'one\\|two'
list > /dev/null; info $1 > '${home.folder}/'$1.txt
!grep ^name '${home.folder}/one.txt'
repeat 1 "info $1" | grep ^name
list > /dev/null; info "<$_ '$1' \\$1 \\$HOME>"$_x'$1'`,
  );
  expect(stdout).toMatch(/^1\nname +one\nname +one\n$/);
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("process '<one two 'one' $1 \\$HOME>$_x$1' not found"),
  });
  expect(await repl(home, 'list > /dev/null; restart "x$3"')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("$3 is empty: there are only 2 processes in $_"),
  });
});

test("the empty set is an error that says so, and so is a number that it does not have", async () => {
  const home = makeHome();
  await start(home, "one");
  const shell = await openShell(home);
  expect(await run(shell, "info $2")).toContain("tsm: $2 is empty: there is only one process in $_");
  await run(shell, "list crashed");
  expect(await run(shell, "restart $_")).toContain("tsm: $_ is empty: the last command showed or touched no process");
  expect(await run(shell, "list")).toContain("│ one ");
});

test("scripts have them too, also through pipes and JSON", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  await tsm(home, ["stop", "two"]);
  expect(await repl(home, "list stopped > /dev/null; restart $_; info $1 | grep ^name")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^tsm: restarted 'two' .*\nname +two\n$/),
  });
  expect((await repl(home, "ports --json; list --where 'name = one' --json | cat; stop $_")).stdout).toContain(
    "stopped 'one'",
  );
  expect(await tsm(home, ["repl"], { stdin: "list\nlogs $_ --lines 0\nrestart $2\n" })).toMatchObject({ code: 1 });
  expect(await repl(home, "info '$_'")).toMatchObject({ code: 1, stderr: expect.stringContaining("'$_' not found") });
  expect(await repl(home, "version; stop $_")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("$_ is empty: no command has shown or touched a process yet"),
  });
});

test("a name of digits alone is never taken for another process's id", async () => {
  const home = makeHome();
  await start(home, "zero", "0");
  const { stdout } = await repl(home, "list --where 'name = 0' > /dev/null; stop $_");
  expect(names(stdout)).toEqual(["0"]);
});

test("what has gone since is an error, and nothing else is touched", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  const { code, stderr } = await repl(home, `list > /dev/null\n!'${program}' delete two > /dev/null\nstop $_`);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("process 'two' not found") });
  expect((await tsm(home, ["list"])).stdout).toMatch(/one .*online/);
});

test("start $_ starts each of them again, and is never a command line", async () => {
  const home = makeHome();
  await start(home, "one", "sleep", "0");
  await tsm(home, ["stop", "one", "sleep", "/^0$/"]);
  const { code, stdout, stderr } = await repl(home, "list stopped > /dev/null; start $_");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(names(stdout).sort()).toEqual(["0", "one", "sleep"]);
  await tsm(home, ["stop", "one"]);
  expect(await repl(home, "list --where 'name != 0' > /dev/null; start $_")).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^tsm: started 'one' .*\n$/),
    stderr: expect.stringMatching(/^tsm: 'sleep' is already running \(TSM ID: 1, .*\n$/),
  });
  expect(await repl(home, "list > /dev/null; start $1 --flag")).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("$_ names processes, and '--flag' does not go with them"),
  });
  expect((await tsm(home, ["list", "all", "--json"])).stdout.match(/"name"/g)).toHaveLength(3);
});
