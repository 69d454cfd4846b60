import { expect, test } from "vitest";
import { empty, insert } from "../../../src/repl/editor/engine.ts";
import { Recall } from "../../../src/repl/editor/recall.ts";

const typed = (text: string) => insert(empty, text);

test("further back and forth again: each line once, and the typed one at the end", () => {
  const recall = new Recall(typed("lo"), ["logs b", "stop", "lo", "logs a", "logs b", "logs c"]);
  expect(recall.go(1)).toBe("logs b");
  expect(recall.go(1)).toBe("logs a");
  expect(recall.go(1)).toBe("logs c");
  expect(recall.go(1)).toBe("logs c");
  expect(recall.go(-1)).toBe("logs a");
  expect(recall.go(-5)).toBeUndefined();
  expect(recall.go(Number.POSITIVE_INFINITY)).toBe("logs c");
  expect(recall.go(Number.NEGATIVE_INFINITY)).toBeUndefined();
});

test("what begins the line is what stands left of the cursor", () => {
  const recall = new Recall({ ...typed("stop api"), cursor: 4 }, ["start x", "stop db"]);
  expect(recall.go(1)).toBe("stop db");
});

test("no line is looked at before somebody goes there", () => {
  const asked: number[] = [];
  function* lines(): Generator<string> {
    for (let n = 0; ; n++) {
      asked.push(n);
      yield `logs ${n}`;
    }
  }
  const recall = new Recall(typed("logs"), lines());
  recall.go(1);
  recall.go(1);
  expect(asked).toEqual([0, 1]);
});
