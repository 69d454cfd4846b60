import { anyNumber, defineCommand } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { livingIdentity } from "../src/core/observe.ts";

export default defineCommand({
  name: "pid",
  summary: "The pids of processes, each on a line and nothing else",
  details: [
    "Without a name those of all that run. What does not run has no pid: nothing is printed for it, and exit code 1 says so where it was named. kill $(tsm pid api) never gets a 0, which would be its own group.",
  ],
  effect: "reads",
  args: { targets: anyNumber(process(), "Processes; * is all") },
  flags: {},
  examples: ["pid api", "pid"],
  run({ targets }, { engine }) {
    const records = targets.length === 0 ? engine.records() : targets;
    const found = records.map((record) => ({
      id: record.tsm_id,
      name: record.name,
      pid: livingIdentity(engine.observe(record).observed)?.pid ?? null,
      isNamed: targets.length > 0,
    }));
    return found.filter(({ pid, isNamed }) => pid !== null || isNamed);
  },
  json: (found) => found.map(({ id, name, pid }) => ({ id, name, pid })),
  *render(found) {
    for (const { pid } of found) if (pid !== null) yield String(pid);
  },
  *notes(found) {
    for (const { name, pid } of found) if (pid === null) yield `'${name}' is not running`;
  },
  exitCode: (found) => (found.some(({ pid }) => pid === null) ? 1 : 0),
});
