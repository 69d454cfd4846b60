import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

test.for([{ words: ["--version"] }, { words: ["-v"] }, { words: ["version"] }])(
  "$words tells the version",
  async ({ words }) => {
    expect(await tsm(makeHome(), words)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  },
);

test.for([{ words: [] }, { words: ["help"] }, { words: ["--help"] }, { words: ["-h"] }])(
  "$words is the overview",
  async ({ words }) => {
    const help = await tsm(makeHome(), words);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const verb of [
      "start, startOrRestart",
      "stop",
      "restart",
      "delete, del",
      "kill",
      "list, ls, l, ps, status",
      "info, describe, desc, show",
      "logs, log",
      "ports",
      "env",
      "paths",
      "config",
      "setup",
      "repl",
      "help, \\?",
      "version",
    ])
      expect(help.stdout).toMatch(new RegExp(`^ {2}${verb}(?: |$)`, "m"));
  },
);

test.for(["start", "stop", "kill", "logs", "ls", "describe", "config"])(
  "%s --help, -h and help %s are one page",
  async (verb) => {
    const home = makeHome();
    const page = await tsm(home, [verb, "--help"]);
    expect(page).toMatchObject({ code: 0, stderr: "" });
    expect(page.stdout).toMatch(/^tsm \w+/);
    expect(page.stdout).toContain("Examples");
    expect(await tsm(home, [verb, "-h"])).toEqual(page);
    expect(await tsm(home, ["help", verb])).toEqual(page);
  },
);

test.for([
  { word: "frob", hint: "tsm help lists what there is", because: "it is near to nothing" },
  { word: "strat", hint: "Did you mean 'start'?", because: "two letters changed places" },
  { word: "stpo", hint: "Did you mean 'stop'?", because: "two letters changed places" },
  { word: "lst", hint: "'list'", because: "a letter is missing" },
  { word: "restrat", hint: "Did you mean 'restart'?", because: "two letters changed places" },
  { word: "LIST", hint: "Did you mean 'list'?", because: "verbs are small letters" },
  { word: "Stpo", hint: "Did you mean 'stop'?", because: "two letters changed places" },
  { word: "toString", hint: "", because: "nothing is inherited" },
  { word: "__proto__", hint: "", because: "nothing is inherited" },
  { word: "", hint: "tsm help lists what there is", because: "it is empty" },
  { word: "9", hint: "tsm help lists what there is", because: "no letter of it is in any" },
])("the unknown command $word is 64: $because", async ({ word, hint }) => {
  const home = makeHome();
  const refused = await tsm(home, [word, "x"]);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr.startsWith(`tsm: unknown command '${word}'\n`)).toBe(true);
  expect(refused.stderr).toContain(hint);
});

test.for([
  {
    words: ["start", "--frob", "sleep", "9"],
    says: "start has no flag '--frob'",
    because: "an unknown flag before the command",
  },
  { words: ["start"], says: "there is no command to start", because: "nothing to start" },
  { words: ["start", ""], says: "there is no command to start", because: "nothing to start" },
  { words: ["start", "--name"], says: "--name needs a value", because: "a missing value" },
  { words: ["start", "sleep 9", "--port"], says: "--port needs a value", because: "a missing value" },
  {
    words: ["start", "sleep 9", "--frob"],
    says: "start has no flag '--frob'",
    because: "behind quotes flags are ours",
  },
  {
    words: ["start", "--restart", "maybe", "sleep", "9"],
    says: "'maybe' is none of no, on-failure, always",
    because: "no such policy",
  },
  { words: ["start", "--settle", "soon", "sleep", "9"], says: "'soon' is not a whole number", because: "no number" },
  { words: ["start", "--env", "", "sleep", "9"], says: "the env file is empty", because: "no name" },
  { words: ["list", "--frob"], says: "list has no flag '--frob'", because: "an unknown flag" },
  { words: ["list", "--all=yes"], says: "--all takes no value", because: "a switch" },
  { words: ["logs", "x", "--lines", "many"], says: "'many' is not a whole number", because: "no number" },
  { words: ["logs", "x", "--lines", "-3"], says: "'-3' is out of range", because: "below nothing" },
  { words: ["stop", "x", "--timeout", "soon"], says: "'soon' is not a time", because: "no time" },
  { words: ["version", "x"], says: "version does not know what to do with 'x'", because: "one word too many" },
  { words: ["exit"], says: "exit belongs to the shell", because: "there is no shell to leave" },
])("a usage error is 64, says what is wrong and starts nothing: $because", async ({ words, says }) => {
  const home = makeHome();
  const refused = await tsm(home, words);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toMatch(/^tsm: .*\n( {2}.*\n)?$/);
  expect(refused.stderr).toContain(says);
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});

test.for([["stop"], ["info"], ["stop", "--"], ["start"], []])(
  "a word of 10,000 characters behind %j does not fill the screen with itself",
  async (words) => {
    const { code, stderr } = await tsm(makeHome(), [...words, "é".repeat(10_000)]);
    expect(code).toBe(words.length === 0 ? 64 : words[0] === "start" ? 66 : 1);
    expect(stderr).toContain(`'${"é".repeat(60)}…'`);
    expect(stderr.length).toBeLessThan(500);
  },
);

test("an error as JSON is one object on stderr", async () => {
  const home = makeHome();
  const refused = await tsm(home, ["stop", "99", "--json"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(refused.stderr)).toEqual({
    error: { code: "NOT_FOUND", message: "process '99' not found", hint: expect.any(String), candidates: [] },
  });
});

test("the message for a missing process is the one users know", async () => {
  expect((await tsm(makeHome(), ["stop", "99"])).stderr).toMatch(/^tsm: process '99' not found\n/);
});

test("§6.28 nothing on stderr that a foreign tool said", async () => {
  const home = makeHome();
  for (const words of [
    ["setup"],
    ["start", "--settle", "0", "--name", "it", "sleep", "600"],
    ["list"],
    ["info", "it"],
    ["ports"],
    ["restart", "it", "--settle", "0"],
    ["stop", "it"],
    ["delete", "it"],
  ])
    expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
});

test("colour comes only with the setting, never by itself in a pipe", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  expect((await tsm(home, ["list"])).stdout).not.toContain("\u001b");
  await tsm(home, ["config", "set", "colours", "always"]);
  expect((await tsm(home, ["list"])).stdout).toContain("\u001b[");
});
