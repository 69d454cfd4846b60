import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { script } from "../support/scripts.ts";
import { define, enabledLink } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

test("services in order have no issue, and the audit exits with 0", async () => {
  const home = makeHome();
  await tsm(home, ["save", "--port", "4100", "tetra/api", "--", "sleep", "600"]);
  await tsm(home, ["enable", "tetra/api"]);
  const { code, stdout, stderr } = await tsm(home, ["audit"]);
  expect(stderr).toBe("");
  expect(stdout).toContain(
    "🔍 TSM Service Audit\n\nAvailable (1)\n  tetra/api :4100\nEnabled (1)\n  ✅ tetra-api.tsm → ",
  );
  expect(stdout).toMatch(/✅ No issues found\n$/);
  expect(code).toBe(0);
});

test("services that need each other are named once, and a word that several orgs know is said", async () => {
  const home = makeHome();
  for (const ref of ["a/x", "b/x"]) define(home, ref, 'TSM_NAME=x\nTSM_COMMAND="sleep 600"\n');
  define(home, "a/one", 'TSM_NAME=one\nTSM_COMMAND="sleep 600"\nTSM_DEPENDS=two\n');
  define(home, "a/two", 'TSM_NAME=two\nTSM_COMMAND="sleep 600"\nTSM_DEPENDS="one x-too"\n');
  define(home, "c/x-too", 'TSM_NAME=x-too\nTSM_COMMAND="sleep 600"\n');
  define(home, "c/y", 'TSM_NAME=y\nTSM_COMMAND="sleep 600"\nTSM_DEPENDS=x\n');
  const { code, stdout } = await tsm(home, ["audit"]);
  expect(stdout).toContain("  ❌ services depend on each other: a/one → a/two → a/one\n");
  expect(stdout).toContain("  ❌ c/y: TSM_DEPENDS names 'x', which several orgs have: a/x, b/x\n");
  expect(stdout).toMatch(/\n2 issues found\n$/);
  expect(code).toBe(1);
});

test("services that are enabled and would be one process are named, as startup can start one of them alone", async () => {
  const home = makeHome();
  for (const ref of ["a/x", "b/x", "c/x"]) define(home, ref, 'TSM_NAME=x\nTSM_COMMAND="sleep 600"\nTSM_ENV=none\n');
  await tsm(home, ["enable", "a/x", "b/x"]);
  const says = "❌ a/x and b/x would be one process, 'x-auto': no two of them run at a time\n";
  const { code, stdout } = await tsm(home, ["audit"]);
  expect(stdout).toContain(says);
  expect(stdout).toMatch(/\n1 issue found\n$/);
  expect(code).toBe(1);
  expect((await tsm(home, ["startup", "--check"])).stdout).toContain(says);
  define(home, "b/x", 'TSM_NAME=x\nTSM_COMMAND="sleep 600"\nTSM_PORT=28471\nTSM_ENV=none\n');
  expect((await tsm(home, ["audit"])).code).toBe(0);
});

test("without any service there is nothing wrong", async () => {
  expect(await tsm(makeHome(), ["audit"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Available (0)") });
});

test.for([
  { text: "TSM_NAME=../evil\nTSM_COMMAND='sleep 600'\n", kind: "bad-value", says: "TSM_NAME is '../evil', which" },
  {
    text: "TSM_NAME=api\nTSM_COMMAND='sleep 6'\nTSM_DEPENDS=gone\n",
    kind: "missing-dependency",
    says: "TSM_DEPENDS names 'gone', which is not a service",
  },
  { text: 'TSM_COMMAND="sleep 600"\n', kind: "missing-key", says: "missing TSM_NAME" },
  { text: 'TSM_NAME=\nTSM_COMMAND="sleep 600"\n', kind: "missing-key", says: "missing TSM_NAME" },
  { text: "TSM_NAME=api\n", kind: "missing-key", says: "missing TSM_COMMAND" },
  { text: "TSM_NAME=api\nTSM_COMMAND=\n", kind: "bad-value", says: "there is no TSM_COMMAND" },
  { text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\nTSM_PORT=9x\n', kind: "bad-value", says: "TSM_PORT is '9x'" },
  { text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\nTSM_PORT=5432\n', kind: "ignored-port", says: "port 5432" },
  { text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\nTSM_PORT=22\n', kind: "ignored-port", says: "port 22" },
  { text: "TSM_NAME=api\nTSM_COMMAND=/no/such/program\n", kind: "not-executable", says: "/no/such/program" },
  {
    text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\nTSM_CWD=/no/such\n',
    kind: "not-executable",
    says: "/no/such does not exist",
  },
  {
    text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\nTSM_CWD=/\nTSM_ENV=nope\n',
    kind: "missing-env-file",
    says: "its env file /env/nope.env does not exist",
  },
  { text: 'TSM_NAME=api\nTSM_COMMAND="sleep 6"\ntouch pwned\n', kind: "needs-bash", says: "line 3: needs bash" },
])("$kind: $says", async ({ text, kind, says }) => {
  const home = makeHome();
  define(home, "tetra/api", text);
  const { code, stdout } = await tsm(home, ["audit"]);
  expect(stdout).toContain(says);
  expect(stdout).toMatch(/\n1 issue found\n$/);
  expect(code).toBe(1);
  const found = JSON.parse((await tsm(home, ["audit", "--json"])).stdout);
  expect(found).toMatchObject({ count: 1, issues: [{ kind, subject: "tetra/api" }] });
});

test("a script without its run bit is not executable", async () => {
  const home = makeHome();
  const path = script(home, "run", "#!/bin/sh\n");
  define(home, "tetra/api", `TSM_NAME=api\nTSM_COMMAND=${path}\n`);
  const { code, stdout } = await tsm(home, ["audit"]);
  expect(stdout).toContain(path);
  expect(code).toBe(1);
});

test("broken links, files that are no links, and ports that two have are counted together", async () => {
  const home = makeHome();
  for (const name of ["a", "b"])
    define(home, `tetra/${name}`, `TSM_NAME=${name}\nTSM_COMMAND="sleep 6"\nTSM_PORT=4200\n`);
  mkdirSync(dirname(enabledLink(home, "x")), { recursive: true });
  symlinkSync("/gone/lost.tsm", enabledLink(home, "tetra-lost"));
  writeFileSync(enabledLink(home, "tetra-copy"), 'TSM_NAME=copy\nTSM_COMMAND="sleep 6"\n');
  const there = dirname(define(home, "tetra/c", 'TSM_NAME=c\nTSM_COMMAND="sleep 6"\n'));
  symlinkSync("loop.tsm", `${there}/loop.tsm`);
  mkdirSync(`${there}/folder.tsm`);
  const { code, stdout } = await tsm(home, ["audit"]);
  expect(stdout).toContain("  ❌ tetra/loop: loop.tsm → loop.tsm (broken link)\n");
  expect(stdout).toContain(`  ❌ tetra/folder: ${there}/folder.tsm is not a file\n`);
  expect(stdout).toContain("  ❌ tetra-lost.tsm → /gone/lost.tsm (broken link)\n");
  expect(stdout).toContain("  ❌ port 4200 is that of tetra/a and tetra/b\n");
  expect(stdout).toContain("tetra-copy.tsm is a file, where enable makes a link\n");
  expect(stdout).toMatch(/\n5 issues found\n$/);
  expect(code).toBe(1);
});

test("an audit runs nothing of what it reads", async () => {
  const home = makeHome();
  define(home, "tetra/evil", "TSM_NAME=$(touch pwned)\nTSM_COMMAND=`touch pwned`\ntouch pwned\n");
  expect(await tsm(home, ["audit"])).toMatchObject({ code: 1 });
  expect(await tsm(home, ["start", "--name", "look", "test", "-e", "pwned"])).toMatchObject({ code: 1 });
  expect(await tsmJson(home, ["services"])).toHaveLength(1);
});
