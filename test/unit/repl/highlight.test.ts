import { expect, test } from "vitest";
import { styles } from "../../../src/repl/editor/styles.ts";
import { typingOver } from "./sight.ts";

const typing = await typingOver();

/** The parts of a line that have a style, each with the name of it. */
function styled(text: string): string[] {
  const names = new Map(Object.entries(styles(true)).map(([name, style]) => [style, name]));
  // Two meanings may share a colour: the words of the shell are named after the first.
  names.set("36", "flag");
  const spans = typing.spans(text);
  expect(spans.map((span) => span.text).join("")).toBe(text);
  return spans.flatMap((span) => (span.style === undefined ? [] : [`${names.get(span.style)} ${span.text}`]));
}

test.for([
  { text: "list", shows: ["good list"], because: "a known verb" },
  { text: "/list", shows: ["good /list"], because: "its spelling with a slash" },
  { text: "tsm list", shows: ["good tsm", "good list"], because: "its spelling with tsm" },
  { text: "lsit", shows: ["bad lsit"], because: "an unknown verb" },
  { text: "restart server", shows: ["good restart", "good server"], because: "one process, online" },
  { text: "restart srv", shows: ["good restart", "good srv"], because: "scattered letters of one process" },
  { text: "restart 3", shows: ["good restart", "bad 3"], because: "an id, crashed" },
  { text: "info #0", shows: ["good info", "good #0"], because: "an id as the shell shows it" },
  { text: "info api-two", shows: ["good info", "faint api-two"], because: "a stopped process" },
  { text: "info slow", shows: ["good info", "warn slow"], because: "a waiting process" },
  { text: "stop api", shows: ["good stop", "warn api"], because: "a part of two names" },
  { text: "stop we", shows: ["good stop", "strong we"], because: "a part of the name of one app, all instances of it" },
  { text: "info we", shows: ["good info", "warn we"], because: "info takes one of them" },
  { text: "info web-*", shows: ["good info", "warn web-*"], because: "a pattern that means more than info takes" },
  { text: "history dbx", shows: ["good history"], because: "any word can be looked for" },
  { text: "stop default", shows: ["good stop", "strong default"], because: "a namespace, all of it" },
  { text: "stop %7 7 &", shows: ["good stop", "good %7", "good 7"], because: "a job, and no process has its number" },
  { text: "stop %8 8", shows: ["good stop", "bad %8", "bad 8"], because: "no job" },
  { text: "fg 7", shows: ["good fg", "good 7"], because: "a job" },
  { text: "restart %7", shows: ["good restart", "bad %7"], because: "jobs are not restarted" },
  { text: "stop nobody", shows: ["good stop", "bad nobody"], because: "no process" },
  { text: "stop serve", shows: ["good stop", "bad serve"], because: "a damaged record, and not server-3000" },
  { text: "restart sl", shows: ["good restart", "bad sl"], because: "what runs without a record, and not slow" },
  {
    text: "delete serve sl",
    shows: ["good delete", "strong serve", "bad sl"],
    because: "what is damaged can be deleted",
  },
  { text: "stop 'api-*'", shows: ["good stop", "strong 'api-*'"], because: "a pattern means several on purpose" },
  { text: "stop 'x-*'", shows: ["good stop", "bad 'x-*'"], because: "a pattern that fits nothing" },
  { text: "stop *", shows: ["good stop", "strong *"], because: "everyone, even if there is none" },
  { text: "kill db -s HUP", shows: ["good kill", "bad db", "flag -s"], because: "a flag; its value is allowed" },
  { text: "kill db -s HUPP", shows: ["good kill", "bad db", "flag -s", "bad HUPP"], because: "no such signal" },
  { text: "kill db --signal=NO", shows: ["good kill", "bad db", "bad --signal=NO"], because: "a value behind =" },
  { text: "list --sort xx", shows: ["good list", "flag --sort", "bad xx"], because: "no field to sort by" },
  { text: "list --sort=-mem", shows: ["good list", "flag --sort=-mem"], because: "a field, the other way round" },
  {
    text: "list --where 'mem > '",
    shows: ["good list", "flag --where", "quoted 'mem > ", "wrong '"],
    because: "a value is missing there",
  },
  {
    text: "list --where 'mum > 2' -a",
    shows: ["good list", "flag --where", "quoted '", "wrong m", "quoted um > 2'", "flag -a"],
    because: "no field",
  },
  {
    text: "list --where 'mem > 2x",
    shows: ["good list", "flag --where", "wrong '", "quoted mem > ", "wrong 2", "quoted x"],
    because: "no size",
  },
  {
    text: "list --where 'mem >",
    shows: ["good list", "flag --where", "wrong '", "quoted mem >"],
    because: "what is missing may come",
  },
  { text: "list --where mem", shows: ["good list", "flag --where", "bad mem"], because: "an operator is missing" },
  {
    text: 'list --where "a \\"b"',
    shows: ["good list", "flag --where", 'bad "a \\"b"'],
    because: "no field, somewhere",
  },
  { text: "list --where=mem", shows: ["good list", "bad --where=mem"], because: "the same behind =" },
  {
    text: "list --where 'mem > 2M'",
    shows: ["good list", "flag --where", "quoted 'mem > 2M'"],
    because: "all is well",
  },
  { text: "list --al", shows: ["good list", "bad --al"], because: "an unknown flag" },
  { text: "list --json -h", shows: ["good list", "flag --json", "flag -h"], because: "flags of every verb" },
  { text: "version x", shows: ["good version", "bad x"], because: "nothing is taken there" },
  { text: "start node app.js --x -y", shows: ["good start"], because: "flags behind a program are its own" },
  { text: "start --x node", shows: ["good start", "bad --x"], because: "before a program they are ours" },
  { text: "start db", shows: ["good start", "bad db"], because: "start NAME starts a process that is there" },
  { text: "start ./package.json", shows: ["good start", "match ./package.json"], because: "a path that exists" },
  { text: "start ./nowhere", shows: ["good start"], because: "a path that does not" },
  { text: "start --cwd src", shows: ["good start", "flag --cwd", "match src"], because: "a folder that exists" },
  { text: "config set 'a b'", shows: ["good config", "quoted 'a b'"], because: "a string" },
  { text: "list; lost # why", shows: ["good list", "bad lost", "faint # why"], because: "statements and a comment" },
  { text: "!ls -l; list", shows: ["bash !ls -l; list"], because: "all of it is for bash" },
  { text: "list | grep x", shows: ["good list", "bash | grep x"], because: "behind a pipe it is for bash" },
  { text: "list > src", shows: ["good list", "match src"], because: "a file that exists" },
  {
    text: "list || x",
    shows: ["good list", "wrong |", "bash | x"],
    because: "what is wrong is marked where it stands",
  },
  { text: "restart $_", shows: ["good restart", "bad $_"], because: "nothing was shown" },
  {
    text: "list; restart $1",
    shows: ["good list", "good restart", "strong $1"],
    because: "what that shows is not known",
  },
  { text: "help stop", shows: ["good help", "good stop"], because: "a verb as an argument" },
])("$text: $because", ({ text, shows }) => {
  expect(styled(text)).toEqual(shows);
});

test("$1 and $_ look like the process that they stand for", async () => {
  const shown = await typingOver({ results: ["server-3000", "db"] });
  const { good, bad, strong } = styles(true);
  const last = (text: string) => shown.spans(text).at(-1);
  expect(last("restart $1")).toEqual({ text: "$1", style: good });
  expect(last("restart $2")).toEqual({ text: "$2", style: bad }); // db has crashed.
  expect(last("restart $3")).toEqual({ text: "$3", style: bad });
  expect(last("restart $_")).toEqual({ text: "$_", style: strong });
});

test("an alias is a verb, and what stands behind it is what stands behind its verb", async () => {
  const own = await typingOver({ aliases: { k: "kill", slow: "restart --timeout 20", kk: "k" } });
  const looks = (text: string) =>
    own
      .spans(text)
      .filter((span) => span.style !== undefined)
      .map(({ text: part, style }) => `${part} ${style}`);
  const { good, bad, flag, warn } = styles(true);
  expect(looks("k server-3000 --signal")).toEqual([`k ${good}`, `server-3000 ${good}`, `--signal ${flag}`]);
  expect(looks("/k db --nosuch")).toEqual([`/k ${good}`, `db ${bad}`, `--nosuch ${bad}`]);
  expect(looks("tsm slow api nobody")).toEqual([`tsm ${good}`, `slow ${good}`, `api ${warn}`, `nobody ${bad}`]);
  expect(looks("kk api")).toEqual([`kk ${bad}`]);
  expect(looks("help k")).toEqual([`help ${good}`, `k ${good}`]);
});

test.for([
  { text: "config set prompt 'it", at: 18 },
  { text: 'stop "', at: 5 },
  { text: "!echo 'x", at: 6 },
])("an open quote is marked where it stands: $text", ({ text, at }) => {
  let from = 0;
  for (const span of typing.spans(text)) {
    if (span.style === styles(true).wrong) {
      expect({ from, text: span.text }).toEqual({ from: at, text: text[at] });
      return;
    }
    from += span.text.length;
  }
  expect.unreachable("nothing is marked");
});

test("a text that nobody types is shown as it is", () => {
  const text = `list ${"x".repeat(5000)}`;
  expect(typing.spans(text)).toEqual([{ text }]);
});

test("without colour nothing is highlighted", async () => {
  expect((await typingOver({ colour: false })).spans("stop db --x")).toEqual([{ text: "stop db --x" }]);
});
