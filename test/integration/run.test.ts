import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { services } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* `tsm run FILE`: the built program over real processes. */

async function start(home: Home, ...names: string[]): Promise<void> {
  for (const name of names) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"]);
}

async function statuses(home: Home): Promise<Record<string, string>> {
  const all = (await tsmJson(home, ["list", "all"])) as { name: string; status: string }[];
  return Object.fromEntries(all.map(({ name, status }) => [name, status]));
}

test.for(["run", "source"])("%s runs the commands of a file as the shell would", async (verb) => {
  const home = makeHome();
  await start(home, "one", "two");
  const lines = [
    "# what the morning needs",
    "",
    "stop one   # and not two",
    "list stopped --json > stopped.json; /version",
    "tsm stop \\",
    "  two",
    "restart $_",
    "list all | grep -c online",
    "!echo 'from",
    "bash'",
  ];
  script(home, "morning.tsm-script", lines.join("\n"));
  const ran = await tsm(home, [verb, "morning.tsm-script"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const said = ran.stdout.split("\n").filter((line) => !line.startsWith("tsm: "));
  expect(said).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/), "1", "from", "bash", ""]);
  expect(await statuses(home)).toEqual({ one: "stopped", two: "online" });
  expect(JSON.parse(readFileSync(join(home.folder, "stopped.json"), "utf8"))).toMatchObject([{ name: "one" }]);
});

test("the first failure ends it, told with its file and line; --keep-going goes on, with the first code", async () => {
  const home = makeHome();
  await start(home, "one");
  script(home, "f", "version\nlist; frob it\n!exit 7\nstop one\n");
  const ended = await tsm(home, ["run", "f"]);
  expect(ended).toMatchObject({ code: 64 });
  expect(ended.stderr).toMatch(/^tsm: unknown command 'frob'\n {2}.*\nf:2: frob it: exit code 64\n$/);
  expect(await statuses(home)).toEqual({ one: "online" });
  const went = await tsm(home, ["run", "f", "--keep-going"]);
  expect(went).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/f:2: frob it: exit code 64\nf:3: !exit 7: exit code 7\n$/),
  });
  expect(await statuses(home)).toEqual({ one: "stopped" });
});

test("set +e goes on after a failure and set -e ends with the next one", async () => {
  const home = makeHome();
  script(home, "f", "set -e\nset +e\n!exit 3\nversion\nset -e\nversion\n!exit 4\nversion\n");
  const { code, stdout, stderr } = await tsm(home, ["run", "f"]);
  expect({ code, stderr }).toEqual({ code: 3, stderr: "f:3: !exit 3: exit code 3\nf:7: !exit 4: exit code 4\n" });
  expect(stdout.trim().split("\n")).toHaveLength(2);
});

test.for([
  { what: "an open quote", text: "version\nlist 'all\n", says: "f:2: the quote at column 6 is never closed\n" },
  {
    what: "a line that is bash's",
    text: "\n# x\nlist || ports\n",
    says: "f:3: column 6: || is bash's; here ; separates commands\n",
  },
])("$what is told with its line, and is 64", async ({ text, says }) => {
  const home = makeHome();
  script(home, "f", text);
  expect(await tsm(home, ["run", "f"])).toMatchObject({ code: 64, stderr: says });
});

test("lines may end as on Windows, and begin with a byte order mark; the last one needs no end", async () => {
  const home = makeHome();
  writeFileSync(join(home.folder, "f"), "\ufeffversion\r\n# a comment\r\n\r\n!printf '%s' end");
  expect(await tsm(home, ["run", "f"])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^\S+\nend$/),
  });
});

test.for([
  { what: "a file that is not there", file: "no.tsm-script", code: 66, says: "there is no file no.tsm-script" },
  { what: "a folder", file: "folder", code: 66, says: "folder is a folder" },
  { what: "a binary", file: "binary", code: 65, says: "binary is not text" },
  { what: "what is not UTF-8", file: "latin", code: 65, says: "latin is not UTF-8" },
  { what: "an empty name", file: "", code: 64, says: "run needs a FILE or a COMMAND" },
])("$what is refused with $code", async ({ file, code, says }) => {
  const home = makeHome();
  mkdirSync(join(home.folder, "folder"));
  writeFileSync(join(home.folder, "binary"), Buffer.from([0x6c, 0x69, 0x00, 0x73]));
  writeFileSync(join(home.folder, "latin"), Buffer.from([0x23, 0xe9, 0x0a]));
  for (const flags of [[], ["--dry-run"]])
    expect(await tsm(home, ["run", file, ...flags])).toMatchObject({
      code,
      stdout: "",
      stderr: expect.stringContaining(says),
    });
});

test("a file runs others, and a file that runs itself is told so at once", async () => {
  const home = makeHome();
  script(home, "outer", "version\nrun inner\nversion\n");
  script(home, "inner", "set +e\nversion\n");
  expect((await tsm(home, ["run", "outer"])).stdout.trim().split("\n")).toHaveLength(3);
  script(home, "inner", "run outer\n");
  const { code, stderr } = await tsm(home, ["run", "outer"]);
  expect(code).toBe(65);
  expect(stderr).toMatch(
    /^tsm: outer runs itself, by way of others\n.*\ninner:1: run outer: exit code 65\nouter:2: run inner: exit code 65\n$/,
  );
  for (let depth = 0; depth < 20; depth += 1) script(home, `d${depth}`, `run d${depth + 1}\n`);
  expect(await tsm(home, ["run", "d0"])).toMatchObject({
    code: 65,
    stderr: expect.stringContaining("more than 16 deep"),
  });
});

test("* needs --yes in a file, as in every script", async () => {
  const home = makeHome();
  await start(home, "one", "two");
  script(home, "f", "stop *\n");
  expect(await tsm(home, ["run", "f"])).toMatchObject({ code: 64, stderr: expect.stringContaining("needs --yes") });
  script(home, "f", "stop * --yes\n");
  expect(await tsm(home, ["run", "f"])).toMatchObject({ code: 0 });
  expect(await statuses(home)).toEqual({ one: "stopped", two: "stopped" });
});

test("Ctrl-C ends what runs and the rest of the file", async () => {
  const home = makeHome();
  await start(home, "one");
  script(home, "f", "version\nwait one stopped --timeout 60s\nstop one\n");
  const running = startTsm(home, ["run", "f", "--keep-going"]);
  running.child.stdin.end();
  await until("it has run the first line", () => running.printed.stdout !== "");
  running.child.kill("SIGINT");
  expect(await running.outcome).toMatchObject({
    code: 130,
    stderr: "f:2: wait one stopped --timeout 60s: interrupted\n",
  });
  expect(await statuses(home)).toEqual({ one: "online" });
});

test("--dry-run says what every line would do, one as if the others had been done, and does nothing", async () => {
  const home = makeHome();
  await start(home, "api-1", "api-2", "db");
  await tsm(home, ["stop", "db"]);
  writeFileSync(join(home.folder, "x.env"), "PORT=4455\n");
  script(home, "web.sh", "exec sleep 3600\n");
  script(home, "other", "info web\n");
  const lines = [
    "stop api-*",
    "start db",
    "start web.sh --env x.env --name web -- --token s3cret",
    "wait web online; restart $_",
    "list all --json | wc -l",
    "list > out.txt",
    "restart $_",
    "!touch made",
    "repeat 3 restart db",
    "run other",
    "delete api-1",
    "config set lines 7",
    "!echo '\x1b[2J'",
  ];
  script(home, "f", lines.join("\n"));
  const before = await statuses(home);
  const { code, stdout, stderr } = await tsm(home, ["run", "f", "--dry-run"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([
    "f:1: stop api-*: would stop 'api-1' (#0, online), 'api-2' (#1, online)",
    expect.stringMatching(/^f:2: start db: would start 'db' \(#2\) again: \S*sleep 3600; in \S+$/),
    expect.stringMatching(
      /^f:3: start web\.sh .*: would start 'web-4455' \(#3\): \S*bash \S*web\.sh --token '?\*+MASKED\*+'?; port 4455, env file \S+\/x\.env, in \S+$/,
    ),
    "f:4: wait web online: would only look at 'web-4455' (#3, online)",
    "f:4: restart $_: would restart 'web-4455' (#3, online)",
    expect.stringMatching(/^f:5: list all --json \| wc -l: would show .*; its output is read by bash: wc -l$/),
    expect.stringMatching(/^f:6: list > out\.txt: would show .*; its output goes into out\.txt$/),
    "f:7: restart $_: would do it to what 'list' shows by then",
    "f:8: !touch made: would run it in bash",
    "f:9: repeat 3 restart db: would restart 'db' (#2, online), 3 times",
    "f:10: run other: would run the commands of other",
    "other:1: info web: would only look at 'web-4455' (#3, online)",
    "f:11: delete api-1: would delete 'api-1' (#0, stopped)",
    "f:12: config set lines 7: would read and change the settings",
    // What would be done is not hidden from whoever looks.
    "f:13: !echo '^[[2J': would run it in bash",
    "",
  ]);
  expect(await statuses(home)).toEqual(before);
  expect(services(home)).toHaveLength(2);
  for (const made of ["out.txt", "made"]) expect(() => readFileSync(join(home.folder, made))).toThrow("ENOENT");
  expect(await tsmJson(home, ["config", "get", "lines"])).not.toMatchObject({ value: 7 });
});

test("--dry-run tells every line that could not be run; the exit code is that of the first", async () => {
  const home = makeHome();
  await start(home, "one");
  script(
    home,
    "f",
    "stop nobody\nfrob\nlist || ports\nstop *\nstart nope.sh\nstart --port 70000 x\ninfo one\nlist 'all\n",
  );
  const { code, stdout } = await tsm(home, ["run", "f", "--dry-run", "--json"]);
  expect(code).toBe(1);
  const { lines } = JSON.parse(stdout) as { lines: { line: number; exitCode: number; problem: string | null }[] };
  expect(lines.map(({ line, exitCode }) => [line, exitCode])).toEqual([
    [1, 1],
    [2, 64],
    [3, 64],
    [4, 64],
    [5, 66],
    [6, 64],
    [7, 0],
    [8, 64],
  ]);
  expect(lines[0]?.problem).toBe("process 'nobody' not found; tsm list all shows every process");
  expect((await tsm(home, ["run", "f", "--dry-run"])).stdout).toContain(
    "f:5: start nope.sh: would fail with exit code 66: 'nope.sh' not found",
  );
});

test("what is started twice, or after it was deleted, is told as it would be", async () => {
  const home = makeHome();
  await start(home, "one");
  const again = "start --name one -- sleep 9";
  script(home, "f", `${again}\nstop one\n${again}\ndelete one\ninfo one\n${again}\n`);
  const { stdout } = await tsm(home, ["run", "f", "--dry-run"]);
  expect(
    stdout.split("\n").map((line) => line.replace(/^(f:\d+): .*?: (would (?:fail|\S+ '\w+')).*$/, "$1 $2")),
  ).toEqual([
    "f:1 would fail",
    "f:2 would stop 'one'",
    "f:3 would start 'one'",
    "f:4 would delete 'one'",
    "f:5 would fail",
    "f:6 would start 'one'",
    "",
  ]);
});

test("what would be at rest by then gets no signal", async () => {
  const home = makeHome();
  await start(home, "one");
  script(home, "f", "kill one -s HUP\nkill one\nkill one\nkill one -s HUP\nsignal USR1 one\n");
  const { stdout } = await tsm(home, ["run", "f", "--dry-run"]);
  const resting = "nothing; 'one' (#0, stopped) is not running";
  expect(stdout.split("\n").map((line) => line.replace(/^.*?: would /, ""))).toEqual([
    "kill 'one' (#0, online)",
    "kill 'one' (#0, online)",
    `kill ${resting}`,
    `kill ${resting}`,
    `signal ${resting}`,
    "",
  ]);
});

test("a dry run means by a word what the command would: an app, a service, a script", async () => {
  const home = makeHome();
  script(home, "tick.sh", "exec sleep 600\n");
  await tsm(home, ["start", "-i", "2", "--name", "web", "--settle", "0", "--", "sleep", "600"]);
  await tsm(home, ["start", "tick.sh", "--name", "clock", "--settle", "0"]);
  writeFileSync(join(home.folder, "f"), "stop web\ndelete web\nstop tick.sh\n");
  const { code, stdout } = await tsm(home, ["run", "f", "--dry-run"]);
  expect(stdout.split("\n")).toEqual([
    "f:1: stop web: would stop 'web-0' (#0, online), 'web-1' (#1, online)",
    "f:2: delete web: would delete 'web-0' (#0, stopped), 'web-1' (#1, stopped)",
    "f:3: stop tick.sh: would stop 'clock' (#2, online)",
    "",
  ]);
  expect(code).toBe(0);
});
