import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { plainWords, quoteLine } from "../../../src/core/quote.ts";

test.for([
  { line: "node server.js", words: ["node", "server.js"], because: "spaces part words" },
  { line: "  a \t b ", words: ["a", "b"], because: "spaces around are nothing" },
  { line: `a 'b c' "d e"`, words: ["a", "b c", "d e"], because: "quotes keep spaces" },
  { line: `a'b'"c"`, words: ["abc"], because: "quotes inside a word" },
  { line: `'' ""`, words: ["", ""], because: "empty words are words" },
  { line: String.raw`a\ b \'`, words: ["a b", "'"], because: "a backslash keeps the next character" },
  { line: String.raw`"a\"b\\c\d"`, words: [String.raw`a"b\c\d`], because: "inside double quotes it keeps two" },
  { line: `'$HOME'`, words: ["$HOME"], because: "single quotes keep everything" },
  { line: "", words: [], because: "nothing is no word" },
  { line: "echo $HOME", words: undefined, because: "a variable needs a shell" },
  { line: `echo "$HOME"`, words: undefined, because: "inside double quotes too" },
  { line: `echo "\`id\`"`, words: undefined, because: "a substitution needs a shell" },
  { line: "a; b", words: undefined, because: "two commands" },
  { line: "a && b", words: undefined, because: "two commands" },
  { line: "a | b", words: undefined, because: "a pipe" },
  { line: "a > b", words: undefined, because: "a redirection" },
  { line: "ls *.js", words: undefined, because: "a glob" },
  { line: "cd ~", words: undefined, because: "a home" },
  { line: "a # b", words: undefined, because: "a comment" },
  { line: "PORT=3 node x", words: undefined, because: "an assignment" },
  { line: "a\nb", words: undefined, because: "two lines" },
  { line: "a 'b", words: undefined, because: "an open quote" },
  { line: 'a "b', words: undefined, because: "an open quote" },
  { line: "a \\", words: undefined, because: "an open end" },
])("the words of $line: $because", ({ line, words, because }) => {
  expect(plainWords(line), because).toEqual(words);
});

test("what is quoted comes back from a shell as it was", () => {
  const words = [
    "plain",
    "a b",
    "it's",
    '"',
    "$HOME",
    "`id`",
    "a\nb",
    "",
    "*",
    "~",
    "ü😀",
    "-n",
    "a=b",
    "\\",
    "#",
    "!",
  ];
  const back = execFileSync("bash", ["-c", `printf '%s\\0' ${quoteLine(words)}`], { encoding: "utf8" });
  expect(back.split("\0").slice(0, -1)).toEqual(words);
  expect(plainWords(quoteLine(words))).toEqual(words);
});

test("plain words stay as they are", () => {
  expect(quoteLine(["/usr/bin/node", "server.js", "--port=3000", "a@b:c,d%e+f"])).toBe(
    "/usr/bin/node server.js --port=3000 a@b:c,d%e+f",
  );
});
