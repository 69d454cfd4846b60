import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { meta, row } from "../support/managed.ts";
import { logOf } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Writes a hook into the home. Returns its path. */
function hook(home: Home, name: string, text: string): string {
  const path = join(home.path, "hooks", `${name}.sh`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("setup", () => {
  test("makes the three hooks, and leaves alone what is there", async () => {
    const home = makeHome();
    const mine = hook(home, "node", "echo mine\n");
    expect((await tsm(home, ["setup"])).stdout).toContain("hooks/python.sh");
    expect((await tsm(home, ["setup"])).stdout).toBe("tsm: setup complete\n");
    expect(readFileSync(mine, "utf8")).toBe("echo mine\n");
    const text = (name: string) => readFileSync(join(home.path, "hooks", name), "utf8");
    expect(text("python.sh")).toBe(
      '#!/usr/bin/env bash\nexport PYENV_ROOT="$TETRA_DIR/pyenv"\nexport PATH="$PYENV_ROOT/bin:$PATH"\neval "$(pyenv init -)"\n',
    );
    expect(text("tetra.sh")).toBe('#!/usr/bin/env bash\nsource "$TETRA_DIR/tetra.sh"\n');
    expect(statSync(join(home.path, "hooks/python.sh")).mode & 0o777).toBe(0o755);
  });

  test("python processes run in pyenv, which finds its own python", async () => {
    const home = makeHome();
    const tetra = dirname(home.path);
    await tsm(home, ["setup"]);
    program(join(tetra, "pyenv/bin/pyenv"), `echo 'export PATH="$PYENV_ROOT/shims:$PATH"; pyenv() { :; }'\n`);
    program(join(tetra, "pyenv/shims/python3"), 'echo "pyenv $1 in $PYENV_ROOT"; exec sleep 600\n');
    program(join(home.folder, "bin/python3"), 'echo "the system"; exec sleep 600\n');
    script(home, "app.py", "");
    const env = { PATH: `${home.folder}/bin:${process.env["PATH"]}` };
    expect(await tsm(home, ["start", "app.py", "--name", "app"], { env })).toMatchObject({ code: 0 });
    expect(logOf(home, "app")).toBe(`pyenv ${home.folder}/app.py in ${tetra}/pyenv\n`);
    expect(meta(home, "app")["prehook"]).toBe(join(home.path, "hooks/python.sh"));
  });

  test("node processes run in nvm; without an nvm the same hook changes nothing", async () => {
    const home = makeHome();
    const tetra = dirname(home.path);
    await tsm(home, ["setup"]);
    script(home, "app.js", showing);
    expect(await tsm(home, ["start", "app.js", "--name", "app"])).toMatchObject({ code: 0 });
    expect((await seenIn(home.folder)).execPath).toBe(process.execPath);
    // As the real one: functions, and a PATH with the version in it.
    mkdirSync(join(tetra, "nvm"));
    writeFileSync(
      join(tetra, "nvm/nvm.sh"),
      '[ $# -eq 0 ] || return 3\nnvm() { export PATH="$NVM_DIR/versions/node/v1/bin:$PATH"; }\nnvm use\n',
    );
    program(join(tetra, "nvm/versions/node/v1/bin/node"), 'echo "nvm $1"; exec sleep 600\n');
    expect(await tsm(home, ["restart", "app"])).toMatchObject({ code: 0 });
    expect(logOf(home, "app")).toBe(`nvm ${home.folder}/app.js\n`);
  });
});

describe("which hook", () => {
  test.for([
    { hooks: ["app", "bash"], flags: ["--pre-hook", "own.sh"], finds: "own", because: "what is asked for is first" },
    { hooks: ["app", "bash"], flags: [], finds: "app", because: "then the service's" },
    { hooks: ["bash", "node"], flags: [], finds: "bash", because: "then the type's" },
    { hooks: ["node"], flags: [], finds: "", because: "then none" },
    { hooks: ["app", "tetra"], flags: ["--pre-hook", "tetra"], finds: "tetra", because: "a name is one of the home's" },
    { hooks: ["app"], flags: ["--pre-hook", "none"], finds: "", because: "none is none" },
  ])("$because", async ({ hooks, flags, finds }) => {
    const home = makeHome();
    for (const each of hooks) hook(home, each, `echo ${each}\n`);
    script(home, "own.sh", "echo own\n");
    script(home, "app.sh", "echo up\nexec sleep 600\n");
    expect(await tsm(home, ["start", "app.sh", "--port", "18123", "--settle", "0", ...flags])).toMatchObject({
      code: 0,
    });
    await until("it is up", () => logOf(home, "app-18123").includes("up"));
    expect(logOf(home, "app-18123")).toBe(finds === "" ? "up\n" : `${finds}\nup\n`);
  });

  test("a folder of the name of a hook is none, and one that is asked for must be a file", async () => {
    const home = makeHome();
    mkdirSync(join(home.path, "hooks/app.sh"), { recursive: true });
    script(home, "app.sh", "exec sleep 600\n");
    expect(await tsm(home, ["start", "app.sh"])).toMatchObject({ code: 0 });
    const folder = await tsm(home, ["start", "app.sh", "--name", "b", "--pre-hook", "."]);
    expect(folder).toMatchObject({ code: 66, stderr: expect.stringContaining("is a folder") });
    const nothing = await tsm(home, ["start", "app.sh", "--name", "b", "--pre-hook", "nope"]);
    expect(nothing).toMatchObject({ code: 66, stderr: expect.stringContaining("does not exist") });
  });

  test("a restart looks anew, but keeps what was asked for", async () => {
    const home = makeHome();
    script(home, "own.sh", "echo own\n");
    script(home, "a.sh", "exec sleep 600\n");
    await tsm(home, ["start", "a.sh"]);
    await tsm(home, ["start", "a.sh", "--name", "b", "--pre-hook", "own.sh"]);
    hook(home, "bash", "");
    await tsm(home, ["restart", "a", "b"]);
    expect(meta(home, "a")["prehook"]).toBe(join(home.path, "hooks/bash.sh"));
    expect(meta(home, "b")["prehook"]).toBe(join(home.folder, "own.sh"));
    rmSync(join(home.folder, "own.sh"));
    const gone = await tsm(home, ["restart", "b"]);
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("does not exist") });
    expect((await row(home, "b")).status).toBe("online");
  });
});

test("the hook's exports, then the env file, then the exact arguments, and nothing else", async () => {
  const home = makeHome();
  script(home, "show.js", showing);
  script(home, "my.env", "SECOND=file\nTHIRD=file\n");
  const own = script(
    home,
    "own.sh",
    'echo "$PWD $TSM_NAME $TSM_ID $PORT $# $TETRA_DIR"; inner=1\nexport FIRST=hook SECOND=hook TSM_NAME=x PORT=9\ncd /\nset -eu\ntrap "" TERM\n',
  );
  const args = ["a b", "q'x", '"', "", "*", "$HOME", "\\n\n"];
  const env = { BASH_ENV: "/nowhere", SHLVL: "7", OLDPWD: "/somewhere", "odd-name": "kept" };
  const start = (...flags: string[]) =>
    tsm(
      home,
      ["start", ...flags, "--name", "x", "--env", "my.env", "--port", "18124", "--", "node", "show.js", ...args],
      { env },
    );
  await start("--settle", "0");
  const plain = await seenIn(home.folder);
  await tsm(home, ["delete", "x-18124"]);
  expect(await start("--settle", "0", "--pre-hook", own)).toMatchObject({ code: 0 });
  const seen = await seenIn(home.folder, plain.pid);
  expect(seen.env).toEqual({ ...plain.env, FIRST: "hook" });
  expect(seen).toMatchObject({ argv: args, cwd: home.folder, pid: meta(home, "x-18124").pid });
  expect(logOf(home, "x-18124")).toBe(`${home.folder} x-18124 0 18124 0 ${dirname(home.path)}\n`);
  // TERM is not ignored, though the hook ignored it.
  expect((await tsm(home, ["stop", "x-18124"])).stdout).toContain("(1 process, ");
});

test("a program is looked up again in the PATH that the process will have: the env file's, where it has one", async () => {
  const home = makeHome();
  program(join(home.folder, "first/tool"), "echo first; exec sleep 600\n");
  program(join(home.folder, "second/tool"), "echo second; exec sleep 600\n");
  script(home, "my.env", `PATH=${home.folder}/second:$PATH\n`);
  const own = script(home, "own.sh", `PATH=/nowhere:$PATH\n`);
  const env = { PATH: `${home.folder}/first:${process.env["PATH"]}` };
  await tsm(home, ["start", "--name", "x", "--env", "my.env", "--pre-hook", own, "--", "tool"], { env });
  expect(logOf(home, "x")).toBe("second\n");
});

test("the env file's references mean what the hook has made of them; nothing in them is run", async () => {
  const home = makeHome();
  script(home, "show.js", showing);
  program(join(home.folder, "late/tool"), 'exec "$REAL" show.js\n');
  script(
    home,
    "my.env",
    `PATH=${home.folder}/late:$PATH\nA="<$H> \${NONE:-none} \${H:-x}"\nB=$A\nC='$H'\nD="$SHELLY"\nE=\${NONE:-<\${NO:-$H}$PATH>}\nPORT=\${NOPORT:-18127}\n`,
  );
  const own = script(home, "own.sh", "export PATH=/hook:$PATH H='h $(id) `id` \\ *' SHELLY='$(touch pwned)'\nset -a\n");
  const env = { REAL: process.execPath };
  const outcome = await tsm(
    home,
    ["start", "--settle", "0", "--name", "x", "--env", "my.env", "--pre-hook", own, "--", "node", "show.js"],
    { env },
  );
  expect(outcome).toMatchObject({ code: 0 });
  const seen = await seenIn(home.folder);
  const h = "h $(id) `id` \\ *";
  expect(seen.env).toMatchObject({
    A: `<${h}> none ${h}`,
    B: `<${h}> none ${h}`,
    C: "$H",
    D: "$(touch pwned)",
    E: `<${h}${home.folder}/late:/hook:${process.env["PATH"]}>`,
    PORT: "18127",
    PATH: `${home.folder}/late:/hook:${process.env["PATH"]}`,
  });
  expect(Object.keys(seen.env).filter((name) => name.startsWith("tsm__"))).toEqual([]);
});

test("what a hook opens is open in the process, whatever number it gave it", async () => {
  const home = makeHome();
  const numbers = [3, 4, 5, 6, 7, 8, 9];
  const own = script(home, "own.sh", `exec ${numbers.map((each) => `${each}>&1`).join(" ")}\necho hook >&5\n`);
  const said = numbers.map((each) => `echo ${each} >&${each}`).join("; ");
  script(home, "a.sh", `${said}\nexec sleep 600\n`);
  const started = await tsm(home, ["start", "a.sh", "--pre-hook", own, "--ready", "log:/^9/"]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  expect(logOf(home, "a")).toBe(`hook\n${numbers.map((each) => `${each}\n`).join("")}`);
});

test("with --ready too it waits for the hook, and a slow one is no failure", async () => {
  const home = makeHome();
  const own = script(home, "own.sh", "sleep 1.2\n");
  script(home, "a.sh", "echo up\nexec sleep 600\n");
  expect(await tsm(home, ["start", "a.sh", "--pre-hook", own, "--settle", "100"])).toMatchObject({ code: 0 });
  expect(logOf(home, "a")).toBe("up\n");
  expect(await tsm(home, ["start", "a.sh", "--name", "b", "--pre-hook", own, "--ready", "log:/up/"])).toMatchObject({
    code: 0,
  });
});

describe("a program that is there only after the hook", () => {
  /** A hook that makes a program and puts it into PATH. */
  const bringing = (word: string) =>
    `mkdir -p venv\nprintf '#!/bin/bash\\necho "brought $*"; exec sleep 600\\n' >venv/${word}\nchmod +x venv/${word}\nPATH=$PWD/venv:$PATH\n`;

  test.for([
    { words: ["--pre-hook", "own.sh", "--", "mytool", "a b"], hook: undefined, says: "a b" },
    { words: ["--pre-hook", "own.sh", "./venv/mytool", "x"], hook: undefined, says: "x" },
    { words: ["--pre-hook", "own.sh", "--interpreter", "mytool", "app.py"], hook: undefined, says: "app.py" },
    { words: ["--name", "app", "mytool"], hook: "app", says: "" },
    { words: ["mytool.py"], hook: "python", word: "python9", says: "mytool.py" },
  ])("$words starts, and restarts", async ({ words, hook: own, word = "mytool", says }) => {
    const home = makeHome();
    const text = bringing(word);
    if (own === undefined) script(home, "own.sh", text);
    else hook(home, own, text);
    script(home, "app.py", "");
    script(home, "mytool.py", "#!/usr/bin/env python9\n", 0o755);
    const started = await tsm(home, ["start", ...words]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const [, name = ""] = /started '([^']+)'/.exec(started.stdout) ?? [];
    expect(logOf(home, name).trim().replace(`${home.folder}/`, "")).toBe(`brought ${says}`.trim());
    rmSync(join(home.folder, "venv"), { recursive: true });
    expect(await tsm(home, ["restart", name])).toMatchObject({ code: 0, stderr: "" });
  });

  test("a service's too", async () => {
    const home = makeHome();
    hook(home, "app", bringing("mytool"));
    define(home, "tetra/app", "TSM_COMMAND='mytool one'\n");
    expect(await tsm(home, ["start", "app"])).toMatchObject({ code: 0, stderr: "" });
    expect(logOf(home, "app-auto")).toBe("brought one\n");
  });

  test.for([
    { words: ["mytool"], because: "no hook is its own" },
    { words: ["app"], because: "a hook of that name may be there for another reason" },
    { words: ["./python3"], because: "the hook of a type makes no files" },
    { words: ["nix.py"], because: "a script is no program" },
    { words: ["--pre-hook", "none", "python9"], because: "none was asked for" },
  ])("$words is refused at once: $because", async ({ words }) => {
    const home = makeHome();
    hook(home, "python", "true\n");
    hook(home, "app", "true\n");
    const refused = await tsm(home, ["start", ...words]);
    expect(refused).toMatchObject({ code: 66, stdout: "" });
    expect(refused.stderr).toContain("not found or not executable");
    expect(home.processes()).toEqual([]);
  });

  test("one that the hook does not bring is an error of the start", async () => {
    const home = makeHome();
    hook(home, "python", "true\n");
    const refused = await tsm(home, ["start", "python9", "app.py"]);
    expect(refused.code).toBe(66); // the script comes first
    script(home, "app.py", "");
    const failed = await tsm(home, ["start", "python9", "app.py"]);
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("python9");
    await until("nothing is left of it", () => home.processes().length === 0);
  });
});

test("while its hook is at work a process is starting, also when its policy brings it back", async () => {
  const home = makeHome();
  const own = script(home, "own.sh", "until [ -e go ]; do sleep 0.02; done\n");
  script(home, "a.sh", "echo up\nexec sleep 600\n");
  const starting = startTsm(home, ["start", "a.sh", "--pre-hook", own, "--settle", "0"]);
  await until("the hook is at work", () => meta(home, "a").pid > 0);
  expect(meta(home, "a")).toMatchObject({ status: "starting" });
  expect((await tsm(home, ["list"])).stdout).toMatch(/│ a +│ starting │/);
  script(home, "go", "");
  expect(await starting.outcome).toMatchObject({ code: 0 });
  expect(meta(home, "a")).toMatchObject({ status: "online" });
  rmSync(join(home.folder, "go"));
  const before = meta(home, "a").pid;
  process.kill(before, "SIGKILL");
  await until(
    "it is being brought back",
    () => meta(home, "a").pid !== before && meta(home, "a").status === "starting",
  );
  script(home, "go", "");
  await until("it is back", () => meta(home, "a").status === "online");
});

test("what ends while it is started has failed for good, however long its hook took", async () => {
  const home = makeHome();
  hook(home, "brief", "sleep 2.2\n");
  const words = ["start", "--settle", "2000", "--name", "brief", "--", "bash", "-c", "sleep 0.3; echo why >&2; exit 3"];
  const failed = await tsm(home, words);
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain("'brief' ended as soon as it was started: exit code 3\n   why\n");
  expect(await row(home, "brief")).toMatchObject({ status: "crashed", restarts: 0 });
});

test("a probe that answers before the hook is done is not taken for the process's own answer", async () => {
  const home = makeHome();
  const own = script(home, "own.sh", "until [ -e go ]; do sleep 0.02; done\n");
  script(home, "a.sh", "exec sleep 600\n");
  const starting = startTsm(home, ["start", "a.sh", "--pre-hook", own, "--ready", "cmd:touch asked; true"]);
  await until("the hook is at work", () => meta(home, "a").pid > 0);
  expect((await tsm(home, ["wait", "a", "online", "--timeout", "1"])).code).toBe(1);
  expect(existsSync(join(home.folder, "asked"))).toBe(false);
  script(home, "go", "");
  expect(await starting.outcome).toMatchObject({ code: 0 });
  expect(meta(home, "a")).toMatchObject({ status: "online" });
});

/** A bash script that can be executed. */
function program(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/bash\n${text}`, { mode: 0o755 });
}
