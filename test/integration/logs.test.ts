import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, logOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { type Running, startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** A process whose logs the test writes itself. */
async function quiet(home: Home, name: string): Promise<{ out: string; err: string }> {
  const started = await tsm(home, ["start", "--settle", "0", "--name", name, "sleep", "600"]);
  expect(started).toMatchObject({ code: 0 });
  return { out: join(folderOf(home, name), "current.out"), err: join(folderOf(home, name), "current.err") };
}

function numbered(from: number, to: number, word = "line"): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `${word} ${from + index}\n`).join("");
}

/** `tsm logs … -f`, ended with the test. */
function follow(home: Home, ...args: string[]): Running {
  const running = startTsm(home, ["logs", ...args, "-f"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  return running;
}

test("what a program writes is in its two files, and shown", async () => {
  const home = makeHome();
  script(home, "talks.sh", "echo to out\necho to err >&2\nexec sleep 600\n");
  await tsm(home, ["start", "--settle", "0", "talks.sh"]);
  await until("it has written both", () => logOf(home, "talks") !== "" && logOf(home, "talks", "err") !== "");
  expect(await tsm(home, ["logs", "talks"])).toMatchObject({ code: 0, stdout: "to out\nto err\n", stderr: "" });
  expect((await tsm(home, ["logs", "talks", "--out"])).stdout).toBe("to out\n");
  expect((await tsm(home, ["logs", "talks", "--err"])).stdout).toBe("to err\n");
});

test("--lines is exact: of one stream, and in total of two", async () => {
  const home = makeHome();
  const { out, err } = await quiet(home, "it");
  writeFileSync(out, numbered(1, 1000));
  expect((await tsm(home, ["logs", "it"])).stdout).toBe(numbered(951, 1000));
  expect((await tsm(home, ["logs", "it", "--lines", "3"])).stdout).toBe(numbered(998, 1000));
  expect((await tsm(home, ["logs", "it", "-n", "999"])).stdout).toBe(numbered(2, 1000));
  expect((await tsm(home, ["logs", "it", "--lines=5000"])).stdout).toBe(numbered(1, 1000));
  expect((await tsm(home, ["logs", "it", "--lines", "0"])).stdout).toBe("");
  writeFileSync(err, numbered(1, 1000, "error"));
  const both = (await tsm(home, ["logs", "it", "--lines", "7"])).stdout.trimEnd().split("\n");
  // Written later, or in the same second: then stdout goes first.
  expect(both).toEqual(numbered(994, 1000, "error").trimEnd().split("\n"));
  expect((await tsm(home, ["logs", "it", "--lines", "1003"])).stdout).toBe(
    numbered(998, 1000) + numbered(1, 1000, "error"),
  );
  expect((await tsm(home, ["logs", "it", "--lines", "7", "--err"])).stdout).toBe(numbered(994, 1000, "error"));
  writeFileSync(err, "only one\n");
  expect((await tsm(home, ["logs", "it", "--lines", "4"])).stdout).toBe(`${numbered(998, 1000)}only one\n`);
});

test("lines are counted right without a last newline, with \\r\\n, with long and empty lines", async () => {
  const home = makeHome();
  const { out } = await quiet(home, "it");
  const long = "é".repeat(200_000);
  writeFileSync(out, `one\r\n\n${long}\nlast`);
  expect((await tsm(home, ["logs", "it"])).stdout).toBe(`one\n\n${long}\nlast\n`);
  expect((await tsm(home, ["logs", "it", "-n", "2"])).stdout).toBe(`${long}\nlast\n`);
});

test("the default number of lines is a setting", async () => {
  const home = makeHome();
  const { out } = await quiet(home, "it");
  writeFileSync(out, numbered(1, 100));
  await tsm(home, ["config", "set", "lines", "2"]);
  expect((await tsm(home, ["logs", "it"])).stdout).toBe(numbered(99, 100));
});

test("§6.16 several targets and * have their names before their lines", async () => {
  const home = makeHome();
  for (const [name, line] of [
    ["api", "from api"],
    ["worker", "from worker"],
    ["other", "from other"],
  ] as const)
    writeFileSync((await quiet(home, name)).out, `${line}\n`);
  expect((await tsm(home, ["logs", "*"])).stdout).toBe(
    "api    | from api\nworker | from worker\nother  | from other\n",
  );
  expect((await tsm(home, ["logs", "worker", "api"])).stdout).toBe("api    | from api\nworker | from worker\n");
});

test("--json is one object a line", async () => {
  const home = makeHome();
  const { out, err } = await quiet(home, "it");
  writeFileSync(out, 'say "hi"\n');
  writeFileSync(err, "oh\n");
  const lines = (await tsm(home, ["logs", "it", "--json"])).stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ id: 0, name: "it", stream: "out", level: "info", text: 'say "hi"' }),
    expect.objectContaining({ id: 0, name: "it", stream: "err", level: "error", text: "oh" }),
  ]);
});

test("a missing target is a failure", async () => {
  const home = makeHome();
  expect(await tsm(home, ["logs", "nosuch"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("tsm: process 'nosuch' not found\n"),
  });
  expect(await tsm(home, ["logs", "nosuch", "-f"])).toMatchObject({ code: 1 });
  const { out } = await quiet(home, "it");
  writeFileSync(out, "never shown\n");
  expect(await tsm(home, ["logs", "it", "nosuch"])).toMatchObject({ code: 1, stdout: "" });
});

test("-f shows every line once: appended, after a truncation, after a replacement, after a restart", async () => {
  const home = makeHome();
  script(home, "talks.sh", "echo begun\nexec sleep 600\n");
  await tsm(home, ["start", "--settle", "0", "talks.sh"]);
  await until("it has written", () => logOf(home, "talks") === "begun\n");
  const out = join(folderOf(home, "talks"), "current.out");
  const { printed, child, outcome } = follow(home, "talks");
  let expected = "begun\n";
  const shows = async (more: string) => {
    expected += more;
    await until("the line is shown", () => printed.stdout.length >= expected.length && printed.stdout);
    expect(printed.stdout).toBe(expected);
  };
  await shows("");
  appendFileSync(out, "one\ntwo\n");
  await shows("one\ntwo\n");
  appendFileSync(out, "half");
  appendFileSync(out, " whole\n");
  await shows("half whole\n");
  truncateSync(out, 0);
  appendFileSync(out, "cut\n");
  await shows("cut\n");
  renameSync(out, `${out}.1`);
  writeFileSync(out, "a new file that is longer than the old one was\n");
  await shows("a new file that is longer than the old one was\n");
  await tsm(home, ["restart", "talks", "--settle", "0"]);
  await shows("begun\n");
  await tsm(home, ["stop", "talks"]);
  await tsm(home, ["start", "--settle", "0", "talks.sh"]);
  await shows("begun\n");
  child.kill("SIGINT");
  expect(await outcome).toMatchObject({ code: 0, stderr: "" });
});

test("-f loses and doubles nothing of a fast writer", async () => {
  const home = makeHome();
  script(home, "fast.sh", 'for n in $(seq 1 20000); do echo "$n"; done\nexec sleep 600\n');
  await tsm(home, ["start", "--settle", "0", "fast.sh"]);
  const { printed } = follow(home, "fast", "--lines", "100000");
  await until("all is shown", () => printed.stdout.endsWith("\n20000\n"));
  expect(printed.stdout).toBe(Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join(""));
});

test("--nostream wins over -f", async () => {
  const home = makeHome();
  const { out } = await quiet(home, "it");
  writeFileSync(out, "one\n");
  expect(await tsm(home, ["logs", "it", "-f", "--nostream"])).toMatchObject({ code: 0, stdout: "one\n" });
});

test("a reader that goes ends the following, without a word", async () => {
  const home = makeHome();
  const { out } = await quiet(home, "it");
  writeFileSync(out, numbered(1, 10));
  const { child, printed, outcome } = follow(home, "it");
  await until("it follows", () => printed.stdout.endsWith("line 10\n"));
  child.stdout.destroy();
  // It learns of it when it writes.
  appendFileSync(out, "one more\n");
  expect((await outcome).stderr).toBe("");
});
