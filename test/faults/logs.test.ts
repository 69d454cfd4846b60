import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { layLog, numbered } from "../support/logs.ts";
import { folderOf } from "../support/record.ts";
import { openScreen } from "../support/screen.ts";
import { program, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What a log can be besides lines of text. The process rests: the test alone writes. */

let home: Home;
let folder: string;
let out: string;

beforeEach(async () => {
  home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  await tsm(home, ["stop", "it"]);
  folder = folderOf(home, "it");
  out = join(folder, "current.out");
});

test("a line of 300 MB takes little memory, counts once, and is whole in a pipe with --raw", async () => {
  writeFileSync(out, "first\n");
  truncateSync(out, 300_000_000);
  appendFileSync(out, " end\nlast\n");
  const tellMemory = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";
  const { stdout, stderr } = spawnSync(
    "bash",
    ["-c", `"$0" "$1" logs it -n 2 --raw | wc -c`, process.execPath, program],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        TSM_HOME: home.path,
        NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(tellMemory)}"`,
      },
    },
  );
  // Kilobytes; Node alone takes 45,000, a line of 1 GB 190,000: as much as the collector leaves lying when it comes late.
  expect(Number(stderr)).toBeGreaterThan(10_000);
  expect(Number(stderr)).toBeLessThan(250_000);
  // The zeros between the first newline and the end, " end\n" and "last\n".
  expect(Number(stdout)).toBe(300_000_000 - 6 + 10);
  expect((await tsm(home, ["logs", "it", "-n", "1"])).stdout).toBe("last\n");
});

test("of a line that nobody could read its end is shown, and how long it is", async () => {
  layLog(folder, { archives: [`first\n${"é".repeat(9_000_000)}`], live: "é end\nlast\n" });
  const lines = (await tsm(home, ["logs", "it", "-n", "9"])).stdout.split("\n");
  expect(lines.map((line) => line.slice(0, 40))).toEqual([
    "first",
    expect.stringMatching(/^… \(18\.0 MB line, its last 1\.0 MB\) é/),
    "last",
    "",
  ]);
  const [, long = ""] = (await tsm(home, ["logs", "it", "--json"])).stdout.split("\n");
  expect(JSON.parse(long)).toMatchObject({
    partial: true,
    lineBytes: 18_000_007,
    text: expect.stringMatching(/^é+ end$/),
  });
});

test("a line of 3 MB is searched through, also where it is cut into pieces, and told to be a piece", async () => {
  writeFileSync(out, `first\n${"x".repeat(2 ** 20 - 3)}needle${"x".repeat(2 ** 21)}\nlast\n`);
  const { stdout } = await tsm(home, ["logs", "it", "--grep", "needle"]);
  expect(stdout.slice(0, 60)).toMatch(/^… \(more than 2\.1 MB line, 1\.1 MB of it\) x/);
  expect(stdout.trimEnd().split("\n")).toEqual([expect.stringContaining("xneedlex")]);
  expect((await tsm(home, ["logs", "it", "--grep", "x$"])).stdout.endsWith("x\n")).toBe(true);
  expect((await tsm(home, ["logs", "it", "--grep", "x", "-v"])).stdout).toBe("first\nlast\n");
  const screen = openScreen(process.execPath, [program, "logs", "it", "--grep", "needle"], {
    env: { TSM_HOME: home.path },
  });
  await screen.waitFor((shown) => shown.rows().join("").includes("xneedlex"));
});

test("what is no UTF-8 stays as it is in a pipe, and is shown harmless on a terminal", async () => {
  const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x0d, 0x0a, 0x00, 0x1b, 0x5b, 0x41, 0x62, 0x0a, 0xc3]);
  writeFileSync(out, bytes);
  const piped = (...args: string[]) => {
    const path = join(home.folder, "piped");
    spawnSync("bash", ["-c", `"$0" "$@" >${path}`, process.execPath, program, "logs", "it", ...args], {
      env: { ...process.env, TSM_HOME: home.path },
    });
    return readFileSync(path);
  };
  expect(piped("--raw")).toEqual(bytes);
  expect(piped("--raw", "--grep", "b")).toEqual(bytes.subarray(5, 11));
  // Without --raw each line has its end, and \n alone.
  expect(piped()).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x00, 0x1b, 0x5b, 0x41, 0x62, 0x0a, 0xc3, 0x0a]));
  const screen = openScreen(process.execPath, [program, "logs", "it"], { env: { TSM_HOME: home.path } });
  await screen.waitFor((shown) => shown.rows().join("|") === "a\uFFFD\uFFFD|^@^[[Ab|\uFFFD");
});

test("a log that was replaced by a link or a folder is not followed, and said so", async () => {
  const secret = join(home.folder, "secret");
  writeFileSync(secret, "secret\n");
  rmSync(out);
  symlinkSync(secret, out);
  expect(await tsm(home, ["logs", "it"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("is a link and is not followed"),
  });
  rmSync(out);
  mkdirSync(out);
  writeFileSync(join(folder, "current.err"), "still read\n");
  expect(await tsm(home, ["logs", "it"])).toMatchObject({
    code: 0,
    stdout: "still read\n",
    stderr: `tsm: ${out} is a folder where a log should be\n`,
  });
  symlinkSync(secret, join(folder, "current.err.1"));
  expect((await tsm(home, ["logs", "it"])).stdout).toBe("still read\n");
});

test("a process never writes through a link or into a folder that lies where its log was", async () => {
  const secret = join(home.folder, "secret");
  writeFileSync(secret, "secret\n");
  const newer = join(home.folder, "newer");
  const words = ["--name", "says", "--settle", "0", "--restart-delay", "0"];
  await tsm(home, ["start", ...words, "--", "bash", "-c", "echo said; echo again >&2; exec sleep 600"]);
  folder = folderOf(home, "says");
  const log = (stream: string) => join(folder, `current.${stream}`);
  const said = () =>
    until("it has written to files of its own", () =>
      ["out", "err"].every(
        (stream) =>
          lstatSync(log(stream), { throwIfNoEntry: false })?.isFile() === true &&
          readFileSync(log(stream), "utf8").includes("\n"),
      ),
    );
  await said();
  await tsm(home, ["stop", "says"]);
  const lay = () => {
    for (const stream of ["out", "err"]) rmSync(log(stream));
    symlinkSync(secret, log("out"));
    symlinkSync(newer, log("err"));
  };
  lay();
  await tsm(home, ["start", "says"]);
  await said();
  // What its runner brings back is a start too.
  lay();
  process.kill(Number(readFileSync(join(folder, "says.pid"), "utf8")), "SIGKILL");
  await said();
  expect(readFileSync(secret, "utf8")).toBe("secret\n");
  expect(existsSync(newer)).toBe(false);
  // A folder too. Who asks is told so before anything ends.
  for (const stream of ["out", "err"]) {
    rmSync(log(stream));
    mkdirSync(log(stream));
    writeFileSync(join(log(stream), "kept"), stream);
  }
  expect(await tsm(home, ["restart", "says"])).toMatchObject({
    code: 1,
    stderr: `tsm: failed to restart 'says': ${log("out")} is a folder where a log should be\n  Move it away and try again\n`,
  });
  process.kill(Number(readFileSync(join(folder, "says.pid"), "utf8")), "SIGKILL");
  await said();
  const moved = readdirSync(folder).filter((name) => name.includes(".folder."));
  expect(moved.map((name) => readFileSync(join(folder, name, "kept"), "utf8")).sort()).toEqual(["err", "out"]);
});

test("a damaged archive gives what it has and is named once", async () => {
  layLog(folder, { archives: [numbered(1, 10_000, "old"), "new\n"], live: "live\n" });
  const archive = join(folder, "current.out.2.gz");
  truncateSync(archive, readFileSync(archive).length - 500);
  const { code, stdout, stderr } = await tsm(home, ["logs", "it", "-n", "100000"]);
  expect(code).toBe(0);
  expect(stdout.startsWith("old 1\nold 2\n")).toBe(true);
  expect(stdout.endsWith("new\nlive\n")).toBe(true);
  expect(stderr).toBe(`tsm: ${archive} is damaged: what could be read of it is shown\n`);
  writeFileSync(archive, "no gzip at all");
  expect((await tsm(home, ["logs", "it", "-n", "100000"])).stdout).toBe("new\nlive\n");
});

test("empty and missing logs, and clocks that are none, are no failure", async () => {
  for (const name of ["clock.out", "rotation.err"]) {
    rmSync(join(folder, name), { force: true });
    mkdirSync(join(folder, name));
  }
  writeFileSync(join(folder, "clock.err"), "\0\xff nonsense\n");
  writeFileSync(join(folder, "rotation.out"), "{");
  writeFileSync(out, "one\n");
  rmSync(join(folder, "current.err"));
  for (const args of [[], ["--timestamps", "iso"], ["--since", "1h"], ["--json"], ["--grep", "one"]])
    expect(await tsm(home, ["logs", "it", ...args])).toMatchObject({ code: 0, stdout: expect.stringContaining("one") });
  writeFileSync(out, "");
  expect(await tsm(home, ["logs", "it"])).toMatchObject({ code: 0, stdout: "" });
  expect(await tsm(home, ["logs", "it", "--grep", "^$"])).toMatchObject({ code: 0, stdout: "" });
});

test("reading writes nothing", async () => {
  layLog(folder, { archives: ["old\n"], live: "live\n" });
  const state = () =>
    readdirSync(folder)
      .sort()
      .map((name) => {
        const { ino, mtimeMs, size } = statSync(join(folder, name));
        return [name, ino, mtimeMs, size];
      });
  const before = state();
  for (const args of [["-n", "9"], ["--grep", "l"], ["--sizes"], ["--run", "1"], ["--since", "1h"]])
    await tsm(home, ["logs", "it", ...args]);
  expect(state()).toEqual(before);
});
