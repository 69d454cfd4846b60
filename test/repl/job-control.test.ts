import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { atPrompt } from "../support/shell.ts";
import { program } from "../support/tsm.ts";

/* The shell as a job of bash, in a terminal and, where there is one, in tmux: the program that wraps by itself. */

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const terminals = ["a terminal", ...(hasTmux ? ["tmux"] : [])];

const bashPrompt = /^bash\$$/m;

/** bash with job control. */
async function openBash(home: Home, terminal: string): Promise<Screen> {
  const rc = join(home.folder, "rc.bash");
  writeFileSync(rc, "PS1='bash$ '\nset +o history\n");
  const bash = ["bash", "--noprofile", "--rcfile", rc, "-i"];
  const socket = join(home.folder, "tmux");
  const [file = "bash", ...args] =
    terminal === "tmux"
      ? ["tmux", "-S", socket, "-f", "/dev/null", "new-session", ...bash, ";", "set", "status", "off"]
      : bash;
  const env = { TSM_HOME: home.path, TMUX: undefined };
  if (terminal === "tmux") onTestFinished(() => void spawnSync("tmux", ["-S", socket, "kill-server"]));
  const screen = openScreen(file, args, { cwd: home.folder, env });
  await screen.waitFor((seen) => bashPrompt.test(seen.rows().at(-1) ?? ""));
  return screen;
}

async function openRepl(home: Home, terminal: string): Promise<Screen> {
  const screen = await openBash(home, terminal);
  screen.type(`${process.execPath} ${program} repl\r`);
  await screen.waitFor(atPrompt);
  return screen;
}

/** The prompt with exactly this behind it, and the cursor at its end. */
function onLine(text: string): (screen: Screen) => boolean {
  return (screen) => {
    const { row, column } = screen.cursor();
    const shown = /^tsm \d+● (\d+✗ )?› /.exec(screen.rows()[row] ?? "")?.[0];
    return (
      shown !== undefined &&
      (screen.rows()[row] ?? "").startsWith(shown + text) &&
      column === shown.length + text.length
    );
  };
}

test.for(terminals)("in %s, Ctrl-Z and fg, twice: the half-typed line is kept", async (terminal) => {
  const shell = await openRepl(makeHome(), terminal);
  shell.type("lis");
  await shell.waitFor(onLine("lis"));
  for (const typed of ["list", "list "]) {
    shell.key("ctrl-z");
    await shell.waitFor((seen) => bashPrompt.test(seen.rows().at(-1) ?? ""));
    expect(shell.text()).toContain("Stopped");
    shell.type("clear; fg >/dev/null\r");
    await shell.waitFor(onLine(typed.slice(0, -1)));
    shell.type(typed.slice(-1));
    await shell.waitFor(onLine(typed));
  }
  shell.type("all\r");
  await shell.waitFor((seen) => seen.text().includes("┘") && atPrompt(seen));
  shell.key("ctrl-d");
  await shell.waitFor((seen) => bashPrompt.test(seen.rows().at(-1) ?? ""));
  shell.type('echo "it ended with $?"\r');
  await shell.waitFor(/^it ended with 0$/m);
});

test.for(terminals)("in %s, Ctrl-Z in a child stops the shell with it, and fg brings both back", async (terminal) => {
  const shell = await openRepl(makeHome(), terminal);
  shell.type("!echo ready; cat\r");
  await shell.waitFor(/^ready$/m);
  shell.key("ctrl-z");
  await shell.waitFor((seen) => bashPrompt.test(seen.rows().at(-1) ?? ""));
  expect(shell.text()).toContain("Stopped");
  shell.type("fg\r");
  // What is typed before it runs again is read by it or by bash: so only when it does.
  await shell.waitFor(/^bash\$ fg\n.*repl/m);
  shell.type("hello\r");
  await shell.waitFor(/^hello\nhello$/m);
  shell.key("ctrl-d");
  await shell.waitFor(atPrompt);
  shell.type("!echo $((40+2))\r");
  await shell.waitFor((seen) => /^42$/m.test(seen.text()) && atPrompt(seen));
});

test.for(terminals)(
  "in %s, less, vim and top one after the other, and a line is typed after each",
  async (terminal) => {
    const home = makeHome();
    const shell = await openRepl(home, terminal);
    const rows = Array.from({ length: 200 }, (_value, index) => `row ${index + 1}`);
    writeFileSync(join(home.folder, "many.txt"), rows.join("\n"));
    let after = 0;
    const typing = async (): Promise<void> => {
      await shell.waitFor(atPrompt);
      shell.type(`!echo after $((${++after}))\r`);
      await shell.waitFor((seen) => new RegExp(`^after ${after}$`, "m").test(seen.text()) && atPrompt(seen));
    };
    shell.type("!less many.txt\r");
    await shell.waitFor(/^row 1\n[\s\S]*row 22/);
    shell.type("G");
    await shell.waitFor("row 200");
    shell.type("q");
    await typing();
    shell.type("!vim -u NONE new.txt\r");
    await shell.waitFor(/^~\n~/m);
    shell.type("ihello from vim");
    shell.key("escape");
    await shell.waitFor("hello from vim");
    shell.type(":wq\r");
    await typing();
    expect(readFileSync(join(home.folder, "new.txt"), "utf8")).toBe("hello from vim\n");
    shell.type("!top\r");
    await shell.waitFor(/PID +USER/);
    shell.type("q");
    await typing();
  },
);

test("a window that is made narrower and wider again and again leaves one prompt and the typed line", async () => {
  const shell = await openRepl(makeHome(), terminals.at(-1) ?? "");
  const typed = "zzz one two three four five six seven eight nine ten";
  shell.type(typed);
  await shell.waitFor(onLine(typed));
  for (const columns of [60, 44, 100, 38, 80]) {
    shell.resize(columns, 24);
    shell.type("x");
    // Told to the program late: each width is waited for, as a person's eyes would.
    await shell.waitFor((seen) => joined(seen, columns).endsWith(`›${typed.replaceAll(" ", "")}x`));
    shell.key("backspace");
    await shell.waitFor((seen) => joined(seen, columns).endsWith(`›${typed.replaceAll(" ", "")}`));
  }
  shell.key("ctrl-l");
  await shell.waitFor((seen) => seen.rows().length === 1 && onLine(typed)(seen));
});

/** The rows as one text without blanks. In tmux's screen this terminal keeps what stood to the right of a window made narrower. */
function joined(screen: Screen, columns: number): string {
  return screen
    .rows()
    .map((row) => row.slice(0, columns))
    .join("")
    .replaceAll(" ", "");
}
