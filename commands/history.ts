import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { processOrWords } from "../src/command/process-or-words.ts";
import { integer } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import type { RunRow } from "../src/core/run-history.ts";
import { runTable } from "../src/view/run-table.ts";

export default defineCommand({
  name: "history",
  summary: "The runs of a process; in the shell without one: what was typed",
  details: [
    "With the name of a process: each of its runs, when it began and ended and how; `logs NAME --run N` shows what one of them wrote. In the shell any other word picks the typed lines with that word in them.",
  ],
  effect: "reads",
  args: { target: optional(processOrWords(), "The process; in the shell also a word of lines that were typed") },
  flags: {
    failed: toggle("Only what failed: runs that ended badly, lines that failed when they ran last"),
    lines: flag(integer("N", 1), { short: "n", summary: "How many, the newest last", fallback: 50 }),
  },
  beyond: "Several words stand in quotes: history 'restart api'",
  examples: ["history api", "history api --failed --json", "history -n 10", "history restart", "history --failed"],
  async run({ target, lines, failed }, { engine, shell }): Promise<readonly RunRow[] | readonly string[]> {
    if (target !== undefined && typeof target !== "string")
      return (await engine.runHistory(target)).filter(({ bad }) => bad || !failed).slice(-lines);
    if (shell === undefined) {
      throw new TsmError("USAGE", "history needs a process on the command line", {
        hint: "tsm history NAME shows its runs; what was typed only tsm repl tells",
      });
    }
    const word = (target ?? "").toLowerCase();
    const typed = failed ? shell.failed() : shell.history();
    return typed.filter((line) => line.toLowerCase().includes(word)).slice(-lines);
  },
  *render(rows, screen) {
    const runs = rows.filter((row) => typeof row !== "string");
    if (runs.length > 0) yield* runTable(runs, screen);
    else yield* rows.filter((row) => typeof row === "string");
  },
  *notes(rows) {
    if (rows.length === 0) yield "nothing on record fits";
  },
});
