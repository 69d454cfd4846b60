import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { deletable, noQuestion } from "../src/command/targets.ts";
import { seconds } from "../src/command/types.ts";

export default defineCommand({
  name: "delete",
  summary: "End processes and forget them: record, logs and launch files go",
  details: ["A damaged record is removed by its full name."],
  effect: "destroys",
  args: { targets: many(deletable, "Processes to forget; * is all") },
  flags: {
    keepLogs: toggle("Leave current.out and current.err where they are"),
    timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: ["delete api", "del 0 1", "delete '*'", "delete api --keep-logs"],
  run: ({ targets, keepLogs, timeout }, { engine, signal }) =>
    Promise.all(targets.map(({ name }) => engine.delete(name, { timeoutSeconds: timeout, keepLogs }, signal))),
  *render(deleted) {
    if (deleted.length === 0) yield "tsm: there is nothing to delete";
    for (const { name, id, receipt, logs } of deleted) {
      const ended = receipt?.wasRunning
        ? ` (${receipt.processes} ${receipt.processes === 1 ? "process" : "processes"} ended)`
        : "";
      yield `tsm: deleted '${name}'${id === null ? " (a damaged record)" : ""}${ended}${logs === undefined ? "" : `; logs kept in ${logs}`}`;
    }
  },
  exitCode: (deleted) => (deleted.some(({ receipt }) => (receipt?.left ?? 0) > 0) ? 1 : 0),
});
