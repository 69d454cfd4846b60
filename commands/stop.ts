import { seconds } from "../src/command/amount-types.ts";
import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { exitCodeOf, failureLines, inStopOrder, isFailed } from "../src/command/each.ts";
import { endable } from "../src/command/jobs.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { noQuestion } from "../src/command/targets.ts";
import { list } from "../src/command/types.ts";

/** As long as a process has that says nothing else. */
const jobTimeoutSeconds = 5;

export default defineCommand({
  name: "stop",
  summary: "End processes and everything they started, and keep their records",
  details: [
    "TERM goes to the process group, KILL to whoever is left when the time is up, and what went away with setsid is found and ended too. The answer counts them.",
    "What depends on another of them (TSM_DEPENDS) is ended before that one, the others side by side.",
    "A target is an id, a name, a name without its port, :PORT, pid:N, a glob (api-*, api-[12], {api,web}), /regex/, a part of one name, or * for all. In the shell %1 is the job [1] behind the prompt, and so is 1 where no process has this id; * means no job.",
  ],
  effect: "destroys",
  args: { targets: many(endable, "Processes to end, * is all; or an ecosystem file") },
  flags: {
    timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
    only: flag(list("NAMES"), { summary: "These apps of the file alone" }),
    yes: toggle(noQuestion, "y"),
  },
  examples: ["stop api", "stop 0 2", "stop '*'", "stop api --timeout 30", "stop ecosystem.config.cjs --only api"],
  run: ({ targets, timeout }, context) => {
    const processes = targets.filter((target) => target.kind === "process");
    const jobs = targets.filter((target) => target.kind === "job");
    const options = { timeoutSeconds: timeout, hard: false, event: "stop" } as const;
    const end = async () => {
      const { engine, signal } = context;
      const [stopped, ended] = await Promise.all([
        inStopOrder(
          engine,
          processes.map(({ record }) => record),
          (record) => engine.stop(record, options, signal),
        ),
        Promise.all(jobs.map(({ job }) => shellOf(context).endJob(job.number, timeout ?? jobTimeoutSeconds))),
      ]);
      return [...stopped, ...ended];
    };
    // Jobs alone are nothing that undo could bring back.
    return processes.length === 0 && targets.length > 0 ? end() : context.undoable("stop", processes, end);
  },
  leaves: "stopped",
  *render(receipts) {
    if (receipts.length === 0) yield "tsm: there is nothing to stop";
    for (const receipt of receipts) {
      if (isFailed(receipt)) continue;
      if ("job" in receipt) {
        yield `tsm: ended [${receipt.job}] ${receipt.command}`;
        continue;
      }
      const { name, wasRunning, status, processes, seconds: took, forced, left } = receipt;
      yield wasRunning
        ? `tsm: stopped '${name}' (${processes} ${processes === 1 ? "process" : "processes"}, ${took.toFixed(1)} s, ${forced} forced, ${left} left)`
        : status === "crashed"
          ? `tsm: '${name}' is not running: it has crashed`
          : `tsm: '${name}' is already stopped`;
    }
  },
  notes: (receipts) => failureLines(receipts.filter(isFailed)),
  exitCode: (receipts) =>
    receipts.some((receipt) => "left" in receipt && receipt.left > 0) ? 1 : exitCodeOf(receipts.filter(isFailed)),
});
