import { expect, test } from "vitest";
import { parseProbe } from "../../../src/core/probe.ts";

test.for([
  { text: "port", is: { kind: "port" } },
  { text: "port:3000", is: { kind: "port", port: 3000 } },
  { text: "http:http://localhost:3000/up", is: { kind: "http", url: "http://localhost:3000/up" } },
  { text: "http://localhost:3000", is: { kind: "http", url: "http://localhost:3000/" } },
  { text: "HTTPS://example.org/a b?c#d", is: { kind: "http", url: "https://example.org/a%20b?c#d" } },
  { text: "http://[::1]:80/x", is: { kind: "http", url: "http://[::1]/x" } },
  { text: "log:/up/", is: { kind: "log", pattern: /up/ } },
  { text: "log:/a/b\\/c$/iu", is: { kind: "log", pattern: /a\/b\/c$/iu } },
  { text: "cmd:pg_isready -q", is: { kind: "command", command: "pg_isready -q" } },
  { text: "cmd: a | b ", is: { kind: "command", command: "a | b" } },
])("$text is a probe", ({ text, is }) => {
  expect(parseProbe(text)).toEqual({ ...is, text });
});

test.for([
  { text: "", says: "'' is not a probe" },
  { text: "ports", says: "'ports' is not a probe" },
  { text: "port:70000", says: "'70000' is not a port" },
  { text: "port:", says: "'' is not a port" },
  { text: "ftp://host", says: "'ftp://host' is not a probe" },
  { text: "http:///path", says: "is not an address" },
  { text: "http://host:99999", says: "is not an address" },
  { text: "log:", says: "has no /expression/" },
  { text: "log://", says: "has no /expression/" },
  { text: "log:/a/g", says: "has no /expression/", because: "with g an expression remembers where it was" },
  { text: "log:/a/ii", says: "is not a regular expression" },
  { text: "log:/[/", says: "is not a regular expression: Unterminated character class" },
  { text: "cmd:  ", says: "is empty" },
])("$text is refused: $says", ({ text, says }) => {
  expect(() => parseProbe(text)).toThrow(says);
});
