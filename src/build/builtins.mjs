// @ts-check
import { join } from "node:path";
import { root } from "./layout.mjs";

const prefix = "\0builtin:";
/** Of what is dear by itself, and nearly always needed late or never: 5 ms. */
const prefixOfDear = "\0builtin-later:";
const dear = ["node:crypto"];

/**
 * Imports of `node:fs` and the like become `process.getBuiltinModule`: an `import` of a built-in module makes Node
 * read every one of its properties, and some of these load streams, sockets and promises that nobody asked for.
 * 3 ms at each start. What is dear by itself we load when one of its functions is first called.
 * @returns {import("rolldown").Plugin}
 */
export function builtinModules() {
  return {
    name: "builtin-modules",
    resolveId: {
      filter: { id: /^node:/ },
      handler: (id, importer) => ({
        id: (dear.includes(id) && importer?.startsWith(join(root, "src/")) ? prefixOfDear : prefix) + id,
        moduleSideEffects: false,
      }),
    },
    load: {
      filter: { id: /^\0builtin(?:-later)?:/ },
      handler(id) {
        const name = id.slice(id.indexOf(":") + 1);
        const names = Object.keys(process.getBuiltinModule(name) ?? {}).filter((key) => /^[a-z]\w*$/i.test(key));
        if (id.startsWith(prefixOfDear)) return names.map((key) => calledLater(name, key)).join("\n");
        return [
          `const builtin = /*#__PURE__*/ process.getBuiltinModule(${JSON.stringify(name)});`,
          "export default builtin;",
          // Those that nobody imports are shaken off: `propertyReadSideEffects` is false.
          ...names.map((key) => `const its_${key} = builtin.${key};\nexport { its_${key} as ${key} };`),
        ].join("\n");
      },
    },
  };
}

/** @param {string} name @param {string} key of a function */
function calledLater(name, key) {
  const call = `process.getBuiltinModule(${JSON.stringify(name)}).${key}(...words)`;
  return `const its_${key} = (...words) => ${call};\nexport { its_${key} as ${key} };`;
}
