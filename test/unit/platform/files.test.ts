import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { rolldown } from "rolldown";
import { expect, onTestFinished, test } from "vitest";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { until } from "../../support/until.ts";
import { asUser, becomeUser, giveToUser } from "../../support/user.ts";

const { files, clock } = detectPlatform();

test("what is missing is an answer and no error, also below a file", () => {
  const folder = makeFolder();
  fs.writeFileSync(join(folder, "file"), "");
  for (const path of [join(folder, "missing"), join(folder, "file", "below")]) {
    expect(files.readText(path)).toBeUndefined();
    expect(files.readBytes(path)).toBeUndefined();
    expect(files.readRange(path, 0, 10)).toBeUndefined();
    expect(files.stat(path)).toBeUndefined();
    expect(files.realPath(path)).toBeUndefined();
    expect(files.kind(path)).toBe("missing");
    expect(files.isReadable(path)).toBe(false);
    files.remove(path);
  }
  expect(files.list(join(folder, "missing"))).toEqual([]);
  files.removeFolder(join(folder, "missing"));
});

test("errors other than absence are thrown", () => {
  expect(() => files.readText(makeFolder())).toThrow(/EISDIR/);
  expect(() => files.writeWhole(join(makeFolder(), "missing", "x"), "")).toThrow(/ENOENT/);
});

test("a range ends where the file ends", () => {
  const path = join(makeFolder(), "file");
  fs.writeFileSync(path, "0123456789");
  expect(files.readRange(path, 2, 3)?.toString()).toBe("234");
  expect(files.readRange(path, 8, 10)?.toString()).toBe("89");
  expect(files.readRange(path, 20, 10)?.toString()).toBe("");
});

test("a whole write makes a private file and leaves nothing beside it", () => {
  const folder = makeFolder();
  files.writeWhole(join(folder, "file"), "old");
  files.writeWhole(join(folder, "file"), "new", { durable: true });
  expect(files.readText(join(folder, "file"))).toBe("new");
  expect(files.stat(join(folder, "file"))?.mode).toBe(0o600);
  expect(files.list(folder)).toEqual(["file"]);
});

test("the mode that was asked for is the mode it has, whatever the umask", () => {
  const before = process.umask(0o077);
  onTestFinished(() => {
    process.umask(before);
  });
  const path = join(makeFolder(), "file");
  files.writeWhole(path, "", { mode: 0o755 });
  expect(files.stat(path)?.mode).toBe(0o755);
});

test("a write that fails leaves the old file and no other", () => {
  const folder = makeFolder();
  fs.mkdirSync(join(folder, "taken", "by a folder"), { recursive: true });
  expect(() => files.writeWhole(join(folder, "taken"), "text")).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(files.list(folder)).toEqual(["taken"]);
});

test("what a killed process with our pid left behind is in nobody's way", () => {
  const folder = makeFolder();
  for (let number = 0; number < 200; number++) fs.writeFileSync(join(folder, `.file.${process.pid}.${number}.tmp`), "");
  files.writeWhole(join(folder, "file"), "text");
  expect(files.readText(join(folder, "file"))).toBe("text");
});

test("a reader sees the old text or the new, and never a part", async () => {
  const path = join(makeFolder(), "file");
  const texts = ["a".repeat(300_000), "b".repeat(200_000)];
  files.writeWhole(path, texts[0] ?? "");
  const worker = new Worker(
    `const { readFileSync } = require("node:fs");
     const { parentPort, workerData } = require("node:worker_threads");
     const seen = new Set();
     for (let i = 0; i < 300; i++) { const text = readFileSync(workerData, "utf8"); seen.add(text[0] + text.length); }
     parentPort.postMessage([...seen]);`,
    { eval: true, workerData: path },
  );
  let seen: string[] | undefined;
  worker.on("message", (message) => {
    seen = message;
  });
  const found = await until("the reader has read", () => {
    for (let time = 0; time < 10; time++) files.writeWhole(path, texts[time % 2] ?? "");
    return seen;
  });
  expect(found.filter((text) => text !== "a300000" && text !== "b200000")).toEqual([]);
});

test("lines are appended to a private file", () => {
  const path = join(makeFolder(), "file");
  files.appendLine(path, "one");
  files.appendLine(path, "zwölf");
  expect(files.readText(path)).toBe("one\nzwölf\n");
  expect(files.stat(path)?.mode).toBe(0o600);
});

test("folders are private, and may be there already", () => {
  const path = join(makeFolder(), "a", "b");
  files.makeFolder(path);
  files.makeFolder(path);
  expect(files.stat(path)?.mode).toBe(0o700);
  expect(files.kind(path)).toBe("directory");
});

test("a kind and a real path follow links", () => {
  const folder = makeFolder();
  fs.writeFileSync(join(folder, "file"), "");
  fs.symlinkSync("file", join(folder, "link"));
  fs.symlinkSync("nowhere", join(folder, "dangling"));
  expect(files.kind(join(folder, "link"))).toBe("file");
  expect(files.kind(join(folder, "dangling"))).toBe("missing");
  expect(files.kind("/dev/null")).toBe("other");
  expect(files.realPath(join(folder, "link"))).toBe(join(folder, "file"));
});

test("a file is executable by its mode", () => {
  const path = join(makeFolder(), "file");
  fs.writeFileSync(path, "", { mode: 0o644 });
  expect(files.isExecutable(path)).toBe(false);
  fs.chmodSync(path, 0o755);
  expect(files.isExecutable(path)).toBe(true);
});

test("a file is readable and writable by its mode", async () => {
  const folder = makeFolder();
  fs.chmodSync(folder, 0o755);
  const paths = [0o600, 0o400, 0o200, 0o000].map((mode) => {
    const path = join(folder, mode.toString(8));
    fs.writeFileSync(path, "", { mode });
    giveToUser(path);
    return path;
  });
  const permits = join(folder, "permits.mjs");
  const input = new URL("../../fixtures/platform/permits.ts", import.meta.url).pathname;
  await using build = await rolldown({ input, platform: "node" });
  await build.write({ file: permits, format: "esm", codeSplitting: false });
  const answers = execFileSync(process.execPath, [permits, ...paths], { cwd: "/", encoding: "utf8", ...asUser() });
  expect(JSON.parse(answers)).toEqual([
    { readable: true, writable: true },
    { readable: true, writable: false },
    { readable: false, writable: true },
    { readable: false, writable: false },
  ]);
});

test("touch makes an empty private file, and leaves one that is there as it is", () => {
  const path = join(makeFolder(), "file");
  files.touch(path);
  expect(files.stat(path)).toMatchObject({ size: 0, mode: 0o600 });
  fs.writeFileSync(path, "kept");
  files.touch(path);
  expect(files.readText(path)).toBe("kept");
  expect(() => files.touch(makeFolder())).toThrow(/EISDIR/);
});

test("remove takes files and never folders", () => {
  const folder = makeFolder();
  fs.writeFileSync(join(folder, "file"), "");
  files.remove(join(folder, "file"));
  expect(files.list(folder)).toEqual([]);
  expect(() => files.remove(folder)).toThrow(/EISDIR|EPERM/);
});

test("removing a folder spares what its links point to", () => {
  const outside = makeFolder();
  fs.writeFileSync(join(outside, "precious"), "");
  const folder = join(makeFolder(), "folder");
  fs.mkdirSync(join(folder, "deep"), { recursive: true });
  fs.symlinkSync(outside, join(folder, "deep", "link"));
  fs.symlinkSync(outside, join(folder, "..", "link to a folder"));
  files.removeFolder(folder);
  files.removeFolder(join(folder, "..", "link to a folder"));
  expect(files.kind(folder)).toBe("missing");
  expect(files.list(outside)).toEqual(["precious"]);
});

test("there is room on the disk", () => {
  expect(files.freeBytes(makeFolder())).toBeGreaterThan(0);
});

test("a watched file is seen to change each time it is replaced", async () => {
  const path = join(makeFolder(), "file");
  files.writeWhole(path, "0");
  const { changes, end } = watching(path);
  for (let time = 1; time <= 3; time++) {
    const before = changes();
    files.writeWhole(path, String(time));
    await until(`change ${time} is seen`, () => changes() > before);
  }
  end();
  end();
});

test("a neighbour of a watched file is not it", async () => {
  const folder = makeFolder();
  files.writeWhole(join(folder, "file"), "0");
  const { changes } = watching(join(folder, "file"));
  const neighbour = watching(folder);
  files.writeWhole(join(folder, "neighbour"), "0");
  await until("the folder has changed", () => neighbour.changes() > 0);
  expect(changes()).toBe(0);
});

test("a watched folder may vanish and come back", async () => {
  const folder = join(makeFolder(), "folder");
  fs.mkdirSync(folder);
  const { changes } = watching(folder);
  fs.rmdirSync(folder);
  await until("its end is seen", () => changes() > 0);
  const before = changes();
  fs.mkdirSync(folder);
  await until("its return is seen", () => changes() > before);
  const after = changes();
  fs.writeFileSync(join(folder, "file"), "");
  await until("a file in it is seen", () => changes() > after);
});

test("what does not exist yet can be watched", async () => {
  const path = join(makeFolder(), "later");
  const { changes } = watching(path);
  fs.writeFileSync(path, "");
  await until("it is seen", () => changes() > 0);
});

test("a sleep takes its time, and ends at once when aborted", async () => {
  const before = clock.monotonicMs();
  await clock.sleep(20);
  expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
  const controller = new AbortController();
  const long = clock.sleep(600_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(long).rejects.toThrow("enough");
  await expect(clock.sleep(600_000, controller.signal)).rejects.toThrow("enough");
});

function watching(path: string): { changes: () => number; end: () => void } {
  let seen = 0;
  const end = files.watch(path, () => {
    seen++;
  });
  onTestFinished(end);
  return { changes: () => seen, end };
}

function makeFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "tsm-files-")));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a folder is made with its parents, private, and may be there already", () => {
  const path = join(makeFolder(), "a", "b", "c");
  files.makeFolder(path);
  files.makeFolder(path);
  expect(files.stat(path)?.mode).toBe(0o700);
  expect(files.stat(join(path, ".."))?.mode).toBe(0o700);
  fs.writeFileSync(join(path, "file"), "");
  expect(() => files.makeFolder(join(path, "file"))).toThrow(/EEXIST/);
  expect(() => files.makeFolder(join(path, "file", "below"))).toThrow(/ENOTDIR/);
});

test("a folder that its owner has closed is removed with all in it", () => {
  const path = join(makeFolder(), "closed");
  fs.mkdirSync(path);
  fs.writeFileSync(join(path, "file"), "");
  giveToUser(path);
  giveToUser(join(path, ".."));
  becomeUser();
  fs.chmodSync(path, 0);
  files.removeFolder(path);
  expect(files.kind(path)).toBe("missing");
});
