import { defineCommand } from "../src/command/define.ts";

const message = "nothing to update: no daemon holds your processes, and each command is the new tsm at once";

export default defineCommand({
  name: "update",
  summary: "Nothing, and says why: pm2 restarts its daemon here",
  details: ["A tsm that was installed anew is used from the next command on. What runs is not touched."],
  effect: "reads",
  args: {},
  flags: {},
  examples: ["update"],
  run: () => ({ message }),
  *render() {
    yield `tsm: ${message}`;
  },
});
