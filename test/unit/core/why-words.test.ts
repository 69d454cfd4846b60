import { expect, test } from "vitest";
import { signIn, withoutFrames } from "../../../src/core/why-words.ts";

test.for([
  {
    because: "the sentence tells more than the fields",
    lines: ["Error: listen EADDRINUSE: address already in use :::3000", "  code: 'EADDRINUSE',", "  port: 3000", "}"],
    said: { cause: "port-taken", port: 3000 },
  },
  {
    because: "the last that is named",
    lines: ["connect ECONNREFUSED 127.0.0.1:5432", "bash: x: No space left on device"],
    said: { cause: "disk-full" },
  },
  {
    because: "python names no port",
    lines: ["OSError: [Errno 98] Address already in use"],
    said: { cause: "port-taken", port: null },
  },
  { because: "a port out of range is none", lines: ["EADDRINUSE :::99999"], said: { cause: "port-taken", port: null } },
  {
    because: "a shell's word for a program",
    lines: ["x.sh: line 3: psql: command not found"],
    said: { cause: "command-missing", command: "psql" },
  },
  {
    because: "ruby's",
    lines: ["cannot load such file -- sinatra (LoadError)"],
    said: { cause: "module-missing", module: "sinatra" },
  },
])("$because: $said.cause", ({ lines, said }) => {
  expect(signIn(lines)?.said).toEqual(said);
});

test.for([
  { lines: [] },
  { lines: [""] },
  { lines: ["the user has no permission", "port 3000 in use by design", "no such luck"] },
  { lines: ["No space left on device", ...Array.from({ length: 25 }, (_, index) => `request ${index}`)] },
])("nothing is read into $lines.length lines that name nothing at the end", ({ lines }) => {
  expect(signIn(lines)).toBeUndefined();
});

test("a line of a megabyte takes no longer than its beginning", () => {
  expect(signIn([`${"a:".repeat(500_000)} No space left on device`])).toBeUndefined();
});

test("frames are left out, unless there is nothing else", () => {
  expect(withoutFrames(["Error: boom", "    at f (x.js:1:2)", "Node.js v20.1.0"])).toEqual(["Error: boom"]);
  expect(withoutFrames(["    at f (x.js:1:2)"])).toEqual(["    at f (x.js:1:2)"]);
});
