// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./layout.mjs";

const folder = join(root, "src/runner");
/** What the runner has in memory while its process lives. */
const resident = "watch-life.bash";

/** The bash files of runner and ticker, and what they run. @returns {import("./bundle.mjs").Built[]} */
export function runnerFiles() {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".bash") || name.endsWith(".cjs"))
    .flatMap((name) => (name === resident ? asTexts(read(name)) : [{ path: name, content: read(name) }]))
    .map((file) => ({ ...file, mode: 0o755 }));
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
 * A function costs bash twenty times its text, and there is one of these for each process: so each is a text that is evaluated
 * when it is called, in a file of its own, which bash reads without taking it apart.
 * @param {string} bash
 */
function asTexts(bash) {
  const sourced = bash.replaceAll(/^\. "\$\{0%\/\*\}\/(.+\.bash)".*\n/gm, (_line, name) => read(name));
  /** @type {string[]} */
  const texts = [];
  const called = sourced.replaceAll(/^(\w+)\(\) \{\n(.*?)\n\}$/gms, (_function, name, body) => {
    texts.push(`${body}\0`);
    return `IFS= read -r -d '' its_${name} <&8\n${name}() { eval "$its_${name}"; }`;
  });
  const path = resident.replace(".bash", ".texts");
  return [
    { path: resident, content: `exec 8<"\${0%/*}/${path}" || exit 74\n${called}exec 8<&-\n` },
    { path, content: texts.join("") },
  ];
}
