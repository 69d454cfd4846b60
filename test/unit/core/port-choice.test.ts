import { expect, test } from "vitest";
import { choosePort, validPort, withWinningPort } from "../../../src/core/port-choice.ts";
import type { ProcessType, Program } from "../../../src/core/program.ts";

interface Said {
  readonly flag?: number;
  readonly env?: string;
  readonly type?: ProcessType;
  readonly argv?: string[];
  readonly args?: string[];
  readonly line?: string;
  readonly text?: string;
  readonly caller?: string;
}

function choose({ flag, env, type = "node", argv = [], args = [], line, text, caller }: Said) {
  const script = text === undefined ? undefined : "/x";
  const program: Program = {
    argv,
    type,
    interpreter: "/i",
    module: { name: "m", isShellScript: false },
    script,
    args,
    shellLine: line,
    lookup: "",
  };
  const envFile = new Map(env === undefined ? [] : [["PORT", env]]);
  return choosePort({ flag, envFile, envFilePath: "/e.env", program, scriptText: text, callerPort: caller });
}

test.for<{ said: Said; port: number | "none"; because: string }>([
  { said: { flag: 1, env: "2", line: "PORT=3 x", args: ["--port", "4"] }, port: 1, because: "the flag is first" },
  { said: { env: "2", line: "PORT=3 x", args: ["--port", "4"] }, port: 2, because: "then the env file" },
  { said: { env: "", args: ["--port", "4"] }, port: 4, because: "an empty one says nothing" },
  {
    said: { line: "PORT=3 x", text: "const PORT = 4000;", args: ["--port", "5"] },
    port: 3,
    because: "then the command",
  },
  { said: { text: "const PORT = 4000;", args: ["--port", "5"] }, port: 4000, because: "then the script" },
  { said: { args: ["--port", "5"] }, port: 5, because: "then what the command says" },
  { said: {}, port: "none", because: "nobody says any" },
  { said: { line: "cd x && PORT=3 node y" }, port: 3, because: "an assignment behind &&" },
  { said: { line: "PORT='3' x" }, port: 3, because: "a quoted one" },
  { said: { line: "EXPORT=3 x" }, port: "none", because: "another variable" },
  { said: { line: "sleep 9 # PORT=3" }, port: "none", because: "a comment says nothing" },
  { said: { line: "# it's PORT=1\nPORT=3 x" }, port: 3, because: "what stands below a comment does" },
  { said: { line: "x 'a # b' \"# c\" \\# d#e $# PORT=3; y" }, port: 3, because: "none of these is a comment" },
  { said: { line: "MYPORT=3 x" }, port: "none", because: "another variable" },
  { said: { argv: ["env", "PORT=3", "x"] }, port: 3, because: "a word of its own" },
  { said: { type: "bash", text: "#!/bin/bash\nPORT=3000\nx" }, port: 3000, because: "a shell script assigns" },
  { said: { type: "bash", text: "export PORT=3000 # here" }, port: 3000, because: "and exports" },
  { said: { type: "bash", text: "# PORT=1\nPORT=2" }, port: 2, because: "a comment says nothing" },
  { said: { type: "bash", text: "PORT=${PORT:-3000}" }, port: 3000, because: "a default" },
  { said: { type: "bash", text: "x --listen ${PORT:-3000}" }, port: 3000, because: "a default where it is used" },
  {
    said: { type: "bash", text: "PORT=${PORT:-3000}", caller: "4000" },
    port: 4000,
    because: "the caller's comes before a default",
  },
  { said: { type: "bash", text: "PORT=3000", caller: "4000" }, port: 3000, because: "but not before an assignment" },
  { said: { type: "bash", text: "PORT=0" }, port: "none", because: "0 is any" },
  { said: { flag: 1, type: "bash", text: "PORT=99999" }, port: 1, because: "nobody asks the script then" },
  { said: { text: "const PORT = 99999;" }, port: "none", because: "a constant may be anything" },
  { said: { type: "bash", text: "PORT=$1" }, port: "none", because: "not known before it runs" },
  { said: { text: "const port = process.env.PORT || 3000;" }, port: 3000, because: "a fallback in node" },
  { said: { text: "listen(process.env.PORT ?? 3000)" }, port: 3000, because: "a fallback in node" },
  { said: { text: "Number(process.env.PORT) || 3000" }, port: 3000, because: "a fallback in node" },
  {
    said: { type: "python", text: 'port = int(os.environ.get("PORT", 3000))' },
    port: 3000,
    because: "a fallback in python",
  },
  { said: { type: "python", text: "port = os.getenv('PORT', '3000')" }, port: 3000, because: "a fallback in python" },
  { said: { type: "python", text: "PORT = 3000" }, port: 3000, because: "a constant in python" },
  { said: { text: "// const PORT = 3000;\nx" }, port: "none", because: "a comment says nothing" },
  { said: { args: ["--port=8080"] }, port: 8080, because: "--port=N" },
  { said: { args: ["-p", "8080"] }, port: 8080, because: "-p N" },
  { said: { args: ["-p8080"] }, port: 8080, because: "-pN" },
  { said: { args: ["0.0.0.0:8080"] }, port: 8080, because: "HOST:N" },
  { said: { args: ["[::1]:8080"] }, port: 8080, because: "[HOST]:N" },
  { said: { args: [":8080"] }, port: 8080, because: ":N" },
  { said: { args: ["--listen=:8080"] }, port: 8080, because: "--listen=:N" },
  { said: { args: ["-addr=0.0.0.0:8080"] }, port: 8080, because: "-addr=HOST:N" },
  { said: { args: ["--web.listen-address=:8080"] }, port: 8080, because: "--…listen…=:N" },
  { said: { args: ["--bind", "127.0.0.1:8080"] }, port: 8080, because: "--bind HOST:N" },
  { said: { args: ["-S", "localhost:8080"] }, port: 8080, because: "php -S HOST:N" },
  { said: { args: ["--any", ":8080"] }, port: 8080, because: "nobody connects to :N" },
  { said: { args: ["--any", "0.0.0.0:8080"] }, port: 8080, because: "nor to every address" },
  { said: { args: ["--db=localhost:5432"] }, port: "none", because: "where a program connects to" },
  { said: { args: ["--db", "localhost:5432"] }, port: "none", because: "where a program connects to" },
  { said: { args: ["--db", "localhost:5432", "-p", "80"] }, port: 80, because: "and behind it where it listens" },
  { said: { args: ["http://x:8080/"] }, port: "none", because: "where a program connects to" },
  { said: { type: "python", args: ["8000"] }, port: 8000, because: "http.server 8000" },
  { said: { text: "", args: ["3000"] }, port: 3000, because: "app.js 3000" },
  { said: { text: "process.env.PORT || 4000", args: ["3000"] }, port: 3000, because: "a fallback gives way to a word" },
  { said: { text: "PORT = 4000", args: ["3000"] }, port: 4000, because: "an assignment does not" },
  { said: { type: "command", args: ["3600"] }, port: "none", because: "sleep 3600 has no port" },
  { said: { text: "", args: ["--timeout", "30000"] }, port: "none", because: "the number is what the flag says" },
  {
    said: { type: "python", args: ["-m", "http.server", "--cgi", "8000"] },
    port: 8000,
    because: "that flag has no value",
  },
  { said: { text: "", args: ["-n", "5000", "3000"] }, port: 3000, because: "and a word of its own none of a flag's" },
  { said: { text: "", args: ["--", "3000"] }, port: 3000, because: "-- is no flag" },
  { said: { text: "", args: ["--fast=1", "3000"] }, port: 3000, because: "this flag has its value" },
  { said: { text: "", args: ["123"] }, port: "none", because: "too short to be meant" },
])("the port is $port: $because", ({ said, port }) => {
  expect(choose(said)).toBe(port);
});

test("a PORT in the env file that is none is refused by name", () => {
  expect(() => choose({ env: "http" })).toThrow("PORT in /e.env is 'http', which is not a port");
});

test.for([
  { text: "1", port: 1 },
  { text: "65535", port: 65_535 },
  { text: "0", port: undefined },
  { text: "65536", port: undefined },
  { text: "-1", port: undefined },
  { text: "1e3", port: undefined },
  { text: " 80", port: undefined },
  { text: "", port: undefined },
])("$text as a port is $port", ({ text, port }) => {
  expect(validPort(text)).toBe(port);
});

test.for([
  { argv: ["/bin/bash", "-c", "PORT=1 x"], after: ["/bin/bash", "-c", "PORT=9 x"], because: "a shell line" },
  {
    argv: ["/bin/sh", "-c", "# PORT=1\na; PORT=1 x"],
    after: ["/bin/sh", "-c", "# PORT=1\na; PORT=9 x"],
    because: "a comment stays",
  },
  { argv: ["/bin/sh", "-c", "a && PORT='1' x"], after: ["/bin/sh", "-c", "a && PORT=9 x"], because: "behind &&" },
  {
    argv: ["/usr/bin/env", "A=1", "PORT=1", "x", "PORT=2"],
    after: ["/usr/bin/env", "A=1", "PORT=9", "x", "PORT=2"],
    because: "env",
  },
  { argv: ["/bin/node", "x", "PORT=1"], after: ["/bin/node", "x", "PORT=1"], because: "a program's own word stays" },
  {
    argv: ["/bin/bash", "x.sh", "PORT=1"],
    after: ["/bin/bash", "x.sh", "PORT=1"],
    because: "a script's own word stays",
  },
])("the port that won replaces the other in the command: $because", ({ argv, after }) => {
  expect(withWinningPort(argv, 9)).toEqual(after);
  expect(withWinningPort(argv, "none")).toEqual(argv);
});

test.for<Said>([
  { line: "PORT=99999 node x" },
  { line: "cd x && PORT='123456' node y" },
  { argv: ["env", "PORT=70000", "x"] },
  { type: "bash", text: "#!/bin/bash\nexport PORT='99999'\nx" },
  { type: "bash", text: "PORT=123456; x" },
])("a PORT in the command or the script that is out of range is refused: %j", (said) => {
  expect(() => choose(said)).toThrow(/^PORT= in (?:the command|\/x) is '\d+', which is not a port$/);
});

test.for<Said>([
  { env: "0" },
  { env: "0", line: "PORT=3000 node x", args: ["--port", "3000"] },
  { line: "PORT=0 node x", text: "process.env.PORT || 3000" },
  { argv: ["env", "PORT=00", "x"], args: [":8080"] },
  { type: "bash", text: "PORT=0\nx ${PORT:-3000}" },
])("a PORT of 0 is any port, which is not known, and nobody below is asked: %j", (said) => {
  expect(choose(said)).toBe("none");
});

test("a PORT that is outranked is not looked at", () => {
  expect(choose({ flag: 3000, line: "PORT=99999 node x" })).toBe(3000);
});
