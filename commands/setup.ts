import { defineCommand } from "../src/command/define.ts";

export default defineCommand({
  name: "setup",
  summary: "Make the home's folders, which start does by itself, and its hooks",
  details: [
    "The hooks are hooks/python.sh (pyenv), hooks/node.sh (nvm) and hooks/tetra.sh (all of tetra): from then on the first two are sourced before each python and node process. What is there already stays as it is.",
    "Nothing else needs to be installed: no setsid, no daemon. The home is TSM_HOME, else TETRA_DIR/tsm, else ~/tetra/tsm.",
  ],
  effect: "changes",
  args: {},
  flags: {},
  examples: ["setup"],
  // It tells what it makes; a note of it in the journal would have made the home before.
  unnoted: () => true,
  run: async (_values, { engine }) => ({ home: engine.home.root, made: await engine.setup() }),
  *render({ made }) {
    for (const path of made) yield `tsm: made ${path}`;
    yield "tsm: setup complete";
  },
});
