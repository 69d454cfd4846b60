import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../../src/core/program.ts";
import { systemFiles } from "../../../src/platform/files.ts";

const base = mkdtempSync(join(tmpdir(), "tsm-program-"));
const cwd = join(base, "work");

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
  chmodSync(join(base, path), mode);
}

beforeAll(() => {
  const programs = ["node", "npm", "python3", "bash", "sh", "ruby", "go", "lua", "php", "perl", "sleep", "deno", "env"];
  for (const name of programs) write(`bin/${name}`, "\u007fELF\0", 0o755);
  for (const ending of ["js", "mjs", "cjs", "ts", "py", "rb", "go", "lua", "php", "pl", "sh", "bash"])
    write(`work/app.${ending}`, "");
  write("work/run", "#!/usr/bin/env node\n", 0o755);
  write("work/flags", "#!/usr/bin/env -S node --trace\n", 0o755);
  write("work/strict", `#!${base}/bin/bash -eu\n`, 0o755);
  write("work/tool", "\u007fELF\0", 0o755);
  write("work/with space.sh", "");
  write("work/sub/node", "\u007fELF\0", 0o755);
  write("work/sub/index.js", "");
});
afterAll(() => rmSync(base, { recursive: true }));

function find(words: readonly string[], interpreter?: string) {
  return findProgram({ words, cwd, interpreter, path: join(base, "bin"), files: systemFiles });
}

/** Paths below the test's folder are told apart from words. */
function inBin(name: string): string {
  return join(base, "bin", name);
}

test.for([
  { words: ["app.js"], type: "node", runs: ["bin/node", "work/app.js"], module: "app" },
  { words: ["app.mjs"], type: "node", runs: ["bin/node", "work/app.mjs"], module: "app" },
  { words: ["app.ts"], type: "node", runs: ["bin/node", "work/app.ts"], module: "app" },
  { words: ["./app.py", "x"], type: "python", runs: ["bin/python3", "work/app.py", "x"], module: "app" },
  { words: ["app.rb"], type: "ruby", runs: ["bin/ruby", "work/app.rb"], module: "app" },
  { words: ["app.go"], type: "go", runs: ["bin/go", "run", "work/app.go"], module: "app" },
  { words: ["app.lua"], type: "lua", runs: ["bin/lua", "work/app.lua"], module: "app" },
  { words: ["app.php"], type: "php", runs: ["bin/php", "work/app.php"], module: "app" },
  { words: ["app.pl"], type: "perl", runs: ["bin/perl", "work/app.pl"], module: "app" },
  { words: ["app.sh"], type: "bash", runs: ["bin/bash", "work/app.sh"], module: "app" },
  { words: ["with space.sh"], type: "bash", runs: ["bin/bash", "work/with space.sh"], module: "with space" },
  { words: ["run", "a"], type: "node", runs: ["bin/node", "work/run", "a"], module: "run" },
  { words: ["./run"], type: "node", runs: ["bin/node", "work/run"], module: "run" },
  { words: ["./flags"], type: "node", runs: ["bin/node", "--trace", "work/flags"], module: "flags" },
  { words: ["./strict"], type: "bash", runs: ["bin/bash", "-eu", "work/strict"], module: "strict" },
  { words: ["./tool", "a"], type: "command", runs: ["work/tool", "a"], module: "tool" },
  { words: ["sleep", "9"], type: "command", runs: ["bin/sleep", "9"], module: "sleep" },
  { words: ["node", "app.js", "9"], type: "node", runs: ["bin/node", "app.js", "9"], module: "app" },
  { words: ["node", "--inspect", "app.js"], type: "node", runs: ["bin/node", "--inspect", "app.js"], module: "app" },
  { words: ["node", "-r", "x", "app.js"], type: "node", runs: ["bin/node", "-r", "x", "app.js"], module: "app" },
  { words: ["node", "-e", "1"], type: "node", runs: ["bin/node", "-e", "1"], module: "node" },
  { words: ["node", "sub"], type: "node", runs: ["bin/node", "sub"], module: "sub" },
  { words: ["npm", "start"], type: "node", runs: ["bin/npm", "start"], module: "start" },
  { words: ["npm", "run", "-s", "dev"], type: "node", runs: ["bin/npm", "run", "-s", "dev"], module: "dev" },
  { words: ["npm", "run"], type: "node", runs: ["bin/npm", "run"], module: "run" },
  {
    words: ["python", "-m", "http.server"],
    type: "python",
    runs: ["bin/python3", "-m", "http.server"],
    module: "http",
  },
  {
    words: ["python3", "-u", "-m", "http.server"],
    type: "python",
    runs: ["bin/python3", "-u", "-m", "http.server"],
    module: "http",
  },
  { words: ["go", "run", "app.go"], type: "go", runs: ["bin/go", "run", "app.go"], module: "app" },
  { words: ["bash", "-c", "x y"], type: "bash", runs: ["bin/bash", "-c", "x y"], module: "bash" },
  { words: ["node app.js"], type: "node", runs: ["bin/node", "app.js"], module: "app" },
  { words: ["node 'app.js' \"a b\""], type: "node", runs: ["bin/node", "app.js", "a b"], module: "app" },
  { words: ["PORT=3 node app.js"], type: "node", runs: ["bin/bash", "-c", "PORT=3 node app.js"], module: "app" },
  {
    words: ["# it's; ours\nnode app.js # a && b"],
    type: "node",
    runs: ["bin/bash", "-c", "# it's; ours\nnode app.js # a && b"],
    module: "app",
  },
  {
    words: ["exec node app.js 'a b'"],
    type: "node",
    runs: ["bin/bash", "-c", "exec node app.js 'a b'"],
    module: "app",
  },
  { words: ["exit 3"], type: "command", runs: ["bin/bash", "-c", "exit 3"], module: "exit" },
  {
    words: ["cd sub && exec node index.js"],
    type: "bash",
    runs: ["bin/bash", "-c", "cd sub && exec node index.js"],
    module: "index",
  },
  {
    words: ["(cd sub && node index.js)"],
    type: "bash",
    runs: ["bin/bash", "-c", "(cd sub && node index.js)"],
    module: "index",
  },
  { words: ["! { sleep 9; }"], type: "command", runs: ["bin/bash", "-c", "! { sleep 9; }"], module: "sleep" },
  { words: ["$(sleep 9)"], type: "command", runs: ["bin/bash", "-c", "$(sleep 9)"], module: "sleep" },
  { words: ["a | b", "c"], type: "bash", runs: ["bin/bash", "-c", 'a | b "$@"', "bash", "c"], module: "a" },
])("$words is a $type program called $module", ({ words, type, runs, module }) => {
  const found = find(words);
  const argv = runs.map((word) => (/^(bin|work)\//.test(word) ? join(base, word) : word));
  expect(found).toMatchObject({ type, argv, module: { name: module } });
});

test("what says the port of PHP's own server is known, with a script behind it and without", () => {
  for (const words of [
    ["php", "-S", "localhost:8000", "app.php"],
    ["php", "-S", "localhost:8000", "-t", "sub"],
  ])
    expect(find(words).args).toEqual(expect.arrayContaining(["localhost:8000"]));
  expect(find(["php", "app.php", "x"]).args).toEqual(["x"]);
});

test("--interpreter takes the file as its script; none executes it as it is", () => {
  expect(find(["run", "x"], "python3")).toMatchObject({
    type: "python",
    argv: [inBin("python3"), join(cwd, "run"), "x"],
  });
  expect(find(["run"], "./tool")).toMatchObject({ argv: [join(cwd, "tool"), join(cwd, "run")] });
  expect(find(["./run", "x"], "none")).toMatchObject({ type: "command", argv: [join(cwd, "run"), "x"] });
});

test("a program in PATH is never taken from the folder, nor from an empty or relative part of PATH", () => {
  const path = `:sub:${join(base, "bin")}`;
  const found = findProgram({ words: ["node", "app.js"], cwd, interpreter: undefined, path, files: systemFiles });
  expect(found.argv[0]).toBe(inBin("node"));
});

test.for([
  { words: [], says: "there is no command to start" },
  { words: [" "], says: "there is no command to start" },
  { words: ["nosuch"], says: "'nosuch' not found or not executable" },
  { words: ["./nosuch.js"], says: "'./nosuch.js' not found or not executable" },
  { words: ["node", "nosuch.js"], says: "'nosuch.js' not found or not executable" },
  { words: ["./sub"], says: "'./sub' is a directory" },
  { words: ["sub"], says: "'sub' is a directory" },
])("$words is refused: $says", ({ words, says }) => {
  expect(() => find(words)).toThrow(says);
});

test("a variable before the program is told to need quotes, as a shell line", () => {
  expect(() => find(["PORT=4800", "node", "app.js"])).toThrow(
    expect.objectContaining({
      message: "'PORT=4800' not found or not executable",
      hint: expect.stringContaining('within quotes ("PORT=… node server.js")'),
    }),
  );
});

test("a script whose interpreter is not installed is refused by the interpreter's name", () => {
  expect(() =>
    findProgram({ words: ["app.rb"], cwd, interpreter: undefined, path: "/nowhere", files: systemFiles }),
  ).toThrow("the interpreter 'ruby' for 'app.rb' was not found");
});
