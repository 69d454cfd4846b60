import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registry } from "../../commands/index.ts";
import { dist } from "../../src/build/layout.mjs";
import { type Home, makeLastingHome } from "../support/home.ts";
import { cleanEnvironment, program } from "../support/tsm.ts";

/* dist/: the program, and a chunk for each verb that loads when the verb runs. */

let home: Home;
let chunks: string[];

beforeAll(() => {
  home = makeLastingHome();
  const receipt = JSON.parse(readFileSync(join(dist, "build.json"), "utf8")) as { files: string[] };
  chunks = receipt.files.filter((file) => file.startsWith("chunks/") && file.endsWith(".cjs"));
});
afterAll(() => home.remove());

test.for([
  ["list"],
  ["list", "--json"],
  ["version"],
  ["help"],
  ["completion", "words", "--", "li"],
  ["start", "--help"],
  ["ports"],
])("tsm %s loads the chunk of this verb and of no other, and no library that it does not need", (words) => {
  const loaded = chunksLoadedBy(words);
  const verbs = registry.map(({ name }) => name).filter((name) => loaded.some((chunk) => isChunkOf(chunk, name)));
  expect(verbs).toEqual([words[0]]);
  expect(loaded.flatMap(librariesIn)).not.toContainEqual(
    expect.stringMatching(/^(?:chalk|chokidar|conf|croner|execa|@inquirer|ajv)/),
  );
});

test("list loads what reads --where and --sort when they are given, and not before", () => {
  const reads = (words: readonly string[]) =>
    chunksLoadedBy(words).some((chunk) =>
      readFileSync(join(dist, chunk), "utf8").includes("\n// src/command/where.ts\n"),
    );
  expect(reads(["list", "all"])).toBe(false);
  expect(reads(["list", "--where", "id = 0"])).toBe(true);
  expect(reads(["list", "--sort", "mem"])).toBe(true);
});

test("what lists verbs without loading them says what their declarations do", () => {
  const answer = (...words: string[]) =>
    spawnSync(program, words, { encoding: "utf8", env: cleanEnvironment(home) }).stdout;
  const declared = JSON.parse(answer("help", "--json")) as { name: string; summary: string; scope: string }[];
  expect(declared.map(({ name }) => name)).toEqual(registry.map(({ name }) => name));
  expect(answer("completion", "words", "--", "")).toBe(
    declared
      .filter(({ scope }) => scope === "everywhere")
      .map(({ name, summary }) => `${name}\t${summary}\n`)
      .join(""),
  );
  const page = answer("help").replaceAll(/\s+/g, " ");
  for (const { name, summary } of declared) expect(page, name).toContain(summary);
});

test("each verb has a chunk, and the libraries are in chunks of their own", () => {
  for (const { name } of registry)
    expect(
      chunks.filter((chunk) => isChunkOf(chunk, name)),
      name,
    ).not.toEqual([]);
  // If the bundle no longer said where its parts are from, the test above would see no library anywhere.
  const libraries = new Set(chunks.flatMap(librariesIn));
  for (const name of ["chalk", "chokidar", "conf", "croner", "@inquirer/core"]) expect([...libraries]).toContain(name);
});

test("every chunk loads without running anything but the program's own command", () => {
  const names = JSON.stringify(chunks.map((chunk) => basename(chunk)));
  const all = `process.argv = ["node", ${JSON.stringify(program)}, "version"];
    const { load } = await import(${JSON.stringify(`file://${program}`)}); for (const name of ${names}) load(name);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", all], {
    encoding: "utf8",
    env: cleanEnvironment(home),
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout).toBe(spawnSync(program, ["version"], { encoding: "utf8", env: cleanEnvironment(home) }).stdout);
});

test("V8 takes every chunk as it was compiled at the build", () => {
  for (const { chunk, rejected } of scriptsOf(["list"]))
    expect({ chunk, rejected }).toEqual({ chunk, rejected: false });
  for (const chunk of chunks) expect(existsSync(join(dist, `${chunk}.v8`)), chunk).toBe(true);
});

test("of what every command loads V8 has been given what commands call, and no more", () => {
  const [main = ""] = chunksLoadedBy(["version"]);
  const size = (path: string) => statSync(join(dist, path)).size;
  // All functions of it take more than twice its size.
  expect(size(`${main}.v8`)).toBeLessThan(1.6 * size(main));
});

test("what is to be quick has a form of its own, with what it alone calls", () => {
  const [main = ""] = chunksLoadedBy(["version"]);
  const size = (path: string) => statSync(join(dist, path)).size;
  for (const verb of ["list", "repl"]) {
    expect(scriptsOf([verb, "--help"]).every(({ rejected }) => !rejected)).toBe(true);
    expect(size(`${main}.${verb}.v8`)).toBeLessThan(0.95 * size(`${main}.v8`));
  }
});

test("the program is a script wherever it lies: Node's loader of modules is never started for it", () => {
  const loaded = builtinsLoadedBy(["version"]);
  expect(loaded).toContain("NativeModule vm");
  // Some versions of Node start it for every script.
  const bare = join(home.folder, "bare.cjs");
  writeFileSync(bare, "");
  const always = builtinsLoadedBy([], bare);
  expect(loaded.filter((name) => name.includes("/esm/") && !always.includes(name))).toEqual([]);
});

test("what makes the marks of secrets is not loaded before a runner has been started", () => {
  const loaded = builtinsLoadedBy(["start", "--help"]);
  expect(chunksLoadedBy(["start", "--help"]).join()).toContain("starting");
  expect(loaded).toContain("NativeModule vm");
  expect(loaded).not.toContain("NativeModule crypto");
});

test.for([
  {
    called: "spawnDetached",
    by: [
      "src/platform/spawner.ts",
      "src/runner/start-resident.ts",
      "src/runner/start-runner.ts",
      "src/runner/start-ticker.ts",
    ],
  },
  { called: "startRunner", by: ["src/core/adopt.ts", "src/core/launch.ts", "src/runner/start-runner.ts"] },
])("there is one way to start a process: $called stands in $by only", ({ called, by }) => {
  const using = sources().filter((file) => new RegExp(`\\b${called}\\(`).test(codeOf(file)));
  // platform.ts declares it, as a part of the interface.
  expect(using.filter((file) => file !== "src/platform/platform.ts")).toEqual(by);
});

/** What Node calls those of its own modules that it has loaded for a command. */
function builtinsLoadedBy(words: readonly string[], of = program): string[] {
  const tell = join(home.folder, "tell.cjs");
  writeFileSync(tell, `process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")));`);
  const env = cleanEnvironment(home);
  const { stderr } = spawnSync(process.execPath, ["-r", tell, of, ...words], { encoding: "utf8", env });
  return stderr.split("\n");
}

/** The chunks that are loaded for a command whose output is a pipe. */
function chunksLoadedBy(words: readonly string[]): string[] {
  return scriptsOf(words).map(({ chunk }) => chunk);
}

/** The same, and whether V8 compiled one anew. */
function scriptsOf(words: readonly string[]): { chunk: string; rejected: boolean | undefined }[] {
  const watch = `const vm = process.getBuiltinModule("node:vm"); const { writeSync } = process.getBuiltinModule("node:fs");
    vm.Script = class extends vm.Script {
      constructor(code, options) {
        super(code, options);
        const chunk = options.filename.slice(options.filename.indexOf("chunks/"));
        writeSync(2, "loads " + JSON.stringify({ chunk, rejected: this.cachedDataRejected }) + "\\n");
      }
    };`;
  const { stderr, status } = spawnSync(process.execPath, ["--import", dataUrl(watch), program, ...words], {
    encoding: "utf8",
    env: cleanEnvironment(home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(status, stderr).toBe(0);
  const scripts = [...stderr.matchAll(/^loads (.+)$/gm)].map(([, found = ""]) => JSON.parse(found));
  expect(scripts.length).toBeGreaterThan(1);
  return scripts;
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** The chunk of `src/core/start.ts` is called as that of `commands/start.ts`: only what is inside tells. */
function isChunkOf(chunk: string, verb: string): boolean {
  return readFileSync(join(dist, chunk), "utf8").includes(`defineCommand({\n\tname: "${verb}",`);
}

function librariesIn(chunk: string): string[] {
  const notes = readFileSync(join(dist, chunk), "utf8").matchAll(
    /^\/\/ (?:\S*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/gm,
  );
  return [...notes].map(([, name = ""]) => name);
}

function sources(): string[] {
  return ["src", "commands"]
    .flatMap((folder) =>
      readdirSync(folder, { encoding: "utf8", recursive: true })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `${folder}/${file}`),
    )
    .sort();
}

/** Without comments, in which names may be told. */
function codeOf(file: string): string {
  return readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

test.for(["watch-life.bash", "runner.bash"])(
  "what %s defines is text, and no function that bash has taken apart",
  (name) => {
    const resident = readFileSync(join(dist, name), "utf8");
    expect(resident).toContain('() { eval "$its_');
    expect(resident).not.toMatch(/\(\) \{\n/);
  },
);
