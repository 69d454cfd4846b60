import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LinesBackwards } from "../../../src/core/log-backwards.ts";
import { LogBytes, Notes, ReadingRoom } from "../../../src/core/log-bytes.ts";
import { type LogPaths, logParts } from "../../../src/core/log-parts.ts";
import { systemFiles } from "../../../src/platform/files.ts";
import type { Files } from "../../../src/platform/platform.ts";
import { layLog, makeLogs, numbered } from "../../support/logs.ts";

const notes = new Notes();
const token = "0123456789abcdef0123456789abcdef";

function logOf(
  paths: LogPaths,
  { files = systemFiles, chunk = 100 }: { files?: Files; chunk?: number } = {},
): LogBytes {
  return new LogBytes(files, paths, "out", new ReadingRoom(chunk, 1000), notes);
}

async function read(log: LogBytes, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): Promise<string> {
  let text = "";
  for await (const { bytes } of log.forward(from, to)) text += bytes.toString("latin1");
  return text;
}

const whole = numbered(1, 300);
/** Cut where lines are not. */
const cut = [whole.slice(0, 1001), whole.slice(1001, 1507), whole.slice(1507)] as const;

describe("a log in archives and a live file is one", () => {
  test.for([{ plain: false }, { plain: true }])(
    "read as a whole and by its places, archives plain: $plain",
    async ({ plain }) => {
      const paths = makeLogs();
      layLog(paths.folder, { archives: cut.slice(0, 2), live: cut[2], plain });
      const log = logOf(paths);
      expect(await read(log)).toBe(whole);
      expect(await read(log, 900, 1600)).toBe(whole.slice(900, 1600));
      expect(logParts(systemFiles, paths, "out").parts.map(({ start, end }) => [start, end])).toEqual([
        [0, 1001],
        [1001, 1507],
        [1507, whole.length],
      ]);
    },
  );

  test.for([1, 2, 40, 150, 200, 299, 300, 301, 5000])("the last %s lines begin where they begin", async (count) => {
    const paths = makeLogs();
    layLog(paths.folder, { archives: cut.slice(0, 2), live: cut[2] });
    const { start, found } = await logOf(paths).startOfLast(count, whole.length);
    expect(whole.slice(start)).toBe(numbered(Math.max(1, 301 - count), 300));
    expect(found).toBe(Math.min(count, 300));
  });

  test("bytes behind the last newline are a line, and a line is found by any byte of it", async () => {
    const paths = makeLogs();
    layLog(paths.folder, { live: "one\ntwo\nthree" });
    const log = logOf(paths);
    expect(await log.startOfLast(1, 13)).toMatchObject({ start: 8, found: 1 });
    expect(await log.startOfLast(9, 13)).toMatchObject({ start: 0, found: 3 });
    for (const offset of [4, 5, 7]) expect(await log.startOfLine(offset)).toBe(4);
    expect(await log.endOfLastLine(13)).toBe(8);
    expect(await log.endOfLastLine(8)).toBe(8);
    expect(await log.startOfLast(3, 0)).toMatchObject({ start: 0, found: 0 });
  });
});

test("a line of more than 16 MB is told, also through an archive that is unpacked once for its last lines", async () => {
  const paths = makeLogs();
  const long = "x".repeat(70_000_000);
  layLog(paths.folder, { archives: [`${whole}${long}`], live: "end\nlast" });
  const log = logOf(paths);
  const end = whole.length + long.length + 8;
  const last = { from: whole.length, to: end - 4, isLonger: false };
  expect(await log.startOfLast(2, end)).toEqual({ start: whole.length, found: 2, long: [last] });
  expect(await log.startOfLast(3, end)).toMatchObject({ start: whole.length - "line 300\n".length, long: [last] });
  const archive = `${paths.folder}/current.out.1.gz`;
  const size = statSync(archive).size;
  // As long as it was, or the log would have changed.
  writeFileSync(archive, Buffer.concat([Buffer.alloc(size - 4), readFileSync(archive).subarray(-4)]));
  const text: string[] = [];
  for await (const { bytes } of log.forward(end - 1_000_000, end)) text.push(bytes.toString("latin1"));
  expect(text.join("")).toBe(`${long}end\nlast`.slice(-1_000_000));

  const back = new LinesBackwards(1, 9e9);
  expect([back.isLost(6e9), back.isLost(4e9)]).toEqual([false, true]);
});

/* Every state that a rotation of the first 1507 bytes can be met in. */
describe("in the middle of a rotation", () => {
  const moved = whole.slice(0, 1507);
  const moving = (phase: string) => ({ bytes: moved.length, token, phase });
  const states: readonly { name: string; lay(paths: LogPaths): void }[] = [
    {
      name: "copied",
      lay(paths) {
        writeFileSync(paths.out, whole);
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 0, moving: moving("copied") }));
      },
    },
    {
      name: "marked, and not said so",
      lay(paths) {
        writeFileSync(paths.out, token + whole.slice(32));
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 0, moving: moving("copied") }));
      },
    },
    {
      name: "marked",
      lay(paths) {
        writeFileSync(paths.out, token + whole.slice(32));
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 0, moving: moving("stamped") }));
      },
    },
    {
      name: "taken out",
      lay(paths) {
        writeFileSync(paths.out, whole.slice(1507));
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 0, moving: moving("stamped") }));
      },
    },
    {
      name: "to be placed",
      lay(paths) {
        writeFileSync(paths.out, whole.slice(1507));
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 1507, moving: moving("placing") }));
      },
    },
    {
      name: "placed, and not said so",
      lay(paths) {
        writeFileSync(paths.out, whole.slice(1507));
        rmSync(`${paths.folder}/.rotating.out`, { force: true });
        writeFileSync(`${paths.folder}/current.out.1`, moved);
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 1507, moving: moving("placing") }));
      },
    },
    {
      name: "placed and packed, the plain one still there",
      lay(paths) {
        writeFileSync(paths.out, whole.slice(1507));
        rmSync(`${paths.folder}/.rotating.out`, { force: true });
        writeFileSync(`${paths.folder}/current.out.1`, moved);
        writeFileSync(`${paths.folder}/current.out.1.gz`, gzipSync(moved));
        writeFileSync(`${paths.folder}/rotation.out`, JSON.stringify({ base: 1507 }));
      },
    },
  ];

  test.for(states)("$name: every byte is there once", async ({ lay }) => {
    const paths = makeLogs();
    writeFileSync(`${paths.folder}/.rotating.out`, moved);
    lay(paths);
    const log = logOf(paths);
    expect(await read(log)).toBe(whole);
    const { start } = await log.startOfLast(290, whole.length);
    expect(whole.slice(start)).toBe(numbered(11, 300));
  });

  // Each reading meets the next state right before its bytes are read.
  test("a reader that the rotation overtakes loses and doubles nothing", async () => {
    const paths = makeLogs();
    writeFileSync(paths.out, whole);
    writeFileSync(`${paths.folder}/.rotating.out`, moved);
    let reads = 0;
    const files: Files = {
      ...systemFiles,
      open(path, options) {
        const opened = systemFiles.open(path, options);
        if (opened === undefined || path !== paths.out) return opened;
        return {
          ...opened,
          read(into, position) {
            reads += 1;
            const state = states[Math.floor(reads / 3)];
            if (reads % 3 === 0 && state !== undefined) state.lay(paths);
            return opened.read(into, position);
          },
        };
      },
    };
    expect(await read(logOf(paths, { files }))).toBe(whole);
    expect(reads).toBeGreaterThan(states.length * 3);
  });
});

test.for([
  { what: "packed", change: (path: string) => writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`))) },
  { what: "pushed up", change: (path: string) => writeFileSync(`${path}.2`, readFileSync(`${path}.1`)) },
])("an archive that is $what between its listing and the look at it is found", async ({ change }) => {
  for (let at = 1; at <= 6; at += 1) {
    const paths = makeLogs();
    layLog(paths.folder, { archives: [whole.slice(0, 1507)], live: whole.slice(1507), plain: true });
    let lists = 0;
    const files: Files = {
      ...systemFiles,
      listFiles(folder) {
        const names = systemFiles.listFiles(folder);
        lists += 1;
        if (lists !== at) return names;
        change(paths.out);
        rmSync(`${paths.out}.1`);
        return names;
      },
    };
    const { start, found } = await logOf(paths, { files }).startOfLast(290, whole.length);
    expect({ at, found, lines: whole.slice(start) }).toEqual({ at, found: 290, lines: numbered(11, 300) });
    expect(lists).toBeGreaterThanOrEqual(at);
  }
});

describe("what is damaged", () => {
  test("a cut archive gives what it has, and the log goes on", async () => {
    const paths = makeLogs();
    const first = numbered(1, 20_000, "first");
    layLog(paths.folder, { archives: [first, "second\n"], live: "live\n" });
    truncateSync(`${paths.folder}/current.out.2.gz`, readFileSync(`${paths.folder}/current.out.2.gz`).length - 3000);
    const text = await read(logOf(paths));
    expect(text.endsWith("second\nlive\n")).toBe(true);
    const kept = text.slice(0, -"second\nlive\n".length);
    expect(first.startsWith(kept)).toBe(true);
    expect(kept.length).toBeGreaterThan(first.length / 2);
    expect(notes.take()).toEqual([expect.stringContaining("current.out.2.gz is damaged")]);
  });

  test("of an archive with a wrong byte all before it is read", async () => {
    const paths = makeLogs();
    const first = numbered(1, 20_000, "first");
    layLog(paths.folder, { archives: [first], live: "live\n" });
    const bytes = readFileSync(`${paths.folder}/current.out.1.gz`);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 40);
    writeFileSync(`${paths.folder}/current.out.1.gz`, bytes);
    const text = await read(logOf(paths));
    expect(text.endsWith("live\n")).toBe(true);
    expect(text.slice(0, first.length * 0.4)).toBe(first.slice(0, first.length * 0.4));
  });

  test.for(["", "{", "[]", '{"base":-1}', '{"base":"x","moving":{"phase":"never"}}'])(
    "a state that says %j says nothing",
    async (state) => {
      const paths = makeLogs();
      layLog(paths.folder, { live: "all\n" });
      writeFileSync(`${paths.folder}/rotation.out`, state);
      expect(await read(logOf(paths))).toBe("all\n");
    },
  );
});
