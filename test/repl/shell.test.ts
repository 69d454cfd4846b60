import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { buildToyShell } from "./toy/build.ts";

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

interface Opened extends Screen {
  readonly home: string;
  readonly folder: string;
}

async function openShell(
  options: { env?: NodeJS.ProcessEnv; columns?: number; rows?: number; home?: string } = {},
): Promise<Opened> {
  const home = makeHome();
  const path = options.home ?? home.path;
  const env = { TSM_HOME: path, ...options.env };
  const screen = openScreen(process.execPath, [program], { ...options, env, cwd: home.folder });
  await screen.waitFor(atPrompt);
  return Object.assign(screen, { home: path, folder: home.folder });
}

/** The cursor waits behind an empty prompt. */
function atPrompt(screen: Screen): boolean {
  const { row, column } = screen.cursor();
  return /^tsm \d+● (\d+✗ )?›$/.test(screen.rows()[row] ?? "") && column === (screen.rows()[row]?.length ?? 0) + 1;
}

/** What stands on the row of the cursor behind the prompt. */
function line(screen: Screen): string {
  return (screen.rows()[screen.cursor().row] ?? "").replace(/^tsm [^›]*› ?/, "");
}

describe("start and end", () => {
  test("the list comes first, then a prompt that counts online and crashed", async () => {
    const shell = await openShell();
    expect(shell.rows()).toEqual(["LIST", "tsm 3● 1✗ ›"]);
    expect(shell.bracketsPastes()).toBe(true);
  });

  test("with nothing crashed the prompt counts what is online only", async () => {
    const shell = await openShell({ env: { TOY_EMPTY: "1" } });
    expect(shell.rows()).toEqual(["LIST", "tsm 0● ›"]);
  });

  test("Ctrl-D ends with 0 and says how many processes keep running", async () => {
    const shell = await openShell();
    shell.key("ctrl-d");
    expect(await shell.exit).toEqual({ code: 0, signal: undefined });
    expect(shell.text()).toContain("tsm: 3 processes keep running");
    expect(shell.bracketsPastes()).toBe(false);
  });

  test("a SIGINT from outside means nothing at the prompt: npm sends one more after Ctrl-C in a child", async () => {
    const shell = await openShell();
    shell.type("inf");
    process.kill(shell.pid, "SIGINT");
    process.kill(shell.pid, "SIGINT");
    shell.type("o");
    await shell.waitFor((screen) => line(screen) === "info");
    expect(shell.text()).not.toContain("^C");
  });

  test.for(["/exit", "/quit", "exit", "tsm exit"])("%s ends with 0", async (typed) => {
    const shell = await openShell();
    shell.type(`${typed}\r`);
    expect((await shell.exit).code).toBe(0);
  });

  test("an empty line shows the list", async () => {
    const shell = await openShell();
    shell.key("enter");
    await shell.waitFor((screen) => screen.rows().filter((row) => row === "LIST").length === 2 && atPrompt(screen));
    expect(shell.rows()).toEqual(["LIST", "tsm 3● 1✗ ›", "LIST", "tsm 3● 1✗ ›"]);
  });

  test.for([
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGHUP", code: 129 },
  ] as const)("$signal restores the terminal and ends with $code", async ({ signal, code }) => {
    const shell = await openShell();
    shell.type("half");
    await shell.waitFor("› half");
    process.kill(shell.pid, signal);
    expect(await shell.exit).toEqual({ code, signal: undefined });
    expect(shell.bracketsPastes()).toBe(false);
  });
});

describe("the forms of a command", () => {
  test.for(["echo a 'b c' *", "/echo a 'b c' *", "tsm echo a 'b c' *"])("%s gives the same words", async (typed) => {
    const shell = await openShell();
    shell.type(`${typed}\r`);
    await shell.waitFor("[*]");
    expect(shell.text()).toContain("[a]\n[b c]\n[*]");
  });

  test("; separates commands, which run in order", async () => {
    const shell = await openShell();
    shell.type("slow 50; echo two;list\r");
    await shell.waitFor(/SLOW DONE\n\[two\]\nLIST\ntsm/);
  });

  test("an open quote and a \\ at the end ask for the rest", async () => {
    const shell = await openShell();
    shell.type("echo 'a\r");
    await shell.waitFor(/› echo 'a\n {2}…/);
    shell.type("b' c\\\r");
    await shell.waitFor(/… b' c\\\n {2}…/);
    shell.type("d\r");
    await shell.waitFor(/\[a\nb\]\n\[cd\]/);
  });

  test("Alt-Enter begins a further line; each is a command of its own", async () => {
    const shell = await openShell();
    shell.type("echo one");
    shell.key("alt-enter");
    shell.type("echo two");
    await shell.waitFor(/› echo one\n {2}… echo two/);
    shell.key("enter");
    await shell.waitFor(/\[one\]\n\[two\]\ntsm/);
  });

  test("a bug of ours is told and the shell stays", async () => {
    const shell = await openShell();
    shell.type("bug\r");
    await shell.waitFor("tsm: a planted bug");
    shell.type("latebug\r");
    await shell.waitFor("tsm: a late bug");
    shell.type("echo alive\r");
    await shell.waitFor("[alive]");
  });

  test("what a command printed without a last newline stays readable", async () => {
    const shell = await openShell();
    shell.type("ragged\r");
    await shell.waitFor(/no newline\ntsm .*›/);
  });

  test("/last shows the output of the n-th last command and is none itself", async () => {
    const shell = await openShell();
    shell.type("echo one\recho two\r/last\r/last\r/last 2\r");
    await shell.waitFor("LAST [one]");
    expect(shell.text().match(/LAST \[two\]/g)).toHaveLength(2);
  });
});

describe("keys struck while a command runs", () => {
  test("are kept and run in order", async () => {
    const shell = await openShell();
    shell.type("slow 300\r");
    shell.type("echo aa\r");
    shell.type("echo bb\recho c");
    await shell.waitFor(/SLOW DONE\n.*› echo aa\n\[aa\]\n.*› echo bb\n\[bb\]\n.*› echo c$/);
  });

  test("Ctrl-C ends the command and never the shell", async () => {
    const shell = await openShell();
    shell.type("follow\r");
    await shell.waitFor("FOLLOWING");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("FOLLOW ENDED") && atPrompt(screen));
    shell.type("echo alive\r");
    await shell.waitFor("[alive]");
  });

  test("a second Ctrl-C leaves a command behind that does not end", async () => {
    const shell = await openShell();
    shell.type("stuck\r");
    await shell.waitFor("STUCK");
    shell.key("ctrl-c", "ctrl-c");
    await shell.waitFor(atPrompt);
    shell.type("echo alive\r");
    await shell.waitFor("[alive]");
  });

  test("are no answer to a question: it takes only what is typed after it is shown", async () => {
    const shell = await openShell();
    shell.type("slow 200; confirm\ry\recho after\r");
    await shell.waitFor("Really?");
    shell.key("enter");
    await shell.waitFor("CONFIRMED false");
    await shell.waitFor("unknown command 'y'");
    await shell.waitFor("[after]");
  });
});

describe("questions", () => {
  test("pickers in a row, two cancelled, leave nothing behind, and typing goes on after each", async () => {
    const shell = await openShell();
    for (const [keys, answer] of [
      [["down", "enter"], "PICKED green"],
      [["down", "down", "enter"], "PICKED blue"],
      [["enter"], "PICKED red"],
      [["ctrl-c"], "PICKED undefined"],
      [["escape"], "PICKED undefined"],
    ] as const) {
      shell.type("pick\r");
      await shell.waitFor(
        (screen) => /\? Which\?/.test(screen.rows().slice(-6).join("\n")) && screen.text().includes("❯ red"),
      );
      await shell.waitFor((screen) => screen.rows().some((row) => row.startsWith("❯ red")));
      shell.key(...keys);
      await shell.waitFor((screen) => screen.rows().at(-2) === answer && atPrompt(screen));
      expect(shell.text()).not.toContain("Which?");
      shell.type("echo typed\r");
      await shell.waitFor((screen) => screen.rows().at(-2) === "[typed]" && atPrompt(screen));
    }
    expect(shell.text()).not.toContain("LIST\ntsm 3● 1✗ ›\nLIST");
  });

  test("a paste is no answer", async () => {
    const shell = await openShell();
    shell.type("confirm\r");
    await shell.waitFor((screen) => screen.text().includes("(y/N)") && screen.bracketsPastes());
    shell.type("\x1b[200~yes\rversion\r\x1b[201~");
    shell.type("n\r");
    await shell.waitFor((screen) => screen.text().includes("CONFIRMED false") && atPrompt(screen));
  });

  test("the rest of a paste that began before the question is no answer, and does not run", async () => {
    const shell = await openShell();
    shell.type("confirm\r\x1b[200~echo ");
    await shell.waitFor((screen) => screen.text().includes("(y/N)") && screen.bracketsPastes());
    shell.type("y\ryes\r\x1b[201~");
    shell.type("n\r");
    await shell.waitFor((screen) => screen.text().includes("CONFIRMED false") && line(screen).startsWith("echo "));
    shell.type("on\r");
    await shell.waitFor((screen) => screen.text().includes("[on]") && atPrompt(screen));
  });

  test("the rest of a paste that began at the question does not run when that is left", async () => {
    const shell = await openShell();
    shell.type("confirm\r");
    await shell.waitFor((screen) => screen.text().includes("(y/N)") && screen.bracketsPastes());
    shell.type("n\x1b[200~yes\r");
    await shell.waitFor("(y/N) n");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("CONFIRMED false") && atPrompt(screen));
    shell.type("echo ran\r");
    shell.type("echo too\r\x1b[201~");
    await shell.waitFor((screen) => screen.text().endsWith("echo ran\n  … echo too"));
    expect(shell.text()).not.toContain("[ran]");
  });

  test.for([
    { signal: "SIGTERM", verb: "pick", code: 143 },
    { signal: "SIGTERM", verb: "confirm", code: 143 },
    { signal: "SIGHUP", verb: "pick", code: 129 },
    { signal: "SIGHUP", verb: "confirm", code: 129 },
  ] as const)("$signal at a $verb restores the terminal", async ({ signal, verb, code }) => {
    const shell = await openShell();
    shell.type(`${verb}\r`);
    await shell.waitFor(/^\? (?:Which|Really)\?/m);
    process.kill(shell.pid, signal);
    expect(await shell.exit).toEqual({ code, signal: undefined });
    expect(shell.rows()).toEqual(["LIST", `tsm 3● 1✗ › ${verb}`]);
    expect(shell.cursor()).toEqual({ row: 2, column: 0 });
    expect(shell.bytes().lastIndexOf("\x1b[?25h")).toBeGreaterThan(shell.bytes().lastIndexOf("\x1b[?25l"));
    expect(shell.bracketsPastes()).toBe(false);
  });

  test("yes is an answer", async () => {
    const shell = await openShell();
    shell.type("confirm\r");
    await shell.waitFor("Really?");
    shell.type("y\r");
    await shell.waitFor("CONFIRMED true");
  });
});

describe("leaving a line", () => {
  test("Ctrl-C drops it and keeps it to be seen", async () => {
    const shell = await openShell();
    shell.type("echo never");
    await shell.waitFor("echo never");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => screen.text().includes("echo never^C") && atPrompt(screen));
    shell.type("echo next\r");
    await shell.waitFor("[next]");
    expect(shell.text()).not.toContain("[never]");
  });

  test("Ctrl-C twice on an empty line leaves with 130, after a hint", async () => {
    const shell = await openShell();
    shell.key("ctrl-c");
    await shell.waitFor("Ctrl-C again");
    shell.key("ctrl-c");
    expect((await shell.exit).code).toBe(130);
  });

  test("a Ctrl-C on an empty line is forgotten when a line is run; one that ends a search or a menu is none", async () => {
    const shell = await openShell();
    shell.key("ctrl-c");
    await shell.waitFor("Ctrl-C again");
    shell.type("echo one\r");
    await shell.waitFor((screen) => /\[one\]/.test(screen.text()) && atPrompt(screen));
    expect(shell.text()).not.toContain("Ctrl-C again");
    shell.key("ctrl-c");
    await shell.waitFor("Ctrl-C again");
    shell.key("ctrl-r");
    await shell.waitFor("search:");
    shell.key("ctrl-c");
    await shell.waitFor((screen) => !screen.text().includes("search:") && atPrompt(screen));
    expect(shell.text()).not.toContain("Ctrl-C again");
    shell.type("echo two\r");
    await shell.waitFor(/\[two\]/);
  });

  test("Ctrl-L empties the screen and keeps the line", async () => {
    const shell = await openShell();
    shell.type("half");
    shell.key("ctrl-l");
    await shell.waitFor((screen) => screen.rows().length === 1 && line(screen) === "half");
    expect(shell.cursor()).toEqual({ row: 0, column: "tsm 3● 1✗ › half".length });
  });
});

describe("paste", () => {
  test("never runs by itself; it is one text and runs once with Enter", async () => {
    const shell = await openShell();
    shell.paste("echo one\necho two\n");
    await shell.waitFor(/› echo one\n {2}… echo two$/);
    expect(shell.text()).not.toContain("[one]");
    shell.key("enter");
    await shell.waitFor(/\[one\]\n\[two\]/);
    shell.key("up");
    await shell.waitFor(/› echo one\n {2}… echo two$/);
  });

  test("control characters in it press no keys", async () => {
    const shell = await openShell();
    shell.paste("echo a\x03\x04\x15b\x1b[Ac");
    await shell.waitFor((screen) => line(screen) === "echo abc");
  });

  test("20 KB arrive intact", async () => {
    const shell = await openShell();
    const text = Array.from({ length: 4000 }, (_value, index) => String(index % 100_000).padStart(4, "0")).join(",");
    shell.paste(`echo ${text}`);
    await shell.waitFor((screen) => screen.rows().join("").endsWith("3998,3999"));
    shell.key("enter");
    await shell.waitFor(atPrompt);
    expect(shell.text()).toContain(`[${text}]`);
  });

  test("lines that come without brackets run in order", async () => {
    const shell = await openShell();
    shell.type("slow 100\r\necho a\r\necho b\recho c\necho d");
    await shell.waitFor((screen) => line(screen) === "echo d");
    expect(shell.text()).toMatch(/SLOW DONE\n.*\n\[a\]\n.*\n\[b\]\n.*\n\[c\]\n.*› echo d$/);
  });
});

describe("! runs in bash with the real terminal", () => {
  test("a code that is not 0 is shown, 0 is not, and what it printed stays", async () => {
    const shell = await openShell();
    shell.type("!echo $((40+2)); exit 3\r");
    await shell.waitFor(/^42\nexit 3\ntsm/m);
    shell.type("!printf ragged\r");
    await shell.waitFor(/^ragged⏎\ntsm/m);
    expect(shell.text()).not.toContain("exit 0");
  });

  test("the child reads what is typed", async () => {
    const shell = await openShell();
    shell.type("!echo ready; read -r answer; echo got:$answer\r");
    await shell.waitFor(/^ready$/m);
    shell.type("hello\r");
    await shell.waitFor("got:hello");
    await shell.waitFor(atPrompt);
  });

  test("Ctrl-C ends the child alone", async () => {
    const shell = await openShell();
    shell.type("!echo ready; sleep 1000\r");
    await shell.waitFor(/^ready$/m);
    shell.key("ctrl-c");
    await shell.waitFor("exit 130");
    shell.type("echo alive\r");
    await shell.waitFor("[alive]");
  });

  test("a child that is killed while the terminal is raw leaves no harm, for us and for later children", async () => {
    const shell = await openShell();
    shell.type("!stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[31m'; kill -9 $$\r");
    await shell.waitFor("SIGKILL");
    shell.type("!stty -a | tr ' ' '\\n' | grep -cx -e icanon -e echo -e isig\r");
    await shell.waitFor(/^3$/m);
    shell.type("!echo ready; read -r answer; echo got:$answer\r");
    await shell.waitFor(/^ready$/m);
    shell.type("fine\r");
    await shell.waitFor("got:fine");
    await shell.waitFor(atPrompt);
  });

  test("what a child has done to the terminal is undone when the shell is ended with it, too", async () => {
    const shell = await openShell();
    shell.type("!printf '\\033[?1049h\\033[?25l\\033[?1000h'; echo here; sleep 1000\r");
    await shell.waitFor("here");
    process.kill(shell.pid, "SIGTERM");
    expect(await shell.exit).toEqual({ code: 143, signal: undefined });
    expect(shell.rows().at(-1)).toContain("› !printf");
    expect(shell.bytes()).toMatch(/\x1b\[\?25l[\s\S]*\x1b\[\?25h[\s\S]*\x1b\[\?1000l/);
  });

  test("a child that leaves the terminal raw leaves it so for nobody", async () => {
    const shell = await openShell();
    shell.type("!stty raw -echo; printf 'left\\033[?1h\\033[?1000h'\r");
    await shell.waitFor((screen) => /^left⏎$/m.test(screen.text()) && atPrompt(screen));
    shell.type("echo typed\r");
    await shell.waitFor((screen) => screen.text().includes("[typed]") && atPrompt(screen));
    shell.type("!stty -a | tr ' ' '\\n' | grep -cx -e icanon -e echo -e isig\r");
    await shell.waitFor(/^3$/m);
  });

  test("less and vim have the screen and the keys, and give both back", async () => {
    const shell = await openShell();
    writeFileSync(
      join(shell.folder, "many.txt"),
      Array.from({ length: 200 }, (_value, index) => `row ${index + 1}`).join("\n"),
    );
    shell.type("!less many.txt\r");
    await shell.waitFor(/^row 1\n[\s\S]*row 23/);
    shell.type("G");
    await shell.waitFor("row 200");
    shell.type("q");
    await shell.waitFor(atPrompt);
    shell.type("!vim -u NONE new.txt\r");
    await shell.waitFor(/^~\n~/m);
    shell.type("ihello from vim");
    shell.key("escape");
    await shell.waitFor("hello from vim");
    shell.type(":wq\r");
    await shell.waitFor(atPrompt);
    expect(readFileSync(join(shell.folder, "new.txt"), "utf8")).toBe("hello from vim\n");
    shell.type("echo after\r");
    await shell.waitFor("[after]");
  });

  test("top runs and q gives the prompt back", async () => {
    const shell = await openShell();
    shell.type("!top\r");
    await shell.waitFor("PID");
    shell.type("q");
    await shell.waitFor(atPrompt);
    shell.type("echo after\r");
    await shell.waitFor("[after]");
  });
});

describe("history", () => {
  test("↑ finds what begins like the text left of the cursor, ↓ comes back to it", async () => {
    const shell = await openShell();
    shell.type("echo first\rlist\recho second\r");
    await shell.waitFor((screen) => screen.text().includes("[second]") && atPrompt(screen));
    shell.type("echo");
    shell.key("up");
    await shell.waitFor((screen) => line(screen) === "echo second");
    shell.key("up");
    await shell.waitFor((screen) => line(screen) === "echo first");
    shell.key("up", "down");
    await shell.waitFor((screen) => line(screen) === "echo second");
    shell.key("down");
    await shell.waitFor((screen) => line(screen) === "echo");
  });

  test("Ctrl-R finds in the middle, underlines, goes older, and Enter runs", async () => {
    const shell = await openShell();
    shell.type("echo alpha\recho beta\recho gamma\r");
    await shell.waitFor((screen) => screen.text().includes("[gamma]") && atPrompt(screen));
    shell.key("ctrl-r");
    shell.type("a");
    await shell.waitFor((screen) => line(screen) === "echo gamma");
    shell.key("ctrl-r");
    await shell.waitFor((screen) => line(screen) === "echo beta");
    shell.type("z");
    await shell.waitFor("no older line has “az”");
    shell.key("backspace");
    shell.type("lph");
    await shell.waitFor((screen) => line(screen) === "echo alpha");
    const { row, column } = shell.cursor();
    expect(shell.isUnderlined(row, column)).toBe(true);
    expect(shell.isUnderlined(row, column - 1)).toBe(false);
    shell.key("enter");
    await shell.waitFor((screen) => screen.text().split("[alpha]").length === 3 && atPrompt(screen));
    expect(shell.text()).not.toContain("search:");
  });

  test("Ctrl-R does not find what already stands on the line", async () => {
    const shell = await openShell();
    shell.type("echo alpha\recho alphabet\recho alphabet");
    await shell.waitFor((screen) => line(screen) === "echo alphabet" && screen.text().includes("[alphabet]"));
    shell.key("ctrl-r");
    shell.type("alpha");
    await shell.waitFor((screen) => line(screen) === "echo alpha");
    shell.key("ctrl-r");
    await shell.waitFor("no older line has “alpha”");
  });

  test("Escape leaves the search with the line as it was, Tab takes what was found", async () => {
    const shell = await openShell();
    shell.type("echo alpha\rhalf");
    await shell.waitFor((screen) => line(screen) === "half");
    shell.key("ctrl-r");
    shell.type("alp");
    await shell.waitFor((screen) => line(screen) === "echo alpha");
    shell.key("escape");
    await shell.waitFor((screen) => line(screen) === "half" && !screen.text().includes("search:"));
    shell.key("ctrl-r");
    shell.type("alp");
    shell.key("tab");
    await shell.waitFor((screen) => line(screen) === "echo alpha" && !screen.text().includes("search:"));
    expect(shell.text().split("[alpha]")).toHaveLength(2);
  });

  test("is kept for the next shell, is the owner's alone, and holds no secrets", async () => {
    const shell = await openShell();
    shell.type("echo keep\r echo blank\recho API_TOKEN=abc\rexit\r");
    await shell.exit;
    const file = join(shell.home, "repl_history");
    expect(readFileSync(file, "utf8")).toMatch(/^#\d+\necho keep\n#\d+\nexit\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const next = await openShell({ home: shell.home });
    next.key("up", "up");
    await next.waitFor((screen) => line(screen) === "echo keep");
  });

  test("what another shell ran is found at once, after this shell's own lines", async () => {
    const one = await openShell();
    const two = await openShell({ home: one.home });
    one.type("echo mine\r");
    await one.waitFor("[mine]");
    two.type("echo theirs\r");
    await two.waitFor("[theirs]");
    one.key("up");
    await one.waitFor((screen) => line(screen) === "echo mine");
    one.key("up");
    await one.waitFor((screen) => line(screen) === "echo theirs");
    one.key("ctrl-c");
    await one.waitFor(atPrompt);
    one.key("ctrl-r");
    one.type("echo");
    await one.waitFor((screen) => line(screen) === "echo theirs");
  });
});

describe("Tab", () => {
  test("one match is completed with a blank behind it", async () => {
    const shell = await openShell();
    shell.type("stu\t");
    await shell.waitFor((screen) => line(screen) === "stuck" && screen.cursor().column === "tsm 3● 1✗ › stuck ".length);
  });

  test("several open a menu below the line; Enter takes one and runs nothing", async () => {
    const shell = await openShell();
    shell.type("stop a\t");
    await shell.waitFor(
      /› stop api-\n› api-3000 {4}#0 online :3000 1s 12\.0 MB\n {2}api-worker {2}#1 online 1s 12\.0 MB$/,
    );
    shell.key("tab", "enter");
    await shell.waitFor((screen) => line(screen) === "stop api-worker" && screen.rows().length === 2);
    expect(shell.text()).not.toContain("STOPPED");
    shell.key("enter");
    await shell.waitFor("STOPPED api-worker");
  });

  test("the processes offered are those the verb can act on, and not those already named", async () => {
    const shell = await openShell();
    shell.type("stop web-8080 \t");
    await shell.waitFor("› api-3000");
    expect(shell.text()).not.toMatch(/^. (db|old|web-8080)/m);
    shell.key("escape");
    await shell.waitFor((screen) => line(screen) === "stop web-8080" && screen.rows().length === 2);
  });

  test("Escape gives the line back as it was", async () => {
    const shell = await openShell();
    shell.type("stop a\t");
    await shell.waitFor((screen) => line(screen) === "stop api-" && screen.rows().length === 4);
    shell.key("escape");
    await shell.waitFor((screen) => line(screen) === "stop a" && screen.rows().length === 2);
  });

  test("fast fingers get what slow ones get", async () => {
    const shell = await openShell();
    shell.type("stop web\t--sig\tSIGK\t\r");
    await shell.waitFor("STOPPED web-8080,--signal,SIGKILL");
  });

  test("typing narrows an open menu", async () => {
    const shell = await openShell();
    shell.type("stop \t");
    await shell.waitFor("web-8080");
    shell.type("wo");
    await shell.waitFor((screen) => line(screen) === "stop wo" && screen.rows().length === 3);
    shell.key("enter");
    await shell.waitFor((screen) => line(screen) === "stop api-worker");
  });

  test("files are completed, with quotes where they need them", async () => {
    const shell = await openShell();
    writeFileSync(join(shell.folder, "my notes.txt"), "");
    shell.type("open my\t\r");
    await shell.waitFor("OPENED my notes.txt");
    expect(shell.text()).toContain("open 'my notes.txt'");
  });

  test("a long menu comes in pages that fit the screen", async () => {
    const shell = await openShell({ rows: 8 });
    shell.key("tab");
    await shell.waitFor(/1–\d+ of \d+/);
    expect(shell.rows().length).toBeLessThanOrEqual(8);
    expect(shell.rows().join("\n")).toMatch(/tsm 3● 1✗ ›/);
    shell.key("shift-tab");
    await shell.waitFor(/› help/);
    shell.key("escape");
    await shell.waitFor(atPrompt);
  });
});

describe("the screen", () => {
  test("wide characters and emoji are one step each and stand where they should", async () => {
    const shell = await openShell();
    shell.type("a世👨‍👩‍👧é");
    await shell.waitFor("a世");
    shell.key("left", "backspace");
    await shell.waitFor((screen) => line(screen) === "a世é");
    expect(shell.cursor().column).toBe("tsm 3● 1✗ › ".length + 3);
  });

  test("a wrapped line survives being resized", async () => {
    const shell = await openShell({ columns: 70 });
    const prompt = "tsm 3● 1✗ › ";
    const text = Array.from({ length: 30 }, (_value, index) => `w${index}`).join(" ");
    shell.type(text);
    // In its colours, which the first prompt does not wait for: a paint that crosses a resize leaves a copy above.
    await shell.waitFor((screen) => screen.text().endsWith("w29") && screen.lookOf(1, prompt.length).colour === 1);
    const shows = (typed: string, columns: number) => (screen: Screen) => {
      const before = prompt.length + typed.length;
      return screen.text() === `LIST\n${prompt}${typed}` && screen.cursor().column === before % columns;
    };
    for (const columns of [50, 90, 70, 30]) {
      shell.resize(columns, 24);
      await shell.waitFor(shows(text, columns));
      shell.type("x");
      await shell.waitFor(shows(`${text}x`, columns));
      shell.key("backspace");
      await shell.waitFor(shows(text, columns));
    }
  });

  test("NO_COLOR leaves no hue", async () => {
    const home = makeHome();
    const bytes: string[] = [];
    const { spawn } = await import("@lydell/node-pty");
    const pty = spawn(process.execPath, [program], { env: { ...process.env, TSM_HOME: home.path, NO_COLOR: "1" } });
    const over = new Promise((resolve) => pty.onExit(resolve));
    pty.onData((data) => {
      bytes.push(data);
      if (bytes.join("").includes("› ") && !bytes.includes("sent")) {
        bytes.push("sent");
        pty.write("\x04");
      }
    });
    await over;
    expect(bytes.join("")).not.toMatch(/\x1b\[(?:\d+;)*[34]\dm/);
  });
});
