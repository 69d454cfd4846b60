import { spawn } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { buildToyShell } from "./toy/build.ts";

let program: string;
beforeAll(async () => {
  program = await buildToyShell();
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runShell(args: readonly string[], input = ""): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, TSM_HOME: makeHome().path } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

test("lines of a pipe run one after the other, without a prompt, a colour or the first list", async () => {
  const ran = await runShell(
    [],
    "slow 100\necho a\n\n# a comment\necho b # and another\n/echo c; tsm echo d\necho last",
  );
  expect(ran).toEqual({ code: 0, stdout: "SLOW DONE\n[a]\n[b]\n[c]\n[d]\n[last]\n", stderr: "" });
});

test("-c runs its commands", async () => {
  expect(await runShell(["-c", "echo a; echo b"])).toEqual({ code: 0, stdout: "[a]\n[b]\n", stderr: "" });
});

test("the first failure ends it, with its exit code", async () => {
  expect(await runShell(["-c", "fail 3; echo never"])).toEqual({ code: 3, stdout: "", stderr: "tsm: it failed\n" });
  expect((await runShell([], "nosuch\necho never\n")).code).toBe(64);
  expect((await runShell([], "echo > 'no\x1b[2J/f'")).stderr).toMatch(/^tsm: 'no\^\[\[2J\/f' cannot be written: /);
});

test("--keep-going goes on, and the exit code is still the first one's", async () => {
  const ran = await runShell(["--keep-going", "-c", "fail 3; fail 4; echo after"]);
  expect(ran).toMatchObject({ code: 3, stdout: "[after]\n" });
});

test("an open quote takes in the next line; at the end it is an error with its place", async () => {
  expect((await runShell([], "echo 'a\nb'\n")).stdout).toBe("[a\nb]\n");
  const ran = await runShell([], "echo a\necho 'b\n");
  expect(ran).toEqual({ code: 64, stdout: "[a]\n", stderr: "tsm: the quote at column 6 is never closed\n" });
});

test("! runs in bash, which does not read the script away", async () => {
  const ran = await runShell([], "!cat; echo from bash\necho after\n!exit 7\n");
  expect(ran).toEqual({ code: 7, stdout: "from bash\n[after]\n", stderr: "" });
});

test("exit ends a script with 0", async () => {
  expect(await runShell(["-c", "exit; echo never"])).toEqual({ code: 0, stdout: "", stderr: "" });
});
