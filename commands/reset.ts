import { defineCommand, many } from "../src/command/define.ts";
import { exitCodeOf, failureLines, isFailed, sideBySide } from "../src/command/each.ts";
import { process } from "../src/command/targets.ts";

export default defineCommand({
  name: "reset",
  summary: "Zero the restart counters of processes",
  effect: "changes",
  args: { targets: many(process(), "Processes; * is all") },
  flags: {},
  examples: ["reset api", "reset '*'"],
  run: ({ targets }, { engine, signal }) => sideBySide(targets, (record) => engine.reset(record, signal)),
  *render(processes) {
    if (processes.length === 0) yield "tsm: there is nothing to reset";
    for (const one of processes) if (!isFailed(one)) yield `tsm: '${one.name}' counts from 0 again`;
  },
  notes: (processes) => failureLines(processes.filter(isFailed)),
  exitCode: (processes) => exitCodeOf(processes.filter(isFailed)),
});
