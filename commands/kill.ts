import { anyNumber, defineCommand, flag, toggle } from "../src/command/define.ts";
import { exitCodeOf, failureLines, inStopOrder, isFailed, sideBySide } from "../src/command/each.ts";
import { signalName } from "../src/command/process-types.ts";
import { killable, noQuestion } from "../src/command/targets.ts";
import type { Delivery } from "../src/core/signal-process.ts";

export default defineCommand({
  name: "kill",
  summary: "Signal processes and everything they started; SIGKILL ends them for good",
  details: [
    "SIGKILL, the default, is a stop without patience: nothing is restarted and the record stays. Any other signal is delivered to the whole tree, and the restart policy sees what follows.",
    "kill alone is pm2's: it stops every process as stop does, and with them all that tsm has running; records stay, undo takes it back, and resurrect brings back what was saved.",
  ],
  effect: "destroys",
  args: { targets: anyNumber(killable, "Processes to signal; * is all; none: stop all in order") },
  flags: {
    signal: flag(signalName, { short: "s", summary: "Signal to send", fallback: "SIGKILL" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: ["kill api", "kill api worker --signal SIGINT", "kill 3 -s HUP"],
  run({ targets, signal: name }, { engine, signal, undoable }) {
    const hard = !targets.some(({ unnamed }) => unnamed);
    if (name !== "SIGKILL") return sideBySide(targets, (record) => engine.signal(record, name));
    return undoable("kill", targets, () =>
      inStopOrder(engine, targets, async (record): Promise<Delivery> => {
        const { id, processes, wasRunning } = await engine.stop(
          record,
          { timeoutSeconds: hard ? 0 : undefined, hard, event: "kill" },
          signal,
        );
        const cancelled = wasRunning && processes === 0;
        return { id, name: record.name, signal: hard ? name : "SIGTERM", delivered: processes, cancelled };
      }),
    );
  },
  leaves: ({ signal }) => (signal === "SIGKILL" ? "stopped" : "signalled"),
  *render(deliveries) {
    if (deliveries.length === 0) yield "tsm: there is nothing to signal";
    for (const delivery of deliveries) {
      if (isFailed(delivery)) continue;
      const { name, signal, delivered, cancelled } = delivery;
      if (delivered > 0)
        yield `tsm: '${name}' got ${signal} (${delivered} ${delivered === 1 ? "process" : "processes"})`;
      else if (cancelled) yield `tsm: '${name}' had ended already, and is not started again`;
      else yield `tsm: '${name}' is not running`;
    }
  },
  notes: (deliveries) => failureLines(deliveries.filter(isFailed)),
  exitCode: (deliveries) => exitCodeOf(deliveries.filter(isFailed)),
});
