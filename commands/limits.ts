import { defineCommand, one } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { sizeIn } from "../src/core/amounts.ts";
import { describeLimits } from "../src/core/limits.ts";
import { bytes } from "../src/view/bytes.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { holderText } from "../src/view/memory-holder.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { padEnd } from "../src/view/width.ts";

export default defineCommand({
  name: "limits",
  summary: "What a process may use, as the kernel has it, and what was asked",
  details: [
    "Asked is what start was told. The rest is what the process itself has now, which a hook or the system may have made less. Memory that set-limits was asked for is the kernel's to hold, in a group of cgroup v2 of its own, where this user may make one; where not, and for the limit of a start, tsm looks at it every 5 s, and what is quicker than that it cannot stop. Which of the two it is stands beside it. The limits of the cgroup are the kernel's, and hold for all in it.",
  ],
  effect: "reads",
  args: { process: one(process(), "Which one") },
  flags: {},
  examples: ["limits api", "limits api --json"],
  async run({ process: record }, { engine }) {
    const { limits, oversight, memoryHolder } = await engine.inspect(record);
    return {
      id: record.tsm_id,
      name: record.name,
      asked: { ...limits, maxMemory: oversight.maxMemory },
      memoryHolder,
      has: engine.kernelLimits(record) ?? null,
    };
  },
  names: ({ name }) => [name],
  fold: wholeWords,
  *render({ name, asked, memoryHolder, has }, { paint }) {
    const memory = asked.maxMemory === null ? [] : [`${sizeIn(asked.maxMemory)} of memory`];
    const words = [describeLimits(asked), ...memory].filter((part) => part !== "").join(", ");
    yield paint.strong(sanitize(name));
    yield row("asked", words === "" ? "nothing" : words);
    if (asked.maxMemory !== null && memoryHolder !== null)
      yield row("memory", `${sizeIn(asked.maxMemory)} ${holderText(memoryHolder)}`);
    else if (asked.maxMemory !== null)
      yield row("memory", "looked at every 5 s by tsm, no limit of the kernel's: more at once is seen too late");
    if (has === null) {
      yield row("has", "not known: it does not run, or this system does not tell");
      return;
    }
    yield row("nice", String(has.nice));
    yield row("open files", limit(has.openFiles, String));
    yield row("processes", `${limit(has.processes, String)}, of its user`);
    yield row("address space", limit(has.addressSpace, bytes));
    yield row("core file", limit(has.coreSize, bytes));
    if (has.cgroup === null) return;
    const { path, memoryMax, memoryUsed, processesMax } = has.cgroup;
    yield row("cgroup", sanitize(path));
    yield row("  memory", limit({ soft: memoryMax, hard: memoryMax, used: memoryUsed }, bytes));
    yield row("  processes", processesMax === null ? "no limit" : String(processesMax));
  },
});

function row(title: string, value: string): string {
  return `  ${padEnd(title, 14)} ${value}`;
}

/** `20 of 1024 (at most 4096)`. */
function limit(
  { soft, hard, used }: { readonly soft: number | null; readonly hard: number | null; readonly used: number | null },
  text: (value: number) => string,
): string {
  const most = soft === null ? "no limit" : text(soft);
  const beyond = soft === hard || soft === null ? "" : ` (at most ${hard === null ? "no limit" : text(hard)})`;
  return `${used === null ? "" : `${text(used)} of `}${most}${beyond}`;
}
