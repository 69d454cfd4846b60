import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Dump, formatDump, parseDump, recordOfSaved, type SavedProcess } from "../../../src/core/dump.ts";
import { newestDump, writeDump } from "../../../src/core/dump-store.ts";
import { homeAt } from "../../../src/core/home.ts";
import { formatRecord, parseRecord } from "../../../src/core/record.ts";
import { unsaved } from "../../../src/core/unsaved.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";

test("what is written is read back, and every cut of it is told", () => {
  const dump = of("api", 'wörker "q"');
  const text = formatDump(dump);
  expect(parseDump(text)).toEqual(dump);
  for (let length = 0; length < text.length - 1; length += 1)
    expect(parseDump(text.slice(0, length)), text.slice(0, length)).toHaveProperty("problem");
});

test("cut at every byte, the list before it is used and nothing is lost", () => {
  const world = worldIn();
  const file = world.home.dump;
  writeDump(world, of("before"));
  writeDump(world, of("now"));
  const bytes = readFileSync(file);
  // The last byte is a newline: without it the list is whole.
  for (let length = 0; length < bytes.length - 1; length += 1) {
    writeFileSync(file, bytes.subarray(0, length));
    const found = newestDump(world);
    expect(found?.dump.processes.map(({ name }) => name)).toEqual(["before"]);
    expect(found?.file).toBe(`${file}.1`);
    const [aside, another] = found?.setAside ?? [];
    expect(another).toBeUndefined();
    expect(readFileSync(aside?.movedTo ?? "")).toEqual(bytes.subarray(0, length));
    expect(existsSync(file)).toBe(false);
    rmSync(aside?.movedTo ?? "");
  }
});

test("what is put on record as stopped has the fields of every record, in their order", () => {
  const [saved] = of("api").processes;
  const text = saved === undefined ? "" : formatRecord(recordOfSaved(saved, 0, 1));
  const read = parseRecord(text, "api");
  expect("problem" in read ? read.problem : formatRecord(read)).toBe(text);
});

test("four older ones are kept, and the same list again is none", () => {
  const world = worldIn();
  const names = ["a", "b", "c", "d", "e", "f"];
  for (const name of names) for (const _again of [1, 2]) writeDump(world, of(name));
  const kept = [0, 1, 2, 3, 4].map((generation) => newestDump(world, generation)?.dump.processes[0]?.name);
  expect(kept).toEqual(["f", "e", "d", "c", "b"]);
  expect(readdirSync(world.home.root).sort()).toEqual(["", ".1", ".2", ".3", ".4"].map((end) => `dump.json${end}`));
});

test("what is no text, and a folder, are set aside too", () => {
  const world = worldIn();
  const file = world.home.dump;
  writeDump(world, of("before"));
  writeDump(world, of("now"));
  writeFileSync(file, Buffer.from(readFileSync(file, "latin1").replace("sleep 9", "sleep \xff"), "latin1"));
  expect(newestDump(world)?.setAside[0]?.problem).toBe("it is not UTF-8");
  mkdirSync(file);
  expect(newestDump(world)?.setAside[0]?.problem).toBe("it is a folder");
  mkdirSync(file);
  expect(writeDump(world, of("new")).setAside).toHaveLength(1);
  expect(newestDump(world)?.dump.processes[0]?.name).toBe("new");
});

test("several that are damaged at once are all kept", () => {
  const world = worldIn();
  for (const name of ["a", "b", "c"]) writeDump(world, of(name));
  for (const ending of ["", ".1"]) writeFileSync(`${world.home.dump}${ending}`, "\0\0\0");
  expect(newestDump(world)?.dump.processes[0]?.name).toBe("a");
  const names = readdirSync(world.home.root).sort();
  expect(names.filter((name) => name.includes(".corrupt-"))).toHaveLength(2);
});

test.for([
  { what: "another version", change: (text: string) => text.replace('"version":1', '"version":2') },
  { what: "a name twice", change: (text: string) => text.replaceAll('"name":"b"', '"name":"a"') },
  { what: "a name that leads elsewhere", change: (text: string) => text.replace('"name":"a"', '"name":"../a"') },
  { what: "fewer processes than names", change: (text: string) => text.replace('["a","b"]', '["a"]') },
  { what: "a launch file elsewhere", change: (text: string) => text.replace('"lookup"', '"../lookup"') },
  { what: "no words", change: (text: string) => text.replace('"argv":["sleep","9"]', '"argv":[]') },
  { what: "a word that is none", change: (text: string) => text.replace('"argv":["sleep"', '"argv":[1') },
  { what: "a NUL in a word", change: (text: string) => text.replace('"argv":["sleep"', '"argv":["sl\\u0000eep"') },
  { what: "a port that is none", change: (text: string) => text.replace('"port":"none"', '"port":70000') },
  { what: "an array", change: () => "[]" },
  { what: "null", change: () => "null" },
])("$what is refused", ({ change }) => {
  const text = formatDump(of("a", "b"));
  expect(change(text)).not.toBe(text);
  expect(parseDump(change(text))).toHaveProperty("problem");
});

test("what differs from it is counted from its first line", () => {
  const world = worldIn();
  expect(unsaved(world, ["a"])).toBeUndefined();
  writeDump(world, of("a", "b"));
  expect(unsaved(world, ["b", "a"])).toEqual({ added: 0, gone: 0 });
  expect(unsaved(world, ["b", "c", "d"])).toEqual({ added: 2, gone: 1 });
  writeFileSync(world.home.dump, "damaged");
  expect(unsaved(world, ["a"])).toBeUndefined();
});

function worldIn() {
  const folder = mkdtempSync(join(tmpdir(), "tsm-dump-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { platform: detectPlatform(), home: homeAt(folder) };
}

function of(...names: string[]): Dump {
  return { savedAt: "2026-01-02T03:04:05.678Z", processes: names.map(saved) };
}

function saved(name: string, id: number): SavedProcess {
  return {
    id,
    name,
    wanted: "online",
    command: "sleep 9",
    port: "none",
    cwd: "/",
    interpreter: "/bin/sleep",
    type: "command",
    envFile: "",
    preHook: "",
    restart: "on-failure",
    launch: { argv: ["sleep", "9"], env: ["A=é\nb", "B="], lookup: "sleep" },
  };
}
