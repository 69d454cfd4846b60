// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./layout.mjs";

const folder = join(root, "src/runner");
/** What a runner has in memory, from the beginning of its process's first life and from its end. */
const resident = ["watch-life.bash", "runner.bash"];

/** The bash files of runner and ticker, and what they run. @returns {import("./bundle.mjs").Built[]} */
export function runnerFiles() {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".bash") || name.endsWith(".cjs"))
    .map((name) => ({
      path: name,
      content: resident.includes(name) ? withTexts(read(name)) : read(name),
      mode: 0o755,
    }));
}

/**
 * Each runner reads these, and one that was forked keeps their text in memory: lines that are nothing but a remark stay here.
 * @param {string} name
 */
function read(name) {
  const text = readFileSync(join(folder, name), "utf8");
  return name.endsWith(".bash") ? text.replace(/^[ \t]*#(?!!).*\n/gm, "") : text;
}

/**
 * A function costs bash twenty times its text, and there is one of these for each process: so each becomes a text that is
 * evaluated when it is called. What is sourced for its functions alone comes along.
 * @param {string} bash
 */
function withTexts(bash) {
  return bash
    .replace(/^\. "\$\{0%\/\*\}\/(start-mark\.bash)".*\n/m, (_line, name) => read(name))
    .replaceAll(/^(\w+)\(\) \{\n(.*?)\n\}$/gms, (_function, name, body) => {
      return `its_${name}='${body.replaceAll("'", "'\\''")}'\n${name}() { eval "$its_${name}"; }`;
    });
}
