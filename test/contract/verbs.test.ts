import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { registry } from "../../commands/index.ts";
import { helpFor } from "../../src/command/help.ts";
import { flagName, parseWords } from "../../src/command/parse.ts";
import { behindSlash, verbWords } from "../../src/command/registry.ts";
import { dispatchWords, parse } from "../../src/repl/parse.ts";
import { plain } from "../../src/view/paint.ts";
import { displayWidth } from "../../src/view/width.ts";

/* What holds for every verb, also for those that are yet to be written. */

const verbs = await Promise.all(registry.map(async (entry) => ({ name: entry.name, entry, verb: await entry.load() })));

test("every file of commands/ is a verb of the list, and every verb of the list is a file", () => {
  const files = readdirSync("commands").filter((file) => file !== "index.ts");
  expect(verbs.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
});

test("no word is claimed twice", () => {
  const words = verbWords(registry);
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});

describe.for(verbs)("$name", ({ name, entry, verb }) => {
  test("is called as its file, its entry and its declaration say", async () => {
    const file: { default: unknown } = await import(`../../commands/${name}.ts`);
    expect(file.default).toBe(verb);
    expect(verb.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    // Another tool's word may be spelled as it spells it: reloadLogs.
    for (const word of entry.aliases) expect(word).toMatch(/^(?:[a-z]+(?:-[a-z]+)*|[a-z]+(?:[A-Z][A-Za-z0-9]*)+|\?)$/);
  });

  test("says in one line what it does, and what it may do", () => {
    expect(verb.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(displayWidth(verb.summary), verb.summary).toBeLessThanOrEqual(72);
    expect(["reads", "changes", "destroys"]).toContain(verb.effect);
    for (const { summary } of [...Object.values(verb.args), ...Object.values(verb.flags)])
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
  });

  test("spells its flags so that none hides another", () => {
    const spellings = Object.entries(verb.flags).flatMap(([key, { short, also = [] }]) => [
      flagName(key),
      ...(short === undefined ? [] : [`-${short}`]),
      ...also,
    ]);
    expect(new Set([...spellings, "--json", "--help", "-h"]).size).toBe(spellings.length + 3);
    for (const spelling of spellings) expect(spelling).toMatch(/^(?:--[a-z]+(?:-[a-z]+)*|-[a-zA-Z])$/);
  });

  test.for([undefined, 200, 100, 80, 40])("its help fits a terminal of %s columns, and 100 in any case", (columns) => {
    const page = [...helpFor(verb, entry.aliases, { columns, terminal: columns !== undefined, paint: plain })];
    for (const line of page) expect(displayWidth(line), line).toBeLessThanOrEqual(Math.min(columns ?? 100, 100));
  });

  test("its help tells every name, argument, flag and example", () => {
    const page = [...helpFor(verb, entry.aliases, { columns: 100, terminal: true, paint: plain })].join("\n");
    const flowing = page.replaceAll(/\s+/g, " ");
    for (const alias of entry.aliases) expect(flowing).toContain(alias);
    for (const { type, summary } of Object.values(verb.args)) {
      expect(page).toContain(`  ${type.label}`);
      expect(flowing).toContain(summary);
    }
    for (const [key, { type, short, summary, bare }] of Object.entries(verb.flags)) {
      const value = type === undefined ? "" : bare === undefined ? ` ${type.label}` : `[=${type.label}]`;
      expect(page).toContain(`${short === undefined ? "" : `-${short}, `}${flagName(key)}${value}`);
      expect(flowing).toContain(summary);
    }
    for (const example of verb.examples) expect(page).toContain(`  tsm ${example}`);
    expect(page).not.toContain("[object");
  });

  test("has examples, and each is a command that parses", () => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const example of verb.examples) {
      const words = wordsOf(example);
      expect([name, ...entry.aliases]).toContain(words[0]);
      expect(() => parseWords(verb, words.slice(1)), example).not.toThrow();
    }
  });

  test("bare, with / and with tsm before it is one and the same in the shell", () => {
    for (const word of [name, ...entry.aliases]) {
      const line = `${word} 'two words' --json`;
      const bare = wordsOf(line);
      expect(bare).toEqual([word, "two words", "--json"]);
      const slashed = behindSlash.get(word) ?? word;
      expect(wordsOf(`tsm ${line}`)).toEqual(bare);
      for (const spelling of [`/${line}`, `tsm /${line}`])
        expect(wordsOf(spelling), spelling).toEqual([slashed, ...bare.slice(1)]);
    }
  });
});

/** The words that the shell hands on for a line, which must be one command. */
function wordsOf(line: string): string[] {
  const { statements, unfinished } = parse(line);
  const [statement] = statements;
  if (unfinished !== undefined || statements.length !== 1 || statement?.kind !== "command")
    throw new Error(`not one command: ${line}`);
  return dispatchWords(statement.words, "/home/someone");
}
