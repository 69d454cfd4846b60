import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { registry } from "../../commands/index.ts";
import { parseWords } from "../../src/command/parse.ts";
import { findVerb } from "../../src/command/registry.ts";
import { plainWords } from "../../src/core/quote.ts";

/** What the tables of docs/migrating.md say to type now: the words behind `tsm`, also of what is "the same" as it was. */
const said = readFileSync("docs/migrating.md", "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
  .flatMap((line) => {
    const [, then = "", now = ""] = line.split("|");
    const cell = now.trim().startsWith("the same") ? then + now : now;
    return [...cell.matchAll(/`tsm ([^`]+)`/g)].map((found) => found[1] ?? "");
  });

test("the tables say something", () => {
  expect(said.length).toBeGreaterThan(30);
});

test.for(said)("tsm %s is a command of ours", async (line) => {
  const [word = "", ...rest] = plainWords(line, "*$…") ?? [];
  const entry = findVerb(registry, word);
  expect(entry, word).toBeDefined();
  if (entry !== undefined) expect(parseWords(await entry.load(), rest).help).toBe(false);
});
