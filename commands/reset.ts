import { defineCommand, many } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";

export default defineCommand({
  name: "reset",
  summary: "Zero the restart counters of processes",
  effect: "changes",
  args: { targets: many(process(), "Processes; * is all") },
  flags: {},
  examples: ["reset api", "reset '*'"],
  run: ({ targets }, { engine, signal }) => Promise.all(targets.map((record) => engine.reset(record, signal))),
  *render(processes) {
    if (processes.length === 0) yield "tsm: there is nothing to reset";
    for (const { name } of processes) yield `tsm: '${name}' counts from 0 again`;
  },
});
