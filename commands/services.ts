import { defineCommand, toggle } from "../src/command/define.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { serviceNotes, serviceTable } from "../src/view/service-table.ts";

export default defineCommand({
  name: "services",
  summary: "The services of all orgs: which are enabled, which run",
  details: [
    "A service is a file NAME.tsm in the folder orgs/ORG/tsm/services-available of TETRA_DIR, which is where the home lies unless it is set. What is enabled has a link in services-enabled of the home, and startup starts it.",
    "The file is read and never run by anything but start. It sets TSM_COMMAND, and may set TSM_NAME, TSM_CWD, TSM_ENV (local, the default, is env/local.env of that folder; none), TSM_PORT, TSM_PRE_COMMAND, TSM_DEPENDS, TSM_READY, TSM_HEALTH, TSM_RESTART, TSM_MAX_MEMORY, TSM_DESCRIPTION, TSM_AUTOSTART, and the older TSM_ARGS and TSM_ENV_FILE.",
  ],
  effect: "reads",
  args: {},
  flags: { enabled: toggle("Only those that are enabled") },
  examples: ["services", "services --enabled", "services --json"],
  async run({ enabled }, { engine }) {
    const services = await engine.services();
    const rows = services.list().filter((row) => row.enabled || !enabled);
    return { rows, broken: services.broken(), enabled };
  },
  json: ({ rows }) => rows,
  names: ({ rows }) => rows.flatMap(({ process }) => (process === null ? [] : [process])),
  fold: wholeWords,
  *render({ rows, enabled }, screen) {
    yield* serviceTable(rows, screen);
    if (rows.length === 0)
      yield screen.paint.faint(enabled ? "tsm enable ORG/NAME adds one" : "tsm save ORG/NAME COMMAND makes one");
  },
  *notes({ rows, broken }) {
    yield* serviceNotes(rows);
    for (const { link, file } of broken) yield `❌ ${link} → ${file} (broken link)`;
  },
});
