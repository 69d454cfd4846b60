import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ErrorBursts } from "../../../src/core/error-bursts.ts";
import { describeEntry } from "../../../src/core/event-text.ts";
import { gitHead } from "../../../src/core/git-head.ts";
import { homeAt } from "../../../src/core/home.ts";
import { JournalReader, parseEntries } from "../../../src/core/journal-reader.ts";
import { Moments } from "../../../src/core/timeline.ts";
import type { World } from "../../../src/core/world.ts";
import { systemFiles } from "../../../src/platform/files.ts";
import { plain } from "../../../src/view/paint.ts";
import { timelineLines } from "../../../src/view/timeline.ts";
import { displayWidth } from "../../../src/view/width.ts";
import { type Home, makeHome } from "../../support/home.ts";

/** As far as a reader of the journal asks the world; it counts the bytes that are read. */
function worldOf(home: Home): { world: World; read: () => number } {
  let bytes = 0;
  const files = {
    ...systemFiles,
    readRange(path: string, position: number, length: number) {
      const found = systemFiles.readRange(path, position, length);
      bytes += found?.length ?? 0;
      return found;
    },
  };
  // A reader of the journal asks for nothing else of the world.
  const world = { platform: { files }, home: homeAt(home.path) } as unknown as World;
  return { world, read: () => bytes };
}

function journal(home: Home, day: string, lines: readonly string[]): string {
  mkdirSync(join(home.path, "db/events"), { recursive: true });
  const file = join(home.path, "db/events", `${day}.jsonl`);
  appendFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

const line = (time: string, event: string, name: string, more = {}) => JSON.stringify({ time, event, name, ...more });
const events = (batches: Iterable<readonly { event: string }[]>) => [...batches].flat().map(({ event }) => event);

test("the journal is read day after day, and goes on where it has ended", () => {
  const home = makeHome();
  const { world } = worldOf(home);
  expect([...new JournalReader(world, undefined).read()]).toEqual([]);
  journal(home, "2026-01-02", [line("2026-01-02T23:59:59Z", "one", "api")]);
  const reader = new JournalReader(world, undefined);
  expect(events(reader.read())).toEqual(["one"]);
  expect(events(reader.read())).toEqual([]);
  const next = journal(home, "2026-01-03", [line("2026-01-03T00:00:01Z", "two", "api")]);
  appendFileSync(next, '{"time":"2026-01-03T00:00:02Z","event":"thr');
  expect(events(reader.read())).toEqual(["two"]);
  appendFileSync(next, 'ee"}\n');
  expect(events(reader.read())).toEqual(["three"]);
  truncateSync(next);
  journal(home, "2026-01-03", [line("2026-01-03T00:00:03Z", "4", "api")]);
  expect(events(reader.read())).toEqual(["4"]);
  rmSync(next);
  expect(events(reader.read())).toEqual([]);
});

test("what is no entry is passed over: half a line, an endless line, another file, a value that is no object", () => {
  const home = makeHome();
  const { world } = worldOf(home);
  const long = line("2026-01-02T00:00:00Z", "long", "x".repeat(700_000));
  journal(home, "2026-01-02", [
    "{",
    "[]",
    "null",
    '{"time":"soon","event":"x"}',
    '{"time":"2026-01-02"}',
    long,
    "\0\u001b[",
  ]);
  journal(home, "2026-01-02", [line("2026-01-02T00:00:00Z", "good", "api")]);
  writeFileSync(join(home.path, "db/events/notes.jsonl"), `${line("2026-01-02T00:00:00Z", "bad", "api")}\n`);
  mkdirSync(join(home.path, "db/events/2026-01-04.jsonl"));
  expect(events(new JournalReader(world, undefined).read())).toEqual(["good"]);
});

test("for the last few entries older days are not opened, and of each day every byte is read once", () => {
  const home = makeHome();
  const { world, read } = worldOf(home);
  const old = Array.from({ length: 10_000 }, () => line("2026-01-01T00:00:00Z", "old", "api"));
  const fresh = Array.from({ length: 10_000 }, (_, n) => line("2026-01-02T00:00:00Z", `e${n}`, "api"));
  journal(home, "2026-01-01", old);
  journal(home, "2026-01-02", fresh);
  const size = fresh.join("\n").length + 1;
  const reader = new JournalReader(world, undefined);
  expect(reader.last(3, () => true).map(({ event }) => event)).toEqual(["e9997", "e9998", "e9999"]);
  // The piece of a line at the end of a chunk is read twice.
  expect(read()).toBeLessThan(size * 1.1);
  expect(events(reader.read())).toEqual([]);
  expect(new JournalReader(world, undefined).last(10_002, () => true).map(({ event }) => event)).toHaveLength(10_002);
  expect(events(new JournalReader(world, Date.parse("2026-01-02T00:00:00Z")).read())).toHaveLength(10_000);
});

test("lines that are older than what is asked for are not even parsed, until one is not: the clock may have been put back", () => {
  const home = makeHome();
  const { world } = worldOf(home);
  const at = (hour: number) => line(`2026-01-02T${String(hour).padStart(2, "0")}:00:00Z`, `e${hour}`, "api");
  journal(home, "2026-01-02", [at(8), at(9), at(11), at(10), "{", at(12)]);
  journal(home, "2026-01-03", [
    '{"event":"other","time":"2026-01-03T00:00:00Z"}',
    '{"time":"2026-01-02T23:00:00Z"',
    at(7),
  ]);
  const since = Date.parse("2026-01-02T10:30:00Z");
  const entries = [...new JournalReader(world, since).read()].flat();
  expect(entries.map(({ event }) => event)).toEqual(["e11", "e10", "e12", "other", "e7"]);
  expect(entries.map(({ at }) => at)[1]).toBe(Date.parse("2026-01-02T10:00:00Z"));
});

test("a damaged line takes no other with it, wherever it was cut, nor do two make one", () => {
  const whole = [line("2026-01-02T00:00:00Z", "one", "äpi"), line("2026-01-02T00:00:01Z", "two", "äpi")];
  for (let cut = 1; cut < (whole[0]?.length ?? 0); cut += 1) {
    const text = `${whole[0]?.slice(0, cut)}\n${whole[1]}\n`;
    expect(
      parseEntries(text).map(({ event }) => event),
      text,
    ).toEqual(["two"]);
  }
  const [first = "", second = ""] = whole;
  expect(parseEntries(`${first.slice(0, 30)}\n${first.slice(31)}\n${second}\n`)).toHaveLength(1);
  expect(parseEntries(`${first},${second}\n\n`)).toHaveLength(1);
  expect(parseEntries(`${first}\n\n${second}\n`)).toHaveLength(2);
});

test("of ten thousand events each is looked at once, and what comes again is told once", () => {
  let looks = 0;
  const moments = new Moments(0);
  for (let n = 0; n < 10_000; n += 1) {
    const entry = {
      at: 1000 * n,
      event: n % 2 ? "start" : "exit",
      names: [`p${n % 7}`],
      line: { exit: { by: "crash", code: 3 } },
    };
    moments.add({
      ...entry,
      get line() {
        looks += 1;
        return entry.line;
      },
    });
  }
  expect(looks).toBeLessThanOrEqual(20_000);
  expect(moments.all()).toHaveLength(14);
  expect(moments.all().reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
});

test("five error lines close together are a burst, and what has no time is in none", () => {
  const bursts = new ErrorBursts(100);
  const at = (time: number | null, name = "api") => bursts.add({ name, time, level: "error", text: "no db" });
  for (const time of [50, 50, 50, 50, 50, 101, 102, 102, 103, 112]) at(time);
  for (const time of [200, 201, 202, 203, null, null]) at(time);
  for (const time of [300, 320, 340, 360, 380]) at(time, "web");
  expect(bursts.all().map(({ names, at: from, until, count }) => [names[0], from, until, count])).toEqual([
    ["api", 101_000, 112_000, 5],
  ]);
});

test.for([
  [{ event: "exit", exit: { code: 3, signal: null, by: "crash", uptime: 12 } }, "exited: exit code 3, after 12 s"],
  [{ event: "exit", exit: "?" }, "exited"],
  [
    { event: "command", user: "ann", door: "shell", pid: 7, terminal: "pts/3", line: "stop api" },
    "ann (tsm 7, pts/3): stop api",
  ],
  [{ event: "command" }, "somebody (shell): "],
  [
    { event: "source", head: "a".repeat(40), before: "b".repeat(40), branch: "main" },
    "git HEAD went from bbbbbbbbbb to aaaaaaaaaa on main",
  ],
  [{ event: "flush", by: 3 }, "flush"],
] as const)("%j is told as '%s'", ([fields, told]) => {
  const [entry] = parseEntries(JSON.stringify({ time: "2026-01-02T00:00:00Z", ...fields }));
  expect(entry === undefined ? undefined : describeEntry(entry)).toBe(told);
});

test("the commit of a folder is read from git's own files: loose, packed, detached, worktree, none", () => {
  const { folder } = makeHome();
  const [one, two] = ["1".repeat(40), "2".repeat(40)];
  expect(gitHead(systemFiles, folder)).toBeUndefined();
  const git = join(folder, ".git");
  mkdirSync(join(git, "refs/heads/feature"), { recursive: true });
  mkdirSync(join(folder, "deep/down"), { recursive: true });
  writeFileSync(join(git, "HEAD"), "ref: refs/heads/feature/x\n");
  expect(gitHead(systemFiles, folder)).toBeUndefined();
  writeFileSync(join(git, "packed-refs"), `# pack-refs\n${two} refs/heads/feature/x\n`);
  expect(gitHead(systemFiles, folder)).toEqual({ head: two, branch: "feature/x" });
  writeFileSync(join(git, "refs/heads/feature/x"), `${one}\n`);
  expect(gitHead(systemFiles, join(folder, "deep/down"))).toEqual({ head: one, branch: "feature/x" });
  mkdirSync(join(git, "worktrees/w"), { recursive: true });
  writeFileSync(join(git, "worktrees/w/HEAD"), `${two}\n`);
  writeFileSync(join(git, "worktrees/w/commondir"), "../..\n");
  writeFileSync(join(folder, "deep/.git"), `gitdir: ${git}/worktrees/w\n`);
  expect(gitHead(systemFiles, join(folder, "deep/down"))).toEqual({ head: two, branch: undefined });
  writeFileSync(join(git, "worktrees/w/HEAD"), "ref: refs/heads/feature/x\n");
  expect(gitHead(systemFiles, join(folder, "deep"))).toEqual({ head: one, branch: "feature/x" });
  writeFileSync(join(git, "worktrees/w/HEAD"), "ref: refs/../../../etc/passwd\n");
  expect(gitHead(systemFiles, join(folder, "deep"))).toBeUndefined();
});

test.for([40, 80, 200])("on %s columns no line is wider, and the worst of a place is what is seen", (columns) => {
  const from = Date.UTC(2026, 0, 2, 10);
  const moment = (kind: "start" | "crash" | "command", minute: number, names: string[]) =>
    ({
      at: from + minute * 60_000,
      until: from + minute * 60_000,
      kind,
      names,
      text: "\u001b[2Jwörds ".repeat(20),
      count: 1,
    }) as const;
  const moments = [
    moment("start", 0, ["api"]),
    moment("crash", 0, ["api"]),
    moment("command", 14.9, []),
    moment("start", 7, ["x".repeat(60)]),
  ];
  const screen = { columns, terminal: true, paint: plain };
  const lines = [...timelineLines({ from, to: from + 900_000, moments, omitted: 0, notes: [] }, 3, screen)];
  for (const each of lines) expect(displayWidth(each), each).toBeLessThanOrEqual(columns);
  expect(lines.join("\n")).not.toContain("\u001b");
  expect(lines[1]).toMatch(/^api +x·+$/);
  expect(lines[2]).toMatch(/^commands +·+c$/);
  expect(lines.join("\n")).toContain("1 earlier: --lines 4 shows them");
});

test("behind a line that a full disk has cut short, the next one is read", () => {
  const cut = line("2026-01-02T03:04:05Z", "exit", "api", { said: 'a "{\\"time\\":" of its own' }).slice(0, -9);
  const text = `${cut}${line("2026-01-02T03:04:06Z", "start", "db")}\n${cut}\n`;
  expect(parseEntries(text).map(({ event, names }) => [event, names])).toEqual([["start", ["db"]]]);
  const ofRunner = `{"time":"2026-01-02T03:04:05Z","event":"exit","id":1,"name":"api","pid":1${line("2026-01-02T03:04:06Z", "start", "db")}`;
  expect(parseEntries(ofRunner, (names) => names.includes("db"))).toHaveLength(1);
});
