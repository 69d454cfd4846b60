// @ts-check
// `npm run readme`: writes the table of verbs into README.md, from the declarations in commands/ as `tsm help` tells them.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program, root } from "./layout.mjs";

export const readme = join(root, "README.md");
const begin = "<!-- verbs -->";
const end = "<!-- /verbs -->";

/**
 * One verb in `tsm help --json`.
 * @typedef {object} Verb
 * @property {string} name
 * @property {readonly string[]} aliases
 * @property {string} usage the verb, `[flags]` and its arguments
 * @property {string} summary
 * @property {"everywhere" | "shell"} scope
 */

/** The text with the table of these verbs between its markers. @param {string} text @param {readonly Verb[]} verbs */
export function withVerbTable(text, verbs) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`README.md has no ${begin} with ${end} behind it`);
  return `${text.slice(0, from + begin.length)}\n${verbTable(verbs)}\n${text.slice(to)}`;
}

/** @param {readonly Verb[]} verbs */
function verbTable(verbs) {
  const rows = verbs.map(({ name, aliases, usage, summary, scope }) => [
    [name, ...aliases].map(code).join(", "),
    usage === name ? "" : code(usage.slice(name.length + 1)),
    cell(summary) + (scope === "shell" ? " (in the shell)" : ""),
  ]);
  const lines = [["verb", "takes", "what it does"], ["---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** @param {string} text */
function code(text) {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell, also inside of code. @param {string} text */
function cell(text) {
  return text.replaceAll("|", "\\|");
}

if (process.argv[1] === import.meta.filename) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "help", "--json"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tsm help --json gave ${status}: ${stderr}`);
  writeFileSync(readme, withVerbTable(readFileSync(readme, "utf8"), JSON.parse(stdout)));
}
