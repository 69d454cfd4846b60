import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Home, hasty, makeHome } from "../support/home.ts";
import { faultsIn, numberedWriter } from "../support/numbered.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* Files that a person has named for a process's streams. */

/** The archives of a file, oldest first, and the file itself. */
function wholeFile(path: string): Buffer {
  const [folder, name] = [join(path, ".."), path.slice(path.lastIndexOf("/") + 1)];
  const archives = readdirSync(folder)
    .flatMap((file) => {
      const number = file.startsWith(`${name}.`) ? /^(\d+)\.gz$/.exec(file.slice(name.length + 1))?.[1] : undefined;
      return number === undefined ? [] : [{ number: Number(number), file }];
    })
    .sort((a, b) => b.number - a.number);
  return Buffer.concat([
    ...archives.map(({ file }) => gunzipSync(readFileSync(join(folder, file)))),
    readFileSync(path),
  ]);
}

function lines(home: Home, text: string): string {
  const path = join(home.folder, "talks.sh");
  writeFileSync(path, `printf '%s\\n' ${text}; exec sleep 3600\n`);
  return path;
}

test("a file that passes its limit is rotated by itself, with its archives beside it", async () => {
  const home = hasty(makeHome());
  mkdirSync(join(home.folder, "log files"));
  const log = join(home.folder, "log files", "app.log");
  const script = numberedWriter(home, { burst: 100 });
  const flags = ["--log-max-size", "20K", "--log-keep", "2", "--log", log];
  expect((await tsm(home, ["start", "--name", "w", ...flags, "--", "bash", script])).code).toBe(0);
  await until("the second archive is there", () => readdirSync(join(log, "..")).includes("app.log.2.gz"), {
    timeoutMs: 50_000,
  });
  await tsm(home, ["stop", "w"]);
  await tsm(home, ["rotate", "w"]);
  const archives = readdirSync(join(log, "..")).filter((name) => !name.startsWith("."));
  expect(archives.sort()).toEqual(["app.log", "app.log.1.gz", "app.log.2.gz"]);
  const numbers = wholeFile(log)
    .toString()
    .split("\n")
    .slice(1, -1)
    .map((line) => Number(line.split(" ")[1]));
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
});

/** A file system whose files can lose their front (ext4, xfs), mostly; and one where none can, where there is one. */
const places = [tmpdir(), existsSync("/dev/shm") ? "/dev/shm" : tmpdir()];

test.for(places)(
  "three who share a file in %s: rotated often, killed at it, and no line is lost or doubled",
  async (place) => {
    const home = hasty(makeHome(place));
    const log = join(home.folder, "shared.log");
    for (const name of ["a", "b", "c"]) {
      const script = join(home.folder, `${name}.sh`);
      writeFileSync(
        script,
        `i=0; while :; do echo "${name} $i"; i=$((i + 1)); ((i % 200)) || read -t 0.01 <> <(:); done\n`,
      );
      const flags = ["--name", name, "--log-keep", "1000", "--log", log];
      expect((await tsm(home, ["start", ...flags, "--", "bash", script])).code).toBe(0);
    }
    await until("they write", () => existsSync(log) && statSync(log).size > 10_000);
    const started = performance.now();
    expect(await tsm(home, ["rotate", "a"])).toMatchObject({ code: 0, stderr: "" });
    const longestMs = performance.now() - started;
    for (let round = 0; round < 6; round += 1) {
      const running = startTsm(home, ["rotate", round % 2 === 0 ? "b" : "c"]);
      running.child.stdin.end();
      const moment = (0.3 + 0.8 * ((round * 0.618) % 1)) * longestMs;
      const timer = setTimeout(() => running.child.kill("SIGKILL"), moment);
      await running.outcome;
      clearTimeout(timer);
    }
    const both = await Promise.all(["a", "b", "c"].map((name) => tsm(home, ["rotate", name])));
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
    await tsm(home, ["stop", "*"]);
    expect(faultsIn(wholeFile(log))).toEqual([]);
    const left = readdirSync(home.folder).filter((name) => /rotating|compressing|\.tmp$|\.lock$/.test(name));
    expect(left).toEqual([]);
    const read = await tsm(home, ["logs", "a", "--out", "--raw", "-n", "10000000"]);
    expect(read.stdout).toBe(wholeFile(log).toString());
  },
);

test("what is read, sized and flushed are the archives too", async () => {
  const home = hasty(makeHome());
  const log = join(home.folder, "app.log");
  await tsm(home, ["start", "--name", "t", "--output", log, "--", "bash", lines(home, "one two")]);
  await until("it has spoken", () => readFileSync(log, "utf8") === "one\ntwo\n");
  expect((await tsm(home, ["rotate", "t"])).stdout).toBe("tsm: rotated 't' (out 8 B)\n");
  expect(gunzipSync(readFileSync(`${log}.1.gz`)).toString()).toBe("one\ntwo\n");
  expect(statSync(log).size).toBe(0);
  expect((await tsm(home, ["logs", "t", "--raw", "--out"])).stdout).toBe("one\ntwo\n");
  expect(await tsmJson(home, ["logs", "t", "--sizes"])).toMatchObject([{ live: 0, archiveFiles: 1 }]);
  expect((await tsm(home, ["flush", "t"])).code).toBe(0);
  expect(readdirSync(home.folder).filter((name) => name.startsWith("app.log"))).toEqual(["app.log"]);
  await tsm(home, ["restart", "t"]);
  await until("it has spoken again", () => readFileSync(log, "utf8") === "one\ntwo\n");
  expect((await tsm(home, ["logs", "t", "--raw", "--run", "last"])).stdout).toBe("one\ntwo\n");
});

test("an archive may be read by whoever may read the file", async () => {
  const home = hasty(makeHome());
  const log = join(home.folder, "app.log");
  writeFileSync(log, "", { mode: 0o640 });
  await tsm(home, ["start", "--name", "t", "--output", log, "--", "bash", lines(home, "one")]);
  await until("it has spoken", () => readFileSync(log, "utf8") === "one\n");
  await tsm(home, ["rotate", "t"]);
  expect(statSync(`${log}.1.gz`).mode & 0o777).toBe(0o640);
});

test.for([
  {
    what: "a link",
    reason: "it is a link",
    make: (log: string) => {
      writeFileSync(`${log}-target`, "");
      symlinkSync(`${log}-target`, log);
    },
  },
  {
    what: "a file with a second name",
    reason: "it has another name too",
    make: (log: string) => {
      writeFileSync(log, "");
      linkSync(log, `${log}-second`);
    },
  },
  {
    what: "a file that something else rotates",
    reason: "something else rotates it: it has archives already",
    make: (log: string) => writeFileSync(`${log}.7.gz`, "of somebody"),
  },
  {
    what: "a file of which that was asked",
    reason: "--log-max-size 0 leaves it to you",
    flags: ["--log-max-size", "0"],
    make: () => undefined,
  },
])("$what is left alone, and that is said", async ({ reason, make, flags = [] }) => {
  const home = hasty(makeHome());
  const log = join(home.folder, "app.log");
  make(log);
  await tsm(home, ["start", "--name", "t", ...flags, "--output", log, "--", "bash", lines(home, "one")]);
  await until("it has spoken", () => readFileSync(log, "utf8") === "one\n");
  const before = readdirSync(home.folder).sort();
  expect((await tsm(home, ["rotate", "t"])).stdout).toBe(`tsm: 't' writes to ${log}, which is left alone: ${reason}\n`);
  expect((await tsm(home, ["rotate", "--due"])).code).toBe(0);
  expect(readdirSync(home.folder).sort()).toEqual(before);
  expect(readFileSync(log, "utf8")).toBe("one\n");
});

test("a log that was named after a fifo is not rotated", async () => {
  const home = hasty(makeHome());
  const log = join(home.folder, "app.log");
  await tsm(home, ["start", "--name", "t", "--output", log, "--", "bash", lines(home, "one")]);
  await until("it has spoken", () => readFileSync(log, "utf8") === "one\n");
  execFileSync("bash", ["-c", 'mv "$0" "$0.old" && mkfifo "$0"', log]);
  expect((await tsm(home, ["rotate", "t"])).stdout).toContain("which is left alone: it is not a regular file\n");
  expect((await tsm(home, ["rotate", "--due"])).code).toBe(0);
});
