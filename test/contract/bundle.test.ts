import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
  chunks = receipt.files.filter((file) => file.startsWith("chunks/"));
});
afterAll(() => home.remove());

test.for([["list"], ["list", "--json"], ["version"], ["start", "--help"], ["ports"]])(
  "tsm %s loads the chunk of this verb and of no other, and no library that it does not need",
  (words) => {
    const loaded = chunksLoadedBy(words);
    const verbs = registry.map(({ name }) => name).filter((name) => loaded.some((chunk) => isChunkOf(chunk, name)));
    expect(verbs).toEqual([words[0]]);
    expect(loaded.flatMap(librariesIn)).not.toContainEqual(
      expect.stringMatching(/^(?:chalk|chokidar|conf|croner|execa|@inquirer|ajv)/),
    );
  },
);

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

test("every chunk loads as an ES module, without running anything", () => {
  const urls = chunks.map((chunk) => JSON.stringify(`file://${join(dist, chunk)}`));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `for (const url of [${urls}]) await import(url);`],
    { encoding: "utf8", env: cleanEnvironment(home) },
  );
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
});

test("no chunk imports the program: it is still being evaluated when chunks load, and would wait for itself", () => {
  for (const chunk of chunks)
    expect(readFileSync(join(dist, chunk), "utf8"), chunk).not.toMatch(/["']\.\.\/tsm\.js["']/);
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

/** The chunks that Node loads for a command whose output is a pipe. */
function chunksLoadedBy(words: readonly string[]): string[] {
  const hook = `import { writeSync } from "node:fs"; export async function load(url, context, next) {
    if (url.includes("/dist/chunks/")) writeSync(2, "loads " + url.slice(url.indexOf("chunks/")) + "\\n");
    return next(url, context);
  }`;
  const register = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(hook))});`;
  const { stderr, status } = spawnSync(process.execPath, ["--import", dataUrl(register), program, ...words], {
    encoding: "utf8",
    env: cleanEnvironment(home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(status, stderr).toBe(0);
  return [...stderr.matchAll(/^loads (.+)$/gm)].map(([, chunk = ""]) => chunk);
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** The chunk of `src/core/start.ts` is called as that of `commands/start.ts`: only the bundler's notes inside tell. */
function isChunkOf(chunk: string, verb: string): boolean {
  return readFileSync(join(dist, chunk), "utf8").includes(`\n// commands/${verb}.ts\n`);
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
