import { defineCommand, many, one, toggle } from "../src/command/define.ts";
import { exitCodeOf, failureLines, isFailed, sideBySide } from "../src/command/each.ts";
import { signalName } from "../src/command/process-types.ts";
import { noQuestion, process } from "../src/command/targets.ts";

export default defineCommand({
  name: "signal",
  summary: "Send a signal to processes and everything they started",
  details: ["As kill --signal, in pm2's order of words. The restart policy sees what follows."],
  effect: "destroys",
  args: {
    name: one(signalName, "The signal: SIGUSR2, usr2, HUP, or 1, 2, 3, 6, 9, 14, 15"),
    targets: many(process("running"), "Processes to signal; * is all"),
  },
  flags: { yes: toggle(noQuestion, "y") },
  examples: ["signal SIGUSR2 api", "sendSignal HUP 0 1"],
  run: ({ name, targets }, { engine }) => sideBySide(targets, (record) => engine.signal(record, name)),
  leaves: "signalled",
  *render(deliveries) {
    if (deliveries.length === 0) yield "tsm: there is nothing to signal";
    for (const delivery of deliveries) {
      if (isFailed(delivery)) continue;
      const { name, signal, delivered } = delivery;
      if (delivered > 0)
        yield `tsm: '${name}' got ${signal} (${delivered} ${delivered === 1 ? "process" : "processes"})`;
    }
  },
  *notes(deliveries) {
    yield* failureLines(deliveries.filter(isFailed));
    for (const delivery of deliveries)
      if (!isFailed(delivery) && delivery.delivered === 0) yield `'${delivery.name}' is not running`;
  },
  exitCode: (deliveries) =>
    exitCodeOf(deliveries.filter(isFailed)) ||
    (deliveries.some((delivery) => !isFailed(delivery) && delivery.delivered === 0) ? 1 : 0),
});
