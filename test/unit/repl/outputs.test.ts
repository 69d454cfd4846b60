import { expect, test } from "vitest";
import { Outputs } from "../../../src/repl/outputs.ts";
import { eraseBelow } from "../../../src/view/erase-below.ts";

test("of what is written again in its place the last is kept, and what stood above it", () => {
  const outputs = new Outputs(() => 0);
  const keeping = outputs.begin("repeat 2 watch ports --times 3");
  keeping.print("above\n");
  keeping.print(`\x1b[?2026h\r${eraseBelow}Every 2 s: ports\n`);
  keeping.print("one\ntwo\x1b[?2026l\n");
  keeping.print(`\x1b[?2026h\x1b[3A\r${eraseBelow}Every 2 s: ports\n`);
  keeping.print("three\x1b[?2026l\n");
  keeping.print(`\x1b[?2026h\x1b[2A\r${eraseBelow}Every 2 s: ports\n`);
  keeping.print("four\x1b[?2026l\n");
  keeping.print("below\n");
  expect(outputs.nth(1)?.plain).toBe("above\nEvery 2 s: ports\nfour\nbelow\n");
});
