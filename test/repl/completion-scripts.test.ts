import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { openScreen, type Screen } from "../support/screen.ts";
import { program, tsm } from "../support/tsm.ts";

/* `tsm completion` in the shells that people have: each is opened at a terminal, reads the script and is asked with Tab. */

const shells = [
  { shell: "bash", args: ["--norc", "-i"], read: "source <(tsm completion bash)", prompt: "PS1='% '" },
  {
    shell: "zsh",
    args: ["-f", "-i"],
    read: "autoload -Uz compinit; compinit -u -d zcompdump; source <(tsm completion zsh)",
    prompt: "PROMPT='%% '",
  },
  {
    shell: "fish",
    args: ["--no-config", "-i"],
    read: "tsm completion fish | source",
    prompt: "function fish_prompt; echo '% '; end; set fish_autosuggestion_enabled 0",
  },
];

async function openShell(home: Home, { shell, args, read, prompt }: (typeof shells)[number]): Promise<Screen> {
  const bin = join(home.folder, "bin");
  mkdirSync(bin);
  symlinkSync(program, join(bin, "tsm"));
  const screen = openScreen(shell, args, {
    cwd: home.folder,
    env: {
      TSM_HOME: home.path,
      HOME: home.folder,
      PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}`,
      XDG_CONFIG_HOME: home.folder,
      XDG_DATA_HOME: home.folder,
    },
    columns: 100,
    rows: 50,
  });
  // Each shell is ready when it has read its lines: it says so in two words that the line does not hold as one.
  screen.type(`${prompt}; ${read}; echo all 'se't\r`);
  await screen.waitFor((seen) => /\nall set\n% ?$/.test(seen.text()));
  return screen;
}

/** Types keys, waits for what the line becomes, with the cursor behind it, and clears it. */
function completionsIn(shell: Awaited<ReturnType<typeof openShell>>) {
  const line = () => shell.rows()[shell.cursor().row] ?? "";
  return async (keys: string, becomes: string): Promise<void> => {
    shell.type(keys);
    await shell.waitFor(() => line() === becomes.trimEnd() && shell.cursor().column === becomes.length);
    shell.key("ctrl-u");
    await shell.waitFor(() => /^% ?$/.test(line()));
  };
}

test.for(shells)("$shell completes verbs, flags, running processes with their state, and files", async (each) => {
  const home = makeHome();
  writeFileSync(join(home.folder, "server-of-mine.sh"), "sleep 600\n", { mode: 0o755 });
  for (const name of ["api-one", "api-two", "web"])
    expect((await tsm(home, ["start", "--settle", "0", "--name", name, "sleep", "600"])).code).toBe(0);
  await tsm(home, ["stop", "web"]);
  mkdirSync(join(home.folder, "env"));
  writeFileSync(join(home.folder, "env", "nearby.env"), "A=1\n");
  const shell = await openShell(home, each);
  const asked = completionsIn(shell);

  await asked("tsm start --env nea\t", "% tsm start --env nearby ");
  await asked("tsm rese\t", "% tsm reset ");
  await asked("tsm stop ap\t", "% tsm stop api-");
  await asked("tsm start --setting\x7f\x7f\x7f\t", "% tsm start --settle ");
  await asked("tsm start --restart=al\t", "% tsm start --restart=always ");
  // `stop` takes what runs.
  await asked("tsm stop w\tx", "% tsm stop wx");
  await asked("tsm delete w\t", "% tsm delete web ");
  await asked("tsm start server-of\t", "% tsm start server-of-mine.sh ");
  await asked("tsm start --env=server-of\t", "% tsm start --env=server-of-mine.sh ");
  if (each.shell !== "bash") {
    shell.type("tsm stop api-\t\t");
    await shell.waitFor(/api-one\s.*#0 online/);
  }
});

test.for(shells)("$shell completes names with blanks and quotes, behind a quote too", async (each) => {
  const home = makeHome();
  for (const name of ["my app", "it's", 'q"u$o', "a:b", "c\\d", "web@1"])
    expect((await tsm(home, ["start", "--settle", "0", "--name", name, "--", "sleep", "600"])).code).toBe(0);
  await tsm(home, ["stop", "my app"]);
  const shell = await openShell(home, each);
  const asked = completionsIn(shell);

  await asked("tsm delete my\t", "% tsm delete my\\ app ");
  await asked("tsm delete my\\ \t", "% tsm delete my\\ app ");
  await asked('tsm delete "my\t', '% tsm delete "my app" ');
  // Files can stand there too, and the shell is told so.
  await asked("tsm start my\t", "% tsm start my\\ app ");
  await asked("tsm start 'my a\t", "% tsm start 'my app' ");
  await asked("tsm stop it\t", "% tsm stop it\\'s ");
  await asked('tsm stop "it\t', '% tsm stop "it\'s" ');
  await asked("tsm stop 'q\t", "% tsm stop 'q\"u$o' ");
  await asked('tsm stop "q\t', '% tsm stop "q\\"u\\$o" ');
  await asked('tsm stop "q\\"u\\$\t', '% tsm stop "q\\"u\\$o" ');
  await asked("tsm stop c\t", "% tsm stop c\\\\d ");
  await asked('tsm stop "c\t', '% tsm stop "c\\\\d" ');
  await asked("tsm stop a:\t", "% tsm stop a:b ");
  await asked('tsm stop "a:\t', '% tsm stop "a:b" ');
  await asked("tsm stop web@\t", "% tsm stop web@1 ");
  await asked('tsm stop "web@\t', '% tsm stop "web@1" ');
});
