import { expect, test } from "vitest";
import { runLines, type ScriptHost, statementText } from "../../../src/repl/run-lines.ts";

/** Runs a script over commands of which `fail N` fails with N and `leave` leaves. */
async function run(lines: readonly string[], { keepGoing = false, file = "f", looksAtAll = false } = {}) {
  const ran: string[] = [];
  let said = "";
  let isOver = false;
  const host: ScriptHost = {
    looksAtAll,
    statement: (statement, source, line) => {
      const text = statementText(statement, source);
      ran.push(`${line} ${text}`);
      isOver ||= text === "leave";
      return Promise.resolve(Number(/^fail (\d+)$/.exec(text)?.[1] ?? 0));
    },
    writeError: (text) => {
      said += text;
    },
    isOver: () => isOver,
  };
  const exitCode = await runLines({ lines, file: file === "" ? undefined : file }, host, { keepGoing });
  return { ran, said, exitCode };
}

test.for([
  {
    lines: ["a", "", "# b", "c; d"],
    ran: ["1 a", "4 c", "4 d"],
    code: 0,
    because: "comments and empty lines are nothing",
  },
  {
    lines: ["a 'b", "c'; d", "e"],
    ran: ["1 a 'b c'", "2 d", "3 e"],
    code: 0,
    because: "a quote takes in the next line",
  },
  { lines: ["a \\", "b", "c"], ran: ["1 a \\ b", "3 c"], code: 0, because: "so does a backslash" },
  {
    lines: ["a", "fail 3; b", "c"],
    ran: ["1 a", "2 fail 3"],
    code: 3,
    because: "a failure ends its line and the rest",
  },
  {
    lines: ["set +e", "fail 3", "set -e", "b", "fail 4", "c"],
    ran: ["2 fail 3", "4 b", "5 fail 4"],
    code: 3,
    because: "set decides from there on",
  },
  {
    lines: ["set -e", "set +e; fail 1", "b"],
    ran: ["2 fail 1", "3 b"],
    code: 1,
    because: "set stands in a line with others",
  },
  {
    lines: ["set -x", "set lines 20", "'set' > f -e"],
    ran: ["1 set -x", "2 set lines 20", "3 'set' > f -e"],
    code: 0,
    because: "any other set is a command",
  },
  { lines: ["a", "leave; b", "c"], ran: ["1 a", "2 leave"], code: 0, because: "who leaves runs no more" },
  { lines: ["!a; b", "c"], ran: ["1 !a; b", "2 c"], code: 0, because: "a line for bash is one" },
])("$lines: $because", async ({ lines, ran, code }) => {
  expect(await run(lines)).toMatchObject({ ran, exitCode: code });
});

test("a failure is told with file and line, and without a file by the command alone", async () => {
  expect((await run(["a", "b; fail 7"])).said).toBe("f:2: fail 7: exit code 7\n");
  expect((await run(["fail 130"])).said).toBe("f:1: fail 130: interrupted\n");
  expect((await run(["fail 7"], { file: "" })).said).toBe("");
  expect((await run(["fail 7"], { file: "f\x1b[2J" })).said).toBe("f^[[2J:1: fail 7: exit code 7\n");
});

test("a line that cannot be read runs nothing of it", async () => {
  expect(await run(["a", "b; c || d", "e"])).toEqual({
    ran: ["1 a"],
    said: "f:2: column 6: || is bash's; here ; separates commands\n",
    exitCode: 64,
  });
  expect((await run(["a || b"], { file: "" })).said).toMatch(/^tsm: column 3: /);
  expect(await run(["a || b", "c"], { keepGoing: true })).toMatchObject({ ran: ["2 c"], exitCode: 64 });
  expect(await run(["a", "b 'c"])).toMatchObject({
    ran: ["1 a"],
    exitCode: 64,
    said: expect.stringContaining("f:2: "),
  });
});

test("what looks at all lines is not stopped by set -e either", async () => {
  const { ran, exitCode } = await run(["set -e", "fail 2", "a"], { looksAtAll: true });
  expect({ ran, exitCode }).toEqual({ ran: ["2 fail 2", "3 a"], exitCode: 2 });
});
