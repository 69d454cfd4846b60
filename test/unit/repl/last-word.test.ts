import { expect, test } from "vitest";
import { lastWordOf } from "../../../src/repl/last-word.ts";
import { runAgain } from "../../../src/repl/run-again.ts";

test.for([
  ["stop api", "api"],
  ["list", "list"],
  ["stop 'my api'", "'my api'"],
  ['logs "a b"  ', '"a b"'],
  ["list; stop a\\ b", "a\\ b"],
  ["!git push origin main", "main"],
  ["!cat 'a b'", "'a b'"],
  ["logs api | grep 'x y'", "'x y'"],
  ["list > out.txt", "out.txt"],
  ["stop api # why", "api"],
  ["start a\n  --name b", "b"],
  ["# nothing", undefined],
  ["", undefined],
  ["!", undefined],
])("the last word of “%s” is %s", ([line = "", word]) => {
  expect(lastWordOf(line)).toBe(word);
});

test.for([
  ["!!", ""],
  [" !! ", ""],
  ["!! --json", " --json"],
  ["!!  | less", " | less"],
])("“%s” runs the last line again", ([line = "", added]) => {
  expect(runAgain(line)).toEqual({ added });
});

test.for(["!ls", "!!ls", "! !", "!", "list !!", "'!!'", "!!!", "list; !!"])("“%s” does not", (line) => {
  expect(runAgain(line)).toBeUndefined();
});
