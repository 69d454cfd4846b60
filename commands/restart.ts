import { defineCommand, many, toggle } from "../src/command/define.ts";
import { exitCodeOf, failureLines, mismatchLines } from "../src/command/each.ts";
import { restartable } from "../src/command/file-target.ts";
import { parallel } from "../src/command/paced.ts";
import { ignoredOfPm2 } from "../src/command/pm2-flags.ts";
import { argumentsFlag, keepsItsName, policyChanges, policyFlags } from "../src/command/policy-flags.ts";
import { restartFlags } from "../src/command/restart-flags.ts";
import { rehearseRestart, restartLines, restartTargets } from "../src/command/restart-targets.ts";
import { startedNotes } from "../src/view/service-table.ts";

export default defineCommand({
  name: "restart",
  summary: "Stop processes and start the same again, under the same id",
  details: [
    "Folder, arguments and environment stay; the env file is read anew, so that what was taken out of it is gone, and its pre-hook runs again. --update-env takes this shell's environment instead of the one it was started with. A stopped process is started. The old port is free before the new process begins.",
    "A service is what its file says now, flags of its start still winning; its name, limits and logs stay. A file with a fault leaves the running one alone.",
    "Of several, what depends on another of them ends before that one, and begins when that one is up again.",
    "An ecosystem file is read anew: what is no longer as it was started is restarted, what does not run is started, and the rest goes on; the plan is shown, with --dry-run it alone. --force restarts all of it. What the file no longer names is said and stays (see apply).",
  ],
  effect: "changes",
  args: { targets: many(restartable, "Processes to restart, * is all; or an ecosystem file") },
  flags: {
    ...restartFlags,
    watch: toggle("Restart them when files of their folder change from now on; what is watched no longer is"),
    force: toggle("All the apps of the file, also what has not changed", "f"),
    parallel,
    ...policyFlags,
    ...argumentsFlag,
  },
  refuses: keepsItsName,
  ignores: ignoredOfPm2,
  examples: [
    "restart api",
    "restart 0 1",
    "restart '*'",
    "restart api --update-env",
    "restart api --watch",
    "restart api -- --verbose two",
    "restart api --max-memory-restart 500M --cron-restart 0",
    "restart ecosystem.config.cjs --env production",
    "restart ecosystem.config.cjs --only api --force",
    "restart ecosystem.config.cjs --dry-run",
  ],
  run: (values, context) => restartTargets({ ...values, changes: policyChanges(values), rolling: false }, context),
  rehearse: (values, rehearsing) => rehearseRestart("restart", values, rehearsing),
  onlyLooks: ({ dryRun }) => dryRun,
  leaves: "online",
  names: ({ results }) => results.filter(({ does }) => does !== "nothing").map(({ name }) => name),
  json: ({ results, plan, dryRun }) => (dryRun ? plan : results),
  render: (done, screen) => restartLines("restart", done, screen),
  *notes({ results, notes }) {
    yield* notes;
    yield* failureLines(results);
    yield* mismatchLines(results);
    for (const { done } of results) yield* startedNotes(done?.service);
  },
  exitCode: ({ results }) => exitCodeOf(results),
});
