import { defineCommand, optional, toggle } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "env",
  summary: "The environment of a process, secrets masked; without a name, tsm's own",
  details: [
    "A running process shows what it began with; any other what a start would give it. Values whose names speak of passwords, secrets, tokens or keys are shown only with --show.",
  ],
  effect: "reads",
  args: { target: optional(process(), "The process") },
  flags: { show: toggle("Show secrets as they are") },
  examples: ["env api", "env 0 --show", "env api --json"],
  run: ({ target, show }, { engine }) =>
    target === undefined ? engine.ownEnvironment(show) : engine.environment(target, show),
  *render({ variables }, { terminal }) {
    for (const [name, value] of Object.entries(variables))
      yield terminal ? sanitize(`${name}=${value}`) : `${name}=${value}`;
  },
});
