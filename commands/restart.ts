import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { eachOf, exitCodeOf, failureLines, mismatchLines } from "../src/command/each.ts";
import { process } from "../src/command/targets.ts";
import { integer, seconds } from "../src/command/types.ts";

export default defineCommand({
  name: "restart",
  summary: "Stop processes and start the same again, under the same id",
  details: [
    "Folder, arguments and environment stay; the env file is read anew, so that what was taken out of it is gone, and its pre-hook runs again. --update-env takes this shell's environment instead of the one it was started with. A stopped process is started. The old port is free before the new process begins.",
  ],
  effect: "changes",
  args: { targets: many(process(), "Processes to restart; * is all") },
  flags: {
    timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
    updateEnv: toggle("Begin with this shell's environment"),
    settle: flag(integer("MS", 0, 600_000), {
      summary: "How long to watch it when no port says that it is up (default: the setting, 500)",
    }),
  },
  examples: ["restart api", "restart 0 1", "restart '*'", "restart api --update-env"],
  run: ({ targets, timeout, settle, updateEnv }, { engine, signal, undoable }) =>
    undoable("restart", targets, () =>
      eachOf(targets, (record) =>
        engine.restart(
          record,
          { timeoutSeconds: timeout, settleMs: settle ?? engine.settings().settle, updateEnv },
          signal,
        ),
      ),
    ),
  leaves: "online",
  *render(results) {
    if (results.length === 0) yield "tsm: there is nothing to restart";
    for (const { done } of results) {
      if (done === undefined) continue;
      const { name, id, pid, port } = done;
      yield `tsm: restarted '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    }
  },
  *notes(results) {
    yield* failureLines(results);
    yield* mismatchLines(results);
  },
  exitCode: exitCodeOf,
});
