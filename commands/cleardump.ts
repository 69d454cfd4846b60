import { defineCommand } from "../src/command/define.ts";
import { wholeWords } from "../src/view/error-lines.ts";

export default defineCommand({
  name: "cleardump",
  summary: "Save an empty list: nothing is brought back any more",
  details: ["What was saved before is kept as an older list: resurrect --generation 1 brings it back."],
  effect: "changes",
  args: {},
  flags: {},
  examples: ["cleardump"],
  run: async (_values, { engine, signal }) => (await engine.saved()).clear(signal),
  names: () => [],
  fold: wholeWords,
  *render({ file }) {
    yield `✅ Nothing is saved now: ${file}`;
  },
});
