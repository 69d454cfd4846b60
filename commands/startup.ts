import { defineCommand } from "../src/command/define.ts";
import { exitCodes } from "../src/core/errors.ts";
import { startupLines, startupNotes } from "../src/view/startup-lines.ts";

export default defineCommand({
  name: "startup",
  summary: "Start every service that is enabled, in the order they depend on",
  details: [
    "Each waits until what its TSM_DEPENDS names is up; what runs already is left as it is. One that fails stops those that need it and no other; then the exit code is 1.",
  ],
  effect: "changes",
  args: {},
  flags: {},
  examples: ["startup"],
  run: async (_values, { engine, signal }) => (await engine.services()).startup(engine.settings().settle, signal),
  names: (rows) => rows.flatMap(({ process }) => (process === null ? [] : [process.name])),
  *render(rows) {
    if (rows.length === 0) yield "tsm: no service is enabled";
    yield* startupLines(rows);
  },
  notes: startupNotes,
  exitCode: (rows) => (rows.some(({ outcome }) => outcome === "failed") ? exitCodes.failed : exitCodes.done),
});
