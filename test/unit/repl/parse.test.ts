import { describe, expect, test } from "vitest";
import { dispatchWords, parse, quoteWord, unfinishedMessage } from "../../../src/repl/parse.ts";

function wordsOf(line: string): (readonly string[] | string)[] {
  return parse(line).statements.map((statement) =>
    statement.kind === "passthrough" ? `!${statement.line}` : statement.words.map(({ text }) => text),
  );
}

test.for([
  { line: "stop api", gives: [["stop", "api"]], because: "blanks part words" },
  { line: "  stop\t api  ", gives: [["stop", "api"]], because: "blanks around words are nothing" },
  { line: "stop *", gives: [["stop", "*"]], because: "* is a word, never file names" },
  { line: "echo 'a b'\"c d\"e", gives: [["echo", "a bc de"]], because: "quoted parts join what touches them" },
  {
    line: `echo "a\\"b\\\\c\\n$d"`,
    gives: [["echo", `a"b\\c\\n$d`]],
    because: 'only \\" and \\\\ mean something in ""',
  },
  { line: "echo 'a\\b'", gives: [["echo", "a\\b"]], because: "'' is literal" },
  { line: "echo a\\ b \\; \\#", gives: [["echo", "a b", ";", "#"]], because: "a backslash takes the next as it is" },
  { line: "echo '' \"\"", gives: [["echo", "", ""]], because: "an empty word is a word" },
  { line: "a;b ; c;;", gives: [["a"], ["b"], ["c"]], because: "; parts commands" },
  { line: "echo ';' a", gives: [["echo", ";", "a"]], because: "a quoted ; parts nothing" },
  { line: "a\nb", gives: [["a"], ["b"]], because: "a line parts commands" },
  { line: "a \\\nb", gives: [["a", "b"]], because: "a \\ at the end joins lines" },
  { line: "a # b; c\nd", gives: [["a"], ["d"]], because: "# is a comment to the end of the line" },
  { line: "a b#c", gives: [["a", "b#c"]], because: "# inside of a word is a letter" },
  { line: "# only", gives: [], because: "a comment is nothing to do" },
  { line: "!ls -l | wc; echo x", gives: ["!ls -l | wc; echo x"], because: "all behind ! is bash's" },
  { line: "list; !ls; pwd", gives: [["list"], "!ls; pwd"], because: "! begins a statement anywhere" },
  { line: "echo !x", gives: [["echo", "!x"]], because: "! inside of a command is a word" },
  { line: "", gives: [], because: "nothing is nothing" },
])("$line: $because", ({ line, gives }) => {
  expect(wordsOf(line)).toEqual(gives);
});

test.for([
  { line: "echo 'a", because: "quote", at: 5 },
  { line: 'echo "a\\"', because: "quote", at: 5 },
  { line: "echo a\\", because: "backslash", at: 6 },
  { line: "!echo 'a", because: "quote", at: 6 },
  { line: "!echo a\\", because: "backslash", at: 7 },
] as const)("$line is not finished", ({ line, because, at }) => {
  expect(parse(line).unfinished).toEqual({ because, at });
});

test.for(["echo 'a'", "echo a\\\\", "a # it's", "!echo \\'"])("%s is finished", (line) => {
  expect(parse(line).unfinished).toBeUndefined();
});

test("spans point at the words, quotes included", () => {
  const line = "stop 'a b'  c";
  const [statement] = parse(line).statements;
  const words = statement?.kind === "command" ? statement.words : [];
  expect(words.map(({ from, to }) => line.slice(from, to))).toEqual(["stop", "'a b'", "c"]);
});

describe("what dispatch gets", () => {
  test.for([
    { line: "/list a", gives: ["list", "a"] },
    { line: "tsm list a", gives: ["list", "a"] },
    { line: "tsm /list a", gives: ["list", "a"] },
    { line: "/?", gives: ["?"] },
    { line: "tsm", gives: ["help"] },
    { line: "start /bin/true", gives: ["start", "/bin/true"] },
    { line: "start ~/x.sh '~/y' a~ ~", gives: ["start", "/home/me/x.sh", "~/y", "a~", "/home/me"] },
  ])("$line", ({ line, gives }) => {
    const [statement] = parse(line).statements;
    expect(dispatchWords(statement?.kind === "command" ? statement.words : [], "/home/me")).toEqual(gives);
  });
});

test("an unfinished line is told with its line and column", () => {
  const line = "list\necho 'a";
  const { unfinished } = parse(line);
  expect(unfinished && unfinishedMessage(line, unfinished)).toBe("the quote at line 2, column 6 is never closed");
});

test("what is quoted is read back as it was", () => {
  const texts = [
    "plain",
    "a b",
    "it's",
    `say "hi"`,
    "back\\slash",
    "",
    "#x",
    "!x",
    "a;b",
    "new\nline",
    `all ' " \\ of`,
    "é世",
    "*",
  ];
  for (const text of texts) {
    for (const open of [undefined, "'", '"'] as const) {
      expect(wordsOf(`echo ${quoteWord(text, open)} end`)).toEqual([["echo", text, "end"]]);
    }
  }
});
