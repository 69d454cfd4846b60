import { defineCommand, many } from "../src/command/define.ts";
import { exitCodeOf, failureLines } from "../src/command/each.ts";
import { restartable } from "../src/command/file-target.ts";
import { parallel } from "../src/command/paced.ts";
import { argumentsFlag, keepsItsName, policyChanges, policyFlags } from "../src/command/policy-flags.ts";
import { restartFlags } from "../src/command/restart-flags.ts";
import { rehearseRestart, restartLines, restartTargets } from "../src/command/restart-targets.ts";

export default defineCommand({
  name: "reload",
  summary: "Restart the instances of an app one by one, each when the last is up",
  details: [
    "An app of one instance is stopped and started. Of several, the next one is touched when the one before is ready (its ready probe, else its port, else the settle time), so that the others go on answering; when one does not come up, the rest stays as it was.",
    "An ecosystem file is read anew, and its apps are started with what it says now; what does not run is started.",
  ],
  effect: "changes",
  args: { targets: many(restartable, "Processes to reload, * is all; or an ecosystem file") },
  flags: {
    ...restartFlags,
    parallel,
    ...policyFlags,
    ...argumentsFlag,
  },
  refuses: keepsItsName,
  examples: ["reload api", "reload all", "reload ecosystem.config.cjs --env production"],
  run: (values, context) =>
    restartTargets({ ...values, force: false, watch: false, changes: policyChanges(values), rolling: true }, context),
  rehearse: (values, rehearsing) => rehearseRestart("reload", { ...values, force: false, watch: false }, rehearsing),
  onlyLooks: ({ dryRun }) => dryRun,
  leaves: "online",
  names: ({ results }) => results.filter(({ does }) => does !== "nothing").map(({ name }) => name),
  json: ({ results, plan, dryRun }) => (dryRun ? plan : results),
  render: (done, screen) => restartLines("reload", done, screen),
  *notes({ results, notes }) {
    yield* notes;
    yield* failureLines(results);
  },
  exitCode: ({ results }) => exitCodeOf(results),
});
