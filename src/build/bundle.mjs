// @ts-check
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { rolldown } from "rolldown";
import { builtinModules } from "./builtins.mjs";
import { dist, program, root } from "./layout.mjs";
import { describeInputs, fingerprint, readReceipt, receiptPath } from "./staleness.mjs";

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
  /** @type {Set<string>} */
  const opening = new Set();
  /** @type {Set<string>} */
  const shell = new Set();
  /** @type {Record<keyof typeof kinds, Set<string>>} */
  const of = { look: new Set(), end: new Set(), start: new Set() };
  const isOwn = (/** @type {string} */ id) => !opening.has(id) && !shell.has(id) && !isVerb(id);
  /** @type {Record<keyof Hot, string>} */
  const hot = { main: "", list: "", shell: "", chalk: "", known: "", ending: "", starting: "" };
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
      collectStaticImports(kinds.look, of.look),
      collectStaticImports(kinds.end, of.end),
      collectStaticImports(kinds.start, of.start),
    ],
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
      // In one: what every command needs, and what `list` needs, with which the shell opens; the shell in another.
      codeSplitting: {
        groups: [
          { name: "house", priority: 1, test: (id) => (opening.has(id) && !isVerb(id)) || isRuntime(id) },
          { name: "shell", test: (id) => shell.has(id) && !opening.has(id) },
          // What starts and ends are about too, what else both need, and the rest of a start.
          { name: "known", test: (id) => isOwn(id) && of.look.has(id) && (of.end.has(id) || of.start.has(id)) },
          { name: "ending", test: (id) => isOwn(id) && of.end.has(id) },
          { name: "starting", test: (id) => isOwn(id) && of.start.has(id) },
          // With what it takes of node:os and the like, which would be files of their own.
          { name: "chalk", test: /\/node_modules\/chalk\// },
        ],
      },
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

/**
 * Verbs and what they load as they go, by what they do to processes. Of the modules of one kind each of its verbs loads nearly
 * all: in a file for each module that was 45 files for a `start`, and 7 ms.
 */
const kinds = {
  look: [
    ...["env", "events", "info", "limits", "logs", "metrics", "patrol", "ports", "signal", "wait", "why"].map(verbFile),
    ...["events", "inspect", "logs", "metrics", "patrol", "ports", "process-environment", "timeline", "wait-for"].map(
      coreFile,
    ),
    ...["doctor", "kill", "reset", "save"].map(verbFile),
  ],
  end: [
    ...["delete", "stop"].map(verbFile),
    ...["command-note", "deeds", "delete", "process-order", "stop"].map(coreFile),
  ],
  start: [...["restart", "start"].map(verbFile), ...["restart-anew", "run-notes", "start"].map(coreFile)],
};

/** @param {string} verb */
function verbFile(verb) {
  return `commands/${verb}.ts`;
}

/** @param {string} name */
function coreFile(name) {
  return `src/core/${name}.ts`;
}

/** @param {string} id */
function isVerb(id) {
  return dirname(id) === join(root, "commands") && basename(id) !== "index.ts";
}

/**
 * What the bundler adds of its own.
 * @param {string} id
 */
function isRuntime(id) {
  return id.startsWith("\0rolldown/");
}

/**
 * Finds what some of our modules import, directly and indirectly, before anything is loaded on demand; not what one verb
 * alone imports: that belongs to the verb.
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
      for (const id of found) {
        const importers = this.getModuleInfo(id)?.importers ?? [];
        if (importers.length === 1 && importers.every(isVerb)) found.delete(id);
      }
    },
  };
}

/** The verbs that are to be quicker than others, and the session of training.mjs in which they are tried. */
const quick = {
  list: "list",
  repl: "repl",
  patrol: "patrol",
  start: "lives",
  restart: "lives",
  stop: "lives",
  delete: "lives",
};
const ownForm = `new Map(${JSON.stringify(Object.entries(quick))}).get(process.argv[2])`;

/** The program, and what tells Node which of its loaders is to take it. @param {string} main the chunk to begin with */
function entryOf(main) {
  const loader = readFileSync(join(import.meta.dirname, "loader.cjs"), "utf8");
  return [
    { path: "package.json", content: '{ "type": "commonjs" }\n', mode: 0o644 },
    { path: basename(program), content: `${loader}\nload(${JSON.stringify(main)}, ${ownForm});\n`, mode: 0o755 },
  ];
}

/**
 * The chunks whose compiled form goes by what is really called.
 * @typedef {{ main: string, list: string, shell: string, chalk: string, known: string, ending: string, starting: string }} Hot
 */

/**
 * @param {string} name
 * @returns {name is "shell" | "chalk" | "known" | "ending" | "starting"}
 */
function isHot(name) {
  return ["shell", "chalk", "known", "ending", "starting"].includes(name);
}

/**
 * What V8 makes of each chunk. Of those that most commands load, only what commands really call: all of it would be three
 * times as much to take over. Of the shell and of chalk what is called until its prompt is there. Of the others everything, as left to
 * itself V8 would compile each function when it is first called.
 * @param {readonly { path: string, content: string }[]} files
 * @param {Hot} hot their paths
 * @returns {Built[]}
 */
function compiledFiles(files, { main, list, shell, chalk, known, ending, starting }) {
  const folder = mkdtempSync(join(tmpdir(), "tsm-build-"));
  try {
    mkdirSync(join(folder, "chunks"));
    for (const { path, content } of [...files, ...runnerFiles()]) writeFileSync(join(folder, path), content);
    const own = (/** @type {string} */ session) => `${main}.${session}.v8`;
    const forms = new Map([
      ...trained(folder, "all", [main, list]),
      ...["list", "patrol"].flatMap((session) => trained(folder, session, [main], own)),
      ...trained(folder, "repl", [main, shell, chalk], own),
      // There nobody is needed who would have to be told from others by asking `ps`.
      ...(process.platform === "linux"
        ? [...trained(folder, "lives", [main, ending, starting], own), ...trained(folder, "known", [known])]
        : []),
    ]);
    for (const { path, content } of files) {
      if (dirname(path) !== "chunks") continue;
      const sessions = path === main ? [...new Set(Object.values(quick))] : [];
      for (const form of [`${path}.v8`, ...sessions.map(own)])
        if (!forms.has(form)) forms.set(form, compiledBy(content, join(dist, path)));
    }
    return Array.from(forms, ([path, content]) => ({ path, content, mode: 0o644 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What commands call is worth milliseconds, and not a build that fails where they cannot be run.
 * @param {string} folder
 * @param {string} session
 * @param {readonly [string, ...string[]]} chunks
 * @param {(session: string) => string} [own] where the first of them has a form for this session alone: its path
 * @returns {(readonly [path: string, form: Buffer])[]} none where they cannot be run
 */
function trained(folder, session, chunks, own) {
  const training = [join(import.meta.dirname, "training.mjs"), folder, session, ...chunks];
  try {
    execFileSync(process.execPath, training, { env: {}, stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
    return chunks.map((chunk, index) => [
      index === 0 && own !== undefined ? own(session) : `${chunk}.v8`,
      readFileSync(join(folder, `${chunk}.${session}.v8`)),
    ]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`tsm: built, but starts slower than it could, as its commands could not be tried: ${why}\n`);
    return [];
  }
}

/**
 * What V8 makes of a script, all its functions included.
 * @param {string} script
 * @param {string} filename
 */
function compiledBy(script, filename) {
  setFlagsFromString("--no-lazy");
  const compiled = new Script(script, { filename });
  // Before the result is made: V8 takes no code that was compiled under other flags than its own.
  setFlagsFromString("--lazy");
  return compiled.createCachedData();
}

/** @returns {Built[]} */
function runnerFiles() {
  const folder = join(root, "src/runner");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".bash") || name.endsWith(".cjs"))
    .map((name) => ({
      path: name,
      content: withoutRemarks(name, readFileSync(join(folder, name), "utf8")),
      mode: 0o755,
    }));
}

/**
 * Each runner reads these, and one that was forked keeps their text in memory: lines that are nothing but a remark stay here.
 * @param {string} name
 * @param {string} text
 */
function withoutRemarks(name, text) {
  return name.endsWith(".bash") ? text.replace(/^[ \t]*#(?!!).*\n/gm, "") : text;
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
