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
import { chunkGroups } from "./chunks.mjs";
import { compiledFiles, isHot, ownForm } from "./compiled.mjs";
import { dist, program, root } from "./layout.mjs";
import { runnerFiles } from "./runner-files.mjs";
import { describeInputs, fingerprint, readReceipt, receiptPath } from "./staleness.mjs";
import { toldVerbs } from "./told.mjs";

const keepSupersededMs = 7 * 24 * 60 * 60 * 1000;
const keepUnfinishedMs = 60 * 60 * 1000;

/**
 * Makes `dist/`: the program, a chunk per verb that loads when the verb runs, what V8 makes of each chunk, and the
 * runner's bash files with the stamper.
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
  const { plugins, groups } = chunkGroups();
  /** @type {Record<keyof import("./compiled.mjs").Hot, string>} */
  const hot = { main: "", list: "", completing: "", shell: "", chalk: "", known: "", ending: "", starting: "" };
  const bundler = await rolldown({
    input: { tsm: join(root, "src/main.ts") },
    cwd: root,
    platform: "node",
    tsconfig: join(root, "tsconfig.json"),
    transform: { target: "node20.19" },
    treeshake: { propertyReadSideEffects: false },
    plugins: [toldVerbs(), builtinModules(), ...plugins],
    onLog(level, log, handle) {
      // A name that resolves to nothing would fail on a user's machine: fail here instead.
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
      handle(level, log);
    },
  });
  try {
    const { output } = await bundler.generate({
      // See loader.cjs: a script is what can be handed to V8 together with its compiled form.
      format: "cjs",
      exports: "named",
      dynamicImportInCjs: false,
      entryFileNames: "[name]-[hash].cjs",
      chunkFileNames: "[name]-[hash].cjs",
      comments: false,
      // A quarter of the time to read: see loader.cjs.
      charset: "ascii",
      codeSplitting: { groups },
    });
    const files = output.flatMap((item) => {
      if (item.type !== "chunk") throw new Error(`the bundler made ${item.fileName}, which is no chunk`);
      const path = `chunks/${item.fileName}`;
      const script = `(function (exports, require, module, __filename, __dirname) {\n${item.code}\n})`;
      if (/[^\0-\x7f]/.test(script)) throw new Error(`${path} is not ASCII`);
      if (item.isEntry) hot.main = path;
      if (item.facadeModuleId === join(root, "commands/list.ts")) hot.list = path;
      if (isHot(item.name)) hot[item.name] = path;
      return [...(item.isEntry ? entryOf(item.fileName) : []), { path, content: script, mode: 0o644 }];
    });
    return [...files, ...compiledFiles(files, hot)];
  } finally {
    await bundler.close();
  }
}

/** The program, and what tells Node which of its loaders is to take it. @param {string} main the chunk to begin with */
function entryOf(main) {
  const loader = readFileSync(join(import.meta.dirname, "loader.cjs"), "utf8");
  return [
    { path: "package.json", content: '{ "type": "commonjs" }\n', mode: 0o644 },
    { path: basename(program), content: `${loader}\nload(${JSON.stringify(main)}, ${ownForm});\n`, mode: 0o755 },
  ];
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
      if (known.has(path) || !/-[\w-]{8}\.(?:js|cjs|cjs(?:\.\w+)?\.v8)$|\.tmp$/.test(name)) continue;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined && Date.now() - stat.mtimeMs > keepMs) rmSync(path, { force: true });
    }
  }
}

/** @param {unknown} error */
function isMissing(error) {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
