import { defineCommand, many } from "../src/command/define.ts";
import { aliasName } from "../src/command/types.ts";
import { noAlias } from "./alias.ts";

export default defineCommand({
  name: "unalias",
  summary: "Take names away that alias gave",
  effect: "changes",
  args: { names: many(aliasName, "The aliases") },
  flags: {},
  examples: ["unalias k", "unalias lc r"],
  async run({ names }, { engine }) {
    const { aliases } = engine.settings();
    for (const name of names) if (!aliases.has(name)) throw noAlias(name, [...aliases.keys()]);
    for (const name of names) await engine.changeMeaning("aliases", name, undefined);
    return names;
  },
  *render(names) {
    for (const name of names) yield `tsm: '${name}' is no longer an alias`;
  },
});
