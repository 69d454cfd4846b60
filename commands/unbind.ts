import { defineCommand, many } from "../src/command/define.ts";
import { boundKey, defaultKeys, keyActions } from "../src/command/keys.ts";

export default defineCommand({
  name: "unbind",
  summary: "Give keys of the shell back what they did at first",
  details: ["bind KEY ignore makes a key do nothing."],
  effect: "changes",
  args: { keys: many(boundKey, "The keys") },
  flags: {},
  examples: ["unbind ctrl-g"],
  async run({ keys }, { engine }) {
    for (const key of keys) await engine.changeMeaning("keys", key, undefined);
    return keys.map((key) => ({ key, does: defaultKeys.get(key) ?? keyActions.ignore.name }));
  },
  *render(keys) {
    for (const { key, does } of keys)
      yield `tsm: ${key} ${does === keyActions.ignore.name ? "does nothing" : `is ${does}`} again`;
  },
});
