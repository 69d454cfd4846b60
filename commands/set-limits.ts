import { size } from "../src/command/amount-types.ts";
import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { type Each, eachOf, exitCodeOf, failureLines } from "../src/command/each.ts";
import { niceness } from "../src/command/process-types.ts";
import { process } from "../src/command/targets.ts";
import { integer, orNone } from "../src/command/types.ts";
import { sizeIn } from "../src/core/amounts.ts";
import { TsmError } from "../src/core/errors.ts";
import { describeLimits } from "../src/core/limits.ts";
import type { LimitSet, LimitsSet } from "../src/core/set-limits.ts";
import { holderText } from "../src/view/memory-holder.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "set-limits",
  summary: "Change what processes may use: now where possible, and at each start",
  details: [
    "Niceness and limits are set on all that runs of a process; where the system does not permit that (only root may give back what was taken) they hold from the next restart on, and that is said. none takes a limit away, --reset takes all away that are not given beside it.",
    "Memory is that of the whole tree. The kernel holds that limit from the next start on, in a group of cgroup v2, where this user may make one: who needs more is killed at once, and comes back by its restart policy. Until then, and where not, tsm samples it and restarts who uses more, as with start --max-memory; which of the two it is is said. The number of processes is that of its user, as the kernel counts them. What an ecosystem file says of an app holds again when that file is applied or restarted.",
  ],
  effect: "changes",
  args: { targets: many(process(), "Processes; * is all") },
  flags: {
    nice: flag(orNone(niceness), { summary: "How far it stands back for others; below 0 root only" }),
    nofile: flag(orNone(integer("N", 4, 1_048_576)), { summary: "Files that it may have open" }),
    nproc: flag(orNone(integer("N", 1, 4_194_304)), { summary: "Processes that its user may have" }),
    memory: flag(orNone(size), { summary: "Memory of all of it; who needs more is killed or restarted" }),
    reset: toggle("Take all limits away that are not given"),
  },
  examples: ["set-limits api --nice 10", "set-limits api --nofile 4096 --memory 500M", "set-limits '*' --reset"],
  run({ targets, reset, ...flags }, { engine, signal }): Promise<Each<LimitsSet>[]> {
    const { nice, nofile, nproc, memory } = flags;
    const left = reset ? null : undefined;
    const given = (value: number | "none" | undefined) => (value === "none" ? null : (value ?? left));
    const limits = {
      nice: given(nice),
      openFiles: given(nofile),
      processes: given(nproc),
      maxMemory: given(memory),
    };
    if (Object.values(limits).every((value) => value === undefined))
      throw new TsmError("USAGE", "no limit was given", {
        hint: "Give --nice, --nofile, --nproc, --memory, or --reset; tsm limits NAME shows them",
      });
    return eachOf(targets, (record) => engine.setLimits(record, limits, signal));
  },
  names: (results) => results.map(({ name }) => name),
  json: (results) => results,
  *render(results, { paint }) {
    if (results.length === 0) yield "tsm: there is nothing to limit";
    for (const { done } of results) {
      if (done === undefined) continue;
      const { name, asked, memoryHolder, changes, processes } = done;
      const memory = asked.maxMemory === null ? "" : `${sizeIn(asked.maxMemory)} of memory`;
      const all = [describeLimits(asked), memory].filter((part) => part !== "").join(", ");
      yield `tsm: limits of '${sanitize(name)}': ${all === "" ? "none" : all}`;
      const now = changes.filter((change) => change.now === true);
      if (now.length > 0)
        yield `  now, on ${processes} ${processes === 1 ? "process" : "processes"}: ${now.map(words).join(", ")}`;
      if (asked.maxMemory !== null && memoryHolder !== null)
        yield `  memory: ${sizeIn(asked.maxMemory)} ${holderText(memoryHolder)}`;
      for (const change of changes.filter((each) => each.now === false))
        yield paint.warn(`  from the next restart on: ${words(change)} (${sanitize(change.why ?? "")})`);
      if (changes.some((change) => change.now === null)) yield "  from its next start on: nothing of it runs";
    }
  },
  notes: failureLines,
  exitCode: exitCodeOf,
});

function words({ limit, value }: LimitSet): string {
  switch (limit) {
    case "nice":
      return value === null ? "no niceness of its own" : `nice ${value}`;
    case "openFiles":
      return value === null ? "no limit of open files" : `${value} open files`;
    case "processes":
      return value === null ? "no limit of processes" : `${value} processes of its user`;
    case "maxMemory":
      return value === null ? "no limit of memory" : `${sizeIn(value)} of memory`;
  }
}
