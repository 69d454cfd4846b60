import { describe, expect, test } from "vitest";
import * as engine from "../../../src/repl/editor/engine.ts";

/** `|` is the cursor. */
function at(marked: string): engine.Buffer {
  const cursor = marked.indexOf("|");
  return { ...engine.empty, text: marked.replace("|", ""), cursor };
}

function shown({ text, cursor }: engine.Buffer): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

type Step = (buffer: engine.Buffer) => engine.Buffer | undefined;

function outcome(marked: string, ...steps: Step[]): string {
  let buffer = at(marked);
  for (const step of steps) buffer = step(buffer) ?? buffer;
  return shown(buffer);
}

test.for([
  { from: "ab|c", step: engine.left, to: "a|bc" },
  { from: "|abc", step: engine.left, to: "|abc" },
  { from: "a|👨‍👩‍👧b", step: engine.right, to: "a👨‍👩‍👧|b" },
  { from: "a👨‍👩‍👧|b", step: engine.backspace, to: "a|b" },
  { from: "e\u0301|x", step: engine.backspace, to: "|x" },
  { from: "🇩🇪🇫🇷|", step: engine.left, to: "🇩🇪|🇫🇷" },
  { from: "世|界", step: engine.deleteForward, to: "世|" },
  { from: "stop api-3000|", step: engine.wordLeft, to: "stop api-|3000" },
  { from: "|stop api", step: engine.wordRight, to: "stop| api" },
  { from: "a\nbc|d\ne", step: engine.lineStart, to: "a\n|bcd\ne" },
  { from: "a\nb|cd\ne", step: engine.lineEnd, to: "a\nbcd|\ne" },
  { from: "a b|c d", step: engine.killToEnd, to: "a b|" },
  { from: "a|\nb", step: engine.killToEnd, to: "a|b" },
  { from: "a b|c", step: engine.killToStart, to: "|c" },
  { from: "start ./my/x.sh|", step: engine.killBlankWordLeft, to: "start |" },
  { from: "start my-x|", step: engine.killWordLeft, to: "start my-|" },
  { from: "|one two", step: engine.killWordRight, to: "| two" },
  { from: "ab|", step: engine.transposeCharacters, to: "ba|" },
  { from: "a|bc", step: engine.transposeCharacters, to: "ba|c" },
  { from: "|ab", step: engine.transposeCharacters, to: "|ab" },
  { from: "one two|", step: engine.transposeWords, to: "two one|" },
])("$step.name: $from becomes $to", ({ from, step, to }) => {
  expect(outcome(from, step)).toBe(to);
});

describe("kills", () => {
  test("in a row join, and a yank brings all of it back", () => {
    expect(outcome("one two three|", engine.killWordLeft, engine.killWordLeft, engine.yank)).toBe("one two three|");
    expect(outcome("|one two", engine.killWordRight, engine.killWordRight, engine.yank)).toBe("one two|");
  });

  test("apart are kept apart; yank-pop goes through them in a ring", () => {
    const steps: Step[] = [engine.killWordLeft, engine.left, engine.killToStart, engine.bufferEnd, engine.yank];
    expect(outcome("one two|", ...steps)).toBe(" one|");
    expect(outcome("one two|", ...steps, engine.yankPop)).toBe(" two|");
    expect(outcome("one two|", ...steps, engine.yankPop, engine.yankPop)).toBe(" one|");
  });

  test("outlive the line", () => {
    const killed = engine.killToStart(at("one|"));
    expect(shown(engine.yank(engine.fresh(killed)))).toBe("one|");
  });
});

describe("undo", () => {
  test("takes back letters by the word", () => {
    let buffer = engine.empty;
    for (const letter of "one two") buffer = engine.insert(buffer, letter);
    buffer = engine.undo(buffer);
    expect(buffer.text).toBe("one");
    expect(engine.undo(buffer).text).toBe("");
    expect(engine.undo(engine.undo(buffer)).text).toBe("");
  });

  test("brings back what was killed, with the cursor where it was", () => {
    expect(outcome("one t|wo", engine.killToStart, engine.undo)).toBe("one t|wo");
  });
});

describe("up and down in a text of several lines", () => {
  test("keep the column across a shorter line", () => {
    const down: Step[] = [engine.lineDown, engine.lineDown];
    expect(outcome("abcd|e\nx\nvwxyz", ...down)).toBe("abcde\nx\nvwxy|z");
    expect(outcome("abcd|e\nx\nvwxyz", ...down, engine.lineUp, engine.lineUp)).toBe("abcd|e\nx\nvwxyz");
  });

  test("say when there is no such line", () => {
    expect(engine.lineUp(at("a|b\nc"))).toBeUndefined();
    expect(engine.lineDown(at("ab\n|c"))).toBeUndefined();
  });
});
