import { defineCommand, flag } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { integer } from "../src/command/types.ts";

export default defineCommand({
  name: "history",
  summary: "What was typed, the newest last",
  effect: "reads",
  scope: "shell",
  args: {},
  flags: { lines: flag(integer("N", 1), { short: "n", summary: "How many", fallback: 50 }) },
  examples: ["history", "history -n 10"],
  run: ({ lines }, context) => shellOf(context).history().slice(-lines),
  *render(lines) {
    yield* lines;
  },
});
