import { defineCommand } from "../src/command/define.ts";

export default defineCommand({
  name: "ping",
  summary: "Say pong: there is no daemon that would have to",
  effect: "reads",
  args: {},
  flags: {},
  examples: ["ping"],
  run: () => ({ msg: "pong" }),
  *render({ msg }) {
    yield msg;
  },
});
