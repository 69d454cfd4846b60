import { defineCommand, one } from "../src/command/define.ts";
import { settingName } from "../src/command/types.ts";
import { changedSetting } from "../src/view/changed-setting.ts";

export default defineCommand({
  name: "unset",
  summary: "Give a setting back the value that it has where nobody changed it",
  effect: "changes",
  args: { name: one(settingName, "The setting") },
  flags: {},
  examples: ["unset lines"],
  async run({ name }, { engine }) {
    const fallback = (await engine.listSettings()).find((setting) => setting.name === name)?.fallback;
    return await engine.changeSetting(name, String(fallback));
  },
  *render(setting) {
    yield changedSetting(setting);
  },
});
