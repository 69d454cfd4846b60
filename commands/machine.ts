import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "machine",
  summary: "The processes of this machine, the busiest first",
  details: ["In the shell /ps is this; bare ps is the list, as pm2 has it."],
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["machine"],
  run: async (_values, context) => ({
    exitCode: await shellOf(context).passthrough("ps aux | sort -rnk 3 | head -n 20"),
  }),
  exitCode: ({ exitCode }) => exitCode,
});
