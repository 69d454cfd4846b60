import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "disk",
  summary: "Disk usage",
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["disk"],
  run: async (_values, context) => ({ exitCode: await shellOf(context).passthrough("df -h") }),
  exitCode: ({ exitCode }) => exitCode,
});
