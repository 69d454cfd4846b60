import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { until } from "../support/until.ts";
import { buildToyShell } from "./toy/build.ts";

/* What needs a shell around ours: Ctrl-Z and fg, in tmux on a socket of its own. */

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

interface Pane {
  send(...keys: string[]): void;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  shows(): string;
  showsCursor(): boolean;
  waitFor(what: RegExp): Promise<string>;
}

function openPane(): Pane {
  const home = makeHome();
  // A socket path must be short; TMPDIR keeps the server away from anybody's own.
  const folder = mkdtempSync(join(tmpdir(), "tsm-tmux-"));
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", join(folder, "s"), "-f", "/dev/null", ...args], { encoding: "utf8" });
  const bash = `env TSM_HOME=${home.path} PS1='outer$ ' bash --norc --noprofile -i`;
  tmux("new-session", "-d", "-x", "100", "-y", "30", "-c", home.folder, bash);
  onTestFinished(() => {
    tmux("kill-server");
    rmSync(folder, { recursive: true, force: true });
  });
  const pane: Pane = {
    send: (...keys) => void tmux("send-keys", ...keys),
    type: (text) => void tmux("send-keys", "-l", "--", text),
    resize: (columns, rows) => void tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`),
    shows: () => tmux("capture-pane", "-p").trimEnd(),
    showsCursor: () => tmux("display-message", "-p", "#{cursor_flag}").trim() === "1",
    waitFor: (what) =>
      until(`the pane shows ${what}; now:\n${pane.shows()}`, () => what.test(pane.shows()) && pane.shows(), {
        timeoutMs: 20_000,
      }),
  };
  return pane;
}

async function openShellIn(pane: Pane): Promise<void> {
  await pane.waitFor(/outer\$/);
  pane.type(`'${process.execPath}' '${program}'; echo "code $?"`);
  pane.send("Enter");
  await pane.waitFor(/tsm 3● 1✗ ›/);
}

test("Ctrl-Z and fg, twice, keep the half-typed line", async () => {
  const pane = openPane();
  await openShellIn(pane);
  pane.type("echo half");
  await pane.waitFor(/› echo half/);
  for (const typed of ["-one", "-two"]) {
    pane.send("C-z");
    await pane.waitFor(/Stopped[\s\S]*outer\$ *$/);
    pane.type("stty -a | tr ' ;' '\\n' | grep -cx -e icanon -e echo; fg");
    pane.send("Enter");
    await pane.waitFor(/^2$[\s\S]*› echo half[^\n]*$/m);
    pane.type(typed);
    await pane.waitFor(new RegExp(`› echo half.*${typed}$`));
    if (typed === "-one") {
      pane.send("C-l");
      await pane.waitFor(/^tsm 3● 1✗ › echo half-one$/);
    }
  }
  pane.send("Enter");
  await pane.waitFor(/\[half-one-two\]/);
});

test("Ctrl-Z in a child stops the child and the shell; fg brings both back", async () => {
  const pane = openPane();
  await openShellIn(pane);
  pane.type("!vim -u NONE notes.txt");
  pane.send("Enter");
  await pane.waitFor(/^~\n~/m);
  pane.type("ifirst");
  pane.send("Escape");
  await pane.waitFor(/first/);
  pane.send("C-z");
  await pane.waitFor(/Stopped[\s\S]*outer\$ *$/);
  pane.type("fg");
  pane.send("Enter");
  await pane.waitFor(/^first\n~/m);
  pane.type(":wq");
  pane.send("Enter");
  await pane.waitFor(/tsm 3● 1✗ ›$/);
  pane.type("!cat notes.txt");
  pane.send("Enter");
  await pane.waitFor(/^first\ntsm/m);
});

describe.for([
  { verb: "pick", shown: /^\? Which\?\n❯ red\n {2}green$/m, keys: ["Down", "Enter"], answer: /PICKED green\ntsm/ },
  { verb: "confirm", shown: /^\? Really\? \(y\/N\)$/m, keys: ["y", "Enter"], answer: /CONFIRMED true\ntsm/ },
  { verb: "go-on", shown: /^Go on\? \(Enter, or q to leave\)$/m, keys: ["Enter"], answer: /WENT true\ntsm/ },
])("a question of $verb", ({ verb, shown, keys, answer }) => {
  test.for(["Ctrl-Z", "SIGTSTP", "SIGSTOP"] as const)(
    "is stopped by %s with the terminal as it was, and fg brings it back",
    async (by) => {
      const pane = openPane();
      await openShellIn(pane);
      pane.type("!echo pid=$PPID");
      pane.send("Enter");
      const pid = Number(/^pid=(\d+)$/m.exec(await pane.waitFor(/^pid=\d+\ntsm/m))?.[1]);
      pane.type(verb);
      pane.send("Enter");
      await pane.waitFor(shown);
      for (const _time of ["once", "twice"]) {
        if (by === "Ctrl-Z") pane.send("C-z");
        else process.kill(pid, by);
        await pane.waitFor(/Stopped[\s\S]*outer\$ *$/);
        if (by !== "SIGSTOP") expect(pane.showsCursor()).toBe(true);
        pane.type("clear; stty -a | tr ' ;' '\\n' | grep -cx -e icanon -e echo; fg");
        pane.send("Enter");
        const screen = await pane.waitFor(shown);
        expect(screen).toMatch(/^2$/m);
        expect(screen.split("?").length).toBe(verb === "go-on" ? 2 : 3);
        expect(pane.showsCursor()).toBe(verb !== "pick");
      }
      pane.send(...keys);
      await pane.waitFor(answer);
      pane.type("echo typed");
      pane.send("Enter");
      await pane.waitFor(/^\[typed\]\ntsm/m);
    },
  );
});

test("a question that comes back is broken for the width that the window has by then", async () => {
  const pane = openPane();
  await openShellIn(pane);
  pane.type("confirm 'Shall all of what is on record here be stopped?'");
  pane.send("Enter");
  await pane.waitFor(/^\? Shall all of what is on record here be stopped\? \(y\/N\)$/m);
  pane.send("C-z");
  await pane.waitFor(/Stopped[\s\S]*outer\$ *$/);
  pane.resize(40, 30);
  pane.type("clear; fg >/dev/null");
  pane.send("Enter");
  await pane.waitFor(/^\? Shall all of what is on record here be\n {2}stopped\? \(y\/N\)$/);
});

test.for(["SIGTSTP", "SIGSTOP"] as const)(
  "%s from elsewhere and fg bring the prompt back, with its line and its keys",
  async (signal) => {
    const pane = openPane();
    await openShellIn(pane);
    pane.type("!echo pid=$PPID");
    pane.send("Enter");
    const pid = Number(/^pid=(\d+)$/m.exec(await pane.waitFor(/^pid=\d+\ntsm/m))?.[1]);
    pane.type("echo half");
    await pane.waitFor(/› echo half$/);
    process.kill(pid, signal);
    await pane.waitFor(/Stopped[\s\S]*outer\$ *$/);
    pane.type("clear; fg");
    pane.send("Enter");
    await pane.waitFor(/› echo half$/);
    pane.send("C-a", "C-k");
    pane.type("echo whole");
    pane.send("Enter");
    expect(await pane.waitFor(/^\[whole\]$/m)).not.toContain("[half");
  },
);
