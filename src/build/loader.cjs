#!/usr/bin/env node
// @ts-check
// What becomes dist/tsm.js, with a last line that loads the main chunk. Every chunk is a script that V8 has compiled when
// it was built: to compile them anew took a third of `tsm list`. Node's own loaders cannot be handed that before Node 22,
// and its loader of modules takes 8 ms to be there at all. All are ASCII, which as "latin1" is read without being decoded.
"use strict";
const { readFileSync } = process.getBuiltinModule("node:fs");
const { Script } = process.getBuiltinModule("node:vm");

/** @type {Map<string, { exports: unknown }>} */
const loaded = new Map();

/**
 * @param {string} name of a file in chunks/
 * @param {string} [verb] whose own compiled form of it there is: what one verb calls is two thirds of what all do
 */
function load(name, verb) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const filename = `${__dirname}/chunks/${name}`;
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData: compiled(filename, verb) });
  // Chunks ask for each other, and old libraries for what is built into Node.
  const require = (/** @type {string} */ path) =>
    path.startsWith("./") ? load(path.slice("./".length)) : process.getBuiltinModule(path);
  script.runInThisContext()(module.exports, require, module, filename, __dirname);
  return module.exports;
}

/**
 * Of no other Node than the one that built it: V8 refuses it then, and compiles.
 * @param {string} filename
 * @param {string} [verb]
 */
function compiled(filename, verb) {
  try {
    return readFileSync(verb === undefined ? `${filename}.v8` : `${filename}.${verb}.v8`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

module.exports = { load };
