import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "ps",
  summary: "The processes of this machine, the busiest first",
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["ps"],
  run: async (_values, context) => ({
    exitCode: await shellOf(context).passthrough("ps aux | sort -rnk 3 | head -n 20"),
  }),
  exitCode: ({ exitCode }) => exitCode,
});
