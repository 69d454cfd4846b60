// @ts-check
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { builtinModules } from "./builtins.mjs";
import { dist, program, root } from "./layout.mjs";
import { describeInputs, fingerprint, readReceipt, receiptPath } from "./staleness.mjs";

const keepSupersededMs = 7 * 24 * 60 * 60 * 1000;
const keepUnfinishedMs = 60 * 60 * 1000;

/**
 * Makes `dist/`: the program, a chunk per verb that loads when the verb runs, and the runner's bash files.
 *
 * A shell that runs during the build, and for days after it, must go on loading the chunks it was built with, and
 * two builds at once must leave a working program: so every file is written whole under its final name, names of
 * chunks carry a hash of their content, and the program comes last.
 */
export async function build() {
  // Before anything is read: a file that changes meanwhile makes the build stale, not wrong.
  const inputs = describeInputs();
  const previous = readReceipt()?.files ?? [];

  mkdirSync(join(dist, "chunks"), { recursive: true });
  const files = [...(await bundle()), ...runnerFiles()];
  // The program last: it must never name a chunk that is not there yet.
  files.sort((a, b) => Number(a.path === basename(program)) - Number(b.path === basename(program)));
  for (const file of files) writeWhole(join(dist, file.path), file.content, file.mode);

  const paths = files.map((file) => file.path);
  forget({ current: paths, previous });
  /** @type {import("./staleness.mjs").Receipt} */
  const receipt = { inputs, program: fingerprint(program), files: paths };
  writeWhole(receiptPath, JSON.stringify(receipt), 0o644);
}

/** @typedef {{ path: string, content: string | Uint8Array, mode: number }} Built */

/** @returns {Promise<Built[]>} */
async function bundle() {
  /** @type {Set<string>} */
  const opening = new Set();
  /** @type {Set<string>} */
  const shell = new Set();
  const bundler = await rolldown({
    input: { tsm: join(root, "src/main.ts") },
    cwd: root,
    platform: "node",
    tsconfig: join(root, "tsconfig.json"),
    transform: { target: "node20.19" },
    treeshake: { propertyReadSideEffects: false },
    plugins: [
      builtinModules(),
      collectStaticImports(["src/main.ts", "commands/list.ts"], opening),
      collectStaticImports(["src/repl/index.ts"], shell),
    ],
    onLog(level, log, handle) {
      // A name that resolves to nothing would fail on a user's machine: fail here instead.
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
      handle(level, log);
    },
  });
  try {
    const { output } = await bundler.generate({
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "chunks/[name]-[hash].js",
      comments: { legal: false },
      // Each file costs 0.6 ms. In one: what every command needs, and `list`, with which the shell opens; the shell in another.
      codeSplitting: {
        groups: [
          { name: "house", test: (id) => opening.has(id), minShareCount: 2 },
          { name: "shell", test: (id) => shell.has(id) && !opening.has(id) },
        ],
      },
    });
    return output.map((item) => ({
      path: item.fileName,
      content: item.type === "chunk" ? withHashbang(item) : item.source,
      mode: item.fileName === basename(program) ? 0o755 : 0o644,
    }));
  } finally {
    await bundler.close();
  }
}

/**
 * Finds what some of our modules import, directly and indirectly, before anything is loaded on demand.
 * @param {string[]} entries relative to the root
 * @param {Set<string>} found receives the modules' ids
 * @returns {import("rolldown").Plugin}
 */
function collectStaticImports(entries, found) {
  return {
    name: "collect-static-imports",
    buildEnd() {
      const collect = (/** @type {string} */ id) => {
        if (found.has(id)) return;
        found.add(id);
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) collect(imported);
      };
      for (const entry of entries) collect(join(root, entry));
    },
  };
}

/** @param {import("rolldown").OutputChunk} chunk */
function withHashbang({ isEntry, code }) {
  return isEntry && !code.startsWith("#!") ? `#!/usr/bin/env node\n${code}` : code;
}

/** @returns {Built[]} */
function runnerFiles() {
  const folder = join(root, "src/runner");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".bash"))
    .map((name) => ({ path: name, content: readFileSync(join(folder, name)), mode: 0o755 }));
}

/**
 * By rename, even where only the content changes: bash reads a running script piece by piece, and Node may be about
 * to load this chunk. A file that is already right is only touched.
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {number} mode
 */
function writeWhole(path, content, mode) {
  const bytes = Buffer.from(content);
  if (path !== program && path !== receiptPath && holds(path, bytes)) {
    touch(path);
    return;
  }
  const unfinished = `${path}.${process.pid}.tmp`;
  writeFileSync(unfinished, bytes);
  chmodSync(unfinished, mode);
  renameSync(unfinished, path);
}

/**
 * @param {string} path
 * @param {Buffer} bytes
 */
function holds(path, bytes) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.size === bytes.length && readFileSync(path).equals(bytes);
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Removes what no shell can still need: chunks that were superseded more than seven days ago.
 * @param {{ current: string[], previous: string[] }} builds
 */
function forget({ current, previous }) {
  // From now on the seven days count, not from when the chunk was made: it may have been in use for months.
  for (const path of previous) touch(join(dist, path));
  const known = new Set(current.map((path) => join(dist, path)));
  for (const folder of [dist, join(dist, "chunks")]) {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const keepMs = name.endsWith(".tmp") ? keepUnfinishedMs : keepSupersededMs;
      if (known.has(path) || !/-[\w-]{8}\.js$|\.tmp$/.test(name)) continue;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined && Date.now() - stat.mtimeMs > keepMs) rmSync(path, { force: true });
    }
  }
}

/** @param {unknown} error */
function isMissing(error) {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
