import { defineCommand } from "../src/command/define.ts";

export default defineCommand({
  name: "setup",
  summary: "Make the home's folders; start does so by itself",
  details: [
    "Nothing else needs to be installed: no setsid, no daemon. The home is TSM_HOME, else TETRA_DIR/tsm, else ~/tetra/tsm.",
  ],
  effect: "changes",
  args: {},
  flags: {},
  examples: ["setup"],
  run: (_values, { engine }) => ({ home: engine.home.root, made: engine.setup() }),
  *render({ made }) {
    for (const folder of made) yield `tsm: made ${folder}`;
    yield "tsm: setup complete";
  },
});
