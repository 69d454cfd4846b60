import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { escapeLine, History, looksSecret, unescapeLine } from "../../../src/repl/history.ts";
import { makeHome } from "../../support/home.ts";

function lines(path: string): string[] {
  return readFileSync(join(path, "repl_history"), "utf8").split("\n");
}

test("a line is on disk, with its time, before add returns; the file is the owner's alone", () => {
  const { path } = makeHome();
  new History(path, 100).add("list", 1_700_000_000);
  expect(lines(path)).toEqual(["#1700000000", "list", ""]);
  expect(statSync(join(path, "repl_history")).mode & 0o777).toBe(0o600);
});

test("lines of several rows, backslashes and a # at the start come back as they were", () => {
  const { path } = makeHome();
  const odd = ["echo 'a\nb'", "echo \\n \\\\", "#1700000000", "# note", "é世👍"];
  const history = new History(path, 100);
  for (const line of odd) history.add(line, 1);
  expect(new History(path, 100).everything()).toEqual(odd.toReversed());
  for (const line of odd) expect(unescapeLine(escapeLine(line))).toBe(line);
});

test("each line is there once, where it was used last; blanks before a line keep it out", () => {
  const { path } = makeHome();
  const history = new History(path, 100);
  for (const line of ["a", "b", "a", " c", ""]) history.add(line, 1);
  expect(history.everything()).toEqual(["a", "b"]);
});

test("the same line again is not written again, until another shell has written one between", () => {
  const { path } = makeHome();
  const [one, two] = [new History(path, 100), new History(path, 100)];
  one.add("list", 1);
  one.add("list", 2);
  two.add("list ", 3);
  expect(lines(path)).toEqual(["#1", "list", ""]);
  two.add("stop", 4);
  one.add("list", 5);
  expect(lines(path)).toEqual(["#1", "list", "#4", "stop", "#5", "list", ""]);
});

test("two shells see each other's lines: own first when asked for recent ones, by time otherwise", () => {
  const { path } = makeHome();
  const one = new History(path, 100);
  const two = new History(path, 100);
  one.add("one's", 1);
  two.add("two's", 2);
  expect([...one.recent()]).toEqual(["one's", "two's", "one's"]);
  expect(one.everything()).toEqual(["two's", "one's"]);
});

test("half a line, still being written by another shell, waits for its other half", () => {
  const { path } = makeHome();
  const history = new History(path, 100);
  history.add("whole", 1);
  appendFileSync(join(path, "repl_history"), "#2\nha");
  expect(history.everything()).toEqual(["whole"]);
  appendFileSync(join(path, "repl_history"), "lf\n");
  expect(history.everything()).toEqual(["half", "whole"]);
});

test("a home that cannot be written costs one message, not the lines of this shell", () => {
  const { path, folder } = makeHome();
  writeFileSync(join(folder, "file"), "");
  const history = new History(join(folder, "file"), 100);
  history.add("list", 1);
  history.add("stop", 1);
  expect(history.takeTrouble()).toContain("the history is not kept");
  expect(history.takeTrouble()).toBeUndefined();
  expect([...history.recent()]).toEqual(["stop", "list"]);
  expect(path).not.toBe("");
});

describe("a history past twice its limit", () => {
  test("becomes the newest of each line, as many as the limit", () => {
    const { path } = makeHome();
    const history = new History(path, 3);
    for (const line of ["a", "b", "c", "a", "d", "c", "e", "a", "d", "e"]) history.add(line, 1);
    history.load();
    expect(lines(path).filter((line) => !line.startsWith("#"))).toEqual(["a", "d", "e", ""]);
    expect(readdirSync(path)).toEqual(["repl_history"]);
    history.add("f", 2);
    expect(new History(path, 3).everything()).toEqual(["f", "e", "d", "a"]);
  });

  test("loses nothing that other shells append meanwhile", async () => {
    const { path } = makeHome();
    mkdirSync(path, { recursive: true });
    const writers = Array.from({ length: 4 }, (_value, writer) => {
      const script = `
        const { appendFileSync, openSync, fstatSync, statSync, writeSync, closeSync } = require("node:fs");
        const path = ${JSON.stringify(join(path, "repl_history"))};
        for (let n = 0; n < 300; n++) {
          for (;;) {
            const file = openSync(path, "a", 0o600);
            const before = fstatSync(file).ino;
            writeSync(file, "#1\\nw${writer} " + n + "\\n");
            closeSync(file);
            if (statSync(path, { throwIfNoEntry: false })?.ino === before) break;
          }
        }`;
      return new Promise((resolve) => spawn(process.execPath, ["-e", script]).on("exit", resolve));
    });
    let over = false;
    const finished = Promise.all(writers).then(() => {
      over = true;
    });
    while (!over) {
      // Past twice the limit again and again, by a line that may be dropped.
      appendFileSync(join(path, "repl_history"), "#1\nnoise\n".repeat(4000));
      new History(path, 2000).load();
      await new Promise(setImmediate);
    }
    await finished;
    const kept = new Set(new History(path, 5000).everything());
    for (let writer = 0; writer < 4; writer++) {
      for (let n = 0; n < 300; n++) expect(kept).toContain(`w${writer} ${n}`);
    }
  });
});

test.for([
  "env DB_PASSWORD=hunter2",
  "start app.js --token abc",
  "start app.js --api-key=abc",
  "start app.js --password x",
  "x SECRET: y",
  "!curl -H 'Authorization: Bearer abcdefghijk'",
  "!aws AKIAIOSFODNN7EXAMPLE",
  "!git clone https://me:pw@host/x",
  "x ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "KEY=abc start",
])("%s is not kept", (line) => {
  expect(looksSecret(line)).toBe(true);
});

test.for([
  "stop api",
  "start monkey=3",
  "logs keyboard",
  "kill api --signal SIGINT",
  "!ssh host -p 22",
  "start x --name token-service",
])("%s is kept", (line) => {
  expect(looksSecret(line)).toBe(false);
});
