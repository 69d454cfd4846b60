import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf } from "../support/record.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

interface Group {
  readonly message: string;
  readonly count: number;
  readonly names: string[];
  readonly example: string[];
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
}

/** A process whose logs the test writes itself. */
async function quiet(home: Home, name: string, logs: { out?: string; err?: string }): Promise<void> {
  expect(await tsm(home, ["start", "--settle", "0", "--name", name, "sleep", "600"])).toMatchObject({ code: 0 });
  for (const [stream, text] of Object.entries(logs))
    writeFileSync(join(folderOf(home, name), `current.${stream}`), text);
}

async function errors(home: Home, ...args: string[]): Promise<Group[]> {
  // The program under test wrote it; what is wrong in it fails the expectation that looks at it.
  return (await tsmJson(home, ["errors", ...args])) as Group[];
}

test("errors of all processes are grouped by what they say, and counted", async () => {
  const home = makeHome();
  await quiet(home, "api", {
    err: "user 1 not found\nuser 2 not found\nno disk\n",
    out: "hello\nERROR user 5 not found\n",
  });
  await quiet(home, "web", { err: "2026-01-02T10:00:00Z user 77 not found\n" });
  const groups = await errors(home);
  expect(groups.map(({ message, count, names }) => ({ message, count, names }))).toEqual([
    { message: "user 5 not found", count: 4, names: ["api", "web"] },
    { message: "no disk", count: 1, names: ["api"] },
  ]);
  expect((await errors(home, "web")).map(({ count }) => count)).toEqual([1]);
  const { stdout } = await tsm(home, ["errors", "--lines", "1"]);
  expect(stdout.replace(/\t20\d\d-\S+ [\d:]{8}\t/, "\t-\t")).toBe(
    "4\t-\tapi,web\tuser 5 not found\n1 more: --lines 2 shows them\n",
  );
});

test("what stderr says is less than an error is none, and what stdout says is one is one", async () => {
  const home = makeHome();
  await quiet(home, "api", {
    err: 'INFO started\nWARN slow\n{"level":30,"msg":"fine"}\n[debug] x\n',
    out: '{"level":50,"msg":"boom"}\nlevel=fatal msg="out of luck"\nall errors are gone\n',
  });
  expect((await errors(home)).map(({ message }) => message).sort()).toEqual(["boom", "out of luck"]);
});

test("a stack trace belongs to its error: of Node, Python and Java", async () => {
  const home = makeHome();
  const node =
    "/srv/app.js:3\nthrow new TypeError('x');\n^\n\nTypeError: x is 3\n    at f (/srv/app.js:3:7)\n    at g\n\nNode.js v20.1.0\n";
  const python = 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    f()\nValueError: bad 7\n';
  const java = "java.lang.Oops: no 9\n\tat a.B.c(B.java:1)\nCaused by: d.E: f\n\t... 3 more\n";
  await quiet(home, "api", { err: node + python + java + node.replace("is 3", "is 4") });
  const groups = await errors(home);
  expect(groups.map(({ message, count }) => ({ message, count }))).toEqual([
    { message: "TypeError: x is 3", count: 2 },
    { message: "ValueError: bad 7", count: 1 },
    { message: "java.lang.Oops: no 9", count: 1 },
  ]);
  expect(groups[0]?.example).toEqual(node.trimEnd().split("\n"));
  expect(groups[1]?.example).toEqual(python.trimEnd().split("\n"));
});

test("a path alone and an unfinished traceback are lines like others", async () => {
  const home = makeHome();
  await quiet(home, "api", {
    err: "/srv/app.js:3\nnothing more\nand more\nTraceback (most recent call last):\n  File x",
  });
  expect((await errors(home)).map(({ message }) => message)).toEqual([
    "/srv/app.js:3",
    "nothing more",
    "and more",
    "Traceback (most recent call last):",
  ]);
});

test("with a log clock errors have times: --since and --new go by them", async () => {
  const home = makeHome();
  const now = Math.floor(Date.now() / 1000);
  const [old, known, fresh] = ["old 1\n", "known 1\n", "known 2\nfresh 1\n"];
  await quiet(home, "api", { err: old + known + fresh });
  const sizes = [old.length, old.length + known.length, old.length + known.length + fresh.length];
  const clock = `@ ${now - 9000} 0 1 7\n${now - 7200} ${sizes[0]}\n${now - 3600} ${sizes[1]}\n@ ${now - 60} ${sizes[1]} 2 7\n${now - 50} ${sizes[2]}\n`;
  writeFileSync(join(folderOf(home, "api"), "clock.err"), clock);
  const all = await errors(home);
  expect(all.map(({ message, firstSeen, lastSeen }) => ({ message, firstSeen, lastSeen }))).toEqual([
    { message: "known 1", firstSeen: now - 3600, lastSeen: now - 50 },
    { message: "fresh 1", firstSeen: now - 50, lastSeen: now - 50 },
    { message: "old 1", firstSeen: now - 7200, lastSeen: now - 7200 },
  ]);
  expect((await errors(home, "--new")).map(({ message }) => message)).toEqual(["fresh 1"]);
  expect((await errors(home, "--since", "10m")).map(({ message, count }) => [message, count])).toEqual([
    ["known 2", 1],
    ["fresh 1", 1],
  ]);
  expect((await errors(home, "--since", "90m")).map(({ count }) => count)).toEqual([2, 1]);
  expect(await tsm(home, ["errors", "--since", "soon"])).toMatchObject({ code: 64 });
});

test("no errors, no logs and no processes are no failure", async () => {
  const home = makeHome();
  expect(await tsm(home, ["errors"])).toMatchObject({ code: 0, stdout: "No errors.\n" });
  await quiet(home, "api", { out: "fine\n" });
  expect(await tsm(home, ["errors"])).toMatchObject({ code: 0, stdout: "No errors.\n" });
  expect(await errors(home)).toEqual([]);
});

test("there are so many different errors at most, and those beyond are counted", async () => {
  const home = makeHome();
  const letters = "abcdefghijklm".split("");
  const kinds = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => `no ${a}${b}${c}x\n`)));
  await quiet(home, "api", { err: kinds.join("") });
  const { stdout, stderr } = await tsm(home, ["errors", "--json", "--lines", "5000"]);
  expect(JSON.parse(stdout)).toHaveLength(2000);
  expect(stderr).toContain(`${kinds.length - 2000} more errors were not grouped`);
});
