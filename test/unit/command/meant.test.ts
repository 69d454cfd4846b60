import { describe, expect, test } from "vitest";
import { registry } from "../../../commands/index.ts";
import { complete } from "../../../src/command/complete.ts";
import { aliasCommand, meantBy, saysYes, wordsToRun } from "../../../src/command/meant.ts";
import { TsmError } from "../../../src/core/errors.ts";

const aliases = new Map([
  ["k", "kill"],
  ["slow", "/restart --timeout 20"],
  ["all", "tsm list all"],
  ["mine", "wait 'my api' online"],
  ["kk", "k"],
  ["list", "kill"],
  ["stopall", "stop *"],
  ["sure", "stop * --yes"],
  ["two", "list; ports"],
  ["latest", "last"],
  ["log", "logs --lines 5"],
]);

test.for([
  { words: ["k", "api"], name: "kill", given: ["api"], added: 0 },
  { words: ["/k", "api"], name: "kill", given: ["api"], added: 0 },
  { words: ["tsm", "k"], name: "kill", given: [], added: 0 },
  { words: ["slow", "api"], name: "restart", given: ["--timeout", "20", "api"], added: 2 },
  { words: ["all"], name: "list", given: ["all"], added: 1 },
  { words: ["mine"], name: "wait", given: ["my api", "online"], added: 2 },
  { words: ["list", "k"], name: "list", given: ["k"], added: 0 },
  { words: ["log", "api"], name: "logs", given: ["--lines", "5", "api"], added: 2 },
  { words: ["/log", "api"], name: "logs", given: ["--lines", "5", "api"], added: 2 },
  { words: ["ls"], name: "ls", given: [], added: 0 },
  { words: ["kk", "api"], name: "k", given: ["api"], added: 0 },
  { words: ["two"], name: "two", given: [], added: 0 },
  { words: ["nosuch"], name: "nosuch", given: [], added: 0 },
  { words: [], name: undefined, given: [], added: 0 },
])("$words means $name with $given", ({ words, name, given, added }) => {
  expect(meantBy(words, registry, aliases)).toMatchObject({ name, given, added });
});

test("what is run has the verb first and what was typed behind it, untouched", async () => {
  expect(await wordsToRun(["slow", "a b", "--json"], registry, aliases)).toEqual([
    "restart",
    "--timeout",
    "20",
    "a b",
    "--json",
  ]);
  expect(await wordsToRun(["list", "k"], registry, aliases)).toEqual(["list", "k"]);
  expect(await wordsToRun(["nosuch", "k"], registry, aliases)).toEqual(["nosuch", "k"]);
});

test.for([
  { word: "kk", says: "the alias 'kk' stands for 'k', which is not a command" },
  { word: "sure", says: "the alias 'sure' would answer a question before it is asked" },
  { word: "two", says: "'list; ports' is more than one command" },
])("an alias that somebody wrote into the file by hand is refused when it is run: $word", async ({ word, says }) => {
  await expect(wordsToRun([word], registry, aliases)).rejects.toThrow(says);
});

test.for([
  { meaning: "kill", words: ["kill"] },
  { meaning: "  list   crashed ", words: ["list", "crashed"] },
  { meaning: 'wait "my \\"api\\"" online', words: ["wait", 'my "api"', "online"] },
  { meaning: "logs api\\ one", words: ["logs", "api one"] },
  { meaning: "stop *", words: ["stop", "*"] },
  { meaning: "logs api-[12]? {a,b}", words: ["logs", "api-[12]?", "{a,b}"] },
  { meaning: "start apt-get install -y x", words: ["start", "apt-get", "install", "-y", "x"] },
  { meaning: "list --where 'mem > 200M; x'", words: ["list", "--where", "mem > 200M; x"] },
])("an alias can stand for $meaning", async ({ meaning, words }) => {
  expect(await aliasCommand("x", meaning, registry)).toEqual(words);
});

test.for([
  "",
  "  ",
  "nosuch",
  "k",
  "!ls",
  "list | less",
  "list > f",
  "list; ports",
  "kill $_",
  "logs 'a",
  "list --tmeout",
])("an alias cannot stand for “%s”", async (meaning) => {
  await expect(aliasCommand("x", meaning, registry)).rejects.toThrow(TsmError);
});

describe("what answers a question before it is asked", () => {
  test.for([
    "stop * --yes",
    "stop -y a",
    "/kill --yes",
    "tsm delete --yes",
    "repeat 2 stop * --yes",
    "repeat 2 'stop * -y'",
    "repeat 1 \"kill '*' --yes\"",
  ])("%s", async (line) => {
    await expect(aliasCommand("x", line, registry)).rejects.toThrow("would answer a question before it is asked");
  });

  test.for([
    ["stop", "*"],
    ["start", "x", "--yes"],
    ["repeat", "2", "list"],
    ["stop", "--", "--yes"],
    ["nosuch", "-y"],
    [],
  ])("%s does not", async (words) => {
    expect(await saysYes(words, registry)).toBe(false);
  });
});

describe("completion", () => {
  const offered = async (words: string[], current: string, scope: "shell" | "everywhere" = "shell") =>
    (
      await complete({
        words,
        current,
        registry,
        aliases: new Map([...aliases, ["l", "last"], ["zz", "nosuch"]]),
        scope,
        summaries: () => [],
        describe: () => "",
        files: () => [],
        programs: () => [],
        outputs: () => [],
        jobs: () => [],
        runs: () => [],
        services: () => Promise.resolve([]),
      })
    ).map(({ value, summary }) => `${value}: ${summary}`);

  test("offers aliases as what they are, behind the verbs", async () => {
    expect(await offered([], "sl")).toEqual(["slow: alias of /restart --timeout 20"]);
    expect((await offered([], "k")).map((each) => each.split(":")[0])).toEqual(["kill", "k"]);
    expect(await offered([], "/slo")).toEqual(["/slow: alias of /restart --timeout 20"]);
    expect(await offered(["help"], "slo")).toEqual(["slow: alias of /restart --timeout 20"]);
  });

  test("goes on behind an alias as behind what it stands for", async () => {
    expect(await offered(["k"], "--si")).toEqual(await offered(["kill"], "--si"));
    expect(await offered(["slow"], "--time")).toEqual([]); // Given by the alias.
    expect(await offered(["unalias"], "slo")).toEqual(["slow: /restart --timeout 20"]);
  });

  test("offers none of a verb that is not there, none of the shell outside of it, and no verb twice", async () => {
    expect(await offered([], "zz")).toEqual([]);
    expect(await offered([], "latest")).toContainEqual("latest: alias of last");
    expect(await offered([], "latest", "everywhere")).not.toContainEqual("latest: alias of last");
    expect((await offered([], "lis")).filter((each) => each.startsWith("list:"))).toHaveLength(1);
  });

  test("offers a setting's values behind its name", async () => {
    expect(await offered(["set", "editing-mode"], "")).toEqual(["emacs: default", "vi: "]);
    expect(await offered(["set", "editingMode"], "")).toEqual(["emacs: default", "vi: "]);
    expect(await offered(["config", "set", "colours"], "al")).toEqual(["always: "]);
    expect(await offered(["set", "lines"], "")).toEqual([]);
  });
});
