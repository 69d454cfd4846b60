import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { integer, text } from "../src/command/types.ts";

export default defineCommand({
  name: "history",
  summary: "What was typed, the newest last",
  effect: "reads",
  scope: "shell",
  args: { word: optional(text("WORDS"), "Only lines with this in them") },
  flags: {
    failed: toggle("Only lines that failed when they ran last, in whatever shell"),
    lines: flag(integer("N", 1), { short: "n", summary: "How many", fallback: 50 }),
  },
  examples: ["history", "history -n 10", "history restart", "history --failed"],
  run: ({ word = "", lines, failed }, context) =>
    (failed ? shellOf(context).failed() : shellOf(context).history())
      .filter((line) => line.toLowerCase().includes(word.toLowerCase()))
      .slice(-lines),
  *render(lines) {
    yield* lines;
  },
});
