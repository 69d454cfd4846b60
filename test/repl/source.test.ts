import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { script } from "../support/scripts.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/* `/source FILE` at a terminal: the built program over real processes. */

async function start(home: Home, ...names: string[]): Promise<void> {
  for (const name of names) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
}

async function statuses(home: Home): Promise<Record<string, string>> {
  const all = (await tsmJson(home, ["list", "all"])) as { name: string; status: string }[];
  return Object.fromEntries(all.map(({ name, status }) => [name, status]));
}

function file(home: Home, name: string, ...lines: string[]): void {
  writeFileSync(join(home.folder, name), `${lines.join("\n")}\n`);
}

test("a file runs in this shell: what it showed last is $_ afterwards, and /last its last output", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  file(home, "f", "# a comment", "stop one", "!echo 'from bash'", "list stopped | cat", "info one");
  const shell = await openShell(home);
  shell.type("/source f\r");
  await shell.waitFor((screen) => screen.text().includes("last exit") && atPrompt(screen));
  expect(shell.text()).toContain("\nfrom bash\n");
  shell.type("clear; restart $_\r");
  await shell.waitFor((screen) => screen.text().includes("restarted 'one'") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "online", two: "online" });
  file(home, "g", "version");
  shell.type("source g; clear\r");
  await shell.waitFor(atPrompt);
  shell.type("/last\r");
  await shell.waitFor((screen) => /› version\n\d+\.\d+/.test(screen.text()) && atPrompt(screen));
  // What stands in a file clears no screen.
  file(home, "h", "id '\x1b[2J' &", "id '\x1b[2J'");
  shell.type("source h\r");
  await shell.waitFor(/\[\d\] exit 1 {2}id '\^\[\[2J'/);
  shell.type("/last 2\r");
  await shell.waitFor((screen) => /› id '\^\[\[2J'\n/.test(screen.text()) && atPrompt(screen));
});

test("on a narrow terminal a dry run is broken between words", async () => {
  const home = makeHome();
  file(home, "f", "list crashed", "stop nobody");
  const shell = await openShell(home, { columns: 40 });
  shell.type("run f --dry-run\r");
  await shell.waitFor(
    /^f:1: list crashed: would show the\n {2}processes: by default what runs and\n {2}what has crashed\nf:2/m,
  );
});

test("a dry run tells what it would ask, and what is not running already", async () => {
  const home = makeHome();
  await start(home, "one", "two", "three");
  await tsm(home, ["stop", "three"]);
  file(home, "f", "stop *", "delete *");
  const shell = await openShell(home, { columns: 100 });
  shell.type("run f --dry-run\r");
  await shell.waitFor("f:1: stop *: would stop 'one' (#0, online), 'two' (#1, online); 'three'");
  await shell.waitFor(/it\s+asks first: stop 2 processes: one, two\?/);
  await shell.waitFor(/it\s+asks first: delete 3 processes: one, two, three\?/);
});

test("$_ of this shell is there for the file, and a dry run leaves it as it is", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  file(home, "f", "stop $_", "list stopped", "start --name one -- sleep 600", "version");
  const shell = await openShell(home);
  shell.type("info two\r");
  await shell.waitFor((screen) => screen.text().includes("policy") && atPrompt(screen));
  shell.type("clear\r");
  shell.type("run f --dry-run\r");
  await shell.waitFor(
    (screen) =>
      /f:3: start --name one -- sleep 600: would fail .*already running/.test(screen.text()) && atPrompt(screen),
  );
  expect(shell.text()).toContain("f:1: stop $_: would stop 'two' (#1, online)");
  await shell.waitFor("f:4: version: would show the version of tsm");
  shell.type("source f\r");
  await shell.waitFor(
    (screen) => screen.text().includes("f:3: start --name one -- sleep 600: exit code 1") && atPrompt(screen),
  );
  expect(await statuses(home)).toEqual({ one: "online", two: "stopped" });
});

test("a question of a line is asked, and no ends the file", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  file(home, "f", "stop *", "delete one");
  const shell = await openShell(home);
  shell.type("source f\r");
  await shell.waitFor("stop 2 processes: one, two?");
  shell.key("enter");
  await shell.waitFor((screen) => screen.text().includes("f:1: stop *: exit code 1") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "online", two: "online" });
});

test.for([
  { what: "a command", line: "logs -f one", until: "said" },
  { what: "bash", line: "!echo said; sleep 600", until: "said" },
])(
  "Ctrl-C in $what ends the rest of the file, also with --keep-going, and the shell stays",
  async ({ line, until }) => {
    const home = makeHome();
    await tsm(home, ["start", "--name", "one", "--settle", "0", "--", "sh", "-c", "echo said; exec sleep 600"]);
    file(home, "f", line, "stop one");
    const shell = await openShell(home);
    shell.type("source f --keep-going\r");
    await shell.waitFor((screen) => screen.rows().includes(until));
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes(": interrupted") && atPrompt(screen));
    expect(await statuses(home)).toEqual({ one: "online" });
    shell.type("version\r");
    await shell.waitFor((screen) => /\d+\.\d+\.\d+/.test(screen.text()) && atPrompt(screen));
  },
);

test("what goes into a pipe or a file is the output of all of its commands", async () => {
  const home = makeHome();
  file(home, "f", "version", "version");
  const shell = await openShell(home);
  shell.type("source f | grep -c .\r");
  await shell.waitFor((screen) => screen.rows().includes("2") && atPrompt(screen));
});

test("exit in a file leaves the shell", async () => {
  const home = makeHome();
  file(home, "f", "exit", "list");
  const shell = await openShell(home);
  shell.type("source f\r");
  expect(await shell.exit).toMatchObject({ code: 0 });
});

test("Tab offers the files", async () => {
  const home = makeHome();
  file(home, "morning.tsm-script", "list");
  const shell = await openShell(home);
  shell.type("run mor\t");
  await shell.waitFor((screen) => screen.rows().some((row) => row.includes("› run morning.tsm-script")));
});

test("what a file says goes where the output of its command goes, and what bash says to the screen", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  file(home, "f", "list", "!echo from bash", "version | cat", "nosuch");
  const shell = await openShell(home);
  shell.type("source f | grep -c -e one -e two\r");
  await shell.waitFor((screen) => screen.text().includes("f:4: nosuch: exit code 64") && atPrompt(screen));
  expect(shell.text()).toMatch(/^from bash$/m);
  expect(shell.text()).toMatch(/^2$/m);
  shell.type("clear\r");
  await shell.waitFor((screen) => !screen.text().includes("nosuch") && atPrompt(screen));
  shell.type("source f > out; !grep -c online out\r");
  await shell.waitFor((screen) => /^2$/m.test(screen.text()) && atPrompt(screen));
});

test("a reader that has seen enough ends the file, and nothing is said of it", async () => {
  const home = makeHome();
  script(home, "tick.sh", "while :; do echo tick; sleep 0.1; done\n");
  await tsm(home, ["start", "--name", "api", "--settle", "0", "./tick.sh"]);
  file(home, "f", "logs -f api", "version");
  const shell = await openShell(home);
  shell.type("clear\r");
  shell.type("source f | head -2\r");
  await shell.waitFor((screen) => /source f \| head -2\n(.*tick\n){2}tsm 1/.test(screen.text()) && atPrompt(screen));
  expect(await tsm(home, ["repl", "-c", "run f | head -1"])).toMatchObject({ code: 0, stderr: "" });
});

test("a file behind the prompt is one job: $_ of the prompt stays as it is, its own goes on", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  file(home, "f", "list running", "stop $1", "wait one stopped");
  const shell = await openShell(home);
  shell.type("info two; source f &\r");
  await shell.waitFor((screen) => /\[\d\] tsm: stopped 'one'/.test(screen.text()) && atPrompt(screen));
  await shell.waitFor((screen) => /done {2}source f/.test(screen.text()) && atPrompt(screen));
  shell.type("stop $_\r");
  await shell.waitFor((screen) => screen.text().includes("stopped 'two'") && atPrompt(screen));
  expect(await statuses(home)).toEqual({ one: "stopped", two: "stopped" });
});
