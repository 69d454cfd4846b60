import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "exit",
  summary: "Leave the shell; what it started keeps running",
  effect: "reads",
  scope: "shell",
  owns: "shell",
  args: {},
  flags: {},
  examples: ["exit", "quit"],
  run(_values, context) {
    shellOf(context).exit();
    return {};
  },
});
