import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Home, makeHome, makeLastingHome } from "../support/home.ts";
import { layLog, numbered } from "../support/logs.ts";
import { folderOf, readMeta } from "../support/record.ts";
import { tsm } from "../support/tsm.ts";

/* The logs are written by the test, of processes that rest: nobody else writes to them. */

let home: Home;

async function resting(name: string): Promise<string> {
  expect(await tsm(home, ["start", "--settle", "0", "--name", name, "sleep", "600"])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["stop", name])).toMatchObject({ code: 0 });
  const folder = folderOf(home, name);
  for (const stream of ["out", "err"])
    for (const file of ["clock", "rotation", "current"]) writeFileSync(join(folder, `${file}.${stream}`), "");
  return folder;
}

async function logs(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tsm(home, ["logs", ...args], { env: { TZ: "UTC" } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("two runs of one process, with a clock", () => {
  // 10:00:00 on 2 January 2026.
  const ten = Date.UTC(2026, 0, 2, 10) / 1000;

  beforeAll(async () => {
    home = makeLastingHome();
    const folder = await resting("it");
    writeFileSync(join(folder, "current.out"), "start\nINFO: two\nERROR: three\nagain\n");
    writeFileSync(
      join(folder, "clock.out"),
      `@ ${ten} 0 1\n${ten + 1} 6\n${ten + 3} 29\n@ ${ten + 60} 29 2\n${ten + 61} 35\n`,
    );
    writeFileSync(join(folder, "current.err"), "WARN: a\noops\n");
    writeFileSync(join(folder, "clock.err"), `@ ${ten} 0 1\n${ten + 2} 8\n@ ${ten + 60} 8 2\n${ten + 61} 13\n`);
  });

  afterAll(() => home.remove());

  test("stdout and stderr are one by time, and in one second stdout stands first", async () => {
    expect(await logs("it")).toBe("start\nWARN: a\nINFO: two\nERROR: three\nagain\noops\n");
    expect(await logs("it", "-n", "3")).toBe("ERROR: three\nagain\noops\n");
    expect(await logs("it", "-n", "5")).toBe("WARN: a\nINFO: two\nERROR: three\nagain\noops\n");
  });

  test("times before the lines, and in JSON with the run and the level", async () => {
    expect(await logs("it", "-n", "2", "--timestamps")).toBe(
      "2026-01-02T10:01:01+00:00 again\n2026-01-02T10:01:01+00:00 oops\n",
    );
    expect(await logs("it", "--timestamps", "short", "-n", "1")).toBe("10:01:01 oops\n");
    expect(await logs("it", "--timestamps=delta", "--out")).toBe(
      "     +0s start\n     +2s INFO: two\n     +0s ERROR: three\n    +58s again\n",
    );
    const lines = (await logs("it", "--json", "-n", "2")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: "2026-01-02T10:01:01Z", name: "it", id: 0, stream: "out", run: 2, level: "info", text: "again" },
      { time: "2026-01-02T10:01:01Z", name: "it", id: 0, stream: "err", run: 2, level: "error", text: "oops" },
    ]);
  });

  test("--since and --until, to the second", async () => {
    expect(await logs("it", "--since", "2026-01-02T10:00:03")).toBe("INFO: two\nERROR: three\nagain\noops\n");
    expect(await logs("it", "--until", "2026-01-02T10:00:02")).toBe("start\nWARN: a\n");
    expect(await logs("it", "--since", "2026-01-02T10:00:02", "--until", "2026-01-02T10:00:30")).toBe(
      "WARN: a\nINFO: two\nERROR: three\n",
    );
    expect(await logs("it", "--since", "2026-01-02T10:00:02", "-n", "2")).toBe("again\noops\n");
    expect(await logs("it", "--since", "start")).toBe("again\noops\n");
    expect(await logs("it", "--since", "2026-01-03")).toBe("");
    expect(await logs("it", "--until", "2026-01-01")).toBe("");
  });

  test("--run is one life to the byte", async () => {
    expect(await logs("it", "--run", "1")).toBe("start\nWARN: a\nINFO: two\nERROR: three\n");
    expect(await logs("it", "--run", "last", "--out")).toBe("again\n");
    expect(await logs("it", "--run", "1", "-n", "1")).toBe("ERROR: three\n");
    expect(await tsm(home, ["logs", "it", "--run", "9"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("There are runs 1 to 2"),
    });
    expect(await tsm(home, ["logs", "it", "--run", "0"])).toMatchObject({ code: 64 });
  });

  test("--crash is the end of the life that crashed last", async () => {
    expect(await tsm(home, ["logs", "it", "--crash"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("'it' has not crashed"),
    });
    const { created } = readMeta(home, "it");
    const exit = (run: number, code: number) =>
      JSON.stringify({
        event: "exit",
        id: 0,
        name: "it",
        run,
        exit: { code, signal: null, core: false, at: created, uptime: 1, by: "crash" },
      });
    mkdirSync(join(home.path, "db/events"), { recursive: true });
    appendFileSync(join(home.path, "db/events/9998-01-01.jsonl"), `${exit(1, 3)}\n${exit(2, 0)}\n{"half`);
    expect(await logs("it", "--crash")).toBe("start\nWARN: a\nINFO: two\nERROR: three\n");
    expect(await logs("it", "--crash", "-n", "1")).toBe("ERROR: three\n");
  });

  test("--grep and --level find in the whole log, with lines around them", async () => {
    expect(await logs("it", "--grep", "^(INFO|again)")).toBe("INFO: two\nagain\n");
    expect(await logs("it", "--grep", "o", "-n", "1")).toBe("oops\n");
    expect(await logs("it", "--grep", "error", "-i")).toBe("ERROR: three\n");
    expect(await logs("it", "--grep", "[:]", "-v")).toBe("start\nagain\noops\n");
    expect(await logs("it", "--grep", "start|oops", "-C", "1")).toBe("start\nWARN: a\n--\nagain\noops\n");
    expect(await logs("it", "--level", "error")).toBe("ERROR: three\noops\n");
    expect(await logs("it", "--level", "warn", "--grep", ":")).toBe("WARN: a\nERROR: three\n");
    expect(await logs("it", "--grep", "nowhere")).toBe("");
  });

  test.for([
    { args: ["--since", "soon"], says: "'soon' is not a time", hint: "2026-01-02T10:00" },
    { args: ["--since", "1h", "--until", "2h"], says: "--since is later than --until", hint: "--since 2h --until 1h" },
    { args: ["--grep", "("], says: "not a regular expression", hint: "Unterminated group" },
    { args: ["--level", "bad"], says: "'bad' is none of error, warn, info, debug", hint: "" },
    { args: ["-i"], says: "-i needs --grep", hint: "" },
    { args: ["-f", "--until", "1h"], says: "-f does not go with --until", hint: "" },
    { args: ["--crash", "--run", "1"], says: "--crash does not go with --run", hint: "" },
  ])("$args is wrong usage: $says", async ({ args, says, hint }) => {
    const { code, stdout, stderr } = await tsm(home, ["logs", "it", ...args]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr).toContain(hint);
  });
});

test("archives and the live file are one, to the line", async () => {
  home = makeHome();
  const folder = await resting("it");
  const whole = numbered(1, 500);
  layLog(folder, { archives: [whole.slice(0, 1003), whole.slice(1003, 2500)], live: whole.slice(2500) });
  expect(await logs("it", "-n", "1000")).toBe(whole);
  for (const count of [1, 100, 250, 350, 499])
    expect(await logs("it", "-n", String(count))).toBe(numbered(501 - count, 500));
  expect(await logs("it", "--grep", "line 1?7$")).toBe("line 7\nline 17\n");
  expect(await logs("it", "--raw", "-n", "1000", "--out")).toBe(whole);
  expect(JSON.parse((await tsm(home, ["logs", "it", "--sizes", "--json"])).stdout)).toEqual([
    expect.objectContaining({ name: "it", live: whole.length - 2500, archiveFiles: 2, uncompressed: whole.length }),
  ]);
  expect(await logs("--sizes")).toMatch(/│ it .* in 2 files │/);
});

test("several processes are one by time, and without a name all are meant", async () => {
  home = makeHome();
  for (const [index, name] of ["api", "db"].entries()) {
    const folder = await resting(name);
    writeFileSync(join(folder, "current.out"), `${name} one\n${name} two\n`);
    const size = name.length + 5;
    writeFileSync(join(folder, "clock.out"), `${100 + index} ${size}\n${200 + index} ${size * 2}\n`);
  }
  const all = "api | api one\ndb  | db one\napi | api two\ndb  | db two\n";
  expect(await logs()).toBe(all);
  expect(await logs("*")).toBe(all);
  expect(await logs("--no-prefix", "-n", "1")).toBe("api two\ndb two\n");
  expect(await logs("--grep", "two")).toBe("api | api two\ndb  | db two\n");
});

test("without a clock the end of both streams is shown, and a time says that it knows none", async () => {
  home = makeHome();
  const folder = await resting("it");
  writeFileSync(join(folder, "current.out"), numbered(1, 100, "out"));
  writeFileSync(join(folder, "current.err"), numbered(1, 100, "err"));
  expect(await logs("it", "-n", "4")).toBe("out 99\nout 100\nerr 99\nerr 100\n");
  const since = await tsm(home, ["logs", "it", "--since", "1h", "-n", "1"]);
  expect(since).toMatchObject({
    code: 0,
    stdout: "out 100\n",
    stderr: expect.stringContaining("'it' were written is not known"),
  });
  expect(await logs("it", "-n", "1", "--err", "--timestamps", "short")).toBe("-        err 100\n");
});

test("what was kept by those before this program is read", async () => {
  home = makeHome();
  const folder = await resting("it");
  await tsm(home, ["delete", "it"]);
  const again = await resting("it");
  expect(again).toBe(folder);
  for (const file of ["current.out", "rotation.out", "clock.out"]) rmSync(join(again, file));
  mkdirSync(join(home.path, "logs"));
  writeFileSync(join(home.path, "logs/it.out"), "of old\n");
  expect(await logs("it")).toBe("of old\n");
});
