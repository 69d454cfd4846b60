import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { editMeta, folderOf, isAlive, pidOf, readMeta } from "../support/record.ts";
import { script, server } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly text: string;
}

/** What doctor finds wrong. It exits with 1 then. */
async function findings(home: Home, words: readonly string[] = ["doctor"], env = {}): Promise<Finding[]> {
  const { code, stdout, stderr } = await tsm(home, [...words, "--json"], { env });
  // Every verb says that of the settings.
  expect(stderr).toMatch(
    /^(tsm: \S+settings\.json(?: is not valid JSON|: 'lines' has a value that is not allowed); the defaults are used\n)?$/,
  );
  const found = (JSON.parse(stdout) as Finding[]).filter(({ level }) => level === "warning" || level === "problem");
  expect(code).toBe(found.length > 0 ? 1 : 0);
  return found;
}

/** A home with a process that rests: nothing of it is written by anybody but the tests. */
async function restingHome(): Promise<Home> {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600"]);
  await tsm(home, ["stop", "api"]);
  await endTicker(home);
  return home;
}

/** It would go by itself, five seconds after the last process. */
async function endTicker(home: Home): Promise<void> {
  const file = join(home.path, "runtime/ticker.pid");
  const pid = Number(readFileSync(file, "utf8").split(" ")[0]);
  process.kill(pid, "SIGKILL");
  await until("its ticker is gone", () => !isAlive(pid));
  rmSync(file);
}

/** A program with the marks of this home and a name that no record has. */
async function orphanOf(home: Home): Promise<number> {
  const marks = { TSM_HOME: home.path, TSM_ID: "7", TSM_NAME: "ghost" };
  const child = spawn("sleep", ["600"], { env: { ...process.env, ...marks }, stdio: "ignore", detached: true });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child.pid ?? 0;
}

/** Every path with what stands there, its mode and its bytes. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const path = join(folder, name);
      const { mode, mtimeMs } = lstatSync(path);
      return `${name} ${mode} ${lstatSync(path).isFile() ? `${mtimeMs} ${readFileSync(path, "utf8")}` : ""}`;
    })
    .sort();
}

test("where all is well doctor says so of every check, and exits with 0", async () => {
  const home = await restingHome();
  const { code, stdout, stderr } = await tsm(home, ["doctor"]);
  expect(stderr).toBe("");
  expect(stdout).toContain("✅ setsid      setsid is not needed");
  expect(stdout).toMatch(/✅ All is well\n$/);
  expect(code).toBe(0);
  expect(await tsm(home, ["doctor", "healthcheck"])).toMatchObject({ code: 0 });
});

test("a home that is not there yet is none that is ill", async () => {
  const home = makeHome();
  expect(await tsm(home, ["doctor"])).toMatchObject({ code: 0, stdout: expect.stringContaining("is not there yet") });
  expect(existsSync(home.path)).toBe(false);
  await tsm(home, ["ports", "set", "page", "4000"]);
  expect(await findings(home)).toEqual([]);
});

test("what keeps a check from looking is what it finds, and all others look", async () => {
  const home = await restingHome();
  rmSync(join(home.path, "runtime/ports"));
  mkdirSync(join(home.path, "runtime/ports"));
  expect(await findings(home)).toMatchObject([
    { check: "ports", level: "problem", text: expect.stringContaining("runtime/ports cannot be read (EISDIR)") },
  ]);
  const file = join(home.folder, "file");
  writeFileSync(file, "");
  const { code, stdout } = await tsm(home, ["doctor"], { env: { TSM_HOME: file } });
  expect(stdout).toContain(`❌ directories The home ${file} is a file\n`);
  expect(stdout).toContain("✅ bash");
  expect(code).toBe(1);
});

test("no check changes anything", async () => {
  const home = await restingHome();
  seeds.forEach(({ seed }) => void seed(home));
  const before = snapshot(home.path);
  for (const words of [["doctor"], ["doctor", "healthcheck"], ["doctor", "orphans"], ["doctor", "report"]])
    await tsm(home, words);
  for (const words of [["reconcile"], ["audit"], ["ports"], ["ports", "conflicts"]]) await tsm(home, words);
  expect(snapshot(home.path)).toEqual(before);
  // A question that nobody can answer is a no; that it was asked is in the journal, and a ticker would look whom to tell.
  rmSync(join(home.path, "config/notify.json"));
  const still = snapshot(home.path).filter((each) => !each.startsWith("db"));
  expect(await tsm(home, ["doctor", "--fix"])).toMatchObject({
    code: 64,
    stdout: expect.stringContaining("Plan:\n  1. "),
  });
  expect(snapshot(home.path).filter((each) => !each.startsWith("db"))).toEqual(still);
});

const badSettings = '{"lines":"many","theme":"dark","aliases":{"ll":"list","bad name":"x"},"later":[1]}';

const goodRule = { id: 1, on: ["crash"], via: { kind: "exec", command: "cat" }, most: 10, perMs: 600_000 };
const badRules = [
  goodRule,
  { ...goodRule, id: 2, on: ["nonsense"] },
  { ...goodRule, id: 3, via: { kind: "webhook", url: "http://" } },
  // Another has its number.
  goodRule,
  null,
];

const seeds: readonly {
  readonly check: string;
  readonly says: string;
  readonly seed: (home: Home) => unknown;
  /** What --fix leaves of it: true is nothing. */
  readonly mended: boolean | ((home: Home) => unknown);
}[] = [
  {
    check: "directories",
    says: "db/events is missing",
    seed: (home) => rmSync(join(home.path, "db"), { recursive: true }),
    mended: (home) => existsSync(join(home.path, "db/events")),
  },
  {
    check: "permissions",
    says: "launch/env is open to others (0644)",
    seed: (home) => chmodSync(join(folderOf(home, "api"), "launch/env"), 0o644),
    mended: (home) => (statSync(join(folderOf(home, "api"), "launch/env")).mode & 0o777) === 0o600,
  },
  {
    check: "settings",
    says: "is not valid JSON; the defaults are used",
    seed(home) {
      mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
      writeFileSync(join(home.path, "config/settings.json"), "{");
    },
    mended: (home) =>
      !existsSync(join(home.path, "config/settings.json")) &&
      readFileSync(join(home.path, "config/settings.json.bad"), "utf8") === "{",
  },
  {
    check: "settings",
    says: "'lines' has a value that is not allowed; the defaults are used",
    seed(home) {
      mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
      // Another was set aside before.
      writeFileSync(join(home.path, "config/settings.json.bad"), "older");
      writeFileSync(join(home.path, "config/settings.json"), badSettings);
    },
    mended(home) {
      const text = (name: string) => readFileSync(join(home.path, "config", name), "utf8");
      expect(JSON.parse(text("settings.json"))).toEqual({ theme: "dark", aliases: { ll: "list" }, later: [1] });
      expect([text("settings.json.bad"), text("settings.json.bad-2")]).toEqual(["older", badSettings]);
      return true;
    },
  },
  {
    check: "notify",
    says: "config/notify.json holds no rules of notify",
    seed(home) {
      mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
      writeFileSync(join(home.path, "config/notify.json"), '[{"id":1');
    },
    mended: (home) =>
      !existsSync(join(home.path, "config/notify.json")) &&
      readFileSync(join(home.path, "config/notify.json.bad"), "utf8") === '[{"id":1',
  },
  {
    check: "notify",
    says: "config/notify.json: rules 2, 3, 4 and 5 are none",
    seed(home) {
      mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
      writeFileSync(join(home.path, "config/notify.json"), JSON.stringify(badRules));
    },
    mended(home) {
      const rules = (name: string): unknown => JSON.parse(readFileSync(join(home.path, "config", name), "utf8"));
      expect([rules("notify.json"), rules("notify.json.bad")]).toEqual([badRules.slice(0, 1), badRules]);
      return true;
    },
  },
  {
    check: "ports",
    says: "is no name:port: 'api=3000' (and 1 more)",
    seed: (home) =>
      writeFileSync(join(home.path, "runtime/ports"), "\n# mine\nweb:4001\napi=3000\nweb:70000\n", { flag: "a" }),
    mended: (home) =>
      readFileSync(join(home.path, "runtime/ports"), "utf8").endsWith("# mine\nweb:4001\n# api=3000\n# web:70000\n"),
  },
  {
    check: "locks",
    says: "The lock old.lock is stale: PID 4194305 is gone",
    seed: (home) =>
      writeFileSync(
        join(home.path, "locks/old.lock"),
        JSON.stringify({ pid: 4_194_305, startMark: "1", bootId: "x", nonce: "4194305-1-0zabcdef" }),
      ),
    mended: (home) => !existsSync(join(home.path, "locks/old.lock")),
  },
  {
    check: "leftovers",
    says: ".deleted-x was left behind",
    seed: (home) => mkdirSync(join(folderOf(home, ".deleted-x"), "inner"), { recursive: true }),
    mended: (home) => !existsSync(folderOf(home, ".deleted-x")),
  },
  {
    check: "leftovers",
    says: ".meta.json.4194305.0.tmp was left behind",
    seed: (home) => writeFileSync(join(folderOf(home, "api"), ".meta.json.4194305.0.tmp"), "half"),
    mended: (home) => !existsSync(join(folderOf(home, "api"), ".meta.json.4194305.0.tmp")),
  },
  {
    check: "ports",
    says: "is wanted by registry a, registry b",
    seed: (home) => writeFileSync(join(home.path, "runtime/ports"), "a:4001\nb:4001\n", { flag: "a" }),
    mended: false,
  },
  {
    check: "services",
    says: "tetra-lost.tsm → /gone/lost.tsm (broken link)",
    seed(home) {
      mkdirSync(join(home.path, "services-enabled"), { recursive: true, mode: 0o700 });
      symlinkSync("/gone/lost.tsm", join(home.path, "services-enabled/tetra-lost.tsm"));
    },
    mended: false,
  },
  {
    check: "clock",
    says: "'api' was started at 2100-01-01",
    seed: (home) => editMeta(home, "api", { start_time: Date.UTC(2100, 0, 1) / 1000 }),
    mended: false,
  },
  {
    check: "node",
    says: "'api' runs /gone/v18/bin/node, which is gone",
    seed: (home) => editMeta(home, "api", { interpreter: "/gone/v18/bin/node" }),
    mended: false,
  },
];

test.for(seeds)("$check: $says", async ({ check, says, seed, mended }) => {
  const home = await restingHome();
  seed(home);
  const before = await findings(home);
  expect(before).toEqual([expect.objectContaining({ check, text: expect.stringContaining(says) })]);
  const fixed = await tsm(home, ["doctor", "--fix", "--yes"]);
  expect(fixed.code, fixed.stdout + fixed.stderr).toBe(mended === false ? 1 : 0);
  if (typeof mended === "function") expect(mended(home)).toBe(true);
  expect(await findings(home)).toEqual(mended === false ? before : []);
});

test("disk: less space than the setting diskFloor is a problem", async () => {
  const home = await restingHome();
  await tsm(home, ["config", "set", "disk-floor", "900000G"]);
  expect(await findings(home)).toMatchObject([{ check: "disk", level: "problem" }]);
  expect(await findings(home, ["doctor", "healthcheck"])).toMatchObject([{ check: "disk" }]);
});

test("logs: one that is far longer than it may be is rotated", async () => {
  const home = await restingHome();
  await tsm(home, ["config", "set", "log-max-size", "1K"]);
  writeFileSync(join(folderOf(home, "api"), "current.out"), "a line\n".repeat(2000));
  expect(await findings(home)).toMatchObject([{ check: "logs", text: expect.stringContaining("14000 bytes") }]);
  expect(await tsm(home, ["doctor", "--fix", "--yes"])).toMatchObject({ code: 0 });
  expect((await tsm(home, ["logs", "api", "--lines", "3000"])).stdout.match(/a line/g)).toHaveLength(2000);
});

test("node: what runs with another node than PATH's is worth knowing", async () => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const port = await freePort();
  await tsm(home, ["start", "--settle", "30000", "--port", String(port), "--name", "web", "node", "server.cjs"]);
  script(home, "v99/bin/node", "#!/bin/sh\n", 0o755);
  const env = { PATH: `${join(home.folder, "v99/bin")}:${process.env["PATH"]}` };
  const { code, stdout } = await tsm(home, ["doctor"], { env });
  expect(stdout).toMatch(new RegExp(`–  node {8}'web-${port}' runs \\S+node, and node is \\S+/v99/bin/node now`));
  expect(code).toBe(0);
});

test("orphans: known by our mark, never by their name, and ended by --fix alone", async () => {
  const home = await restingHome();
  const pid = await orphanOf(home);
  const words = ["doctor", "orphans"];
  expect(await findings(home, words)).toMatchObject([
    { check: "orphans", text: `PID ${pid} (sleep 600) belongs to 'ghost', which no record runs` },
  ]);
  const other = makeHome();
  expect(await findings(other, words)).toEqual([]);
  expect(isAlive(pid)).toBe(true);
  expect(await tsm(home, [...words, "--fix", "--yes"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`✅ end PID ${pid}, which 'ghost' has left behind\n`),
  });
  expect(isAlive(pid)).toBe(false);
});

test("what runs is no orphan, nor is what it started, nor is tsm called from inside of it", async () => {
  const home = makeHome();
  const program = ["sleep 600 & sleep 600 & wait"];
  await tsm(home, ["start", "--settle", "0", "--name", "tree", ...program]);
  expect(await findings(home, ["doctor", "orphans"])).toEqual([]);
  const inside = { TSM_ID: "7", TSM_NAME: "ghost" };
  expect(await findings(home, ["doctor", "orphans"], inside)).toEqual([]);
});

test("runtime: a report that nobody can read is set aside, and one that was written anew meanwhile stays", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600"]);
  const report = join(folderOf(home, "api"), "run/runtime.json");
  writeFileSync(report, "{not json");
  expect(await findings(home, ["doctor"])).toEqual([
    expect.objectContaining({
      check: "runtime",
      text: "What 'api' says of itself cannot be used: runtime.json is not JSON",
    }),
  ]);
  const fixed = await tsm(home, ["doctor", "--fix", "--yes"]);
  expect(fixed).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`set ${report} aside as ${report}.bad: info shows none until`),
  });
  expect([existsSync(report), readFileSync(`${report}.bad`, "utf8")]).toEqual([false, "{not json"]);
  writeFileSync(report, '{"queue":3}');
  expect(await findings(home, ["doctor"])).toEqual([]);
});

test("records: a damaged one is written anew, and what runs under it goes on", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "up", "--", "sleep", "600"]);
  await tsm(home, ["start", "--settle", "0", "--name", "down", "--", "sleep", "600"]);
  await tsm(home, ["stop", "down"]);
  const pid = pidOf(home, "up");
  for (const [name, text] of [
    ["up", "garbage"],
    ["down", ""],
  ] as const)
    writeFileSync(join(folderOf(home, name), "meta.json"), text);
  expect(await findings(home)).toMatchObject([
    { check: "records", level: "problem", text: "The record of 'down' is damaged: meta.json is empty" },
    { check: "records", level: "problem", text: "The record of 'up' is damaged: meta.json is not valid JSON" },
  ]);
  expect(await tsm(home, ["doctor", "--fix", "--yes"])).toMatchObject({ code: 0 });
  expect(isAlive(pid)).toBe(true);
  expect(readMeta(home, "up")).toMatchObject({ pid, status: "online", tsm_id: 0 });
  expect(readMeta(home, "down")).toMatchObject({ status: "stopped", tsm_id: 1 });
  expect(await tsm(home, ["start", "down"])).toMatchObject({ code: 0 });
});

test("a damaged record without launch files is left to a person", async () => {
  const home = await restingHome();
  writeFileSync(join(folderOf(home, "api"), "meta.json"), "{");
  rmSync(join(folderOf(home, "api"), "launch/settings"));
  const { code, stdout } = await tsm(home, ["doctor", "--fix", "--yes"]);
  expect(stdout).toContain(
    "❌ write the record of 'api' anew, from its launch files: the launch files of 'api' do not",
  );
  expect(code).toBe(1);
  expect(readFileSync(join(folderOf(home, "api"), "meta.json"), "utf8")).toBe("{");
});

test("clean removes what was left behind, and touches nothing else", async () => {
  const home = await restingHome();
  mkdirSync(folderOf(home, ".deleted-x"));
  chmodSync(home.path, 0o755);
  expect(await tsm(home, ["doctor", "clean"])).toMatchObject({ code: 64 });
  expect(existsSync(folderOf(home, ".deleted-x"))).toBe(true);
  expect(await tsm(home, ["doctor", "clean", "--yes"])).toMatchObject({ code: 0 });
  expect(existsSync(folderOf(home, ".deleted-x"))).toBe(false);
  expect(statSync(home.path).mode & 0o777).toBe(0o755);
  expect(await tsm(home, ["doctor", "clean"])).toMatchObject({ code: 0, stdout: "✅ There is nothing to fix\n" });
});

test.for([
  { text: "A=1\nTOKEN=hush\n", code: 0, says: "TOKEN=***MASKED***" },
  { text: "A=1\nA=2\n", code: 0, says: "A is set more than once" },
  { text: "PORT=99999\n", code: 65, says: "which is not a port" },
  { text: "PORT=0\n", code: 0, says: "PORT=0" },
  { text: "not an assignment\n", code: 65, says: "not an assignment" },
  { text: "KEY=YOUR_KEY_HERE\n", code: 65, says: "still has placeholders: KEY" },
  { text: undefined, code: 66, says: "was not found" },
])("doctor env: $says, exit $code", async ({ text, code, says }) => {
  const home = makeHome();
  if (text !== undefined) script(home, "env/local.env", text);
  const read = await tsm(home, ["doctor", "env", "local"]);
  expect(read.code).toBe(code);
  expect(read.stdout + read.stderr).toContain(says);
  expect(read.stdout + read.stderr).not.toContain("hush");
});

test("doctor validate says whether a command would start, and starts nothing", async () => {
  const home = makeHome();
  const [free, held] = [await freePort(), await freePort()];
  script(home, "server.cjs", server);
  await tsm(home, ["start", "--settle", "30000", "--port", String(held), "--name", "web", "node", "server.cjs"]);
  const line = ["doctor", "validate", "node server.cjs", "--port"];
  expect(await tsm(home, [...line, String(free)])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      new RegExp(`✅ name: work-server-${free}\n✅ port: ${free} is free\nIt would start\n$`),
    ),
  });
  expect(await tsm(home, [...line, String(held)])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`❌ port: ${held} is held by 'web-${held}' (PID `),
  });
  expect(await tsm(home, ["doctor", "validate", "nosuch.sh"])).toMatchObject({
    code: 1,
    stdout: "❌ 'nosuch.sh' not found or not executable\nIt would not start: 1 problem\n",
  });
  script(home, "my server.cjs", server);
  expect(await tsm(home, ["doctor", "validate", "PORT=1 node 'my server.cjs' && touch ran"])).toMatchObject({
    code: 0,
  });
  expect(await tsm(home, ["doctor", "validate", "node 'my server.cjs"])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("❌ shell: unexpected EOF while looking for matching"),
  });
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});

test("a report of a home that cannot be read says so, and the rest", async () => {
  const home = userHome();
  chmodSync(home.path, 0);
  const said = await tsmAsUser(home, ["doctor", "report"]);
  chmodSync(home.path, 0o700);
  expect(said).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/problem +records: the home .* cannot be read/),
  });
});

test("a report holds findings, processes and ports, and no secret", async () => {
  const home = makeHome();
  const env = { TSM_API_TOKEN: "hush" };
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600", "--password=hush"], { env });
  define(home, "tetra/api", "TSM_NAME=api\nTSM_COMMAND=sleep\n");
  await tsm(home, ["ports", "set", "page", "4000"]);
  const { code, stdout } = await tsm(home, ["doctor", "report"], { env });
  expect(code).toBe(0);
  for (const part of ["tsm 0.", "TSM_API_TOKEN=***MASKED***", "0 api ", "page:4000 not listening"])
    expect(stdout).toContain(part);
  expect(stdout).not.toContain("hush");
});

test.for([
  { words: ["doctor", "frob"], says: "'frob' is none of check, healthcheck" },
  { words: ["doctor", "port"], says: "doctor port takes PORT" },
  { words: ["doctor", "port", "x"], says: "'x' is not a port" },
  { words: ["doctor", "report", "--fix"], says: "doctor report has nothing to fix" },
  { words: ["doctor", "healthcheck", "more"], says: "doctor healthcheck takes nothing more" },
])("$words is refused with 64", async ({ words, says }) => {
  expect(await tsm(makeHome(), words)).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining(says) });
});
