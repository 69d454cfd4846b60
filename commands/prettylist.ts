import { defineCommand } from "../src/command/define.ts";

export default defineCommand({
  name: "prettylist",
  summary: "What jlist says, for people to read",
  effect: "reads",
  args: {},
  flags: {},
  examples: ["prettylist"],
  run: (_values, { engine }) => engine.pm2List(false),
  *render(processes) {
    yield JSON.stringify(processes, null, 2);
  },
});
