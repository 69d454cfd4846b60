import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeAt } from "../../../src/core/home.ts";
import type { LaunchSpec } from "../../../src/core/launch.ts";
import { defaultPolicy } from "../../../src/core/policy.ts";
import { changesBetween } from "../../../src/core/run-changes.ts";
import { noteOf, parseNote } from "../../../src/core/run-note.ts";
import { headsOf, noteFor, noteRun } from "../../../src/core/run-notes.ts";
import type { World } from "../../../src/core/world.ts";
import { systemFiles } from "../../../src/platform/files.ts";
import { type Home, makeHome } from "../../support/home.ts";

const plainSpec: LaunchSpec = {
  name: "api",
  argv: ["/bin/sleep", "600"],
  interpreter: "/bin/sleep",
  type: "command",
  port: "none",
  portFrom: "none",
  cwd: "/",
  envFile: "",
  env: { PATH: "/bin", PWD: "/" },
  envFileValues: new Map(),
  preHook: { file: "", asked: false },
  lookup: "",
  policy: defaultPolicy,
  namespace: "",
  service: "",
  asked: undefined,
  dependsOn: [],
  app: undefined,
  settleMs: 0,
  restarts: 0,
};

// Notes ask for nothing else of the world.
const worldOf = (home: Home) => ({ platform: { files: systemFiles }, home: homeAt(home.path) }) as unknown as World;
const folderOf = (home: Home) => join(home.path, "runtime/processes/api/runs");

function note(spec: Partial<LaunchSpec>, key = "k") {
  return noteOf(systemFiles, { ...plainSpec, ...spec }, key);
}

test("no secret is in a note, wherever it stands, and another one is known for another", () => {
  const secret = (value: string): Partial<LaunchSpec> => ({
    argv: ["/bin/sh", "-c", `run --password ${value}`, value, `--url=pg://u:${value}@h`],
    env: {
      API_KEY: value,
      COPY: `begin ${value} end`,
      JSON: JSON.stringify({ password: value, user: "ann" }),
      LONG: `${"x".repeat(5000)}${value}`,
      HEADER: `Authorization: Bearer ${value}`,
    },
    policy: { ...defaultPolicy, pidFile: `/run/${value}?token=${value}` },
  });
  const [one, two] = [note(secret("sesame-one")), note(secret("sesame-two"))];
  expect(JSON.stringify([one, two])).not.toContain("sesame");
  const changes = changesBetween(one, two).filter(({ of }) => of !== "setting");
  expect(changes.map(({ of, name, hidden }) => [of, name, hidden])).toEqual([
    ["command", "", true],
    ...["API_KEY", "COPY", "HEADER", "JSON", "LONG"].map((name) => ["variable", name, true]),
  ]);
  expect(changesBetween(one, note(secret("sesame-one")))).toEqual([]);
  expect(JSON.stringify(note(secret("sesame-one"), "another key").env)).not.toBe(JSON.stringify(one.env));
});

test("a note is small, whatever the process is handed", () => {
  const env = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`V${n}`, "v".repeat(100_000)]));
  const argv = Array.from({ length: 10_000 }, () => "w".repeat(1000));
  expect(JSON.stringify(note({ env, argv })).length).toBeLessThan(200_000);
});

test("PORT, the env file and what an app says are in the environment, the folder and what is tsm's own are not", () => {
  const app = { file: "/a.config.cjs", name: "a", instance: null, environment: "prod", namespace: "" } as const;
  const more = {
    variables: { A: "app" },
    instanceVariable: "",
    incrementVariable: "",
    filter: [],
    hooks: {},
    said: {},
  };
  const envFileValues = new Map([
    ["A", "file"],
    ["B", "file"],
  ]);
  const found = note({
    env: { A: "1", B: "1", C: "1", PWD: "/" },
    envFileValues,
    port: 3000,
    app: { ...app, ...more },
  });
  expect(found.env).toEqual({ A: "app", B: "file", C: "1", PORT: "3000" });
  expect(found.sources).toMatchObject({ "ecosystem file": "/a.config.cjs", environment: "prod" });
  expect(found.settings).toMatchObject({ restart: "on-failure", maxRestarts: "16" });
});

test("another text in a file that defines the process is a change: its script, its service", () => {
  const home = makeHome();
  const script = join(home.folder, "a.sh");
  const noted = (text: string, more: Partial<LaunchSpec> = {}) => {
    writeFileSync(script, text);
    return note({ argv: ["/bin/sh", "a.sh"], cwd: home.folder, ...more });
  };
  const first = noted("one");
  const changed = [{ of: "source", name: "script", from: script, to: script, hidden: true }];
  expect(changesBetween(first, noted("two"))).toEqual(changed);
  expect(changesBetween(first, noted("one"))).toEqual([]);
  expect(changesBetween(noted("x".repeat(1e6)), noted("x".repeat(1e6 + 1)))).toEqual(changed);
  expect(changesBetween(first, noted("one", { argv: ["/bin/sh", "-c", "a.sh"] })).map(({ of }) => of)).toEqual([
    "command",
  ]);
  const service = join(home.folder, "a.tsm");
  writeFileSync(service, "TSM_COMMAND=a");
  const before = note({ service });
  writeFileSync(service, "TSM_COMMAND=b");
  expect(changesBetween(before, note({ service }))).toEqual([
    { of: "source", name: "service", from: service, to: service, hidden: true },
  ]);
});

test("of a note that was cut anywhere, or is no note, nothing is made up", () => {
  const text = JSON.stringify(note({ env: { A: "ä" } }));
  for (let cut = 0; cut < text.length; cut += 1) expect(parseNote(text.slice(0, cut))).toBeUndefined();
  expect(parseNote(text)).toEqual(note({ env: { A: "ä" } }));
  for (const other of ["null", "[]", "3", '{"argv":[3],"cwd":"/"}', '{"argv":["a"],"cwd":"/","env":[]}'])
    expect(parseNote(other), other).toBeUndefined();
  const odd = parseNote('{"argv":["a"],"cwd":"/","env":{"A":3,"B":"b"},"sources":{},"settings":{},"git":{"head":"x"}}');
  expect(odd).toMatchObject({ env: { B: "b" }, git: null });
});

test("only what is another than before is noted, for a hundred changes at most, and each note is of the runs behind it", () => {
  const home = makeHome();
  const world = worldOf(home);
  const start = (run: number, value: string) => noteRun(world, { ...plainSpec, env: { V: value } }, run);
  expect(start(1, "a")).toMatchObject({ changes: [] });
  expect(start(2, "a")).toBeUndefined();
  expect(start(5, "b")).toMatchObject({ changes: [{ of: "variable", name: "V", from: "a", to: "b" }] });
  expect([1, 4, 5, 900].map((run) => noteFor(world, "api", run)?.env["V"])).toEqual(["a", "a", "b", "b"]);
  for (let run = 6; run <= 150; run += 1) start(run, String(run));
  expect(readdirSync(folderOf(home))).toHaveLength(101);
  expect(noteFor(world, "api", 50)).toBeUndefined();
  expect(noteFor(world, "api", 149)?.env["V"]).toBe("149");
});

test("a start that failed leaves nothing to be compared with", () => {
  const home = makeHome();
  const world = worldOf(home);
  const start = (run: number, value: string) => noteRun(world, { ...plainSpec, env: { V: value } }, run);
  start(1, "a");
  start(2, "wrong");
  expect(start(2, "a")).toBeUndefined();
  expect(noteFor(world, "api", 2)?.env["V"]).toBe("a");
  start(2, "wrong");
  expect(start(2, "b")).toMatchObject({ changes: [{ from: "a", to: "b" }] });
  // Its logs are gone, and it counts anew.
  expect(start(1, "c")).toMatchObject({ changes: [] });
  expect(readdirSync(folderOf(home)).sort()).toEqual(["1.json", "key"]);
});

test("what cannot be read as notes is none, and stops no start", () => {
  const home = makeHome();
  const world = worldOf(home);
  mkdirSync(join(folderOf(home), "1.json"), { recursive: true });
  writeFileSync(join(folderOf(home), "02.json"), "\0");
  writeFileSync(join(folderOf(home), "notes.json"), "{}");
  writeFileSync(join(folderOf(home), "key"), "short");
  expect(noteFor(world, "api", 3)).toBeUndefined();
  expect(headsOf(world, "api")(3)).toBeNull();
  expect(noteRun(world, plainSpec, 3)).toBeDefined();
  expect(readFileSync(join(folderOf(home), "key"), "utf8")).toMatch(/^[0-9a-f]{32}\n$/);
  expect(noteFor(world, "api", 3)?.cwd).toBe("/");
});
