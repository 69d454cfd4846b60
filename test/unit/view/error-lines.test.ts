import { expect, test } from "vitest";
import { answerLines, errorLines, wholeWords } from "../../../src/view/error-lines.ts";

test.for([
  {
    text: "tsm: --sort: 'x' is not a field of it\n  Choose one of: id, name, status, port\n",
    columns: 24,
    shown: "tsm: --sort: 'x' is not\n     a field of it\n  Choose one of: id,\n  name, status, port\n",
    because: "what is continued stands below the text, not below the tsm",
  },
  {
    text: `tsm: ${"x".repeat(40)} y\n`,
    columns: 20,
    shown: `tsm: ${"x".repeat(40)}\n     y\n`,
    because: "a word stays whole",
  },
  {
    text: "tsm: 日本語日本語 日本語\n",
    columns: 20,
    shown: "tsm: 日本語日本語\n     日本語\n",
    because: "a wide letter takes two",
  },
  {
    text: "tsm: fits in twenty.\n",
    columns: 20,
    shown: "tsm: fits in twenty.\n",
    because: "a full row is no longer than the terminal",
  },
  {
    text: "tsm: as long as it is, on one line\n",
    columns: undefined,
    shown: "tsm: as long as it is, on one line\n",
    because: "a pipe is no terminal",
  },
  {
    text: '{"error": {"code": "USAGE", "message": "x"}}\n',
    columns: 20,
    shown: '{"error": {"code": "USAGE", "message": "x"}}\n',
    because: "data is no text",
  },
])("at $columns columns an error is broken between words: $because", ({ text, columns, shown }) => {
  expect(errorLines(text, columns)).toBe(shown);
});

test("the answer of a command is broken in the same way, and nothing else that it prints", () => {
  const text = "tsm: stopped 'api' (2 processes, 0 left)\n│ a row of a table │\n  a line of a log is no answer\n";
  expect(answerLines(text, 20)).toBe(
    "tsm: stopped 'api'\n     (2 processes, 0\n     left)\n│ a row of a table │\n  a line of a log is no answer\n",
  );
  expect(answerLines(text, undefined)).toBe(text);
  expect(wholeWords("12  stop of 'api' and more", 20)).toBe("12  stop of 'api'\n    and more");
  expect(wholeWords("🚨 Checking for stale processes", 20)).toBe("🚨 Checking for\n   stale processes");
  expect(wholeWords("⚠️  Not running: api, worker", 20)).toBe("⚠️  Not running:\n    api, worker");
});
