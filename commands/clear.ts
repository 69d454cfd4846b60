import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";

export default defineCommand({
  name: "clear",
  summary: "Clear the screen",
  effect: "reads",
  scope: "shell",
  owns: "shell",
  args: {},
  flags: {},
  examples: ["clear"],
  run(_values, context) {
    shellOf(context).clear();
    return {};
  },
});
