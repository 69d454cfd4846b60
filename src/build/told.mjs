// @ts-check
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Visitor } from "rolldown/utils";
import { root } from "./layout.mjs";

/** What is said of a verb in a list of them: {@link import("../command/registry.ts").Told}. */
const told = ["summary", "effect", "scope"];

/**
 * Puts into the registry what a verb's declaration says of it in one line, so that what lists verbs need not load each of
 * them: that is 90 files, and 40 ms.
 * @returns {import("rolldown").Plugin}
 */
export function toldVerbs() {
  return {
    name: "told-verbs",
    transform: {
      filter: { id: join(root, "commands/index.ts") },
      handler(code) {
        return code.replaceAll(/(?<=\{\s*)name: "([^"]+)",/g, (entry, name) => {
          const source = readFileSync(join(root, `commands/${name}.ts`), "utf8");
          return `${entry} told: ${JSON.stringify(declared(this.parse(source, { lang: "ts" }), name))},`;
        });
      },
    },
  };
}

/**
 * @param {import("rolldown/utils").ESTree.Program} program
 * @param {string} name
 */
function declared(program, name) {
  /** @type {Record<string, unknown>} */
  const found = {};
  new Visitor({
    CallExpression({ callee, arguments: [declaration] }) {
      if (callee.type !== "Identifier" || callee.name !== "defineCommand") return;
      if (declaration?.type !== "ObjectExpression") throw new Error(`commands/${name}.ts declares what is no object`);
      for (const property of declaration.properties) {
        if (property.type !== "Property" || property.key.type !== "Identifier") continue;
        if (!told.includes(property.key.name)) continue;
        if (property.value.type !== "Literal") throw new Error(`${property.key.name} of ${name} is to be a literal`);
        found[property.key.name] = property.value.value;
      }
    },
  }).visit(program);
  return found;
}
