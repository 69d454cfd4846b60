import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { inStopOrder } from "../src/command/each.ts";
import { noQuestion, process } from "../src/command/targets.ts";
import { signalName } from "../src/command/types.ts";

export default defineCommand({
  name: "kill",
  summary: "Signal processes and everything they started; SIGKILL ends them for good",
  details: [
    "SIGKILL, the default, is a stop without patience: nothing is restarted and the record stays. Any other signal is delivered to the whole tree, and the restart policy sees what follows.",
  ],
  effect: "destroys",
  args: { targets: many(process("running"), "Processes to signal; * is all") },
  flags: {
    signal: flag(signalName, { short: "s", summary: "Signal to send", fallback: "SIGKILL" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: ["kill api", "kill api worker --signal SIGINT", "kill 3 -s HUP"],
  run({ targets, signal: name }, { engine, signal, undoable }) {
    if (name !== "SIGKILL") return Promise.all(targets.map((record) => engine.signal(record, name)));
    return undoable("kill", targets, () =>
      inStopOrder(engine, targets, async (record) => {
        const { id, processes } = await engine.stop(record, { timeoutSeconds: 0, hard: true, event: "kill" }, signal);
        return { id, name: record.name, signal: name, delivered: processes };
      }),
    );
  },
  *render(deliveries) {
    if (deliveries.length === 0) yield "tsm: there is nothing to signal";
    for (const { name, signal, delivered } of deliveries) {
      yield delivered > 0
        ? `tsm: '${name}' got ${signal} (${delivered} ${delivered === 1 ? "process" : "processes"})`
        : `tsm: '${name}' is not running`;
    }
  },
});
