import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { displayWidth } from "../../src/view/width.ts";
import { makeHome } from "../support/home.ts";
import { editMeta, pidOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { cleanEnvironment, program, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "0"];

test("the list of nothing is an empty box", async () => {
  const home = makeHome();
  expect(await tsm(home, ["list"])).toEqual({
    code: 0,
    signal: null,
    stderr: "",
    stdout: [
      "┌──────┬────────────────────┬─────────┬────────┬─────────┬──────────────────────┐",
      "│ id   │ name               │ status  │ pid    │ port    │ uptime               │",
      "├──────┼────────────────────┼─────────┼────────┼─────────┼──────────────────────┤",
      "└──────┴────────────────────┴─────────┴────────┴─────────┴──────────────────────┘",
      "",
    ].join("\n"),
  });
});

test("§6.21 rows stand by id and not by name, pid and port whole, without any colour in a pipe", async () => {
  const home = makeHome();
  for (const name of ["zebra", "middle", "alpha"])
    await tsm(home, ["start", ...quick, "--port", name === "zebra" ? "54321" : "4501", "--name", name, "sleep", "600"]);
  const { stdout } = await tsm(home, ["list"], { env: { TERM: "xterm-256color" } });
  expect(stdout).not.toMatch(/\u001b/);
  const rows = stdout.split("\n").filter((line) => /^│ \d/.test(line));
  expect(rows.map((row) => row.split("│").map((cell) => cell.trim()))).toEqual(
    ["zebra-54321", "middle-4501", "alpha-4501"].map((name, id) => [
      "",
      String(id),
      name,
      "online",
      String(pidOf(home, name)),
      name.replace(/.*-/, ""),
      expect.stringMatching(/^\d+s$/),
      "",
    ]),
  );
});

test("a long pid is not cut", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  const pid = pidOf(home, "it");
  const row = (await tsm(home, ["list"])).stdout.split("\n").find((line) => line.includes("│ it "));
  expect(row).toContain(`│ ${pid} `);
});

test("filters show what they say, and the last line counts what is hidden", async () => {
  const home = makeHome();
  for (const name of ["up", "down", "down2"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  await tsm(home, ["stop", "down", "down2"]);
  script(home, "bad.sh", "exit 1\n");
  await tsm(home, ["start", "bad.sh"]);
  const names = async (...words: string[]) => {
    const { stdout } = await tsm(home, words);
    const lines = stdout.trimEnd().split("\n");
    const rows = lines.filter((line) => /^│ \d/.test(line)).map((line) => line.split("│")[2]?.trim());
    return { rows, last: lines.at(-1)?.startsWith("└") ? "" : lines.at(-1) };
  };
  expect(await names("list")).toEqual({ rows: ["up", "bad"], last: "2 stopped not shown: tsm list all" });
  expect(await names("ls")).toEqual({ rows: ["up", "bad"], last: "2 stopped not shown: tsm list all" });
  for (const words of [
    ["list", "all"],
    ["list", "-a"],
    ["ls", "--all"],
  ])
    expect(await names(...words)).toEqual({ rows: ["up", "down", "down2", "bad"], last: "" });
  expect(await names("list", "running")).toEqual({
    rows: ["up"],
    last: "2 stopped, 1 crashed not shown: tsm list all",
  });
  expect((await names("list", "online")).rows).toEqual(["up"]);
  expect((await names("list", "waiting")).rows).toEqual([]);
  expect((await names("list", "stopped")).rows).toEqual(["down", "down2"]);
  expect((await names("list", "crashed")).rows).toEqual(["bad"]);
  expect(await tsm(home, ["list", "frob"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining(
      "'frob' is none of all, running, starting, online, waiting, stopping, stopped, crashed",
    ),
  });
});

test("a namespace shows what is called so together", async () => {
  const home = makeHome();
  for (const [name, namespace] of [
    ["a", "shop"],
    ["b", "shop"],
    ["c", "other"],
  ] as const)
    await tsm(home, ["start", ...quick, "--namespace", namespace, "--name", name, "sleep", "600"]);
  await tsm(home, ["stop", "b"]);
  const { stdout } = await tsm(home, ["list", "shop"]);
  expect(stdout).toMatch(/│ a /);
  expect(stdout).not.toMatch(/│ [bc] /);
  expect(stdout).toContain("1 stopped not shown: tsm list shop --all");
  expect((await tsm(home, ["list", "shop", "--all", "--sort", "name", "-m"])).stdout.match(/^\+--- \w$/gm)).toEqual([
    "+--- a",
    "+--- b",
  ]);
  for (const { words, shows } of [
    { words: ["b"], shows: ["b"] },
    { words: ["c", "0", "b"], shows: ["a", "b", "c"] },
    { words: ["[ab]", "running"], shows: ["a"] },
    { words: ["shop", "b"], shows: ["a", "b"] },
  ])
    expect(await tsmJson(home, ["list", ...words])).toMatchObject(shows.map((name) => ({ name })));
  expect(await tsm(home, ["list", "all", "stopped"])).toMatchObject({ code: 64, stdout: "" });
  expect(await tsm(home, ["list", "a", "nobody"])).toMatchObject({
    code: 64,
    stdout: "",
    stderr: expect.stringContaining("'nobody' is none of all, running"),
  });
});

test("names of wide letters and emoji keep the box straight", async () => {
  const home = makeHome();
  for (const name of ["日本語サービス", "👩‍👩‍👧‍👦 family", "e\u0301te\u0301", "🇩🇪-flag", "plain"])
    expect(await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"])).toMatchObject({ code: 0 });
  const { stdout } = await tsm(home, ["list"]);
  const widths = stdout.trimEnd().split("\n").map(displayWidth);
  expect(new Set(widths).size).toBe(1);
  expect(stdout).toContain("│ 日本語サービス");
});

test("a script can ask for a name and its status on one line", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--port", "4502", "--name", "production", "sleep", "600"]);
  const shell = spawn("bash", ["-c", `"${process.execPath}" "${program}" list | grep -q "production.*online"`], {
    env: cleanEnvironment(home),
  });
  const [code] = await once(shell, "exit");
  expect(code).toBe(0);
});

test("--json has every field, of the whole tree", async () => {
  const home = makeHome();
  script(home, "tree.sh", "node -e 'setInterval(() => {}, 60000)' &\nwait\n");
  await tsm(home, ["start", "--settle", "50", "--port", "4503", "tree.sh"]);
  const [row] = await until("both run", async () => {
    const rows = (await tsmJson(home, ["list"])) as { memory: number }[];
    return (rows[0]?.memory ?? 0) > 20_000_000 && rows;
  });
  expect(row).toEqual({
    id: 0,
    name: "tree-4503",
    status: "online",
    pid: pidOf(home, "tree-4503"),
    port: 4503,
    uptimeMs: expect.any(Number),
    restarts: 0,
    cpu: expect.any(Number),
    memory: expect.any(Number),
    type: "bash",
    command: expect.stringMatching(/\/bash .*\/tree\.sh$/),
    cwd: home.folder,
    namespace: "default",
    supervised: true,
    retryInMs: null,
    unstableRestarts: 0,
    reason: "",
    lastExit: null,
  });
});

test("§6.24 without a home in the environment it is under the user's own, never at the root", async () => {
  const home = makeHome();
  const env = { ...cleanEnvironment(home), TSM_HOME: "", TETRA_DIR: "", HOME: home.folder };
  const child = spawn(process.execPath, [program, "setup"], { env });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  expect(said).toContain(`made ${home.folder}/tetra/tsm\n`);
  const other = spawn(process.execPath, [program, "config", "path"], {
    env: { ...env, TETRA_DIR: `${home.folder}/t` },
  });
  said = "";
  other.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(other, "close");
  expect(said).toBe(`${home.folder}/t/tsm/config/settings.json\n`);
  expect(await tsm(home, ["list"], { env: { TSM_HOME: "relative" } })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("not an absolute path"),
  });
});

test("a crashed process shows no pid and no uptime", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--restart", "no", "--name", "it", "sleep", "600"]);
  process.kill(pidOf(home, "it"), "SIGKILL");
  await until("it is crashed", () => readMeta(home, "it")["status"] === "crashed");
  expect((await tsm(home, ["list"])).stdout).toMatch(/│ it +│ crashed │ - +│ none +│ - +│/);
});

test("uptime is counted in the largest units", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "sleep", "600"]);
  // The kernel knows when it began; what the record says does not count.
  editMeta(home, "it", { start_time: 1 });
  expect((await tsm(home, ["list"])).stdout).toMatch(/│ \d+s +│/);
});

test("--where, --sort and --limit choose and order, on the command line, as JSON and in the shell", async () => {
  const home = makeHome();
  for (const name of ["one", "two", "three"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  await tsm(home, ["stop", "two"]);
  const names = async (...args: string[]) =>
    ((await tsmJson(home, ["list", ...args])) as { name: string }[]).map(({ name }) => name);
  expect(await names("--where", "name ~ ^t")).toEqual(["two", "three"]);
  expect(await names("--where", "name ~ ^t", "running")).toEqual(["three"]);
  expect(await names("--where", "mem > 1 and uptime < 1h", "--sort", "-id")).toEqual(["three", "one"]);
  expect(await names("--all", "--sort", "name", "--limit", "2")).toEqual(["one", "three"]);
  expect((await tsm(home, ["list", "--limit", "1"])).stdout).toMatch(
    /│ one [^\n]*\n└[^\n]*\n1 more beyond the limit\n1 stopped not shown: tsm list all\n$/,
  );
  const shell = await tsm(home, ["repl", "-c", "list --where 'status = stopped' --json > f; !cat f"]);
  expect(JSON.parse(shell.stdout)).toMatchObject([{ name: "two" }]);
});

test("an expression that cannot be read is refused with its column and 64", async () => {
  const home = makeHome();
  expect(await tsm(home, ["list", "--where", "mem > big"])).toMatchObject({
    code: 64,
    stdout: "",
    stderr: expect.stringMatching(/^tsm: --where, column 7: 'big' is not a size/),
  });
  expect(await tsm(home, ["list", "--sort", "size"])).toMatchObject({ code: 64, stdout: "" });
});
