import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Home } from "../support/home.ts";
import { makeHome } from "../support/home.ts";
import { meta } from "../support/managed.ts";
import { folderOf, isAlive, logOf, pidOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const stamped = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: (.*)$/;

/** What the lines say behind their stamps. @throws when one has none. */
function behindStamps(log: string): string[] {
  return log
    .trimEnd()
    .split("\n")
    .map((line) => {
      const text = stamped.exec(line)?.[1];
      if (text === undefined) throw new Error(`no stamp: ${JSON.stringify(line.slice(0, 200))}`);
      return text;
    });
}

function stamperOf(home: Home, name: string): number {
  return Number(readFileSync(join(folderOf(home, name), "stamper.pid"), "utf8").split(" ")[0]);
}

/** Another one than this. */
async function nextStamper(home: Home, name: string, before: number): Promise<number> {
  return await until("another stamper is at work", () => {
    const pid = stamperOf(home, name);
    return pid !== before && isAlive(pid) && pid;
  });
}

/**
 * Writes numbered lines until it is told to end, then a last one; a broken pipe ends it. Not by console.log, which loses
 * at the end what a full pipe has not taken.
 */
const numbering = `
const { writeSync } = require("node:fs");
let n = 0;
let isOver = false;
process.on("SIGTERM", () => { isOver = true; });
const more = () => {
  for (let i = 0; i < 50; i++) writeSync(1, "line " + ++n + " " + n + "\\n");
  if (!isOver) return setImmediate(more);
  writeSync(1, "last " + n + "\\n");
  process.exit(0);
};
more();
`;

async function startNumbering(home: Home): Promise<void> {
  script(home, "n.js", numbering);
  expect(
    await tsm(home, ["start", "n.js", "--name", "n", "--time", "--log-max-size", "10G", "--settle", "0"]),
  ).toMatchObject({ code: 0 });
  await until("it writes", () => logOf(home, "n").length > 10_000);
}

test("--time puts the time before each line, of both streams, and a restart keeps it", async () => {
  const home = makeHome();
  script(home, "talks.sh", "echo out\necho err >&2\nexec sleep 600\n");
  await tsm(home, ["start", "talks.sh", "--time", "--settle", "0"]);
  await until("both are there", () => logOf(home, "talks") !== "" && logOf(home, "talks", "err") !== "");
  expect(behindStamps(logOf(home, "talks"))).toEqual(["out"]);
  expect(behindStamps(logOf(home, "talks", "err"))).toEqual(["err"]);
  await tsm(home, ["restart", "talks", "--settle", "0"]);
  await until("it has written again", () => logOf(home, "talks").split("\n").length === 3);
  expect(behindStamps(logOf(home, "talks"))).toEqual(["out", "out"]);
  expect((await tsm(home, ["info", "talks"])).stdout).toContain("begin with YYYY-MM-DDTHH:mm:ss");
});

test("a format of one's own, in the time zone of the process, both streams in order in one file", async () => {
  const home = makeHome();
  script(home, "talks.sh", "for n in 1 2 3; do echo out $n; echo err $n >&2; done\nexec sleep 600\n");
  const args = ["start", "talks.sh", "--merge-logs", "--log-date-format", "[<]HH Z[>]", "--settle", "0"];
  await tsm(home, args, { env: { TZ: "Asia/Kolkata" } });
  await until("all is there", () => logOf(home, "talks").includes("err 3"));
  expect(logOf(home, "talks").replaceAll(/^<\d\d \+05:30>: /gm, "")).toBe("out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
  expect(existsSync(join(folderOf(home, "talks"), "current.err"))).toBe(false);
});

test("--log-type json makes an object of each line", async () => {
  const home = makeHome();
  script(home, "talks.sh", "echo out\necho err >&2\nprintf half\n");
  await tsm(home, ["start", "talks.sh", "--log-type", "json", "--log", "all.log"]);
  const lines = readFileSync(join(home.folder, "all.log"), "utf8").trimEnd().split("\n");
  const timestamp: unknown = expect.stringMatching(/^\d{4}-.*Z$/);
  const common = { timestamp, process_id: 0, app_name: "talks" };
  const objects = lines.map((line): Record<string, unknown> => JSON.parse(line));
  expect(objects).toHaveLength(3);
  expect(objects).toContainEqual({ message: "out\n", type: "out", ...common });
  expect(objects).toContainEqual({ message: "err\n", type: "err", ...common });
  expect(objects).toContainEqual({ message: "half", type: "out", ...common });
});

test("a line is in the file at once, and a prompt without an end too", async () => {
  const home = makeHome();
  script(home, "asks.sh", "printf 'Really? '\nsleep 600\n");
  await tsm(home, ["start", "asks.sh", "--time", "--settle", "0"]);
  await until("the prompt is there", () => logOf(home, "asks").endsWith(": Really? "));
});

test("all that a process wrote before it ended is in its logs when stop comes back", async () => {
  const home = makeHome();
  await startNumbering(home);
  expect((await tsm(home, ["stop", "n"])).stdout).toContain("0 forced, 0 left");
  expect(lostLines(logOf(home, "n"))).toBe(0);
  expect(behindStamps(logOf(home, "n")).at(-1)).toMatch(/^last /);
  expect(home.processes()).toEqual([]);
  for (const left of [".pipe.out", ".pipe.err", "stamper.pid"])
    expect(existsSync(join(folderOf(home, "n"), left))).toBe(false);
});

test("a start that fails says what it wrote, stamped", async () => {
  const home = makeHome();
  script(home, "fails.sh", "echo it is broken >&2\nexit 3\n");
  const { code, stderr } = await tsm(home, ["start", "fails.sh", "--time"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\d: it is broken/);
  expect(home.processes()).toEqual([]);
});

test("a killed stamper loses nothing that was in the pipe, and the process does not notice", async () => {
  const home = makeHome();
  await startNumbering(home);
  const pid = pidOf(home, "n");
  const stamper = stamperOf(home, "n");
  // Stopped while it waits or writes: what comes now stays in the pipe, up to the brim.
  process.kill(stamper, "SIGSTOP");
  let size = -1;
  await until(
    "nothing goes on",
    () => {
      const now = logOf(home, "n").length;
      const isSame = now === size;
      size = now;
      return isSame;
    },
    { everyMs: 200 },
  );
  process.kill(stamper, "SIGKILL");
  await nextStamper(home, "n", stamper);
  await until("it goes on", () => logOf(home, "n").length > size + 100_000);
  expect(isAlive(pid)).toBe(true);
  expect(pidOf(home, "n")).toBe(pid);
  await tsm(home, ["stop", "n"]);
  expect(meta(home, "n").last_exit).toMatchObject({ code: 0, by: "user" });
  expect(lostLines(logOf(home, "n"))).toBeLessThanOrEqual(mostLost);
});

test("killed again and again at full speed, a stamper loses what it had in hand and no more, and tears no order", async () => {
  const home = makeHome();
  await startNumbering(home);
  const pid = pidOf(home, "n");
  const kills = 5;
  for (let kill = 0; kill < kills; kill += 1) {
    const stamper = stamperOf(home, "n");
    const size = logOf(home, "n").length;
    process.kill(stamper, "SIGKILL");
    await nextStamper(home, "n", stamper);
    await until("it goes on", () => logOf(home, "n").length > size + 20_000);
  }
  expect(isAlive(pid)).toBe(true);
  await tsm(home, ["stop", "n"]);
  expect(meta(home, "n").last_exit).toMatchObject({ code: 0, by: "user" });
  expect(lostLines(logOf(home, "n"))).toBeLessThanOrEqual(kills * mostLost);
});

/** What is read at once (4096 bytes) are so many lines of at least `line 1 1\n`, and the two that it cut. */
const mostLost = Math.ceil(4096 / "line 1 1\n".length) + 2;

/** How many numbers are missing. @throws when one comes twice or in the wrong order. */
function lostLines(log: string): number {
  // Each stands there twice: what a missing piece has left of two lines has one, or two that differ.
  const numbers = log.split("\n").flatMap((line) => {
    const number = /: line (\d+) \1$/.exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const last = Number(/last (\d+)/.exec(log)?.[1]);
  let before = 0;
  let lost = 0;
  for (const number of numbers) {
    if (number <= before) throw new Error(`${number} behind ${before}`);
    lost += number - before - 1;
    before = number;
  }
  return lost + (last - before);
}

test("a killed runner's stamper hands over to that of the next runner: nothing is lost or doubled", async () => {
  const home = makeHome();
  await startNumbering(home);
  const { pid, runner_pid } = meta(home, "n");
  const stamper = stamperOf(home, "n");
  process.kill(runner_pid, "SIGKILL");
  await until("it has a runner again", () => meta(home, "n").runner_pid !== runner_pid);
  await nextStamper(home, "n", stamper);
  expect(isAlive(stamper)).toBe(false);
  const size = logOf(home, "n").length;
  await until("it goes on", () => logOf(home, "n").length > size + 20_000);
  expect(meta(home, "n").pid).toBe(pid);
  await tsm(home, ["stop", "n"]);
  expect(lostLines(logOf(home, "n"))).toBe(0);
  expect(home.processes()).toEqual([]);
});

test("runner and stamper killed together: the process lives, and its lines come when they are back", async () => {
  const home = makeHome();
  script(home, "slow.js", "let n = 0; setInterval(() => console.log('line ' + ++n), 5);");
  await tsm(home, ["start", "slow.js", "--name", "n", "--time", "--log-max-size", "10G", "--settle", "0"]);
  await until("it writes", () => logOf(home, "n") !== "");
  const { pid, runner_pid } = meta(home, "n");
  const stamper = stamperOf(home, "n");
  process.kill(runner_pid, "SIGKILL");
  process.kill(stamper, "SIGKILL");
  await nextStamper(home, "n", stamper);
  const size = logOf(home, "n").length;
  await until("it goes on", () => logOf(home, "n").length > size + 200);
  expect(meta(home, "n").pid).toBe(pid);
});

test("what a process left behind goes on writing, with its stamper; then both are gone", async () => {
  const home = makeHome();
  script(home, "leaves.sh", "(for n in 1 2 3 4 5; do sleep 0.2; echo later $n; done) &\nsleep 0.6\nexit 0\n");
  await tsm(home, ["start", "leaves.sh", "--time", "--restart", "no", "--settle", "0"]);
  await until("it has ended", () => meta(home, "leaves").status === "stopped");
  await until("all is there", () => logOf(home, "leaves").includes("later 5"));
  await until("nobody is left", () => home.processes().length === 0);
});

test("reload-logs makes a stamper open its file anew", async () => {
  const home = makeHome();
  script(home, "slow.js", "let n = 0; setInterval(() => console.log('line ' + ++n), 5);");
  await tsm(home, [
    "start",
    "slow.js",
    "--name",
    "n",
    "-o",
    "n.log",
    "--time",
    "--log-max-size",
    "10G",
    "--settle",
    "0",
  ]);
  const log = join(home.folder, "n.log");
  await until("it writes", () => readFileSync(log, "utf8").length > 100);
  renameSync(log, `${log}.old`);
  const done = await tsm(home, ["reload-logs", "n"]);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("its stamper has opened ") });
  await until("the new file is there", () => readFileSync(log, "utf8").length > 100);
  await tsm(home, ["stop", "n"]);
  const lines = behindStamps(readFileSync(`${log}.old`, "utf8") + readFileSync(log, "utf8"));
  expect(lines).toEqual(lines.map((_, index) => `line ${index + 1}`));
});

test("on a disk without named pipes a start says that --time needs them, and leaves nothing", async () => {
  const home = makeHome();
  script(
    home,
    "bin/mkfifo",
    "#!/bin/sh\necho 'mkfifo: cannot create fifo: Operation not permitted' >&2\nexit 1\n",
    0o755,
  );
  script(home, "a.sh", "echo a\nsleep 600\n");
  const env = { PATH: `${join(home.folder, "bin")}:${process.env["PATH"]}` };
  const { code, stderr } = await tsm(home, ["start", "--time", "a.sh"], { env });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `tsm: the runner of 'a' ended before it could start the process
  Times in its logs take named pipes, and there is none: can the disk of ${home.path} hold them? exFAT cannot
`,
  });
  expect(existsSync(folderOf(home, "a"))).toBe(false);
  expect(await tsm(home, ["start", "a.sh"], { env })).toMatchObject({ code: 0, stderr: "" });
});
