import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { noQuestion, process } from "../src/command/targets.ts";
import { seconds } from "../src/command/types.ts";

export default defineCommand({
  name: "stop",
  summary: "End processes and everything they started, and keep their records",
  details: [
    "TERM goes to the process group, KILL to whoever is left when the time is up, and what went away with setsid is found and ended too. The answer counts them.",
    "A target is an id, a name, a name without its port, :PORT, pid:N, a glob, /regex/, a part of one name, or * for all.",
  ],
  effect: "destroys",
  args: { targets: many(process("running"), "Processes to end; * is all") },
  flags: {
    timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: ["stop api", "stop 0 2", "stop '*'", "stop api --timeout 30"],
  run: ({ targets, timeout }, { engine, signal, undoable }) =>
    undoable("stop", targets, () =>
      Promise.all(
        targets.map((record) => engine.stop(record, { timeoutSeconds: timeout, hard: false, event: "stop" }, signal)),
      ),
    ),
  leaves: "stopped",
  *render(receipts) {
    if (receipts.length === 0) yield "tsm: there is nothing to stop";
    for (const { name, wasRunning, status, processes, seconds: took, forced, left } of receipts) {
      yield wasRunning
        ? `tsm: stopped '${name}' (${processes} ${processes === 1 ? "process" : "processes"}, ${took.toFixed(1)} s, ${forced} forced, ${left} left)`
        : status === "crashed"
          ? `tsm: '${name}' is not running: it has crashed`
          : `tsm: '${name}' is already stopped`;
    }
  },
  exitCode: (receipts) => (receipts.some(({ left }) => left > 0) ? 1 : 0),
});
