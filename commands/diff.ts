import { comparedRuns } from "../src/command/compared-runs.ts";
import { anyNumber, defineCommand } from "../src/command/define.ts";
import { TsmError } from "../src/core/errors.ts";
import { runDiffLines } from "../src/view/run-diff.ts";

export default defineCommand({
  name: "diff",
  summary: "What is different between two runs of a process",
  details: [
    "Command, folder, git HEAD, the files that say what runs, settings and variables; how long each run was, how it ended and the most memory that it was seen with; errors and warnings that are new, gone, or come much more often. Values under secret names are never kept: that one is another is told, and not what it is.",
    "Without runs it is the last two; with one, that and the last. history NAME shows them all. Without a name it is the one process that has these runs; a number alone is its id.",
    "What a run was started with is on record for its last 100 changes.",
  ],
  effect: "reads",
  args: { which: anyNumber(comparedRuns, "The process, and which of its runs: numbers, or last") },
  flags: {},
  examples: ["diff api", "diff api 16 17", "diff 16 17", "diff api 12 --json"],
  async run({ which: [which] }, { engine, signal }) {
    if (which === undefined) throw new TsmError("USAGE", "diff needs a process", { hint: "tsm diff NAME" });
    return await engine.diffRuns(which.record, which.runs, signal);
  },
  names: ({ name }) => [name],
  render: runDiffLines,
  *notes({ notes }) {
    yield* notes;
  },
});
