import { expect, test } from "vitest";
import { prunedClock } from "../../../src/core/prune-clock.ts";

test("a short clock stays as it is", () => expect(prunedClock("1 2\n3 4\n", 100)).toBe("1 2\n3 4\n"));

test("old times go; where lives began stays, and the base that each counts from", () => {
  const text = "@ 1 0 1 9\n2 50\n= 40\n= 80\n@ 3 7 2 9\n4 20\n= 120\n5 30\n6 40\n";
  expect(prunedClock(text, 11)).toBe("@ 1 0 1 9\n= 80\n@ 3 7 2 9\n= 120\n5 30\n6 40\n");
});
