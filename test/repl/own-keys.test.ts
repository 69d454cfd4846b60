import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import type { Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";

/* Aliases, keys of one's own, `!!` and the last word, in the real shell. */

/** What stands behind the prompt, up to the cursor. */
function typed(screen: Screen): string {
  const { row, column } = screen.cursor();
  return (screen.rows()[row] ?? "")
    .padEnd(column)
    .slice(0, column)
    .replace(/^tsm \d+● (\d+✗ )?[›‹] /, "");
}

function typedIs(text: string): (screen: Screen) => boolean {
  return (screen) => typed(screen) === text;
}

test("a shell that begins says which alias is hidden by a verb of its name", async () => {
  const home = makeHome();
  mkdirSync(join(home.path, "config"), { recursive: true });
  writeFileSync(join(home.path, "config/settings.json"), '{"aliases":{"id":"list all","l":"ports"}}');
  const shell = await openShell(home);
  expect(shell.text()).toContain("tsm: 'id' is a command now and hides your alias for 'list all'");
  expect(shell.text()).not.toContain("'l' is a command now");
});

async function run(shell: Screen, line: string, says: string | RegExp): Promise<void> {
  shell.type(`${line}\r`);
  await shell.waitFor((screen) => {
    const text = screen.text();
    return atPrompt(screen) && (typeof says === "string" ? text.includes(says) : says.test(text));
  });
}

describe("an alias", () => {
  test("is a verb from the next line on: in colour, in the menu, with / before it, in help, until it is taken away", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
    const shell = await openShell(home);
    await run(shell, "alias k=kill", "tsm: k is now 'kill'");
    await run(shell, "alias lc='list crashed'", "tsm: lc is now 'list crashed'");
    shell.type("lc");
    // Green as a verb is.
    await shell.waitFor(
      (screen) => typedIs("lc")(screen) && screen.lookOf(screen.cursor().row, screen.cursor().column - 1).colour === 2,
    );
    shell.key("enter");
    await shell.waitFor((screen) => atPrompt(screen) && screen.text().includes("1 online not shown"));
    shell.type("k");
    shell.key("tab");
    await shell.waitFor(/^ {2}k +alias of kill$/m);
    shell.key("escape");
    await shell.waitFor((screen) => !/alias of/.test(screen.rows().join("\n")));
    shell.type(" a");
    await shell.waitFor(typedIs("k a"));
    shell.key("tab");
    await shell.waitFor(typedIs("k api "));
    shell.key("enter");
    await shell.waitFor("tsm: 'api' got SIGKILL");
    await run(shell, "/k api", "tsm: 'api' is not running");
    await run(shell, "help k", "k is an alias of kill");
    await run(shell, "unalias k", "tsm: 'k' is no longer an alias");
    await run(shell, "k api", "unknown command 'k'");
  });

  test("does not answer the question about all, however the settings came to be", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
    mkdirSync(join(home.path, "config"), { recursive: true });
    const aliases = { everything: "stop *", sure: "stop * --yes", surely: "repeat 1 'stop * -y'" };
    writeFileSync(
      join(home.path, "config/settings.json"),
      JSON.stringify({ aliases, keys: { "ctrl-g": "stop * --yes" } }),
    );
    const shell = await openShell(home);
    await run(shell, "sure", "the alias 'sure' would answer a question before it is asked");
    await run(shell, "surely", "the alias 'surely' would answer a question before it is asked");
    shell.key("ctrl-g");
    await shell.waitFor((screen) => atPrompt(screen) && screen.text().includes("a key must not answer a question"));
    shell.type("everything\r");
    await shell.waitFor(/Stop .*\?/i);
    shell.type("n\r");
    await shell.waitFor(atPrompt);
    expect((await tsm(home, ["list"])).stdout).toContain("online");
  });

  test("that the command line makes is there at the next prompt", async () => {
    const home = makeHome();
    const shell = await openShell(home);
    await tsm(home, ["alias", "v=version"]);
    shell.key("enter");
    await shell.waitFor(atPrompt);
    await run(shell, "v", /^\d+\.\d+\.\d+$/m);
  });
});

describe("a key of one's own", () => {
  test("does an action, and its old one again when it is given back", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "bind ctrl-t upcase-word", "tsm: ctrl-t is now upcase-word");
    shell.type("list");
    shell.key("ctrl-a", "ctrl-t");
    await shell.waitFor(typedIs("LIST"));
    shell.key("ctrl-c");
    await shell.waitFor(atPrompt);
    await run(shell, "bind ctrl-t --reset", "tsm: ctrl-t is transpose-chars again");
    shell.type("lits");
    shell.key("ctrl-t");
    await shell.waitFor(typedIs("list"));
  });

  test("runs a command, gives back what was being typed, and is no part of the history", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "bind ctrl-g 'list crashed'", "tsm: ctrl-g is now 'list crashed'");
    await run(shell, "version", /^\d+\.\d+\.\d+$/m);
    shell.type("stop ap");
    shell.key("ctrl-g");
    shell.type("i");
    await shell.waitFor((screen) => typedIs("stop api")(screen) && screen.text().includes("› list crashed\n"));
    shell.key("ctrl-c", "up");
    await shell.waitFor(typedIs("version"));
    shell.key("ctrl-c");
    shell.type("v");
    shell.key("tab", "ctrl-g");
    await shell.waitFor((screen) => screen.text().split("› list crashed\n").length === 3);
  });

  test("works in both modes of vi, and Alt-. is free for it", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "bind alt-. yank-last-arg", "tsm: alt-. is now yank-last-arg");
    await run(shell, "bind f5 version", "tsm: f5 is now 'version'");
    await run(shell, "set editing-mode vi", "tsm: editingMode is now vi");
    shell.type("get ");
    shell.key("alt-.");
    await shell.waitFor(typedIs("get vi"));
    shell.key("escape");
    await shell.waitFor((screen) => screen.cursorShape() === "block");
    shell.type("\x1b[15~");
    await shell.waitFor((screen) => typedIs("get vi")(screen) && /^\d+\.\d+\.\d+$/m.test(screen.text()));
  });
});

describe("!!", () => {
  test("runs the last line again, shows it first, and the history has the line itself", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "!!", "tsm: there is no line to run again");
    await run(shell, "help version", "The version of tsm");
    shell.type("!!");
    await shell.waitFor("!! → help version");
    shell.key("enter");
    await shell.waitFor((screen) => atPrompt(screen) && screen.text().includes("› !!\nhelp version\n"));
    await run(shell, "!!  --json", "› !!  --json\nhelp version --json\n{");
    shell.key("up");
    await shell.waitFor(typedIs("help version --json"));
    shell.key("up");
    await shell.waitFor(typedIs("help version"));
    shell.key("ctrl-c");
    // Anything else that begins with ! is bash's.
    await run(shell, "!echo a!!b", /^a!!b$/m);
  });

  test("asks again what the line asked", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
    const shell = await openShell(home);
    for (const line of ["stop *", "!!"]) {
      shell.type(`${line}\r`);
      await shell.waitFor(/Stop .*\?/i);
      shell.type("n\r");
      await shell.waitFor(atPrompt);
    }
    expect((await tsm(home, ["list"])).stdout).toContain("online");
  });
});

describe("the last word", () => {
  test("of the line before, then of those before it, in its quotes; undo takes it back", async () => {
    const shell = await openShell(makeHome());
    await run(shell, "!echo first", /^first$/m);
    await run(shell, "!echo 'two words'", /^two words$/m);
    shell.type("stop ");
    shell.key("alt-.");
    await shell.waitFor(typedIs("stop 'two words'"));
    shell.key("alt-.");
    await shell.waitFor(typedIs("stop first"));
    shell.key("alt-.");
    shell.type("!");
    await shell.waitFor(typedIs("stop first!"));
    shell.key("backspace", "ctrl-a");
    await shell.waitFor(typedIs(""));
    shell.key("alt-.");
    await shell.waitFor(typedIs("'two words'"));
    shell.key("ctrl-_");
    await shell.waitFor(
      (screen) => typedIs("")(screen) && screen.rows()[screen.cursor().row]?.endsWith("› stop first") === true,
    );
  });
});
