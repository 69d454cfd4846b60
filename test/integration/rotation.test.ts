import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, meta } from "../support/managed.ts";
import { faultsIn, numberedWriter, wholeLog } from "../support/numbered.ts";
import { editMeta } from "../support/record.ts";
import { holdTicker } from "../support/ticker.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Its log's archives, by number. */
function archives(home: Home, name: string): string[] {
  return readdirSync(folderOf(home, name))
    .filter((file) => /^current\.out\.\d+/.test(file))
    .sort();
}

/** Writes so many lines `main N`, later than its runner has begun the clock of its log, and rests. */
function writerOf(home: Home, lines: number): string {
  const path = join(home.folder, `lines-${lines}.sh`);
  writeFileSync(path, `sleep 0.05; for ((i = 0; i < ${lines}; i++)); do echo "main $i"; done; exec sleep 3600\n`);
  return path;
}

async function startWriter(home: Home, lines: number, ...flags: string[]): Promise<void> {
  const path = writerOf(home, lines);
  expect((await tsm(home, ["start", "--name", "w", "--settle", "0", ...flags, "--", "bash", path])).code).toBe(0);
  await until("all is written", () =>
    wholeLog(home, "w")
      .toString()
      .endsWith(`main ${lines - 1}\n`),
  );
}

test("a log that passes its limit is rotated by itself, and no more archives are kept than asked for", async () => {
  const home = makeHome();
  const script = numberedWriter(home, { burst: 200 });
  await tsm(home, ["start", "--name", "w", "--log-max-size", "20K", "--log-keep", "2", "--", "bash", script]);
  await until("the second archive is there", () => archives(home, "w").includes("current.out.2.gz"));
  await tsm(home, ["stop", "w"]);
  await tsm(home, ["rotate", "w"]);
  expect(archives(home, "w")).toEqual(["current.out.1.gz", "current.out.2.gz"]);
  const [first = ""] = wholeLog(home, "w").toString().split("\n");
  const kept = wholeLog(home, "w").toString().split("\n").slice(1, -1);
  const numbers = kept.map((line) => Number(line.split(" ")[1]));
  expect(first).not.toBe("main 0");
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
});

test("a log that passes its limit just after a rotation, and rests from then on, is rotated too", async () => {
  const home = makeHome();
  const script = join(home.folder, "on-demand.sh");
  writeFileSync(script, 'until [ -e "$1" ]; do sleep 0.1; done; printf "%03000d\\n" 1; exec sleep 3600\n');
  const start = (name: string): Promise<unknown> =>
    tsm(home, [
      ...["start", "--name", name, "--settle", "0", "--log-max-size", "1K"],
      ...["--", "bash", script, join(home.folder, `go-${name}`)],
    ]);
  await Promise.all([start("first"), start("second")]);
  writeFileSync(join(home.folder, "go-first"), "");
  await until("the first is rotated", () => archives(home, "first").length === 1);
  writeFileSync(join(home.folder, "go-second"), "");
  await until("the second is, too", () => archives(home, "second").length === 1);
});

test("rotate moves everything of a process that rests, and what is empty stays as it is", async () => {
  const home = makeHome();
  await startWriter(home, 3);
  await tsm(home, ["stop", "w"]);
  const rotated = await tsm(home, ["rotate", "w"]);
  expect(rotated).toMatchObject({ code: 0, stdout: "tsm: rotated 'w' (out 21 B)\n" });
  const folder = folderOf(home, "w");
  expect(gunzipSync(readFileSync(join(folder, "current.out.1.gz"))).toString()).toBe("main 0\nmain 1\nmain 2\n");
  expect(statSync(join(folder, "current.out")).size).toBe(0);
  expect((await tsm(home, ["rotate", "w"])).stdout).toBe("tsm: the logs of 'w' are empty\n");
  expect(archives(home, "w")).toEqual(["current.out.1.gz"]);
});

test("without compression the archives are plain, and with --log-keep 0 there are none", async () => {
  const home = makeHome();
  await startWriter(home, 3, "--log-compress=off");
  await tsm(home, ["rotate", "w"]);
  expect(readFileSync(join(folderOf(home, "w"), "current.out.1"), "utf8")).toBe("main 0\nmain 1\nmain 2\n");
  await tsm(home, ["delete", "w"]);
  await startWriter(home, 4, "--log-keep", "0");
  await tsm(home, ["rotate", "w"]);
  expect(archives(home, "w")).toEqual([]);
});

test("the home's settings hold for who has no limits of its own", async () => {
  const home = makeHome();
  for (const [name, value] of [
    ["logMaxSize", "1K"],
    ["logCompress", "off"],
  ]) {
    expect((await tsm(home, ["config", "set", String(name), String(value)])).code).toBe(0);
  }
  await startWriter(home, 500);
  await until("it is rotated", () => archives(home, "w").includes("current.out.1"));
  expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
  // While the ticker runs the next growth is held against the new limit.
  expect((await tsm(home, ["config", "set", "logMaxSize", "1M"])).code).toBe(0);
  expect(readFileSync(join(home.path, "runtime", "log-limit"), "utf8")).toBe(`${1024 * 1024}\n`);
});

test.for([
  { name: "logMaxSize", value: "big", hint: "10M" },
  { name: "logMaxAge", value: "old", hint: "1d" },
  { name: "diskFloor", value: "-1", hint: "10M" },
])("config set $name $value is refused with an example", async ({ name, value, hint }) => {
  const home = makeHome();
  const refused = await tsm(home, ["config", "set", name, value]);
  expect(refused.code).toBe(64);
  expect(refused.stderr).toContain(hint);
});

test("a log that was begun longer ago than its age is rotated by the next pass", async () => {
  const home = makeHome();
  await startWriter(home, 3, "--log-max-age", "1d");
  await tsm(home, ["patrol"]);
  expect(archives(home, "w")).toEqual([]);
  const dayAgo = Math.floor(Date.now() / 1000) - 90_000;
  writeFileSync(join(folderOf(home, "w"), "rotation.out"), JSON.stringify({ base: 0, at: dayAgo }));
  expect((await tsm(home, ["patrol"])).stdout).toContain("Rotated the logs of w");
  expect(archives(home, "w")).toEqual(["current.out.1.gz"]);
});

test("a pass of the ticker notes what is due, of all logs now and then, and in between of folders that have changed", async () => {
  const home = makeHome();
  const due = join(home.path, "runtime/logs.due");
  const looked = join(home.path, "runtime/logs.looked");
  const folder = folderOf(home, "w");
  await tsm(home, ["config", "set", "logMaxAge", "1h"]);
  await startWriter(home, 3);
  await holdTicker(home);
  const pass = async (): Promise<boolean> => {
    rmSync(due, { force: true });
    expect(await tsm(home, ["patrol", "--quick"])).toMatchObject({ code: 0, stderr: "" });
    return existsSync(due);
  };
  expect([await pass(), existsSync(looked)]).toEqual([false, true]);
  // It has grown old, and nobody has touched its folder of late.
  editMeta(home, "w", { created: Math.floor(Date.now() / 1000) - 7200 });
  const back = (path: string, minutes: number) => {
    const then = Date.now() / 1000 - minutes * 60;
    utimesSync(path, then, then);
  };
  back(join(home.path, "config/settings.json"), 60);
  back(folder, 30);
  back(looked, 5);
  expect(await pass()).toBe(false);
  back(looked, 11);
  expect(await pass()).toBe(true);
  // All have been looked at just now; a folder that has changed is looked at each time.
  back(folder, 30);
  expect(await pass()).toBe(false);
  back(folder, 1);
  expect(await pass()).toBe(true);
  // As with a home whose settings have changed since then.
  back(folder, 30);
  await tsm(home, ["config", "set", "logMaxAge", "90m"]);
  expect(await pass()).toBe(true);
  // Archives alone can give space back: on a low disk there is something to do though no log is due.
  await tsm(home, ["config", "set", "logMaxAge", "90d"]);
  expect(await pass()).toBe(false);
  await tsm(home, ["config", "set", "diskFloor", "1000000G"]);
  expect(await pass()).toBe(true);
});

test("flush throws away logs and archives, and the process writes on", async () => {
  const home = makeHome();
  const script = numberedWriter(home, { burst: 100 });
  await tsm(home, ["start", "--name", "w", "--", "bash", script]);
  await tsm(home, ["rotate", "w"]);
  const flushed = await tsm(home, ["flush", "w"]);
  expect(flushed.stdout).toMatch(/^tsm: flushed 'w' \(.*1 archive\)\n$/);
  expect(archives(home, "w")).toEqual([]);
  await until("it writes on", () => statSync(join(folderOf(home, "w"), "current.out")).size > 0);
  expect(readFileSync(join(folderOf(home, "w"), "current.out"), "utf8")).not.toContain("main 0\n");
});

test("delete --keep-logs keeps archives and times too", async () => {
  const home = makeHome();
  await startWriter(home, 3);
  await tsm(home, ["rotate", "w"]);
  await tsm(home, ["delete", "w", "--keep-logs"]);
  expect(readdirSync(folderOf(home, "w")).sort()).toEqual(
    ["clock.err", "clock.out", "current.err", "current.out", "current.out.1.gz", "rotation.out"].sort(),
  );
});

test("with less space than the floor the archives give theirs back, and nothing is killed", async () => {
  const home = makeHome();
  await startWriter(home, 3);
  await tsm(home, ["rotate", "w"]);
  await tsm(home, ["config", "set", "diskFloor", "1000000G"]);
  const pass = await tsm(home, ["patrol"]);
  expect(pass.stderr).toContain("the disk has ");
  expect(archives(home, "w")).toEqual([]);
  expect(meta(home, "w").status).toBe("online");
  expect(existsSync(join(home.path, "runtime/disk-low"))).toBe(true);
  // A live log of more than a megabyte becomes an archive first, also one that a person has named.
  const named = join(home.folder, "named.log");
  await tsm(home, ["start", "--name", "n", "--settle", "0", "--log", named, "--log-max-size", "1G", "sleep", "600"]);
  const own = join(folderOf(home, "w"), "current.out");
  for (const path of [named, own]) appendFileSync(path, "twenty-four characters.\n".repeat(60_000));
  await tsm(home, ["patrol"]);
  await until("both are short", () => [named, own].every((path) => statSync(path).size < 5000));
  await tsm(home, ["patrol"]);
  expect(readdirSync(home.folder).filter((file) => file.startsWith("named.log."))).toEqual([]);
  expect(archives(home, "w")).toEqual([]);
  expect(meta(home, "n").status).toBe("online");
});

test("the clock says when lives began and how long the log was", async () => {
  const home = makeHome();
  await startWriter(home, 3, "--restart", "always", "--restart-delay", "1ms");
  const clock = join(folderOf(home, "w"), "clock.out");
  const inode = statSync(join(folderOf(home, "w"), "current.out")).ino;
  await until("the ticker has written", () => /^\d+ 21$/m.test(readFileSync(clock, "utf8")));
  process.kill(meta(home, "w").pid, "SIGKILL");
  await until("the second life is noted", () => /^@ \d+ 21 2 \d+$/m.test(readFileSync(clock, "utf8")));
  expect(readFileSync(clock, "utf8")).toMatch(new RegExp(`^@ \\d+ 0 1 ${inode}\n`));
  await tsm(home, ["restart", "w", "--settle", "0"]);
  await until("the third life is noted", () => /^@ \d+ \d+ 3 \d+$/m.test(readFileSync(clock, "utf8")));
});

test("patrol --json tells what was rotated", async () => {
  const home = makeHome();
  await startWriter(home, 200, "--log-max-size", "100", "--log-keep", "1");
  await until("the ticker or the pass has rotated it", async () => {
    await tsmJson(home, ["patrol"]);
    return archives(home, "w").length === 1;
  });
  expect(await tsmJson(home, ["patrol"])).toMatchObject({ logs: { rotated: [], failed: [] } });
});
