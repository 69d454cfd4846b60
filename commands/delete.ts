import { seconds } from "../src/command/amount-types.ts";
import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { exitCodeOf, failureLines, inStopOrder, isFailed } from "../src/command/each.ts";
import { deletable, noQuestion } from "../src/command/targets.ts";
import { list } from "../src/command/types.ts";

export default defineCommand({
  name: "delete",
  summary: "End processes and forget them: record, logs and launch files go",
  details: [
    "A damaged record is removed by its full name. For a day `undo` puts back what was deleted, logs and all; until then it is kept on the disk, unless --purge is given or the disk is full.",
  ],
  effect: "destroys",
  args: { targets: many(deletable, "Processes to forget, * is all; or an ecosystem file") },
  flags: {
    keepLogs: toggle("Leave current.out and current.err where they are"),
    purge: toggle("Keep nothing for undo: the disk is free at once"),
    timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
    only: flag(list("NAMES"), { summary: "These apps of the file alone" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: [
    "delete api",
    "del 0 1",
    "delete '*'",
    "delete api --keep-logs",
    "delete api --purge",
    "delete ecosystem.config.cjs --only api",
  ],
  run({ targets, keepLogs, purge, timeout }, { engine, signal, undoable }) {
    const deleteAll = (deed: string | undefined) =>
      inStopOrder(engine, targets, async ({ name, record: meant }) => {
        const deleted = await engine.delete(name, { timeoutSeconds: timeout, keepLogs, deed, meant }, signal);
        return { ...deleted, purged: purge };
      });
    return purge ? deleteAll(undefined) : undoable("delete", targets, deleteAll);
  },
  leaves: "gone",
  *render(deleted) {
    if (deleted.length === 0) yield "tsm: there is nothing to delete";
    for (const each of deleted) {
      if (isFailed(each)) continue;
      const { name, id, receipt, logs, kept, purged } = each;
      const ended = receipt?.wasRunning
        ? ` (${receipt.processes} ${receipt.processes === 1 ? "process" : "processes"} ended)`
        : "";
      yield `tsm: deleted '${name}'${id === null ? " (a damaged record)" : ""}${ended}${logs === undefined ? "" : `; logs kept in ${logs}`}${kept || purged ? "" : "; no room to keep it for undo"}`;
    }
  },
  notes: (deleted) => failureLines(deleted.filter(isFailed)),
  exitCode: (deleted) =>
    deleted.some((each) => !isFailed(each) && (each.receipt?.left ?? 0) > 0) ? 1 : exitCodeOf(deleted.filter(isFailed)),
});
