import { expect, test } from "vitest";
import { parseEnvFile, refusePlaceholders } from "../../../src/core/env-file.ts";
import { TsmError } from "../../../src/core/errors.ts";

const known = { HOME: "/home/me", EMPTY: "" };
const parse = (text: string) => Object.fromEntries(parseEnvFile(Buffer.from(text), "/x.env", known));

test.for([
  { text: "A=1", values: { A: "1" }, because: "a line without an end" },
  { text: "A=1\r\nB=2\r\n", values: { A: "1", B: "2" }, because: "lines of Windows" },
  { text: "\ufeffA=1", values: { A: "1" }, because: "a byte order mark is nothing" },
  { text: "\n# no\n  # no\nA=1\n\n", values: { A: "1" }, because: "comments and empty lines" },
  { text: "export A=1", values: { A: "1" }, because: "export" },
  { text: "  A = 1  ", values: { A: "1" }, because: "spaces around" },
  { text: "A=", values: { A: "" }, because: "an empty value" },
  { text: "A=a b  # c", values: { A: "a b" }, because: "a comment behind a value" },
  { text: "A=a#b", values: { A: "a#b" }, because: "no comment without a space" },
  { text: "A=#b", values: { A: "" }, because: "a comment is all there is" },
  { text: "A='a $HOME \\n'", values: { A: "a $HOME \\n" }, because: "single quotes are literal" },
  { text: 'A="a\\nb\\t\\"\\\\\\$x"', values: { A: 'a\nb\t"\\$x' }, because: "double quotes know escapes" },
  { text: 'A="one\ntwo"\nB=3', values: { A: "one\ntwo", B: "3" }, because: "quotes span lines" },
  { text: "A='one\ntwo'\nB=3", values: { A: "one\ntwo", B: "3" }, because: "single ones too" },
  { text: "A='x'y\"z\"", values: { A: "xyz" }, because: "quotes beside quotes" },
  { text: "A=' x '", values: { A: " x " }, because: "quoted spaces stay" },
  { text: "A=$HOME/x", values: { A: "/home/me/x" }, because: "a variable" },
  { text: 'A="${HOME}x"', values: { A: "/home/mex" }, because: "a variable in braces" },
  { text: "A=1\nB=${A}2", values: { A: "1", B: "12" }, because: "an earlier line" },
  { text: "A=${NONE:-x}", values: { A: "x" }, because: "a default" },
  { text: "A=${EMPTY:-x}${EMPTY}", values: { A: "x" }, because: "a default for what is empty" },
  { text: "A=${NONE:-$HOME/x}", values: { A: "/home/me/x" }, because: "a variable in a default" },
  { text: "A=1\nB=${NONE:-${EMPTY:-${A}2}}.", values: { A: "1", B: "12." }, because: "a default in a default" },
  {
    text: "A=${NONE:-${HOME}\nB=1",
    values: { A: "${NONE:-/home/me", B: "1" },
    because: "a brace that is never closed",
  },
  { text: "A=$NONE", values: { A: "" }, because: "what is not there is empty" },
  { text: "A=$(id) `id` $5", values: { A: "$(id) `id` $5" }, because: "§6.12 nothing is run" },
  { text: "A=a=b=c", values: { A: "a=b=c" }, because: "equals signs in a value" },
  { text: "A=1\nA=2", values: { A: "2" }, because: "the last one wins" },
  { text: "A=1; rm -rf /", values: { A: "1; rm -rf /" }, because: "§6.12 nothing is run" },
  { text: "A=ü😀", values: { A: "ü😀" }, because: "any text" },
  { text: "A=a\\\nb\\\r\n c\nB=1", values: { A: "ab c", B: "1" }, because: "a backslash continues a line" },
  { text: 'A="a\\\nb"\nB=1', values: { A: "ab", B: "1" }, because: "in double quotes too" },
  { text: "A='a\\\nb'", values: { A: "a\\\nb" }, because: "in single ones it is text" },
  { text: "A=a\\", values: { A: "a\\" }, because: "one that ends the file stands for itself" },
  { text: "A=1\nexport A\n  export A B # c\n", values: { A: "1" }, because: "an export behind its assignment" },
  { text: "A=a\\ b", values: { A: "a b" }, because: "a backslash keeps a space" },
  { text: "", values: {}, because: "an empty file" },
])("$text: $because", ({ text, values }) => {
  expect(parse(text)).toEqual(values);
});

test.for([
  { text: "A=1\nrm -rf /", says: "/x.env:2: not an assignment" },
  { text: "1A=1", says: "/x.env:1: not an assignment" },
  { text: "=1", says: "/x.env:1: not an assignment" },
  { text: "A=1\\\n2\nexport A-B", says: "/x.env:3: not an assignment" },
  { text: "A-B=1", says: "/x.env:1: not an assignment" },
  { text: 'A=1\n\nB="x', says: "/x.env:3: the quote of B is never closed" },
  { text: "A='x\n\n", says: "/x.env:1: the quote of A is never closed" },
  { text: 'A="x\ny"\nfrob', says: "/x.env:3: not an assignment" },
  { text: "A=a\0b", says: "/x.env:1: A contains a NUL character" },
])("$text is refused: $says", ({ text, says }) => {
  expect(() => parse(text)).toThrow(says);
});

test("a file of braces that are never closed is read all the same", () => {
  const text = `A=${"${A:-".repeat(20_000)}`;
  expect(parse(text)).toEqual({ A: text.slice(2) });
});

test("variables that stand for more than a process can be given are refused", () => {
  const text = `A=xxxxxxxx\n${"A=$A$A\n".repeat(40)}`;
  expect(() => parse(text)).toThrow(/^\/x\.env:\d+: its variables stand for more than 4 MB$/);
});

test("what is not UTF-8 is refused with its line", () => {
  const parseBytes = () => parseEnvFile(Buffer.from("A=1\nB=\xe9\n", "latin1"), "/x.env", {});
  expect(parseBytes).toThrow("/x.env is not valid UTF-8 (line 2)");
  expect(parseBytes).toThrow(TsmError);
});

test.for([
  "YOUR_API_KEY_HERE",
  "YOUR_HERE",
  "REPLACE_ME",
  "REPLACE_WITH_KEY",
  "TODO",
  "CHANGEME",
  "postgres://app:CHANGEME@db/app",
  "https://YOUR_HOST_HERE/api",
  "<YOUR_KEY_HERE>",
  "Bearer REPLACE_ME",
])("%s is no value", (value) => {
  const check = () => refusePlaceholders(new Map(Object.entries({ A: "1", B: value, C: "2", D: value })), "/x.env");
  expect(check).toThrow("/x.env still has placeholders: B, D");
});

test.for(["TODO: later", "my TODO", "todo", "REPLACEMENT", "NOT_YOUR_KEY_HERE", "CHANGEME2", "a REPLACE_INTO b", ""])(
  "%s is one",
  (value) => {
    expect(() => refusePlaceholders(new Map([["A", value]]), "/x.env")).not.toThrow();
  },
);
