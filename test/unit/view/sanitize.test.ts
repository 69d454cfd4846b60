import { expect, test } from "vitest";
import { sanitize } from "../../../src/view/sanitize.ts";

test.for([
  { text: "api\u001B[2J\u001B[H", shown: "api^[[2J^[[H", because: "a name cannot clear the screen" },
  { text: "two\nlines\r\tand a tab", shown: "two\\nlines\\r\\tand a tab", because: "a row is one line" },
  { text: "bell\u0007 back\b delete\u007F", shown: "bell^G back^H delete^?", because: "nothing rings or erases" },
  { text: "c1\u009B31m", shown: "c1\\u009B31m", because: "terminals know escape in one byte too" },
  { text: "gpj\u202Eexe.txt", shown: "gpj\\u202Eexe.txt", because: "text cannot be turned around" },
  { text: "a\u2028b", shown: "a\\u2028b", because: "some terminals break lines there" },
  { text: "half \uD83D", shown: "half \\uD83D", because: "half an emoji is no character" },
  { text: "日本 👨‍👩‍👧 e\u0301 ✓", shown: "日本 👨‍👩‍👧 e\u0301 ✓", because: "letters and pictures are left alone" },
])("$shown is what is seen: $because", ({ text, shown }) => {
  expect(sanitize(text)).toBe(shown);
});

test("every control character is made visible", () => {
  for (let code = 0; code < 0xa0; code++) {
    if (code >= 0x20 && code < 0x7f) continue;
    expect(sanitize(String.fromCharCode(code))).toMatch(/^[\x20-\x7e]{2,}$/);
  }
});
