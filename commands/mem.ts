import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "mem",
  summary: "Memory usage",
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["mem"],
  run: async (_values, context) => ({
    exitCode: await shellOf(context).passthrough("if command -v free >/dev/null; then free -h; else vm_stat; fi"),
  }),
  exitCode: ({ exitCode }) => exitCode,
});
