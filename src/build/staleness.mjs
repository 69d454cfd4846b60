// @ts-check
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { dist, program, root } from "./layout.mjs";

/** npm's own note of what it has installed. */
export const installed = join(root, "node_modules", ".package-lock.json");

/** What the last build made and from what. */
export const receiptPath = join(dist, "build.json");

/**
 * @typedef {object} Receipt
 * @property {string} inputs what `describeInputs` said when the build began
 * @property {string} program which file `dist/tsm.js` was when it was written
 * @property {string[]} files everything the build made, relative to `dist`
 */

/** Is `node_modules` missing, or older than the lock file? */
export function isInstallNeeded() {
  const done = statSync(installed, { throwIfNoEntry: false });
  const asked = statSync(join(root, "package-lock.json"), { throwIfNoEntry: false });
  return done === undefined || (asked !== undefined && asked.mtimeMs > done.mtimeMs);
}

/** Is there no build, or one from other sources? Asked at every `npm start`: one pass of stat, nothing is read but the receipt. */
export function isStale() {
  const receipt = readReceipt();
  // Two builds at once write in any order: a receipt counts only with the very program it was written for.
  return receipt === undefined || receipt.program !== fingerprint(program) || receipt.inputs !== describeInputs();
}

/** @returns {Receipt | undefined} */
export function readReceipt() {
  try {
    return JSON.parse(readFileSync(receiptPath, "utf8"));
  } catch {
    return undefined; // missing or damaged: then there is no build to trust
  }
}

/** Path, time and size of everything that a build reads, and the Node for which it compiles, as one text to compare. */
export function describeInputs() {
  const files = ["package.json", "package-lock.json", "tsconfig.json", ...filesUnder("src"), ...filesUnder("commands")];
  return [process.version, ...files.map((file) => `${file} ${fingerprint(join(root, file), false)}`)].join("\n");
}

/**
 * Tells one file, or one version of it, from another.
 * @param {string} path
 * @param {boolean} [inode] a restored or copied file is another file
 */
export function fingerprint(path, inode = true) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "missing";
  return inode ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : `${stat.mtimeMs} ${stat.size}`;
}

/**
 * @param {string} folder relative to the root
 * @returns {string[]}
 */
function filesUnder(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}
