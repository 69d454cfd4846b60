import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { get } from "node:http";
import { isAbsolute, join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { folderOf, isAlive, logOf, pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, server, showing, tick } from "../support/scripts.ts";
import { cleanEnvironment, program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "50"];

test.for([
  { words: ["tick.sh"], name: "tick", type: "bash", because: "a .sh script lends its name" },
  { words: ["./tick.sh"], name: "tick", type: "bash", because: "§6.14: the only word is not eaten" },
  { words: ["deep/tock.sh"], name: "tock", type: "bash", because: "a path to a script" },
  { words: ["tick.sh", "myapp"], name: "myapp", type: "bash", because: "a second word names a single script" },
  { words: ["./my tick.sh", "myapp"], name: "myapp", type: "bash", because: "also one with a blank in its path" },
  { words: ["bash tick.sh", "myapp"], name: "tick", type: "bash", because: "a shell string is no script" },
  { words: ["node", "stay.cjs"], name: "work-stay", type: "node", because: "an interpreter and its script" },
  { words: ["stay.cjs"], name: "work-stay", type: "node", because: "no run bit but a known ending" },
  { words: ["perl", "stay.pl"], name: "work-stay", type: "perl", because: "another interpreter" },
  { words: ["sleep", "600"], name: "work-sleep", type: "command", because: "any executable" },
  { words: ["sleep 600"], name: "work-sleep", type: "command", because: "a shell string" },
  { words: ["sleep 600", "--name", "nap"], name: "nap", type: "command", because: "flags behind a shell string" },
  { words: ["cd / && exec sleep 600"], name: "work-sleep", type: "bash", because: "a string only a shell can read" },
  { words: ["--name", "nap", "--", "sleep", "600"], name: "nap", type: "command", because: "a command behind --" },
  { words: ["sleep", "--name", "nap", "--", "600"], name: "nap", type: "command", because: "-- in the middle" },
  {
    words: ["bash", "-c", "echo one; exec sleep 600"],
    name: "work-bash",
    type: "bash",
    because: "§6.10: quoting is kept",
  },
  { words: ["./run.me"], name: "work-run.me", type: "node", because: "its #! line says so" },
  { words: ["./bin/tool"], name: "work-tool", type: "bash", because: "a shebang without an ending" },
])("start gives $name of type $type: $because", async ({ words, name, type }) => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  script(home, "my tick.sh", tick);
  script(home, "deep/tock.sh", tick);
  script(home, "stay.cjs", "setInterval(() => {}, 60000)");
  script(home, "stay.pl", "sleep 600;");
  script(home, "run.me", "#!/usr/bin/env node\nsetInterval(() => {}, 60000)", 0o755);
  script(home, "bin/tool", "#!/bin/bash\nexec sleep 600\n", 0o755);
  const started = await tsm(home, ["start", ...quick, ...words]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const { pid, interpreter, process_type } = readMeta(home, name);
  expect(started.stdout).toBe(`tsm: started '${name}' (TSM ID: 0, PID: ${pid})\n`);
  expect(process_type).toBe(type);
  expect(isAbsolute(String(interpreter))).toBe(true);
  expect(isAlive(Number(pid))).toBe(true);
});

test("python -m http.server PORT serves, and start says the port", async () => {
  const home = makeHome();
  script(home, "my-api/hello.txt", "hello from python");
  const port = await freePort();
  const started = await tsm(home, ["start", "--settle", "30000", "python3", "-m", "http.server", String(port)], {
    cwd: join(home.folder, "my-api"),
  });
  expect(started).toMatchObject({ code: 0, stderr: "" });
  expect(started.stdout).toMatch(
    new RegExp(`^tsm: started 'my-api-http-${port}' \\(TSM ID: 0, PID: \\d+, Port: ${port}\\)$`, "m"),
  );
  expect(await fetchText(port, "/hello.txt")).toBe("hello from python");
  expect(readMeta(home, `my-api-http-${port}`)).toMatchObject({ port, process_type: "python" });
});

test("the words of the founding document make its four files", async () => {
  const home = makeHome();
  const port = await freePort();
  const started = await tsm(home, [
    "start",
    `python3 -m http.server ${port}`,
    "--name",
    "test-pm2",
    "--settle",
    "30000",
  ]);
  expect(started.code).toBe(0);
  const name = `test-pm2-${port}`;
  expect(await tsm(home, ["paths", name])).toMatchObject({ code: 0 });
  for (const file of ["meta.json", `${name}.pid`, "current.out", "current.err"])
    expect(
      await tsm(home, [
        "start",
        "--name",
        `look-${file}`.replaceAll("/", "_"),
        "--",
        "test",
        "-f",
        join(home.path, "runtime/processes", name, file),
      ]),
    ).toMatchObject({ code: 1 });
});

test("a start comes back as soon as its port listens, however long it may watch", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const port = await freePort();
  const started = await tsm(home, ["start", "--settle", "600000", "--port", String(port), "node", "server.cjs"]);
  expect(started.code).toBe(0);
  expect(await fetchText(port, "/")).toBe(`pid ${pidOf(home, `work-server-${port}`)}`);
});

const awkward = [
  "a b",
  "'",
  '"',
  'it\'s "both"',
  "$HOME",
  "`id`",
  "a\nb\n",
  "",
  "ü€😀",
  "*",
  "=x",
  "KEY=value",
  "--name",
  "--json",
  "--help",
  "--",
  "-",
  "\\",
  "\\n",
  "\t",
  "~",
  "#no",
  ";",
  "",
];

test("§6.10 every word arrives byte for byte, and again after a restart", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  expect(await tsm(home, ["start", ...quick, "--", "node", "show.cjs", ...awkward])).toMatchObject({
    code: 0,
    stderr: "",
  });
  const first = await seenIn(home.folder);
  expect(first.argv).toEqual(awkward);
  expect(await tsm(home, ["restart", "work-show", ...quick])).toMatchObject({ code: 0, stderr: "" });
  expect((await seenIn(home.folder, first.pid)).argv).toEqual(awkward);
});

test("what rests under a name with a blank in it is started by that name, unless it is a command that there is", async () => {
  const home = makeHome();
  for (const name of ["my app", "sleep 601"]) {
    await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "600"]);
    await tsm(home, ["stop", name]);
  }
  expect(await tsm(home, ["start", "my app"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("started 'my app' (TSM ID: 0,"),
  });
  expect((await tsm(home, ["start", "sleep 601", "--settle", "0"])).stdout).toMatch(
    /started 'work-sleep' \(TSM ID: 2,/,
  );
  expect((await tsm(home, ["start", "my ap"])).stderr).toContain("'my' not found or not executable");
});

test("words behind a shell string are its arguments, byte for byte", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const words = ["x y", "$HOME", "", "*"];
  expect(await tsm(home, ["start", ...quick, "true && exec node show.cjs", ...words])).toMatchObject({ code: 0 });
  expect((await seenIn(home.folder)).argv).toEqual(words);
});

test("an equals sign in the program's path names the program, no variable", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  symlinkSync(process.execPath, join(home.folder, "a=b"));
  expect(await tsm(home, ["start", ...quick, "./a=b", "show.cjs", "one"])).toMatchObject({ code: 0 });
  const seen = await seenIn(home.folder);
  expect(seen.argv).toEqual(["one"]);
  expect(seen.pid).toBe(pidOf(home, "work-a=b"));
  expect(seen.env["a"]).toBeUndefined();
});

test.for([
  {
    words: ["node", "show.cjs", "--verbose", "--name", "theirs"],
    argv: ["--verbose", "--name", "theirs"],
    because: "behind the program's first flag",
  },
  {
    words: ["node", "show.cjs", "one", "--", "--name", "theirs"],
    argv: ["one", "--name", "theirs"],
    because: "behind --",
  },
  { words: ["--", "node", "show.cjs", "--json"], argv: ["--json"], because: "all of it behind --" },
  { words: ["node show.cjs --name theirs"], argv: ["--name", "theirs"], because: "inside the quotes" },
  {
    words: ["node show.cjs --port=9", "--name", "ours", "x"],
    argv: ["--port=9", "x"],
    name: "ours-9",
    because: "but behind the quotes they are ours",
  },
])("the program's own flags are never taken: $because", async ({ words, argv, name }) => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  const started = await tsm(home, ["start", ...quick, ...words]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  expect(started.stdout).toContain(`'${name ?? "work-show"}'`);
  expect((await seenIn(home.folder)).argv).toEqual(argv);
});

test("§6.17 the port that was given is what the program sees and listens on", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const port = await freePort();
  expect(
    await tsm(home, ["start", "--port", String(port), "node", "server.cjs"], { env: { PORT: "9" } }),
  ).toMatchObject({ code: 0 });
  expect(await tsm(home, ["info", "server"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${port} (listening)`),
  });
});

test("the program gets its folder, an empty input and TSM's marks", async () => {
  const home = makeHome();
  script(home, "sub/show.cjs", showing);
  expect(await tsm(home, ["start", "--cwd", "sub", ...quick, "show.cjs"], { env: { MINE: "a b\nc" } })).toMatchObject({
    code: 0,
  });
  const seen = await seenIn(join(home.folder, "sub"));
  expect(seen).toMatchObject({ cwd: join(home.folder, "sub"), stdin: "" });
  expect(seen.env).toMatchObject({
    MINE: "a b\nc",
    PWD: seen.cwd,
    TSM_NAME: "sub-show",
    TSM_ID: "0",
    TSM_HOME: home.path,
  });
  expect(seen.env["PORT"]).toBeUndefined();
});

// TSM_RUN_DIR is where a process may say how it is (see info): it cannot know the place otherwise.
test("behind -- an --env-file is the program's node's alone, also where it lies in another folder", async () => {
  const home = makeHome();
  script(home, "shop/.env", "FROM_FILE=yes\n");
  script(home, "shop/app.cjs", "console.log(process.env.FROM_FILE); setInterval(() => {}, 60_000);");
  const words = ["--cwd", "shop", "--name", "it", "--ready", "log:/./", "--", "node", "--env-file=.env", "app.cjs"];
  expect(await tsm(home, ["start", ...words])).toMatchObject({ code: 0, stderr: "" });
  expect(logOf(home, "it")).toBe("yes\n");
});

test("the environment is the caller's and nothing more", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  await tsm(home, ["start", ...quick, "node", "show.cjs"]);
  const { env } = await seenIn(home.folder);
  const given = {
    ...cleanEnvironment(home),
    PWD: home.folder,
    TSM_NAME: "work-show",
    TSM_ID: "0",
    TSM_RUN_DIR: join(folderOf(home, "work-show"), "run"),
  };
  const { _: _last, OLDPWD: _old, ...expected }: Record<string, string> = given;
  expect(env).toEqual(expected);
});

test("--interpreter runs a script with it", async () => {
  const home = makeHome();
  script(home, "show.text", showing);
  const plain = await tsm(home, ["start", "./show.text"]);
  expect(plain.code).toBe(66);
  expect(await tsm(home, ["start", ...quick, "--interpreter", "node", "show.text", "x"])).toMatchObject({ code: 0 });
  expect((await seenIn(home.folder)).argv).toEqual(["x"]);
  expect(readMeta(home, "work-show.text")).toMatchObject({ process_type: "node" });
});

test.for([
  {
    words: ["nonexistent.sh"],
    says: "tsm: 'nonexistent.sh' not found or not executable",
    because: "§6.4 there is no such script",
  },
  { words: ["./no/such"], says: "tsm: './no/such' not found or not executable", because: "there is no such path" },
  {
    words: ["my folder/nosuch.sh"],
    says: "tsm: 'my' not found or not executable, and there is no file 'my folder/nosuch.sh'",
    because: "a path may have blanks",
  },
  {
    words: ["nosuchprogram", "x"],
    says: "tsm: 'nosuchprogram' not found or not executable",
    because: "no such program",
  },
  {
    words: ["node", "nosuch.js"],
    says: "tsm: 'nosuch.js' not found or not executable",
    because: "no such script for the interpreter",
  },
  {
    words: ["./notes.txt"],
    says: "tsm: './notes.txt' not found or not executable",
    because: "no run bit and no known ending",
  },
  { words: ["."], says: "'.'", because: "a directory" },
  { words: ["./folder"], says: "tsm: './folder' is a directory", because: "a directory" },
  { words: ["./bare"], says: "tsm: './bare' has no interpreter", because: "a run bit but no #! line" },
  { words: ["./lost"], says: "interpreter '/no/such/interpreter'", because: "its interpreter is missing" },
  {
    words: ["--interpreter", "nosuchinterp", "tick.sh"],
    says: "interpreter 'nosuchinterp'",
    because: "no such interpreter",
  },
  { words: ["--cwd", "/no/such/folder", "sleep", "9"], says: "/no/such/folder", because: "no such folder" },
])("a start is refused with 66, nothing on record: $because", async ({ words, says }) => {
  const home = makeHome();
  script(home, "notes.txt", "hello");
  script(home, "folder/x", "");
  script(home, "bare", "hello", 0o755);
  script(home, "lost", "#!/no/such/interpreter\n", 0o755);
  script(home, "tick.sh", tick);
  const refused = await tsm(home, ["start", ...words]);
  expect(refused).toMatchObject({ code: 66, stdout: "" });
  expect(refused.stderr).toContain(says);
  expect(await tsm(home, ["list", "all", "--json"])).toMatchObject({ stdout: "[]\n" });
});

test("§6.30 a script is started by its bare name, and one that is here wins over PATH", async () => {
  const home = makeHome();
  script(home, "tick.sh", "echo here\nexec sleep 600\n");
  script(home, "bin/tick.sh", "#!/bin/sh\necho there\nexec sleep 600\n", 0o755);
  await tsm(home, ["start", ...quick, "tick.sh"], { env: { PATH: `${home.folder}/bin:${process.env["PATH"]}` } });
  await until("it has written", () => logOf(home, "tick") === "here\n");
});

test("start answers with --json", async () => {
  const home = makeHome();
  const { code, stdout } = await tsm(home, ["start", ...quick, "--json", "sleep", "600"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    id: 0,
    name: "work-sleep",
    status: "online",
    port: "none",
    pid: pidOf(home, "work-sleep"),
  });
});

test("`tsm start NAME` brings a stopped process back, and one that runs is begun anew", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh", "myapp"]);
  await tsm(home, ["stop", "myapp"]);
  expect(await tsm(home, ["start", ...quick, "myapp"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("started 'myapp' (TSM ID: 0"),
  });
  expect(await tsm(home, ["start", ...quick, "myapp"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("tsm: restarted 'myapp' (TSM ID: 0"),
  });
});

test("what rests under the name of a program in PATH is started by that name, unless words follow or a file is there", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "sleep", "--", "sleep", "600"]);
  await tsm(home, ["stop", "sleep"]);
  expect((await tsm(home, ["start", ...quick, "sleep", "601"])).stdout).toContain("started 'work-sleep' (TSM ID: 1,");
  script(home, "sleep", "exec sleep 602\n", 0o755);
  expect((await tsm(home, ["start", ...quick, "sleep"])).stdout).not.toContain("'sleep'");
  rmSync(join(home.folder, "sleep"));
  expect((await tsm(home, ["start", ...quick, "sleep"])).stdout).toContain("started 'sleep' (TSM ID: 0,");
});

test.for(["pipe", "substitution"])("§6.9 start returns in a %s, as nothing is inherited", async (form) => {
  const home = makeHome();
  script(home, "tick.sh", "while :; do echo noise; sleep 0.05; done\n");
  const command = `"${process.execPath}" "${program}" start --settle 50 tick.sh`;
  const line = form === "pipe" ? `${command} | cat` : `said=$(${command} 2>&1); printf '%s\\n' "$said"`;
  const shell = spawn("bash", ["-c", line], {
    cwd: home.folder,
    env: cleanEnvironment(home),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(shell, "close");
  expect(said).toMatch(/^tsm: started 'tick' .*\n$/);
  expect(isAlive(pidOf(home, "tick"))).toBe(true);
});

test("§6.9 no open file of the caller stays open in what was started", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  const child = spawn(process.execPath, [program, "start", "--settle", "50", "tick.sh"], {
    cwd: home.folder,
    env: cleanEnvironment(home),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const extra = child.stdio[3];
  expect(extra).not.toBeNull();
  // The pipe's other end closes only when nobody holds it any more.
  const closed = new Promise((resolve) => extra?.on("close", resolve));
  if (extra && "resume" in extra) extra.resume();
  await once(child, "exit");
  await closed;
  expect(isAlive(pidOf(home, "tick"))).toBe(true);
});

test("a script without read permission is refused by name", async () => {
  const home = makeHome();
  const path = script(home, "secret.sh", tick);
  chmodSync(path, 0);
  const refused = await tsm(home, ["start", "secret.sh"]);
  // Root may read everything: then it simply runs.
  expect(refused.code).toBe(process.getuid?.() === 0 ? 0 : 66);
});

async function fetchText(port: number, path: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    get({ port, path, host: "127.0.0.1" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
