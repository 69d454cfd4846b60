import { expect, test } from "vitest";
import { anyNumber, command, defineCommand, flag, many, one, optional, toggle } from "../../../src/command/define.ts";
import { parseWords, usageOf } from "../../../src/command/parse.ts";
import { placeIn } from "../../../src/command/place.ts";
import { waitCondition } from "../../../src/command/port-types.ts";
import { exitCodeList } from "../../../src/command/process-types.ts";
import { integer, oneOf, text } from "../../../src/command/types.ts";

const handler = { summary: "", effect: "reads", examples: [], run: () => undefined } as const;
const start = defineCommand({
  ...handler,
  name: "start",
  args: { command: command(text("COMMAND"), "") },
  flags: {
    name: flag(text("NAME"), { summary: "" }),
    port: flag(integer("PORT", 1), { summary: "", short: "p" }),
    wait: toggle(""),
    watch: flag(text("PATHS"), { summary: "", bare: ".", bareBefore: "command" }),
  },
});
const logs = defineCommand({
  ...handler,
  name: "logs",
  args: { targets: many(text("PROCESS"), "") },
  flags: {
    lines: flag(integer("N", 0), { summary: "", short: "n", fallback: 50 }),
    follow: toggle("", "f"),
    keepLogs: toggle(""),
  },
});
const copy = defineCommand({
  ...handler,
  name: "copy",
  args: { from: one(text("A"), ""), to: optional(text("B"), "") },
  flags: {},
});
const wait = defineCommand({
  ...handler,
  name: "wait",
  args: { target: one(text("PROCESS"), ""), condition: one(waitCondition, "") },
  flags: {},
});
const limitTo = defineCommand({ ...handler, name: "limit-to", args: { n: one(integer("N", 0), "") }, flags: {} });
const runs = defineCommand({ ...handler, name: "runs", args: { what: one(text("FILE|COMMAND"), "") }, flags: {} });

test.for([
  { words: ["node", "x"], rest: ["node", "x"], flags: {}, because: "no flags at all" },
  { words: ["--name", "n", "node"], rest: ["node"], flags: { name: "n" }, because: "flags before" },
  { words: ["--name=n", "node"], rest: ["node"], flags: { name: "n" }, because: "with an equals sign" },
  { words: ["--name=", "node"], rest: ["node"], flags: { name: "" }, because: "an empty value" },
  { words: ["--name=a=b", "node"], rest: ["node"], flags: { name: "a=b" }, because: "the first equals sign counts" },
  {
    words: ["node", "x", "--name", "n"],
    rest: ["node", "x"],
    flags: { name: "n" },
    because: "flags behind plain words",
  },
  {
    words: ["node", "-x", "--name", "n"],
    rest: ["node", "-x", "--name", "n"],
    flags: {},
    because: "behind its own first flag all is the program's",
  },
  {
    words: ["node", "--name", "n", "-x", "--port", "9"],
    rest: ["node", "-x", "--port", "9"],
    flags: { name: "n" },
    because: "before it they are ours",
  },
  {
    words: ["node", "--json", "--help"],
    rest: ["node", "--help"],
    flags: {},
    because: "--help behind a command is the program's",
  },
  {
    words: ["--port", "1", "node", "x", "--port", "2", "--name", "n"],
    rest: ["node", "x", "--port", "2", "--name", "n"],
    flags: { port: 1 },
    because: "what stood before the program is its own behind it",
  },
  {
    words: ["-p", "1", "x.js", "--name", "n", "--port=2"],
    rest: ["x.js", "--port=2"],
    flags: { port: 1, name: "n" },
    because: "that is so for short flags and for scripts",
  },
  {
    words: ["--json", "node", "--json"],
    rest: ["node", "--json"],
    flags: {},
    because: "and for --json",
  },
  {
    words: ["--port", "1", "node x --port 2", "--port", "3"],
    rest: ["node x --port 2"],
    flags: { port: 3 },
    because: "and not for a quoted command, where the last one counts",
  },
  {
    words: ["--", "node", "--name", "n"],
    rest: ["node", "--name", "n"],
    flags: {},
    because: "behind -- all is the program's",
  },
  {
    words: ["node", "--", "--name", "n"],
    rest: ["node", "--name", "n"],
    flags: {},
    because: "-- may stand behind the program",
  },
  {
    words: ["--name", "n", "npm", "run", "dev", "--", "--name", "x"],
    rest: ["npm", "run", "dev", "--", "--name", "x"],
    flags: { name: "n" },
    because: "behind several words of the program -- is one of them",
  },
  {
    words: ["node", "x.js", "y", "--", "--name", "x"],
    rest: ["node", "x.js", "y", "--name", "x"],
    flags: {},
    because: "behind a script -- keeps its flags from us",
  },
  {
    words: ["node", "x", "--name", "n", "--", "-y"],
    rest: ["node", "x", "-y"],
    flags: { name: "n" },
    because: "behind a flag of ours -- parts it from the program's",
  },
  { words: ["--", "node", "--", "x"], rest: ["node", "--", "x"], flags: {}, because: "the second -- is the program's" },
  {
    words: ["node x -y", "--name", "n"],
    rest: ["node x -y"],
    flags: { name: "n" },
    because: "behind a quoted command flags are ours",
  },
  { words: ["-p", "9", "node"], rest: ["node"], flags: { port: 9 }, because: "a short flag" },
  { words: ["--wait", "node"], rest: ["node"], flags: { wait: true }, because: "a switch" },
  { words: ["node", "-", "-5"], rest: ["node", "-", "-5"], flags: {}, because: "- and negative numbers are words" },
  { words: ["--name", "--", "node"], rest: ["node"], flags: { name: "--" }, because: "a value may look like anything" },
  { words: ["", "x"], rest: ["", "x"], flags: {}, because: "empty words are words" },
  { words: ["--watch", "x.js"], rest: ["x.js"], flags: { watch: "." }, because: "--watch may stand alone" },
  { words: ["--watch=src", "x.js"], rest: ["x.js"], flags: { watch: "src" }, because: "= gives it a value" },
  {
    words: ["x.js", "--watch", "src"],
    rest: ["x.js"],
    flags: { watch: "src" },
    because: "behind a script so does a word",
  },
  { words: ["x y", "--watch", "src"], rest: ["x y"], flags: { watch: "src" }, because: "and behind a shell string" },
  { words: ["x.js", "--watch"], rest: ["x.js"], flags: { watch: "." }, because: "there too it may stand alone" },
  {
    words: ["x.js", "--watch", "--wait"],
    rest: ["x.js"],
    flags: { watch: ".", wait: true },
    because: "a flag is no value of it",
  },
  { words: ["x.js", "--watch", "--", "y"], rest: ["x.js", "y"], flags: { watch: "." }, because: "nor is --" },
  {
    words: ["node", "--watch", "x.js"],
    rest: ["node", "x.js"],
    flags: { watch: "." },
    because: "node runs what follows",
  },
])("start $words: $because", ({ words, rest, flags }) => {
  const parsed = parseWords(start, words);
  expect(parsed.command?.words).toEqual(rest);
  expect(Object.fromEntries([...parsed.flags].filter(([, value]) => value !== undefined && value !== false))).toEqual(
    flags,
  );
});

test.for([
  { words: ["a", "b"], targets: ["a", "b"], lines: 50, follow: false },
  { words: ["a", "-n", "3", "b", "-f"], targets: ["a", "b"], lines: 3, follow: true },
  { words: ["--lines=0", "--", "-f"], targets: ["-f"], lines: 0, follow: false },
  { words: ["-n", "1", "-n", "2", "a"], targets: ["a"], lines: 2, follow: false },
])("logs $words", ({ words, targets, lines, follow }) => {
  const parsed = parseWords(logs, words);
  expect(parsed.args.get("targets")).toEqual(targets);
  expect(parsed.flags.get("lines")).toBe(lines);
  expect(parsed.flags.get("follow")).toBe(follow);
});

test("a flag of two words has a dash", () => {
  expect(parseWords(logs, ["a", "--keep-logs"]).flags.get("keepLogs")).toBe(true);
  expect(() => parseWords(logs, ["a", "--keepLogs"])).toThrow("logs has no flag '--keepLogs'");
});

test.for([
  { verb: logs, words: [], says: "logs needs at least one PROCESS" },
  { verb: logs, words: ["a", "--lines"], says: "--lines needs a value" },
  { verb: logs, words: ["a", "--lines", "x"], says: "--lines: 'x' is not a whole number" },
  { verb: logs, words: ["a", "--follow=yes"], says: "--follow takes no value" },
  { verb: logs, words: ["a", "--frob"], says: "logs has no flag '--frob'" },
  { verb: logs, words: ["a", "--toString"], says: "logs has no flag '--toString'" },
  { verb: start, words: ["--frob", "node"], says: "start has no flag '--frob'" },
  { verb: start, words: ["node x", "--frob"], says: "start has no flag '--frob'" },
  { verb: copy, words: [], says: "copy needs an A" },
  { verb: wait, words: ["a"], says: "wait needs one of online, stopped, port:N" },
  { verb: limitTo, words: [], says: "limit-to needs an N" },
  { verb: runs, words: [], says: "runs needs a FILE or COMMAND" },
  { verb: copy, words: ["a", "b", "c"], says: "copy does not know what to do with 'c'" },
])("$words is refused: $says", ({ verb, words, says }) => {
  expect(() => parseWords(verb, words)).toThrow(says);
});

test.for([
  { words: ["app.js", "--codes", "0", "1"], rest: undefined, because: "behind a script" },
  { words: ["--codes", "0", "1", "app.js"], rest: undefined, because: "before a script" },
  { words: ["--codes", "0", "1", "--", "node"], rest: undefined, because: "before a program" },
  { words: ["--codes", "0,1", "app.js", "1"], rest: ["app.js", "1"], because: "with commas it is clear" },
  { words: ["app.js", "--codes=0", "1"], rest: ["app.js", "1"], because: "and so with an equals sign" },
  { words: ["app.js", "--codes", "0", "8000"], rest: ["app.js", "8000"], because: "and where it can be none" },
  { words: ["app.js", "--codes", "0", "--", "1"], rest: ["app.js", "1"], because: "and behind --" },
  { words: ["--codes", "0", "1"], rest: ["1"], because: "a process is to be started again" },
])("a list with a blank in place of a comma, $words: $because", ({ words, rest }) => {
  const verb = defineCommand({
    ...handler,
    name: "start",
    args: { command: command(text("COMMAND"), "") },
    flags: { codes: flag(exitCodeList, { summary: "" }) },
  });
  if (rest === undefined)
    expect(() => parseWords(verb, words)).toThrow("--codes 0 1: its values are parted by commas: --codes 0,1");
  else expect(parseWords(verb, words).command?.words).toEqual(rest);
});

test.for([
  { word: "--folow", hint: "Did you mean '--follow'?" },
  { word: "--keepLogs", hint: "Did you mean '--keep-logs'?" },
  { word: "-follow", hint: "Did you mean '--follow'?" },
  { word: "--jsno", hint: "Did you mean '--json'?" },
  { word: "--lnies=5", hint: "Did you mean '--lines'?" },
  { word: "--unlike", hint: "It has --lines" },
])("$word is no flag: $hint", ({ word, hint }) => {
  expect(() => parseWords(logs, ["a", word])).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(hint) as string }),
  );
});

test("--json and --help are every verb's", () => {
  expect(parseWords(logs, ["a", "--json"])).toMatchObject({ json: true, help: false });
  expect(parseWords(logs, ["--help"])).toMatchObject({ help: true });
  expect(parseWords(start, ["-h"])).toMatchObject({ help: true });
});

test("the usage line shows what a verb takes", () => {
  expect(usageOf(start)).toBe("start [flags] COMMAND [ARGUMENT…]");
  expect(usageOf(logs)).toBe("logs [flags] PROCESS…");
  expect(usageOf(copy)).toBe("copy A [B]");
});

test("a flag that may stand alone takes the next word when that is one of its own", () => {
  const verb = defineCommand({
    ...handler,
    name: "logs",
    args: { targets: anyNumber(text("NAME"), "") },
    flags: { timestamps: flag(oneOf(["iso", "short"]), { bare: "iso", summary: "" }) },
  });
  const parsed = (...words: string[]) => {
    const { flags, args } = parseWords(verb, words);
    return [flags.get("timestamps"), ...(args.get("targets") ?? [])];
  };
  expect(parsed("--timestamps", "short", "api")).toEqual(["short", "api"]);
  expect(parsed("--timestamps", "api")).toEqual(["iso", "api"]);
  expect(parsed("--timestamps=short", "iso")).toEqual(["short", "iso"]);
  expect(parsed("api", "--timestamps")).toEqual(["iso", "api"]);
});

const spelled = defineCommand({
  ...handler,
  name: "spelled",
  args: { command: command(text("COMMAND"), "") },
  flags: { memory: flag(text("SIZE"), { summary: "", also: ["--max-memory"], short: "m" }), trace: toggle("") },
  ignores: ["--no-pmx", "--trace", "-x", "--parallel N"],
});

test.for([
  { words: ["--max-memory", "9", "node"], flags: { memory: "9" }, rest: ["node"], because: "another tool's spelling" },
  { words: ["app.js", "--max-memory=9"], flags: { memory: "9" }, rest: ["app.js"], because: "behind a script too" },
  { words: ["--no-pmx", "-x", "node"], ignored: ["--no-pmx", "-x"], rest: ["node"], because: "they mean nothing" },
  {
    words: ["app.js", "--parallel", "2", "a"],
    ignored: ["--parallel"],
    rest: ["app.js", "a"],
    because: "with a value",
  },
  { words: ["app.js", "--parallel=2"], ignored: ["--parallel"], rest: ["app.js"], because: "in one word" },
  { words: ["--trace", "node"], flags: { trace: true }, rest: ["node"], because: "a flag of its own comes first" },
  { words: ["node", "--no-pmx"], rest: ["node", "--no-pmx"], because: "behind a program it is the program's" },
  { words: ["node", "-m", "9"], rest: ["node", "-m", "9"], because: "and so is a short one" },
  { words: ["app.js", "--", "--no-pmx", "-s"], rest: ["app.js", "--no-pmx", "-s"], because: "-- ends all that" },
  { words: ["-s", "node"], silent: true, rest: ["node"], because: "every verb can be silent" },
  {
    words: ["app.js", "--silent", "--no-color"],
    silent: true,
    colourless: true,
    rest: ["app.js"],
    because: "anywhere",
  },
  { words: ["npm", "run", "--silent"], rest: ["npm", "run", "--silent"], because: "npm has a --silent of its own" },
])("spelled $words: $because", ({ words, rest, flags = {}, ignored = [], silent = false, colourless = false }) => {
  const parsed = parseWords(spelled, words);
  const given = Object.fromEntries([...parsed.flags].filter(([, value]) => value !== undefined && value !== false));
  expect(parsed).toMatchObject({ command: { words: rest }, ignored, silent, colourless });
  expect(given).toEqual(flags);
  // What Tab and the colours of the line make of it.
  const unknown = placeIn(spelled, words).roles.filter(({ kind }) => kind === "unknown-flag");
  expect(unknown).toEqual([]);
});
