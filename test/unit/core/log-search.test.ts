import { expect, test } from "vitest";
import { parsePattern } from "../../../src/core/log-pattern.ts";
import { LineSearch } from "../../../src/core/log-search.ts";

const words = [
  "error",
  "ERROR",
  "Error: x",
  "a.b",
  "naïve",
  "\u{1F680} up",
  "",
  "  indented",
  "foo\r",
  "x foo",
  "foo x",
  "took=312ms",
  "took=31ms",
  "a\tb",
  "ſtraße",
  "ab",
  "aab",
  "{1}",
  "id=1234567",
  "\r",
  "a\rb",
  "tail",
];
const text = `${Array.from({ length: 1500 }, (_, index) => `${words[index % words.length]} ${index % 7 === 0 ? "" : index}`.trimEnd()).join("\n")}\n${words.join("\n")}\n`;

function found(source: string, ignoreCase: boolean, bytes: Buffer, invert: boolean): string[] {
  const search = new LineSearch(parsePattern(source, ignoreCase));
  const region = { at: 0, bytes, more: false };
  const spans = invert ? search.unfitting(region) : search.fitting(region);
  return Array.from(spans, ({ from, to }) => bytes.toString("latin1", from, to));
}

function oneByOne(source: string, ignoreCase: boolean, bytes: Buffer, invert: boolean): string[] {
  const pattern = new RegExp(source, `${ignoreCase ? "i" : ""}${/\\p\{|[^\0-\uFFFF]/u.test(source) ? "u" : ""}`);
  const lines = bytes.toString("latin1").split("\n").slice(0, -1);
  return lines.filter((line) => pattern.test(Buffer.from(line, "latin1").toString().replace(/\r$/, "")) !== invert);
}

test.for([
  "error",
  "err|warn",
  "(error|foo)",
  "(?:a|b)",
  "a.b",
  "a\\.b",
  "^foo",
  "foo$",
  "^foo$",
  "^$",
  "\\s",
  "\\S\\s+\\d",
  "[^x]*y",
  "[^a]b",
  "a*b",
  "a+b",
  "a?b",
  "a{2}b",
  "x?",
  "",
  "took=31[12]ms",
  "\\bfoo\\b",
  "\\Boo",
  "\\d{7}",
  "na.ve",
  "naïve",
  "\u{1F680}",
  "^\u{1F680}.u",
  "\\p{L}{3}",
  "foo(?!\\s)",
  "(?<!x )foo",
  "(?=foo)",
  "(foo|) 1",
  "\\W\\W",
  "[\\s\\S]",
  "[\\W]",
  "\\D$",
  "(a)\\1",
  "\\{1\\}",
  "Error: x|a",
  "[\\t-~]b",
  "a\\tb",
  "\\x61",
  "\\u0061b",
  "s",
  "k",
  "straße",
  ".",
  "..$",
  "$",
  "a\\nb",
  "(?:foo x)+",
  "fo{0,1}o",
  "fo?o",
])("%j finds what it finds in each line alone, whatever the way it is looked for", (source) => {
  const bytes = Buffer.from(text);
  const plain = Buffer.from(text.replace(/[^\0-\x7f]/gu, "?"));
  const broken = Buffer.concat([bytes, Buffer.from([0xff, 0x66, 0x6f, 0x6f, 0x0a, 0xc3, 0x0a])]);
  for (const each of [bytes, plain, broken])
    for (const ignoreCase of [false, true])
      for (const invert of [false, true])
        expect(found(source, ignoreCase, each, invert).join("\n")).toBe(
          oneByOne(source, ignoreCase, each, invert).join("\n"),
        );
});

test.for([
  { source: "needle", literals: ["needle"] },
  { source: "a[bc]defg", literals: ["defg"] },
  { source: "abc?", literals: ["ab"] },
  { source: "ab+c", literals: ["ab"] },
  { source: "one|two", literals: ["one", "two"] },
  { source: "(one|two)", literals: ["one", "two"] },
  { source: "(one)|two", literals: [] },
  { source: "one(two)?three", literals: ["three"] },
  { source: "^one$", literals: ["one"] },
  { source: "a\\.b\\d", literals: ["a.b"] },
  { source: ".*", literals: [] },
])("every line that fits $source holds one of $literals", ({ source, literals }) => {
  expect(parsePattern(source, false).literals).toEqual(literals);
});

test("what is no expression says why", () => {
  expect(() => parsePattern("(", false)).toThrow(/'\(' is not a regular expression: .*Unterminated group/);
});

test("an expression that takes for ever is given up, whatever its flags", () => {
  const bytes = Buffer.from(`aaa\n${"a".repeat(60)}!\n`);
  expect(() => found("(A+)+$", true, bytes, false)).toThrow("'(A+)+$' takes too long: it was given up after 3 s");
});
