// @ts-check
// Which modules go into one chunk.
import { basename, dirname, join } from "node:path";
import { root } from "./layout.mjs";

/**
 * What finds out while modules are read, and what is asked of it afterwards.
 * In one chunk: what every command needs, and what `list` needs, with which the shell opens; in another what reads a
 * declaration, for completion and help; the shell; and what verbs that look at processes, end and start them are made of.
 */
export function chunkGroups() {
  /** @type {Set<string>} */
  const opening = new Set();
  /** @type {Set<string>} */
  const shell = new Set();
  /** @type {Set<string>} */
  const completing = new Set();
  /** @type {Record<keyof typeof kinds, Set<string>>} */
  const of = { look: new Set(), end: new Set(), start: new Set() };
  const isOwn = (/** @type {string} */ id) => !opening.has(id) && !completing.has(id) && !shell.has(id) && !isVerb(id);
  return {
    plugins: [
      collectStaticImports(["src/main.ts", "commands/list.ts"], opening),
      collectStaticImports(["src/repl/index.ts"], shell),
      collectStaticImports(["commands/completion.ts", "commands/help.ts"], completing),
      collectStaticImports(kinds.look, of.look),
      collectStaticImports(kinds.end, of.end),
      collectStaticImports(kinds.start, of.start),
    ],
    groups: [
      {
        name: "house",
        priority: 1,
        test: (/** @type {string} */ id) => (opening.has(id) && !isVerb(id)) || isRuntime(id),
      },
      {
        name: "completing",
        test: (/** @type {string} */ id) => completing.has(id) && !opening.has(id) && !isVerb(id),
      },
      {
        name: "shell",
        test: (/** @type {string} */ id) => shell.has(id) && !opening.has(id) && !completing.has(id),
      },
      // What starts and ends are about too, what else both need, and the rest of a start.
      {
        name: "known",
        test: (/** @type {string} */ id) => isOwn(id) && of.look.has(id) && (of.end.has(id) || of.start.has(id)),
      },
      { name: "ending", test: (/** @type {string} */ id) => isOwn(id) && of.end.has(id) },
      { name: "starting", test: (/** @type {string} */ id) => isOwn(id) && of.start.has(id) },
      // With what it takes of node:os and the like, which would be files of their own.
      { name: "chalk", test: /\/node_modules\/chalk\// },
    ],
  };
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
