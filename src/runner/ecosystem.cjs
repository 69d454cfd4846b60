// @ts-check
"use strict";
// Evaluates an ecosystem file in a process of its own, and says what came of it:
//   node ecosystem.cjs MARK module FILE     a module: what it exports, or what its function returns or promises
//   node ecosystem.cjs MARK text FILE <TEXT  JSON as people write it, with comments and bare keys: an expression; or a module
// The answer is JSON between two MARKs, as the file itself may print: {"value": …} or {"problem": …, "line": …}. What JSON
// cannot hold is an object with the one key MARK that says what it is.

const { readFileSync, writeSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, resolve } = require("node:path");
const { pathToFileURL } = require("node:url");
const { compileFunction, runInThisContext } = require("node:vm");

const [mark = "", kind = "", file = ""] = process.argv.splice(2);
// The file that is read may put others in their places.
const exit = process.exit.bind(process);
const write = writeSync;
const kill = process.kill.bind(process);
/** What a stack calls the file. */
let source = file;
let isOver = false;
let hasExited = false;

// What it prints goes out at once, and it is ended when that is too much: Node would gather it all in memory.
for (const stream of [process.stdout, process.stderr]) Reflect.get(stream, "_handle")?.setBlocking?.(true);
// The answer goes out whichever way it ends.
process.exit = (/** @type {number | string | null | undefined} */ code) => {
  hasExited = true;
  return exit(code);
};
process.on("exit", (code) => {
  if (hasExited) answer({ problem: `it ended itself with process.exit(${code})` });
  else answer({ problem: "it waits for a promise that nothing keeps" });
});
process.on("uncaughtException", fail);

read()
  .then((value) => answer({ value: plain(value, []) }))
  .catch(fail);

async function read() {
  if (kind === "text") return await exported(await piped(readFileSync(0, "utf8")));
  process.argv[1] = file;
  return await exported(await import(pathToFileURL(file).href));
}

/**
 * An expression, or where that is none and it exports something, what somebody has taken out of a file.
 * @param {string} text
 * @returns {Promise<unknown>}
 */
async function piped(text) {
  try {
    return expression(text.trim().replace(/;$/, ""));
  } catch (error) {
    if (/^\s*export\s/m.test(text)) return await import(nameOf(text));
    if (/\bexports\b/.test(text)) return required(text);
    throw error;
  }
}

/** @param {string} text */
function nameOf(text) {
  source = `data:text/javascript,${encodeURIComponent(text)}`;
  return source;
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function required(text) {
  const folder = dirname(resolve(file));
  const module = { exports: {} };
  const run = compileFunction(text, ["module", "exports", "require", "__filename", "__dirname"], { filename: file });
  run.call(module.exports, module, module.exports, createRequire(`${folder}/`), file, folder);
  return module.exports;
}

/** @param {string} text */
function expression(text) {
  try {
    return runInThisContext(`(${text}\n)`, { filename: file });
  } catch (error) {
    // The parenthesis is ours: the text has ended before what it has begun.
    if (error instanceof SyntaxError && error.message === "Unexpected token ')'" && !text.includes(")"))
      error.message = "Unexpected end of input";
    throw error;
  }
}

/**
 * A module's default export, its own names where it has none; also as TypeScript and others write it in CommonJS.
 * @param {unknown} found
 * @returns {Promise<unknown>}
 */
async function exported(found) {
  let value = await found;
  for (let depth = 0; depth < 5; depth += 1) {
    if (typeof value === "function") value = await value();
    else if (isModule(value)) value = await value.default;
    else return value;
  }
  return value;
}

/**
 * @param {unknown} value
 * @returns {value is { default: unknown }}
 */
function isModule(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    "default" in value &&
    (Object.prototype.toString.call(value) === "[object Module]" || "__esModule" in value)
  );
}

/**
 * What JSON can hold; all else is named.
 * @param {unknown} value
 * @param {readonly unknown[]} within
 * @returns {unknown}
 */
function plain(value, within) {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : { [mark]: String(value) };
  if (typeof value !== "object") return { [mark]: `a ${typeof value}` };
  if (value instanceof RegExp) return { [mark]: "a regular expression" };
  if (value instanceof Promise) return { [mark]: "a promise" };
  if (value instanceof Date) return value.toISOString();
  if (within.includes(value)) return { [mark]: "an object that contains itself" };
  const inside = [...within, value];
  if (inside.length > 20) return { [mark]: "too deep" };
  if (Array.isArray(value)) return Array.from(value, (each) => plain(each, inside) ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, inside)]));
}

/** @param {unknown} error */
function fail(error) {
  if (!(error instanceof Error))
    answer({ problem: `it threw ${error === null || typeof error === "string" ? error : typeof error}` });
  else {
    const [, line] =
      new RegExp(`${source.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}:(\\d+)`).exec(error.stack ?? "") ?? [];
    const problem = `${error.name}: ${error.message.replace(/ from "data:[^"]*"/, "")}`;
    answer({ problem, ...(line === undefined ? {} : { line: Number(line) }) });
  }
  exit(1);
}

/** @param {Record<string, unknown>} said */
function answer(said) {
  if (isOver) return;
  isOver = true;
  const bytes = Buffer.from(`\n${mark}${JSON.stringify(said)}${mark}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(1, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
  // It may have left a timer or a socket open, and programs that it has started: this group is theirs and nobody else's.
  kill(0, "SIGKILL");
}
