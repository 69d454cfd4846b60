// @ts-check
// What V8 makes of each chunk when the program is built: see loader.cjs.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { dist } from "./layout.mjs";
import { runnerFiles } from "./runner-files.mjs";

/** @typedef {import("./bundle.mjs").Built} Built */

/** The verbs that are to be quicker than others, and the session of training.mjs in which they are tried. */
const quick = {
  list: "list",
  repl: "repl",
  patrol: "patrol",
  completion: "completion",
  start: "lives",
  restart: "lives",
  stop: "lives",
  delete: "lives",
};
/** Elsewhere no ticker can be pretended (see training.mjs), and a real one would outlive the build. */
const sessions = Object.entries(quick).filter(([, session]) => session !== "lives" || process.platform === "linux");

/** JavaScript that tells which form the verb of a command has for itself. */
export const ownForm = `new Map(${JSON.stringify(sessions)}).get(process.argv[2])`;

/**
 * The chunks whose compiled form goes by what is really called.
 * @typedef {{ main: string, list: string, completing: string, shell: string, chalk: string, known: string, ending: string, starting: string }} Hot
 */

/**
 * @param {string} name
 * @returns {name is "completing" | "shell" | "chalk" | "known" | "ending" | "starting"}
 */
export function isHot(name) {
  return ["completing", "shell", "chalk", "known", "ending", "starting"].includes(name);
}

/**
 * What V8 makes of each chunk. Of those that most commands load, only what commands really call: all of it would be three
 * times as much to take over. Of the shell and of chalk what is called until its prompt is there. Of the others everything, as left to
 * itself V8 would compile each function when it is first called.
 * @param {readonly { path: string, content: string }[]} files
 * @param {Hot} hot their paths
 * @returns {Built[]}
 */
export function compiledFiles(files, { main, list, completing, shell, chalk, known, ending, starting }) {
  const folder = mkdtempSync(join(tmpdir(), "tsm-build-"));
  try {
    mkdirSync(join(folder, "chunks"));
    for (const { path, content } of [...files, ...runnerFiles()]) writeFileSync(join(folder, path), content);
    const own = (/** @type {string} */ session) => `${main}.${session}.v8`;
    const forms = new Map([
      ...trained(folder, "all", [main, list]),
      ...["list", "patrol"].flatMap((session) => trained(folder, session, [main], own)),
      ...trained(folder, "completion", [main], own),
      ...trained(folder, "words", [completing]),
      ...trained(folder, "repl", [main, shell, chalk], own),
      ...(sessions.some(([, session]) => session === "lives")
        ? [...trained(folder, "lives", [main, ending, starting], own), ...trained(folder, "known", [known])]
        : []),
    ]);
    for (const { path, content } of files) {
      if (dirname(path) !== "chunks") continue;
      const more = path === main ? new Set(sessions.map(([, session]) => own(session))) : [];
      for (const form of [`${path}.v8`, ...more])
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
