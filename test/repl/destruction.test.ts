import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { meta } from "../support/managed.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What asks before it ends or removes several: the built program over real processes. */

async function start(home: Home, ...all: string[]): Promise<void> {
  for (const name of all) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
}

async function statuses(home: Home): Promise<Record<string, string>> {
  const all = (await tsmJson(home, ["list", "all"])) as { name: string; status: string }[];
  return Object.fromEntries(all.map(({ name, status }) => [name, status]));
}

const repl = (home: Home, commands: string) => tsm(home, ["repl", "-c", commands]);

describe("in the shell of a person", () => {
  test.for([
    { line: "stop *", asks: "stop 3 processes: api-one, api-two, db?" },
    { line: "delete all", asks: "delete 3 processes: api-one, api-two, db?" },
    { line: "kill api-*", asks: "kill 2 processes: api-one, api-two?" },
    { line: "stop /^api/ db", asks: "stop 3 processes: api-one, api-two, db?" },
    { line: "stop $_", asks: "stop 3 processes: api-one, api-two, db?" },
  ])("$line names them and asks, and Enter is no", async ({ line, asks }) => {
    const home = makeHome();
    await start(home, "api-one", "api-two", "db");
    const shell = await openShell(home);
    shell.type(`${line}\r`);
    await shell.waitFor(asks);
    shell.key("enter");
    await shell.waitFor((screen) => screen.text().includes("tsm: nothing was done") && atPrompt(screen));
    expect(await statuses(home)).toEqual({ "api-one": "online", "api-two": "online", db: "online" });
  });

  test("letters that several names have scattered are no part of them, and are asked about as such", async () => {
    const home = makeHome();
    await start(home, "worker", "test_worker");
    const shell = await openShell(home);
    shell.type("stop wrker\r");
    await shell.waitFor("? 'wrker' could be several. Which one?");
    shell.key("escape");
    await shell.waitFor((screen) => screen.text().includes("tsm: nothing was chosen") && atPrompt(screen));
    expect(await statuses(home)).toEqual({ worker: "online", test_worker: "online" });
  });

  test("what is neither yes nor no is told so, and the next key begins the answer anew", async () => {
    const home = makeHome();
    await start(home, "one", "two");
    const shell = await openShell(home);
    shell.type("stop *\r");
    await shell.waitFor("stop 2 processes: one, two?");
    shell.type("maybe\r");
    await shell.waitFor("Answer y or n");
    shell.type("y");
    await shell.waitFor((screen) => screen.text().includes("two? (y/N) y") && !screen.text().includes("Answer y"));
    expect(shell.text()).not.toContain("maybe");
    shell.key("enter");
    await shell.waitFor((screen) => screen.text().includes("stopped 'two'") && atPrompt(screen));
  });

  test("y does it; what runs already no more is not in the question", async () => {
    const home = makeHome();
    await start(home, "one", "two", "three");
    await tsm(home, ["stop", "two"]);
    const shell = await openShell(home);
    shell.type("stop *\r");
    await shell.waitFor("stop 2 processes: one, three?");
    shell.type("y\r");
    await shell.waitFor((screen) => screen.text().includes("stopped 'three'") && atPrompt(screen));
    expect(await statuses(home)).toEqual({ one: "stopped", two: "stopped", three: "stopped" });
  });

  test.for(["stop *", "delete *", "kill *"])(
    "%s does nothing to what has a name of the question by the time of the answer",
    async (line) => {
      const home = makeHome();
      await start(home, "one", "two");
      const created = Number(meta(home, "one")["created"]);
      const shell = await openShell(home);
      shell.type(`${line}\r`);
      await shell.waitFor("2 processes: one, two?");
      await tsm(home, ["delete", "one"]);
      await until("the clock has gone on", () => Date.now() / 1000 > created + 1);
      await start(home, "one");
      shell.type("y\r");
      await shell.waitFor(
        (screen) => screen.text().includes("process 'one' was deleted meanwhile") && atPrompt(screen),
      );
      expect(await statuses(home)).toMatchObject({ one: "online" });
      expect((await statuses(home))["two"]).not.toBe("online");
    },
  );

  test.for([
    "stop one",
    "stop 0",
    "stop o*",
    "stop one two",
    "stop on",
    "stop $1",
    "stop * --yes",
    "kill * -y",
    "restart *",
  ])("%s asks nothing", async (line) => {
    const home = makeHome();
    await start(home, "one", "two");
    const shell = await openShell(home);
    shell.type(`${line}\r`);
    await shell.waitFor((screen) => /'one' got|(?:stopped|restarted) 'one'/.test(screen.text()) && atPrompt(screen));
    expect(shell.text()).not.toContain("(y/N)");
  });

  test.for([
    { line: "stop *", says: "stopped 'two'" },
    { line: "kill *", says: "'two' got SIGKILL" },
    { line: "delete *", says: "deleted 'two'" },
  ])("$line tells what became of the others when one is deleted before the answer", async ({ line, says }) => {
    const home = makeHome();
    await start(home, "one", "two");
    const shell = await openShell(home);
    shell.type(`${line}\r`);
    await shell.waitFor("2 processes: one, two?");
    await tsm(home, ["delete", "one"]);
    shell.type("y\r");
    await shell.waitFor((screen) => screen.text().includes("process 'one' was deleted meanwhile") && atPrompt(screen));
    expect(shell.text()).toContain(`tsm: ${says}`);
  });

  test("* with nothing to do asks nothing", async () => {
    const shell = await openShell(makeHome());
    shell.type("stop *\r");
    await shell.waitFor("there is nothing to stop");
  });

  test("what is typed ahead is a command to come and no answer", async () => {
    const home = makeHome();
    await start(home, "one", "two");
    const shell = await openShell(home);
    shell.type("stop *\ry\ryes\r");
    await shell.waitFor("stop 2 processes: one, two?");
    shell.key("enter");
    await shell.waitFor((screen) => screen.text().includes("unknown command 'yes'") && atPrompt(screen));
    expect(shell.text()).toContain("unknown command 'y'");
    expect(await statuses(home)).toEqual({ one: "online", two: "online" });
  });

  test("many are counted behind the first ten", async () => {
    const home = makeHome();
    for (let number = 10; number < 22; number += 1)
      await tsm(home, ["start", "--name", `p${number}`, "--settle", "0", "--", "sleep", "600"]);
    const shell = await openShell(home);
    shell.type("delete p*\r");
    await shell.waitFor(/delete 12 processes: p10, .*, p19 and 2 more\?/);
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("nothing was done") && atPrompt(screen));
  });
});

describe("where nobody can be asked", () => {
  test("a script says --yes to *, and nothing is done without", async () => {
    const home = makeHome();
    await start(home, "one", "two");
    for (const line of ["stop *", "delete all", "kill '*'", "repeat 1 stop '*'"])
      expect(await repl(home, line), line).toEqual({
        code: 64,
        signal: null,
        stdout: "",
        stderr: expect.stringMatching(
          /^tsm: (\w+) of all processes needs --yes .*\n {2}It would \1 2 processes: one, two\n$/,
        ),
      });
    expect(await tsm(home, ["repl"], { stdin: "stop *\n" })).toMatchObject({ code: 64 });
    expect(await statuses(home)).toEqual({ one: "online", two: "online" });
    expect(await repl(home, "kill o* -s CONT; stop * --yes")).toMatchObject({ code: 0 });
    expect(await repl(home, "stop *; delete -y '*'")).toMatchObject({ code: 0 });
    expect(await statuses(home)).toEqual({});
  });

  test("the command line takes * at its word, with --yes and without", async () => {
    const home = makeHome();
    await start(home, "one", "two");
    expect(await tsm(home, ["kill", "*", "--signal", "CONT", "--yes"])).toMatchObject({ code: 0 });
    expect(await tsm(home, ["stop", "*"])).toMatchObject({ code: 0 });
    expect(await tsm(home, ["delete", "*", "-y"])).toMatchObject({ code: 0 });
    expect(await statuses(home)).toEqual({});
  });
});
