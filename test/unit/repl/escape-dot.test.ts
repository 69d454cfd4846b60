import { expect, test } from "vitest";
import { Editor } from "../../../src/repl/editor/editor.ts";
import { styles } from "../../../src/repl/editor/styles.ts";
import { lastWordOf } from "../../../src/repl/last-word.ts";

/** What the line is when these keys were struck, each by itself: `⎋` is Escape. */
async function lineAfter(keys: string, mode: "emacs" | "vi" = "emacs"): Promise<string> {
  const editor = new Editor({
    canvas: { columns: 80, rows: 24, reflows: true, write: () => undefined },
    styles: styles(false),
    recent: () => ["list", "stop 'my api'"],
    lines: () => [],
    complete: () => Promise.resolve(undefined),
    isUnfinished: () => false,
    typing: () => undefined,
    keyboard: () => ({ mode, own: new Map() }),
    lastWordOf,
    shapeCursor: () => undefined,
    suspend: () => Promise.resolve(),
    interruptCommand: () => false,
    reportBug: (error) => {
      throw error;
    },
  });
  const input = editor.read([]);
  for (const key of keys) {
    if (key === "⎋") editor.strike(undefined, { sequence: "\x1b", name: "escape", meta: true });
    else editor.strike(key, { sequence: key, name: undefined });
  }
  editor.strike("\r", { sequence: "\r", name: "return" });
  const read = await input;
  return read.kind === "line" ? read.text : read.kind;
}

test.for([
  { keys: "logs ⎋.", line: "logs list", because: "the last word of the line before" },
  { keys: "logs ⎋.⎋.", line: "logs 'my api'", because: "of the one before that" },
  { keys: "logs ⎋.⎋.⎋.", line: "logs 'my api'", because: "there is none older" },
  { keys: "logs ⎋.x⎋.", line: "logs listxlist", because: "something was typed in between" },
  { keys: "logs ⎋a.", line: "logs a.", because: "it is the very next key only" },
  { keys: "logs ⎋b", line: "logs b", because: "other letters type themselves" },
])("Escape and then . is Alt-.: $keys is $line: $because", async ({ keys, line }) => {
  expect(await lineAfter(keys)).toBe(line);
});

test("in vi it does the last change again", async () => {
  expect(await lineAfter("one⎋x.", "vi")).toBe("o");
});
