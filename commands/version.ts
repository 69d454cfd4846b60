import { defineCommand } from "../src/command/define.ts";
import { version } from "../src/command/version.ts";

export default defineCommand({
  name: "version",
  summary: "The version of tsm",
  effect: "reads",
  leavesHome: true,
  args: {},
  flags: {},
  examples: ["version"],
  run: () => ({ version }),
  *render({ version: number }) {
    yield number;
  },
});
