// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./layout.mjs";

/** The bash files of runner and ticker, and what they run. @returns {import("./bundle.mjs").Built[]} */
export function runnerFiles() {
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
