import { defineCommand, optional, toggle } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import type { EnvironmentChanges } from "../src/core/environment-changes.ts";
import { TsmError } from "../src/core/errors.ts";
import type { ProcessEnvironment } from "../src/core/process-environment.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "env",
  summary: "The environment of a process, secrets masked; without a name, tsm's own",
  details: [
    "A running process shows what it began with; any other what a start would give it. Values whose names speak of passwords, secrets, tokens or keys are shown only with --show.",
    "--diff shows what a restart would change: + what it would add, ~ what would have another value, - what would be gone. What a pre-hook has set is left out, as only the hook knows it.",
  ],
  effect: "reads",
  args: { target: optional(process(), "The process") },
  flags: { show: toggle("Show secrets as they are"), diff: toggle("What a restart would change") },
  examples: ["env api", "env 0 --show", "env api --json", "env api --diff"],
  async run({ target, show, diff }, { engine }): Promise<ProcessEnvironment | EnvironmentChanges> {
    if (target === undefined && diff)
      throw new TsmError("USAGE", "--diff is about a process", { hint: "tsm env NAME --diff" });
    if (target === undefined) return await engine.ownEnvironment(show);
    return diff ? await engine.environmentChanges(target, show) : await engine.environment(target, show);
  },
  *render(result, { terminal }) {
    if ("changes" in result) {
      yield* differences(result);
      return;
    }
    for (const [name, value] of Object.entries(result.variables))
      yield terminal ? sanitize(`${name}=${value}`) : `${name}=${value}`;
  },
});

/** One line each, whatever is in the values. */
function* differences({ changes, fromPreHook }: EnvironmentChanges): Iterable<string> {
  if (changes.length === 0) yield "tsm: a restart would change nothing";
  for (const { variable, from, to } of changes) {
    if (from === null) yield sanitize(`+${variable}=${to}`);
    else if (to === null) yield sanitize(`-${variable}=${from}`);
    else yield sanitize(`~${variable}=${from} → ${to}`);
  }
  if (fromPreHook.length > 0) yield sanitize(`tsm: its pre-hook has set ${fromPreHook.join(", ")}`);
}
