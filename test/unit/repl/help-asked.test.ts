import { expect, test } from "vitest";
import { registry } from "../../../commands/index.ts";
import { helpAsked } from "../../../src/repl/help-asked.ts";

test.for([
  { text: "stop api?", line: "stop api", words: ["help", "stop"], because: "the verb's page" },
  { text: "/stop ?", line: "/stop ", words: ["help", "stop"], because: "also as a word of its own" },
  { text: "tsm ls?", line: "tsm ls", words: ["help", "ls"], because: "an alias" },
  { text: "list; kill api --si?", line: "list; kill api --si", words: ["help", "kill"], because: "the last statement" },
  { text: "rest?", line: "rest", words: ["help", "search", "rest"], because: "a verb that is begun" },
  { text: "qqq?", line: "qqq", words: ["help"], because: "nothing is called so" },
  { text: "list; ?", line: "list; ", words: ["help"], because: "nothing is typed yet" },
])("$text asks for $words: $because", ({ text, line, words }) => {
  expect(helpAsked(text, registry)).toEqual({ line, words });
});

test.for(["", "list", "?", "/?", "tsm ?", "stop 'a?'", 'stop "a?', "!ls ?", "stop a\\?", "stop a? ", "list # why?"])(
  "%s asks nothing",
  (text) => {
    expect(helpAsked(text, registry)).toBeUndefined();
  },
);

test("an alias is asked for like a verb", () => {
  expect(helpAsked("k api?", registry, new Map([["k", "kill"]]))).toEqual({ line: "k api", words: ["help", "k"] });
});
