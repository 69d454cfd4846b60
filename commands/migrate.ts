import { defineCommand, toggle } from "../src/command/define.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { migrationLines } from "../src/view/migration.ts";

export default defineCommand({
  name: "migrate",
  summary: "Bring over what an older TSM has left in the home",
  details: [
    "The first command that opens such a home does this by itself, once, and says on stderr what it did. Processes keep their names, their logs and, where they are free, their ids. One that lives is watched from now on; it must be the one on record by its start and its command, as a pid alone may be anybody's. Old files are read and never executed.",
    "Services beside the processes move to the org tetra; links of the orgs become links in services-enabled. Nothing is overwritten, and all that was there before is kept in a folder migrated-DATE of the home.",
  ],
  effect: "changes",
  leavesHome: true,
  args: {},
  flags: { dryRun: toggle("Say what it would do, and do nothing") },
  examples: ["migrate --dry-run", "migrate"],
  onlyLooks: ({ dryRun }) => dryRun,
  run: async ({ dryRun }, { engine, signal }) => ({ dryRun, ...(await engine.migrate({ dryRun }, signal)) }),
  fold: wholeWords,
  *render({ dryRun, ...migration }) {
    yield* migrationLines(migration, dryRun);
  },
  rehearse: async (_values, { engine, signal }) => {
    const { processes, services } = await engine.migrate({ dryRun: true }, signal);
    return `bring over ${processes.length} processes and ${services.length} services`;
  },
});
