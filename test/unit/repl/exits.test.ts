import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Exits } from "../../../src/repl/exits.ts";
import { makeHome } from "../../support/home.ts";

const end = (exitCode: number) => ({ at: 1, exitCode, durationMs: 2.4 });

test("what failed last has failed, in whatever shell it was; odd lines come back as they were", () => {
  const { path } = makeHome();
  const one = new Exits(path, 100);
  const two = new Exits(path, 100);
  for (const line of ["stop api", "!false", "echo 'a\nb' \\n", "#1 x"]) one.add(line, end(1));
  two.add("stop api", end(0));
  expect([...one.failed()]).toEqual(["!false", "echo 'a\nb' \\n", "#1 x"]);
  expect(statSync(join(path, "repl_exits")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(path, "repl_exits"), "utf8").split("\n")[0]).toBe("1 1 2 stop api");
});

test("what the history does not keep is not kept here either", () => {
  const { path } = makeHome();
  const exits = new Exits(path, 100);
  for (const line of [" secret", "start --token abc", ""]) exits.add(line, end(1));
  expect([...exits.failed()]).toEqual([]);
});

test("half a line and what is no line of ours are passed over", () => {
  const { path } = makeHome();
  const exits = new Exits(path, 100);
  exits.add("list", end(1));
  appendFileSync(join(path, "repl_exits"), "nonsense\n2 1 3 ha");
  expect([...exits.failed()]).toEqual(["list"]);
});

test("past twice its limit it becomes the newest of each line", () => {
  const { path } = makeHome();
  const exits = new Exits(path, 2);
  for (const line of ["a", "b", "a", "c", "b"]) exits.add(line, end(1));
  exits.failed();
  expect(readFileSync(join(path, "repl_exits"), "utf8")).toBe("1 1 2 c\n1 1 2 b\n");
});

test("a home that cannot be written costs the other shells' knowledge, not this one's", () => {
  const { folder } = makeHome();
  writeFileSync(join(folder, "file"), "");
  const exits = new Exits(join(folder, "file"), 100);
  exits.add("list", end(1));
  expect([...exits.failed()]).toEqual(["list"]);
});
