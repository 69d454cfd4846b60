import { expect, test } from "vitest";
import { automaticName, checkName, isName, withoutPort, withPort } from "../../../src/core/names.ts";
import type { Program } from "../../../src/core/program.ts";

function named(name: string, isShellScript: boolean): Program {
  const module = { name, isShellScript };
  return {
    argv: [],
    type: "command",
    interpreter: "",
    module,
    script: undefined,
    args: [],
    shellLine: undefined,
    lookup: "",
  };
}

test.for([
  { cwd: "/srv/my-api", module: "http", port: 8000, name: "my-api-http-8000", because: "folder, module, port" },
  { cwd: "/srv/test", module: "server", port: 9000, name: "test-server-9000", because: "folder, module, port" },
  {
    cwd: "/srv/backend/",
    module: "app",
    port: 3000,
    name: "backend-app-3000",
    because: "a slash at the end is nothing",
  },
  { cwd: "/srv/x", module: "app", port: "none", name: "x-app", because: "no port, no suffix" },
  { cwd: "/", module: "app", port: 1, name: "root-app-1", because: "the root has no name" },
  { cwd: "/srv/.x", module: "app", port: 1, name: "x-app-1", because: "a name does not begin with a dot" },
  { cwd: "/srv/-x", module: "app", port: 1, name: "x-app-1", because: "nor with a dash" },
  { cwd: "/srv/a\nb", module: "c", port: 1, name: "a_b-c-1", because: "control characters are replaced" },
  { cwd: "/srv/日本", module: "app", port: 1, name: "日本-app-1", because: "letters are letters" },
] as const)("in $cwd $module with port $port is $name: $because", ({ cwd, module, port, name }) => {
  expect(automaticName(named(module, false), cwd, port)).toBe(name);
  expect(isName(name)).toBe(true);
});

test("a shell script is named after itself", () => {
  expect(automaticName(named("server", true), "/srv/x", 3000)).toBe("server-3000");
  expect(automaticName(named("server", true), "/srv/x", "none")).toBe("server");
});

test("whatever folder and module are called, the name is a legal one", () => {
  for (const cwd of [
    "/",
    "/..",
    "/.",
    "/---",
    "/\u0000\u001b[31m",
    `/${"x".repeat(300)}`,
    `/${"😀".repeat(100)}`,
    "/all",
    "/*",
    "/ x",
    "/- .x",
    "/\u200b",
  ])
    for (const module of ["", ".", "..", "-", "a/b", "\n", "x ", "x".repeat(300)])
      for (const port of [1, "none"] as const) {
        const name = automaticName(named(module, false), cwd, port);
        expect(checkName(name), `${cwd} ${module}`).toBe(name);
      }
});

test.for([
  { base: "x", port: 3000, name: "x-3000" },
  { base: "x-3000", port: 3000, name: "x-3000" },
  { base: "x-300", port: 3000, name: "x-300-3000" },
  { base: "x", port: "none", name: "x" },
] as const)("$base with port $port is $name", ({ base, port, name }) => {
  expect(withPort(base, port)).toBe(name);
});

test("the port that was put behind a name comes off it again", () => {
  expect(withoutPort("x-3000", 3000)).toBe("x");
  expect(withoutPort("x-3000", 300)).toBe("x-3000");
  expect(withoutPort("x-3000", "none")).toBe("x-3000");
});

test.for([
  { name: "", problem: "is empty" },
  { name: "a/b", problem: "contains '/'" },
  { name: "../x", problem: "contains '/'" },
  { name: "..", problem: "begins with '.'" },
  { name: ".x", problem: "begins with '.'" },
  { name: "-x", problem: "begins with '-'" },
  { name: "a\tb", problem: "contains a control character" },
  { name: "a\u007fb", problem: "contains a control character" },
  { name: "a\u2028b", problem: "contains a control character" },
  { name: "all", problem: "means every process" },
  { name: "*", problem: "means every process" },
  { name: "é".repeat(101), problem: "is longer than" },
])("$name $problem", ({ name, problem }) => {
  expect(() => checkName(name)).toThrow(problem);
  expect(isName(name)).toBe(false);
});
