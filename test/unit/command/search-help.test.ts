import { expect, test } from "vitest";
import { registry } from "../../../commands/index.ts";
import { searchHelp, searchPage } from "../../../src/command/search-help.ts";
import { plain } from "../../../src/view/paint.ts";

const verbs = await Promise.all(registry.map(async (entry) => ({ entry, verb: await entry.load() })));

function found(...words: string[]): string[] {
  return searchHelp(verbs, words).map(({ verb }) => verb.name);
}

test("a verb is found by its name first, by an alias, a flag and what its page says", () => {
  expect(found("restart")[0]).toBe("restart");
  expect(found("quit")).toContain("exit");
  expect(found("--max-memory")).toEqual(["start", "restart", "reload", "set-limits"]);
  expect(found("SIGKILL")).toContain("kill");
});

test("all words have to be there, in whatever case and order", () => {
  expect(found("MEMORY", "cron")).toEqual(["start", "restart", "reload", "patrol"]);
  expect(found("memory", "xyzzy")).toEqual([]);
});

test("the page shows the lines that have the word, no wider than the screen", () => {
  const lines = [...searchPage(searchHelp(verbs, ["cron"]), { columns: 60, terminal: true, paint: plain })];
  expect(lines[0]).toMatch(/^ {2}start, startOrRestart {2,}Start a script/);
  expect(lines.join("\n")).toContain("--cron");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});
