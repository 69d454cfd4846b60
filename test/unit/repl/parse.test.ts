import { describe, expect, test } from "vitest";
import {
  bashWords,
  dispatchWords,
  faultMessage,
  parse,
  quoteWord,
  unfinishedMessage,
} from "../../../src/repl/parse.ts";

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
  { line: "info #0", gives: [["info", "0"]], because: "directly behind a verb it is an id, as the shell shows it" },
  {
    line: "tsm stop #0 #12 ; a #1|b",
    gives: [
      ["tsm", "stop", "0", "12"],
      ["a", "1"],
    ],
    because: "several ids, each command for itself",
  },
  { line: "a #0 # b", gives: [["a", "0"]], because: "a comment behind it" },
  { line: "a #0 -y", gives: [["a", "0", "-y"]], because: "a flag behind it" },
  {
    line: "a #0 #1 --settle 300 -y; b #2 --since 5m|c",
    gives: [
      ["a", "0", "1", "--settle", "300", "-y"],
      ["b", "2", "--since", "5m"],
    ],
    because: "a flag's value behind it",
  },
  { line: "a #0 - is it", gives: [["a"]], because: "no flag: a comment" },
  { line: "a #0 --but see below", gives: [["a"]], because: "more words than a flag takes: a comment" },
  { line: "a #42 is it", gives: [["a"]], because: "words follow: a comment" },
  { line: "a b #42", gives: [["a", "b"]], because: "a word stands before it: a comment" },
  { line: "a #4b", gives: [["a"]], because: "no number" },
  { line: "#0", gives: [], because: "no verb before it" },
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
  { line: "list |", because: "pipe", at: 5 },
  { line: "list | ", because: "pipe", at: 5 },
  { line: "list | grep 'a", because: "quote", at: 12 },
  { line: "list | grep a\\", because: "backslash", at: 13 },
  { line: "list > 'f", because: "quote", at: 7 },
] as const)("$line is not finished", ({ line, because, at }) => {
  expect(parse(line).unfinished).toEqual({ because, at });
});

test.for(["echo 'a'", "echo a\\\\", "a # it's", "!echo \\'"])("%s is finished", (line) => {
  expect(parse(line).unfinished).toBeUndefined();
});

describe("where output goes", () => {
  const outputs = (line: string) =>
    parse(line).statements.map((statement) => {
      if (statement.kind === "passthrough") return `!${statement.line}`;
      const { words, output } = statement;
      const said = words.map(({ text }) => text).join(" ");
      if (output === undefined) return said;
      if (output.kind === "pipe") return `${said} -> ${output.line}`;
      return `${said} ${output.append ? ">>" : ">"} ${output.path.text}`;
    });

  test.for([
    { line: "list | grep api", gives: ["list -> grep api"], because: "bash has what stands behind |" },
    { line: "list|grep api|wc -l", gives: ["list -> grep api|wc -l"], because: "with all further pipes" },
    { line: "list | grep a > f", gives: ["list -> grep a > f"], because: "and bash's own redirects" },
    { line: "list | wc; ports", gives: ["list -> wc", "ports"], because: "; ends it" },
    { line: "list | wc\nports", gives: ["list -> wc", "ports"], because: "a new line ends it" },
    { line: "list |\ngrep a", gives: ["list -> grep a"], because: "a line that ends in | goes on" },
    { line: "list | grep ';'; ports", gives: ["list -> grep ';'", "ports"], because: "a quoted ; is bash's" },
    { line: "list | { cat; echo; }; ports", gives: ["list -> { cat; echo; }", "ports"], because: "braces hold a ;" },
    { line: "list | (cat; echo)", gives: ["list -> (cat; echo)"], because: "and so do parentheses" },
    { line: "info api > f", gives: ["info api > f"], because: "> is a file" },
    { line: "info api>f", gives: ["info api > f"], because: "blanks around > mean nothing" },
    { line: "info api >> 'my f'; list", gives: ["info api >> my f", "list"], because: ">> adds to it" },
    { line: "info > f api", gives: ["info api > f"], because: "words may follow it" },
    { line: "list > f # all", gives: ["list > f"], because: "a comment may follow it" },
    { line: "list --where 'mem > 2 | x'", gives: ["list --where mem > 2 | x"], because: "quoted they are letters" },
    { line: "echo a\\|b \\>", gives: ["echo a|b >"], because: "and escaped too" },
    { line: "start 'a $(b) 2> c < d'", gives: ["start a $(b) 2> c < d"], because: "a quoted line is whose it is for" },
    { line: 'start "a `b` $(c)"', gives: ["start a `b` $(c)"], because: "also in double quotes" },
    { line: "info \\$(a", gives: ["info $(a"], because: "escaped they are letters" },
    { line: "list --where mem<5", gives: ["list --where mem<5"], because: "inside of a word a < is a letter" },
    { line: "info 2 > f", gives: ["info 2 > f"], because: "a number of its own is a word" },
    { line: "info v2>f", gives: ["info v2 > f"], because: "and so is a name with one in it" },
    { line: "!ls | wc > f", gives: ["!ls | wc > f"], because: "behind ! all is bash's" },
  ])("$line: $because", ({ line, gives }) => {
    expect(outputs(line)).toEqual(gives);
    expect(parse(line)).toMatchObject({ unfinished: undefined, fault: undefined });
  });

  test.for([
    { line: "list >", says: "column 6: no file is named behind the >" },
    { line: "list >>; ports", says: "column 6: no file is named behind the >>" },
    { line: "list > f > g", says: "column 10: the output goes into one file only" },
    { line: "list > f | wc", says: "column 10: the output goes into the file already" },
    { line: "list || ports", says: "column 6: || is bash's; here ; separates commands" },
    { line: "| wc", says: "column 1: no command stands before the |" },
    { line: "> f", says: "column 1: no command stands before it" },
    { line: "list\nlist >", says: "line 2, column 6: no file is named behind the >" },
    { line: "restart $(cat names)", says: "column 9: $(…) is bash's; a line that begins with ! is run by bash" },
    { line: "info a$(cat names", says: "column 7: $(…) is bash's; a line that begins with ! is run by bash" },
    { line: "info `cat names`", says: "column 6: `…` is bash's; a line that begins with ! is run by bash" },
    { line: "list > $(date).txt", says: "column 8: $(…) is bash's; a line that begins with ! is run by bash" },
    { line: "list >>`date`", says: "column 8: `…` is bash's; a line that begins with ! is run by bash" },
    { line: "run < f", says: "column 5: < is bash's; a line that begins with ! is run by bash" },
    { line: "run <<END", says: "column 5: << is bash's; a line that begins with ! is run by bash" },
    { line: "run <(ls)", says: "column 5: < is bash's; a line that begins with ! is run by bash" },
    { line: "info api 2> f", says: "column 10: 2> is bash's; a line that begins with ! is run by bash" },
    { line: "info api 2>>f", says: "column 10: 2>> is bash's; a line that begins with ! is run by bash" },
    { line: "info api 2>&1", says: "column 10: 2>& is bash's; a line that begins with ! is run by bash" },
    { line: "list &> f", says: "column 6: &> is bash's; a line that begins with ! is run by bash" },
    { line: "list >& f", says: "column 6: >& is bash's; a line that begins with ! is run by bash" },
    { line: "list |& wc", says: "column 6: |& is bash's; a line that begins with ! is run by bash" },
  ])("$line is refused: $says", ({ line, says }) => {
    const { fault } = parse(line);
    expect(fault && faultMessage(line, fault)).toBe(says);
  });

  test("for completion the words of bash end where its signs stand", () => {
    expect(bashWords("ls -l|wc > 'a b").map(({ text }) => text)).toEqual(["ls", "-l", "|", "wc", ">", "a b"]);
  });
});

describe("what runs behind the prompt", () => {
  const read = (line: string) =>
    parse(line).statements.map((statement) => {
      const { from, to, behind } = statement;
      const bash = statement.kind === "passthrough" ? statement.line : undefined;
      return `${bash === undefined ? line.slice(from, to) : `!${bash}`}${behind ? " &" : ""}`;
    });

  test.for([
    { line: "logs -f api &", gives: ["logs -f api &"], because: "& at the end" },
    { line: "logs -f api&", gives: ["logs -f api &"], because: "also without a blank" },
    { line: "wait a online & list", gives: ["wait a online &", "list"], because: "& parts commands too" },
    { line: "wait a online &; list & # all", gives: ["wait a online &", "list &"], because: "a ; or comment follows" },
    { line: "list > f &", gives: ["list > f &"], because: "with its file" },
    { line: "list | wc -l & ports", gives: ["list | wc -l  &", "ports"], because: "with all of its pipe" },
    { line: "list | (a & b); ports", gives: ["list | (a & b)", "ports"], because: "parentheses hold a &" },
    { line: "list | a 2>&1 && b &", gives: ["list | a 2>&1 && b  &"], because: "&&, >& and |& are bash's" },
    { line: "info 'a &'", gives: ["info 'a &'"], because: "quoted it is a letter" },
    { line: "info a\\&", gives: ["info a\\&"], because: "and escaped" },
    {
      line: "start x --health http://h/?a=1&b=2",
      gives: ["start x --health http://h/?a=1&b=2"],
      because: "inside a word",
    },
    { line: "!make -j2 &", gives: ["!make -j2 &"], because: "the last & of a line for bash" },
    { line: "!a & b", gives: ["!a & b"], because: "any other is bash's" },
    { line: "!a & b & # c", gives: ["!a & b &"], because: "a comment is no end" },
    { line: "!a && b", gives: ["!a && b"], because: "&& is bash's" },
    { line: "!echo '&'", gives: ["!echo '&'"], because: "quoted" },
    { line: "!echo \\&", gives: ["!echo \\&"], because: "escaped" },
    { line: "!(sleep 1 &)", gives: ["!(sleep 1 &)"], because: "in parentheses it is bash's" },
    { line: "!ls 2>&1", gives: ["!ls 2>&1"], because: "a redirect" },
  ])("$line: $because", ({ line, gives }) => {
    expect(read(line)).toEqual(gives);
    expect(parse(line)).toMatchObject({ unfinished: undefined, fault: undefined });
  });

  test.for([
    { line: "list && ports", says: "column 6: && is bash's; here ; separates commands" },
    { line: "list&&ports", says: "column 5: && is bash's; here ; separates commands" },
    { line: "&", says: "column 1: no command stands before the &" },
    { line: "list; & ports", says: "column 7: no command stands before the &" },
    { line: "list & & ports", says: "column 8: no command stands before the &" },
  ])("$line is refused: $says", ({ line, says }) => {
    const { fault } = parse(line);
    expect(fault && faultMessage(line, fault)).toBe(says);
  });
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
    "x $1 it's $_",
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

test.for([
  { lines: "!echo a\n!echo b\n\n  !echo c", are: ["!echo a", "!echo b", "!echo c"] },
  { lines: "!sleep 1 &\n!echo b", are: ["!sleep 1", "!echo b"] },
  { lines: "!for i in 1 2; do\n  echo $i\ndone\n!echo b", are: ["!for i in 1 2; do\n  echo $i\ndone", "!echo b"] },
  { lines: "!cat <<E\n!not one\nE", are: ["!cat <<E\n!not one\nE"] },
  { lines: "!f() {\n!x\n}", are: ["!f() {\n!x\n}"] },
  { lines: "!echo 'a\n!b'", are: ["!echo 'a\n!b'"] },
  { lines: "!true\n! false", are: ["!true\n! false"] },
  { lines: "!echo \\\n!b", are: ["!echo \\\n!b"] },
])("a line with a ! of its own is another command: $lines", ({ lines, are }) => {
  const { statements, unfinished } = parse(lines);
  expect(unfinished).toBeUndefined();
  expect(statements.map((each) => (each.kind === "passthrough" ? `!${each.line}` : each.kind))).toEqual(are);
});
