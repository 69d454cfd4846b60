import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registry } from "../../commands/index.ts";
import { root } from "../../src/build/layout.mjs";
import { readme, withVerbTable } from "../../src/build/readme.mjs";
import { usageOf } from "../../src/command/parse.ts";

test("the table of verbs in README.md is what `npm run readme` would write", async () => {
  const verbs = await Promise.all(
    registry.map(async ({ name, aliases, load }) => {
      const verb = await load();
      return { name, aliases, usage: usageOf(verb), summary: verb.summary, scope: verb.scope ?? "everywhere" };
    }),
  );
  const text = readFileSync(readme, "utf8");
  expect(text).toBe(withVerbTable(text, verbs));
});

test("every figure and every goal in docs/benchmarks.md is one", () => {
  const rows = readFileSync(join(root, "docs/benchmarks.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => /undefined|NaN|null|\[object/.test(row))).toEqual([]);
});
