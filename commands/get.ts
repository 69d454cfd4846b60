import { defineCommand, optional } from "../src/command/define.ts";
import { settingName } from "../src/command/types.ts";
import set from "./set.ts";

export default defineCommand({
  name: "get",
  summary: "Show a setting: config get in a word; alone, show them all",
  effect: "reads",
  args: { name: optional(settingName, "The setting") },
  flags: {},
  examples: ["get", "get lines"],
  run: ({ name }, context) => set.run({ name, value: undefined }, context),
  render: (result, screen) => set.render?.(result, screen) ?? [],
});
