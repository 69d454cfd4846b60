import { defineCommand, optional } from "../src/command/define.ts";
import { settingName, settingValue } from "../src/command/types.ts";
import config from "./config.ts";

export default defineCommand({
  name: "set",
  summary: "Change a setting: config set in a word; alone, show them all",
  effect: "changes",
  args: { name: optional(settingName, "The setting"), value: optional(settingValue, "Its new value") },
  flags: {},
  examples: ["set", "set lines", "set editing-mode vi"],
  onlyLooks: ({ value }) => value === undefined,
  run: ({ name, value }, context) => {
    const action = name === undefined ? "list" : value === undefined ? "get" : "set";
    return config.run({ action, name, value }, context);
  },
  render: (result, screen) => config.render?.(result, screen) ?? [],
});
