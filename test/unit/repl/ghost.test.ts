import { expect, test } from "vitest";
import type { Ghost } from "../../../src/repl/editor/ghost.ts";
import { typingOver } from "./sight.ts";

async function ghost(text: string, ...history: string[]): Promise<Ghost | undefined> {
  return (await typingOver({ history })).ghost(text);
}

test.for([
  { text: "rest", history: ["restart db"], goesOn: "art db", because: "the newest line that begins so" },
  { text: "logs s", history: ["logs slow -f", "logs server-3000"], goesOn: "low -f", because: "the newest of two" },
  { text: "logs s", history: ["logs silo", "logs slow"], goesOn: "low", because: "silo is no process any more" },
  { text: "logs s", history: ["logs serve", "logs slow"], goesOn: "low", because: "the record of serve is damaged" },
  { text: "list -", history: ["list --where 'foo = 3'", "list --all"], goesOn: "-all", because: "foo is no field" },
  {
    text: "logs s",
    history: ["logs slow -n x", "logs slow --lines=x", "logs slow -f"],
    goesOn: "low -f",
    because: "x is no number",
  },
  { text: "repea", history: ["repeat x list", "repeat 2 list"], goesOn: "t 2 list", because: "nor here" },
  { text: "!make", history: ["!make clean"], goesOn: " clean", because: "a line for bash is always true" },
  { text: "resta", history: [], goesOn: "rt", because: "the only verb" },
  { text: "restart ser", history: [], goesOn: "ver-3000", because: "the only process" },
  { text: "kill db --si", history: [], goesOn: "gnal", because: "the only flag" },
  { text: "kill db -s SIGWI", history: [], goesOn: "NCH", because: "the only value" },
])("$text goes on with “$goesOn”: $because", async ({ text, history, goesOn }) => {
  expect(await ghost(text, ...history)).toEqual({ kind: "text", text: goesOn });
});

test.for([
  { text: "restart srv", note: " → server-3000 (#0, online)" },
  { text: "restart 3", note: " → db (#3, crashed)" },
  { text: "restart #3", note: " → db (#3, crashed)" },
  { text: "kill", note: " [flags] [PROCESS…]" },
  { text: "kill ", note: "[flags] [PROCESS…]" },
  { text: "kill db --signal ", note: "SIGNAL" },
  { text: "config ", note: "[list|get|set|path] [NAME] [VALUE]" },
  { text: "config get ", note: "[NAME] [VALUE]" },
])("$text is told “$note”", async ({ text, note }) => {
  expect(await ghost(text)).toEqual({ kind: "note", text: note });
});

test.for([
  { text: "stop", history: ["stop *"] },
  { text: "stop", history: ["stop 'api-*'"] },
  { text: "stop", history: ["stop all"] },
  { text: "stop", history: ["stop /api/"] },
  { text: "start a", history: ["start all"] },
  { text: "!rm", history: ["!rm *"] },
])("what means everything is never proposed: $text after $history", async ({ text, history }) => {
  expect(await ghost(text, ...history)).not.toMatchObject({ kind: "text" });
});

test.for([
  "",
  "  ",
  "restart api",
  "restart nobody",
  "restart serve",
  "restart sl",
  "restart db",
  "version",
  "version ",
  "lsit",
  "# list",
  "!ls ",
  "start pack",
])("nothing is said behind “%s”", async (text) => {
  expect(await ghost(text)).toBeUndefined();
});

test("an alias proposes what its verb does, and what it lacks", async () => {
  const aliases = { zap: "kill", lc: "list crashed", every: "stop *", w: "wait db" };
  const typing = await typingOver({ aliases, history: ["zap db", "every"] });
  expect(typing.ghost("za")).toEqual({ kind: "text", text: "p db" });
  expect(typing.ghost("zap ser")).toEqual({ kind: "text", text: "ver-3000" });
  expect(typing.ghost("zap")).toEqual({ kind: "text", text: " db" });
  expect(typing.ghost("zap slo --sig")).toEqual({ kind: "text", text: "nal" });
  expect(typing.ghost("w ")).toEqual({ kind: "note", text: "online|stopped|port:N" });
  // A line that means everything, by whatever name.
  expect(typing.ghost("eve")).toBeUndefined();
  // As behind what it stands for.
  expect(typing.ghost("w")).toEqual({ kind: "note", text: " online|stopped|port:N" });
  expect(typing.ghost("lc")).toEqual(typing.ghost("list crashed"));
});

test("!! is told what it would run", async () => {
  expect((await typingOver({ history: ["restart db"] })).ghost("!! --json")).toEqual({
    kind: "note",
    text: " → restart db --json",
  });
  expect((await typingOver()).ghost("!!")).toBeUndefined();
});

test.for([
  { text: "restart $1", results: ["db", "slow"], note: " → db (#3, crashed)" },
  { text: "restart $2", results: ["db", "slow"], note: " → slow (#4, waiting)" },
  { text: "restart db $2", results: ["db", "slow"], note: " → slow (#4, waiting)" },
  { text: 'restart "$1"', results: ["db", "slow"], note: " → db (#3, crashed)" },
  { text: "restart $_", results: ["db"], note: " → db (#3, crashed)" },
])("$text after $results is told “$note”", async ({ text, results, note }) => {
  expect((await typingOver({ results })).ghost(text)).toEqual({ kind: "note", text: note });
});

test.for([
  { text: "restart $1", results: [], because: "nothing was shown yet" },
  { text: "restart $3", results: ["db", "slow"], because: "they are two" },
  { text: "restart $_", results: ["db", "slow"], because: "they are two" },
  { text: "restart $1", results: ["gone"], because: "it is no process any more" },
  { text: "restart '$1'", results: ["db"], because: "in single quotes these are letters" },
  { text: "restart $1-x", results: ["db"], because: "it is a part of a longer word" },
  { text: "list online; restart $1", results: ["db"], because: "another will stand for it by then" },
])("nothing is said behind $text: $because", async ({ text, results }) => {
  expect((await typingOver({ results })).ghost(text)).toBeUndefined();
});

test("a line of several, and one of 200 characters and more, have none", async () => {
  const long = `logs ${"x".repeat(200)}`;
  expect(await ghost(long, `${long}y`)).toBeUndefined();
  expect(await ghost("list\nlis", "list\nlist all")).toBeUndefined();
});

test("a proposal never begins in the middle of a character", async () => {
  expect(await ghost("!echo e", "!echo e\u0301a")).toBeUndefined();
});

test("what went on from fewer letters goes on from more, and is looked for once", async () => {
  const asked: string[] = [];
  const typing = await typingOver({ history: ["restart db"], asked });
  asked.length = 0; // What was rehearsed while it was loaded.
  for (const text of ["r", "re", "rest", "restart d"]) {
    expect(typing.ghost(text)).toEqual({ kind: "text", text: "restart db".slice(text.length) });
  }
  expect(asked).toEqual(["r"]);
  expect(typing.ghost("restart se")).toEqual({ kind: "text", text: "rver-3000" });
  expect(asked).toEqual(["r", "restart se"]);
});
