import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { GrowsTooLong, parseServiceFile } from "../../../src/core/service-file.ts";

const known = { HOME: "/home/me", TETRA_DIR: "/home/me/tetra", EMPTY: "", SPACED: "a b", STAR: "*" };
const folder = mkdtempSync(join(tmpdir(), "tsm-service-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const understood = [
  { text: "A=1", because: "a word" },
  { text: "A=", because: "nothing" },
  { text: "A=1\r\nB=2\r\n", because: "lines of Windows", notBash: { A: "1", B: "2" } },
  { text: "#!/usr/bin/env bash\n# no\n  # no\n\nA=1", because: "comments and empty lines" },
  { text: "A=1 # no\nB=a#b", because: "a comment stands behind a blank" },
  { text: "export A=1", because: "export" },
  { text: "A=1; B=2;\nC=3", because: "a ; ends a statement" },
  { text: "A=1 B=$A", because: "one after the other" },
  { text: "A=1\nexport A=2 B=$A C", because: "an export is one command" },
  { text: "A='a $HOME \\n \"'", because: "single quotes are literal" },
  { text: 'A="a \\"b\\" \\$HOME \\\\ \\n \\`"', because: "four escapes in double quotes" },
  { text: "A=$'a\\tb\\n\\'\\\\ é'", because: "ANSI quotes" },
  { text: "A='x'y\"z\"\\ w", because: "parts beside each other" },
  { text: "A='one\ntwo'\nB=\"three\nfour\"", because: "quotes span lines" },
  { text: 'A=one\\\ntwo\nB="one\\\ntwo"', because: "a backslash continues a line" },
  { text: 'A=$HOME/x B=${HOME}y C="$HOME z"', because: "variables" },
  { text: "A=${NONE:-x} B=${EMPTY:-y} C=${EMPTY-z}. D=${NONE-w v}", because: "what is taken in their place" },
  { text: "A=$NONE. B=${NONE}", because: "what is not set is empty" },
  { text: "A=~ B=~/x C=a~b D='~'", because: "the home" },
  { text: 'A=5$ B=$% C="$ "', because: "a $ before nothing" },
  { text: "A=*.js B={a,b} C=[x] D=!x", because: "a value is no place for files" },
  { text: "A=$SPACED", because: "a value is never parted" },
  { text: 'A=(node server.js \'two words\' "$SPACED" "")', because: "an array" },
  { text: "A=(\n  one # no\n  two\\\n  three\n)\nB=$A", because: "an array of several lines" },
  { text: "A=() B=($EMPTY) C=(a=b $HOME/x ~/y --z=$HOME)", because: "arrays of nothing and of variables" },
  { text: "A=(a 'b c') B=(x y)\nA=1 B=(z)\nexport A=2", because: "text for an array is its first word" },
  { text: "A=()\nA=1\nB=x\nB=(y)", because: "an array for text takes its place" },
  { text: "A=a=b=c B==", because: "an = in a value" },
  { text: "PATH=/x\nA=$PATH", because: "names of the environment" },
  { text: "constructor=1 A=$toString", because: "names of JavaScript" },
];

test.for(understood)("reads $text: $because", ({ text, notBash }) => {
  const { values, problems } = parseServiceFile(text, known);
  expect(problems).toEqual([]);
  expect(Object.fromEntries(values)).toEqual(notBash ?? bashs(text, [...values.keys()]));
});

const hostile = [
  { line: 2, text: "A=1\nif [ -f x ]; then B=2; fi", what: "needs bash: `if [ -f x ]; then B=2; fi`" },
  { line: 1, text: "A=$(touch pwned)", what: "needs bash: `A=$(touch pwned)`" },
  { line: 1, text: 'A="`touch pwned`"', what: 'needs bash: `A="`touch pwned`"`' },
  { line: 1, text: "touch pwned", what: "needs bash: `touch pwned`" },
  { line: 1, text: "A=1 touch pwned", what: "needs bash: `A=1 touch pwned`" },
  { line: 1, text: "A=1; touch pwned", what: "needs bash: `touch pwned`" },
  { line: 1, text: "A=1 && touch pwned", what: "needs bash: `A=1 && touch pwned`" },
  { line: 1, text: "A=1|touch pwned", what: "needs bash: `A=1|touch pwned`" },
  { line: 1, text: "A=x&touch pwned", what: "needs bash: `A=x&touch pwned`" },
  { line: 1, text: "A=x>pwned", what: "needs bash: `A=x>pwned`" },
  { line: 1, text: "A=<(touch pwned)", what: "needs bash: `A=<(touch pwned)`" },
  { line: 1, text: "A=${HOME:-$(touch pwned)}", what: "needs bash: `A=${HOME:-$(touch pwned)}`" },
  { line: 1, text: "A=$((1 + 1))", what: "needs bash: `A=$((1 + 1))`" },
  { line: 1, text: "A=${HOME##*/}", what: "needs bash: `A=${HOME##*/}`" },
  { line: 1, text: "A=$RANDOM B=$1", what: "needs bash: `A=$RANDOM B=$1`" },
  { line: 1, text: "A=$1", what: "needs bash: `A=$1`" },
  { line: 1, text: "A+=1", what: "needs bash: `A+=1`" },
  { line: 1, text: "A[0]=1", what: "needs bash: `A[0]=1`" },
  { line: 1, text: "A=(*.js)", what: "needs bash: `A=(*.js)`" },
  { line: 1, text: "A=({a,b})", what: "needs bash: `A=({a,b})`" },
  { line: 1, text: "A=($SPACED)", what: "needs bash: `A=($SPACED)`" },
  { line: 1, text: "A=($STAR)", what: "needs bash: `A=($STAR)`" },
  { line: 1, text: "A=~root", what: "needs bash: `A=~root`" },
  { line: 1, text: "A=$EMPTY~/x", what: "needs bash: `A=$EMPTY~/x`" },
  { line: 1, text: "A=$HO\\\nME", what: "needs bash: `A=$HO\\`" },
  { line: 1, text: "A=$\\\nHOME", what: "needs bash: `A=$\\`" },
  { line: 1, text: "export A={a,b}", what: "needs bash: `export A={a,b}`" },
  { line: 1, text: "A=(one; two)", what: "needs bash: `A=(one; two)`" },
  { line: 1, text: "A=(one;", what: "needs bash: `A=(one;`" },
  { line: 1, text: 'A=$"x"', what: 'needs bash: `A=$"x"`' },
  { line: 1, text: "A=$'\\u0041'", what: "needs bash: `A=$'\\u0041'`" },
  { line: 1, text: "declare -x A=1", what: "needs bash: `declare -x A=1`" },
  { line: 1, text: "source x.sh", what: "needs bash: `source x.sh`" },
  { line: 1, text: "f() { touch pwned; }", what: "needs bash: `f() { touch pwned; }`" },
  { line: 1, text: "IFS=x", what: "needs bash: `IFS=x`" },
  { line: 1, text: "A=\u001b[2J $(x)", what: "needs bash: `A= [2J $(x)`" },
  { line: 3, text: "A=1\n\nB='x", what: "the quote is never closed" },
  { line: 1, text: 'B="x', what: "the quote is never closed" },
  { line: 1, text: "B=(x", what: "the ( is never closed" },
];

test.for(hostile)("says of $text that it needs bash", ({ text, line, what }) => {
  expect(parseServiceFile(text, known).problems[0]).toEqual({ line, what });
  expect(existsSync("pwned")).toBe(false);
});

test("goes on behind a line that it cannot read", () => {
  const { values, problems } = parseServiceFile("A=1\nsource x\nB=2\nC=$(x)\nD=4", known);
  expect(Object.fromEntries(values)).toEqual({ A: "1", B: "2", D: "4" });
  expect(problems.map(({ line }) => line)).toEqual([2, 4]);
});

test("a file whose variables grow without end is told, and not followed", () => {
  const doubling = `A=xxxxxxxx\n${"A=$A$A\n".repeat(40)}`;
  expect(() => parseServiceFile(doubling, known)).toThrow(GrowsTooLong);
  const often = `A=${"x".repeat(1000)} B=(${" $A".repeat(2000)})`;
  expect(() => parseServiceFile(often, known)).toThrow(GrowsTooLong);
});

test("of a file that is nothing but problems each is told with its line; behind a quote that is never closed nothing is", () => {
  const { problems } = parseServiceFile("A=$(x)\n".repeat(20_000), known);
  expect([problems.length, problems.at(-1)?.line]).toEqual([20_000, 20_000]);
  const open = parseServiceFile("A=1\nB='x\nC=$(y)\nD=2", known);
  expect(open).toMatchObject({ problems: [{ line: 2, what: "the quote is never closed" }] });
  expect(Object.fromEntries(open.values)).toEqual({ A: "1" });
});

test("names the variables that nobody has set", () => {
  const { unset } = parseServiceFile("A=$TETRA_SRC/x B=${NONE:-x} C=$EMPTY D=$B", known);
  expect([...unset]).toEqual(["TETRA_SRC"]);
});

/** What bash makes of it: the judge of what we claim to understand. */
function bashs(text: string, names: readonly string[]): Record<string, unknown> {
  const file = join(folder, "file.tsm");
  writeFileSync(file, text);
  const show = `. "$1"; shift
for name; do
  all="$name[@]"
  case $(declare -p "$name") in
    "declare -a"*) words=("\${!all}"); printf 'a%s\\0' "\${#words[@]}"; [ \${#words[@]} -eq 0 ] || printf '%s\\0' "\${words[@]}" ;;
    *) printf 's\\0%s\\0' "\${!name}" ;;
  esac
done`;
  const env = { ...known, PATH: process.env["PATH"] ?? "" };
  const output = execFileSync("bash", ["-c", show, "bash", file, ...names], { env, cwd: folder });
  const parts = output.toString().split("\0");
  return Object.fromEntries(
    names.map((name) => {
      const kind = parts.shift() ?? "";
      return [name, kind === "s" ? parts.shift() : parts.splice(0, Number(kind.slice(1)))];
    }),
  );
}
