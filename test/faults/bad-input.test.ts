import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { report } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, list, meta, services } from "../support/managed.ts";
import { cleanEnvironment, program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

interface Refusal {
  readonly what: string;
  readonly words: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    what: "a missing script",
    words: ["start", "nosuch.sh"],
    code: 66,
    says: /'nosuch\.sh' not found or not executable/,
  },
  { what: "a missing path", words: ["start", "./nosuch"], code: 66, says: /'\.\/nosuch' not found/ },
  { what: "a missing program", words: ["start", "nosuchprogram"], code: 66, says: /'nosuchprogram' not found/ },
  { what: "a missing script of node", words: ["start", "node", "nosuch.js"], code: 66, says: /'nosuch\.js' not found/ },
  { what: "a directory", words: ["start", "./folder"], code: 66, says: /'\.\/folder' is a directory/ },
  {
    what: "a directory named like a script",
    words: ["start", "folder.sh"],
    code: 66,
    says: /is a directory|not found/,
  },
  { what: "a link to itself", words: ["start", "./loop"], code: 66, says: /'\.\/loop' not found/ },
  {
    what: "an env file that is a link to itself",
    words: ["start", "--env", "./loop", "--", "sleep", "1"],
    code: 66,
    says: /the env file .*loop was not found/,
  },
  {
    what: "a folder that is a link to itself",
    words: ["start", "--cwd", "loop", "sleep", "1"],
    code: 66,
    says: /the folder .*loop does not exist/,
  },
  {
    what: "a script without interpreter",
    words: ["start", "./plain"],
    code: 66,
    says: /'\.\/plain' has no interpreter/,
  },
  {
    what: "a script that may not run",
    words: ["start", "./unrunnable"],
    code: 66,
    says: /'\.\/unrunnable' not found or not executable/,
  },
  {
    what: "a #! that is not there",
    words: ["start", "./badbang"],
    code: 66,
    says: /the interpreter '\/no\/such\/shell' for '\.\/badbang' was not found/,
  },
  {
    what: "an interpreter that is not there",
    words: ["start", "--interpreter", "nosuchlang", "ok.sh"],
    code: 66,
    says: /the interpreter 'nosuchlang'/,
  },
  {
    what: "an interpreter that is a folder",
    words: ["start", "--interpreter", "./folder", "ok.sh"],
    code: 66,
    says: /the interpreter '\.\/folder' for 'ok\.sh' cannot be executed/,
  },
  {
    what: "an interpreter without a name",
    words: ["start", "--interpreter", "", "ok.sh"],
    code: 64,
    says: /--interpreter: the interpreter is empty/,
  },
  {
    what: "a missing env file",
    words: ["start", "--env", "no.env", "--", "sleep", "1"],
    code: 66,
    says: /the env file .*no\.env was not found/,
  },
  {
    what: "an env file that is a folder",
    words: ["start", "--env", "./folder", "--", "sleep", "1"],
    code: 66,
    says: /the env file .*folder is a folder/,
  },
  {
    what: "an env file of invalid UTF-8",
    words: ["start", "--env", "latin.env", "--", "sleep", "1"],
    code: 65,
    says: /latin\.env is not valid UTF-8 \(line 2\)/,
  },
  {
    what: "an env file with NUL",
    words: ["start", "--env", "nul.env", "--", "sleep", "1"],
    code: 65,
    says: /nul\.env:1: A contains a NUL/,
  },
  {
    what: "an env file that is a program",
    words: ["start", "--env", process.execPath, "--", "sleep", "1"],
    code: 65,
    says: /not valid UTF-8/,
  },
  {
    what: "a cwd that is not there",
    words: ["start", "--cwd", "gone", "--", "sleep", "1"],
    code: 66,
    says: /the folder .*gone does not exist/,
  },
  {
    what: "a cwd that is a file",
    words: ["start", "--cwd", "ok.sh", "--", "sleep", "1"],
    code: 66,
    says: /ok\.sh is not a folder/,
  },
  { what: "port 0", words: ["start", "--port", "0", "ok.sh"], code: 64, says: /port/i },
  { what: "port 65536", words: ["start", "--port", "65536", "ok.sh"], code: 64, says: /65536/ },
  { what: "a port that is not a number", words: ["start", "--port", "http", "ok.sh"], code: 64, says: /http/ },
  {
    what: "a port of the env file that is none",
    words: ["start", "--env", "port.env", "ok.sh"],
    code: 65,
    says: /'99999', which is not a port/,
  },
  { what: "an unknown flag", words: ["start", "--colour", "red", "ok.sh"], code: 64, says: /--colour/ },
  { what: "a flag without its value", words: ["start", "ok.sh", "--name"], code: 64, says: /--name/ },
  {
    what: "a name that leads out",
    words: ["start", "--name", "../evil", "ok.sh"],
    code: 64,
    says: /the name '\.\.\/evil' contains '\/'/,
  },
  { what: "an empty name", words: ["start", "--name", "", "ok.sh"], code: 64, says: /name/ },
  { what: "a name with a newline", words: ["start", "--name", "a\nb", "ok.sh"], code: 64, says: /control character/ },
  {
    what: "a name that begins with a dot",
    words: ["start", "--name", ".hidden", "ok.sh"],
    code: 64,
    says: /begins with '\.'/,
  },
  {
    what: "a name that begins with a dash",
    words: ["start", "--name=-rf", "ok.sh"],
    code: 64,
    says: /begins with '-'/,
  },
  { what: "a name of 300 bytes", words: ["start", "--name", "x".repeat(300), "ok.sh"], code: 64, says: /longer than/ },
  { what: "no command", words: ["start"], code: 64, says: /\S/ },
  { what: "an empty command", words: ["start", ""], code: 64, says: /no command/ },
  { what: "an unknown verb", words: ["strat", "ok.sh"], code: 64, says: /start/ },
  { what: "a missing target", words: ["stop"], code: 64, says: /\S/ },
  { what: "a target that is nobody", words: ["stop", "nobody"], code: 1, says: /'nobody' not found/ },
  { what: "a target that leads out", words: ["delete", "../../etc"], code: 1, says: /not found/ },
  {
    what: "a bad expression",
    words: ["stop", "/[/"],
    code: 64,
    says: /is not a regular expression: Unterminated character class/,
  },
];

// Some forty commands one behind the other.
test("every bad input is told in words, with its code, and nothing is started or lost", {
  timeout: 240_000,
}, async () => {
  const home = makeHome();
  makeFiles(home);
  expect((await tsm(home, ["start", "--name", "kept", "--settle", "0", "--", "sleep", "3600"])).code).toBe(0);
  const before = readFileSync(join(folderOf(home, "kept"), "meta.json"), "utf8");
  for (const { what, words, code, says } of refusals) {
    const outcome = await tsm(home, words);
    expect(outcome.stderr, what).toMatch(says);
    expect(outcome.stderr, what).toMatch(/^tsm: /);
    expect(outcome.stderr, what).not.toMatch(/bug of tsm|\n\s+at /);
    expect(outcome.code, `${what}: ${outcome.stderr}`).toBe(code);
    expect(outcome.stdout, what).toBe("");
  }
  expect((await list(home)).map(({ name, status }) => [name, status])).toEqual([["kept", "online"]]);
  expect(readFileSync(join(folderOf(home, "kept"), "meta.json"), "utf8")).toBe(before);
  expect(services(home)).toHaveLength(1);
  report(`${refusals.length} bad inputs: each refused in words, with its code`);
});

test("what a user may not read is told as that", async () => {
  const home = userHome();
  makeFiles(home);
  for (const name of ["secret.env", "secret.sh"]) {
    writeFileSync(join(home.folder, name), "A=1\n");
    chmodSync(join(home.folder, name), 0);
  }
  const env = await tsmAsUser(home, ["start", "--env", "secret.env", "--", "sleep", "1"]);
  expect(env).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/^tsm: the env file .*secret\.env cannot be read\n {2}chmod u\+r/),
  });
  const script = await tsmAsUser(home, ["start", "secret.sh"]);
  expect(script).toMatchObject({ code: 66, stderr: expect.stringMatching(/^tsm: 'secret\.sh' cannot be read/) });
});

test("a port that is taken is refused with who holds it, before anything starts", async () => {
  const home = makeHome();
  const server = createServer().listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { code, stderr } = await tsm(home, ["start", "--port", String(port), "--name", "api", "--", "sleep", "3600"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`🔴 Port ${port} is already in use!\n   Blocking process: PID ${process.pid}`);
  expect(await list(home)).toEqual([]);
  expect(home.processes()).toEqual([]);
});

test("from a folder that has been deleted, all works but start, which says so", async () => {
  const home = makeHome();
  expect((await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "3600"])).code).toBe(0);
  const gone = join(home.folder, "gone");
  mkdirSync(gone);
  const script = `cd '${gone}' && rmdir '${gone}' && for verb in 'list' 'stop api' 'start sleep 5'; do '${process.execPath}' '${program}' $verb; echo "$verb: $?"; done`;
  const child = spawn("bash", ["-c", script], { env: cleanEnvironment(home), stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  await once(child, "close");
  expect(text).toMatch(/│ api .*online/);
  expect(text).toContain("list: 0\n");
  expect(text).toContain("stop api: 0\n");
  expect(text).toMatch(/tsm: the folder .*gone does not exist/);
  expect(text).toContain("start sleep 5: 66\n");
});

test("a folder that is gone at a restart leaves the old process running", async () => {
  const home = makeHome();
  const cwd = join(home.folder, "here");
  mkdirSync(cwd);
  await tsm(home, ["start", "--name", "api", "--cwd", cwd, "--settle", "0", "--", "sleep", "3600"]);
  const { pid } = meta(home, "api");
  rmSync(cwd, { recursive: true });
  const { code, stderr } = await tsm(home, ["restart", "api"]);
  expect(stderr).toMatch(/^tsm: failed to restart 'api': the folder .*here is gone/);
  expect(code).toBe(1);
  expect(meta(home, "api").pid).toBe(pid);
  expect(services(home)).toHaveLength(1);
});

const everyCharacter = Array.from({ length: 0x17f }, (_, at) => String.fromCharCode(at + 1)).join("");
const vectors: readonly { what: string; words: readonly string[] }[] = [
  { what: "10,000 characters", words: ["x".repeat(10_000)] },
  { what: "three of 100,000 bytes", words: ["é".repeat(50_000), "y".repeat(100_000), "z".repeat(100_000)] },
  { what: "a thousand arguments", words: Array.from({ length: 1000 }, (_, at) => `argument ${at}`) },
  { what: "every character from 1 to 383", words: [everyCharacter, ...everyCharacter] },
  {
    what: "what shells and env eat",
    words: [
      "",
      " ",
      "\n",
      "'",
      '"',
      "$HOME",
      "`id`",
      "*",
      "~",
      "!!",
      "A=b",
      "-n",
      "--",
      "-u",
      "--name",
      "%s",
      "\\",
      "\\n",
      "🏠家",
      "trailing\n",
    ],
  },
];

test.for(vectors)("argv arrives whole: $what", async ({ words }) => {
  const home = makeHome();
  const out = join(home.folder, "argv.json");
  const script = join(home.folder, "argv.cjs");
  writeFileSync(
    script,
    `require("node:fs").writeFileSync(${JSON.stringify(out)}, JSON.stringify(process.argv.slice(2))); setInterval(() => {}, 1e6)`,
  );
  const { code, stderr } = await tsm(home, ["start", "--name", "argv", "--", process.execPath, script, ...words]);
  expect(code, stderr).toBe(0);
  await until("it has written them", () => existsSync(out) && readFileSync(out, "utf8").endsWith("]"));
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(words);
  const listed = await tsm(home, ["list"]);
  expect(listed.stdout.split("\n").every((line) => line.length <= 200)).toBe(true);
  for (const verb of [
    ["info", "argv"],
    ["list", "all", "--json"],
    ["env", "argv"],
  ])
    expect((await tsm(home, verb)).code).toBe(0);
  expect((await tsm(home, ["info", "argv"])).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  rmSync(out);
  expect((await tsm(home, ["restart", "argv"])).code).toBe(0);
  await until("it has written them again", () => existsSync(out) && readFileSync(out, "utf8").endsWith("]"));
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(words);
});

test.runIf(process.platform === "linux").for([
  { what: "a word of the command line", shell: `"$@" start --name it sleep 3600 $'a\\xffb'` },
  { what: "one, asked for JSON", shell: `"$@" start --name it --json sleep 3600 $'a\\xffb'` },
  { what: "what -c says", shell: `"$@" repl -c $'start --name it sleep 3600 a\\xffb'` },
])("$what that is not UTF-8 is refused, as the program would see other bytes", async ({ shell }) => {
  const home = makeHome();
  const { code, stderr, stdout } = await tsm(home, [], { node: "bash", before: ["-c", shell, "it", process.execPath] });
  expect(stderr).toMatch(/the word '.*a\uFFFDb' is not UTF-8/);
  expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
  expect(await list(home)).toEqual([]);
});

test("a line from a pipe that is not UTF-8 ends the script before it is run, and characters of all sizes come through", async () => {
  const home = makeHome();
  const piped = await tsm(home, ["repl", "--keep-going"], {
    stdin: Buffer.concat([
      Buffer.from("start --settle 0 --name é家🏠 sleep 3600 # \u0085\uFFFD\r\nstart --settle 0 --name b sleep 3600 a"),
      Buffer.from([0xff]),
      Buffer.from("\nstart --settle 0 --name c sleep 3600\n"),
    ]),
  });
  expect(piped).toMatchObject({ code: 65, stderr: "tsm: line 2 is not UTF-8\n  Write it as UTF-8\n" });
  expect((await list(home)).map(({ name }) => name)).toEqual(["é家🏠"]);
});

test("a word that holds U+FFFD itself is one like any other", async () => {
  const home = makeHome();
  expect(await tsm(home, ["start", "--name", "a\uFFFDb", "--", "sleep", "3600"])).toMatchObject({
    code: 0,
    stderr: "",
  });
});

test("an environment of a megabyte, and names that shells do not know, arrive whole", async () => {
  const home = makeHome();
  const out = join(home.folder, "env.json");
  const script = join(home.folder, "env.cjs");
  writeFileSync(
    script,
    `require("node:fs").writeFileSync(${JSON.stringify(out)}, JSON.stringify(process.env)); setInterval(() => {}, 1e6)`,
  );
  const env: Record<string, string> = {
    "-i": "a flag of env",
    "with space": "1",
    "a.b-c": "2",
    "BASH_FUNC_f%%": "() { :; }",
    LINES: "x\ny\n",
    EMPTY: "",
    EQUALS: "a=b=c",
  };
  for (let at = 0; at < 100; at += 1) env[`BIG_${at}`] = "v".repeat(10_000);
  const { code, stderr } = await tsm(home, ["start", "--name", "env", "--", process.execPath, script], { env });
  expect(code, stderr).toBe(0);
  await until("it has written it", () => existsSync(out) && readFileSync(out, "utf8").endsWith("}"));
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject(env);
});

test("what is too much for the system is told, and nothing is left", async () => {
  const home = makeHome();
  // Each word and all of them fit; with the environment once more for the runner they do not.
  const env = Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`BIG_${at}`, "v".repeat(120_000)]));
  const words = [
    "start",
    "--name",
    "big",
    "--",
    "sleep",
    "3600",
    ...Array.from({ length: 1 }, () => "w".repeat(120_000)),
  ];
  const { code, stderr } = await tsm(home, words, { env });
  if (code !== 0) {
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tsm: (?!this is a bug)/);
    expect(services(home)).toEqual([]);
  } else expect(services(home)).toHaveLength(1);
  expect((await tsm(home, ["list", "all"])).code).toBe(0);
});

test.for([
  { what: "PATH", env: ["-u", "PATH"] },
  { what: "HOME", env: ["-u", "HOME"] },
  { what: "everything but TSM_HOME", env: ["-i"] },
])("without $what it starts, lists and stops", async ({ env }) => {
  const home = makeHome();
  const verbs = ["start --name api --settle 0 -- sleep 3600", "list", "stop api", "delete api"];
  for (const verb of verbs) {
    const child = spawn(
      "/usr/bin/env",
      [...env, `TSM_HOME=${home.path}`, process.execPath, program, ...verb.split(" ")],
      {
        env: cleanEnvironment(home),
        cwd: home.folder,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    await once(child, "close");
    expect(child.exitCode, `${verb}: ${text}`).toBe(0);
  }
  expect(home.processes()).toEqual([]);
});

function makeFiles(home: Home): void {
  const at = (name: string) => join(home.folder, name);
  mkdirSync(at("folder"));
  mkdirSync(at("folder.sh"));
  symlinkSync("loop", at("loop"));
  const files: Record<string, [text: string | Buffer, mode: number]> = {
    "ok.sh": ["sleep 3600\n", 0o644],
    plain: ["echo hello\n", 0o755],
    unrunnable: ["echo hello\n", 0o644],
    badbang: ["#!/no/such/shell\n", 0o755],
    "latin.env": [Buffer.from("A=1\nB=caf\xe9\n", "latin1"), 0o600],
    "nul.env": ["A=b\0c\n", 0o600],
    "port.env": ["PORT=99999\n", 0o600],
  };
  for (const [name, [text, mode]] of Object.entries(files)) {
    writeFileSync(at(name), text);
    chmodSync(at(name), mode);
  }
}

test.skipIf(process.platform !== "linux").for([["list"], ["list", "--json"], ["help"], ["repl", "-c", "version"]])(
  "%s whose output cannot be written says that, and blames no disk of ours",
  async (words) => {
    const home = makeHome();
    const child = spawn("bash", ["-c", 'exec "$@" > /dev/full', "bash", process.execPath, program, ...words], {
      env: cleanEnvironment(home),
    });
    let stderr = "";
    child.stderr.on("data", (text) => (stderr += text));
    const [code] = await once(child, "close");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("the output could not be written: no space left on device (ENOSPC)"),
    });
    expect(stderr).not.toContain(home.path);
  },
);

test.skipIf(process.platform !== "linux")("where even that cannot be said, the exit code is what it is", async () => {
  const child = spawn("bash", ["-c", 'exec "$@" 2> /dev/full', "bash", process.execPath, program, "frob"], {
    env: cleanEnvironment(makeHome()),
  });
  expect(await once(child, "close")).toEqual([64, null]);
});

test("a script whose reader has gone ends, and says nothing", async () => {
  const home = makeHome();
  const child = spawn(process.execPath, [program, "repl"], { env: cleanEnvironment(home) });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  child.stdout.destroy();
  child.stdin.end("version\nversion\n!touch went-on\n");
  await once(child, "close");
  expect(stderr).toBe("");
  expect(existsSync(join(home.folder, "went-on"))).toBe(false);
});

test("a home that is a link to itself is told, as is a file of ports", async () => {
  const home = makeHome();
  const loop = join(home.folder, "loop");
  symlinkSync("loop", loop);
  for (const env of [{ TSM_HOME: loop }, { TSM_HOME: join(loop, "home") }, { TSM_PORTS_FILE: loop }])
    expect(await tsm(home, ["ports"], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^tsm: a link on the way to ${loop}(?:/\\S*)? leads to itself`)),
    });
});

test("an unknown command of a megabyte is refused in a few words", async () => {
  const refused = await tsm(makeHome(), ["repl"], { stdin: `${"x".repeat(1024 * 1024)}\n` });
  expect(refused).toMatchObject({ code: 64, stdout: "", stderr: expect.stringMatching(/^.{0,200}\n.{0,200}\n$/) });
});
