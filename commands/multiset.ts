import { defineCommand, many } from "../src/command/define.ts";
import { text } from "../src/command/types.ts";
import type { Setting } from "../src/core/configure.ts";
import { TsmError } from "../src/core/errors.ts";
import { settingNamed } from "../src/core/settings.ts";
import { splitWords } from "../src/core/split-words.ts";
import { changedSetting } from "../src/view/changed-setting.ts";
import config from "./config.ts";

export default defineCommand({
  name: "multiset",
  summary: "Change several settings, one after the other until one cannot be",
  effect: "changes",
  args: { words: many(text("NAME VALUE"), "Settings and their values, as one word or as several") },
  flags: {},
  examples: ["multiset 'lines 20 settle 800'", "multiset lines 20 settle 800"],
  async run({ words }, context) {
    const [only = "", ...more] = words;
    const each = more.length === 0 ? splitWords(only) : words;
    if (each === undefined || each.length === 0 || each.length % 2 === 1)
      throw new TsmError("USAGE", "multiset takes a VALUE behind each NAME", {
        hint: "tsm multiset 'lines 20 settle 800'",
      });
    const settings: Setting[] = [];
    for (const [index, word] of each.entries()) {
      if (index % 2 === 1) continue;
      const asked = { action: "set", name: settingNamed(word), value: each[index + 1] } as const;
      const done = await config.run(asked, context);
      if ("settings" in done) settings.push(...done.settings);
    }
    return settings;
  },
  *render(settings) {
    yield* settings.map(changedSetting);
  },
});
