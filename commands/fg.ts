import { defineCommand, optional } from "../src/command/define.ts";
import { job } from "../src/command/jobs.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "fg",
  summary: "Bring what runs behind the prompt to the foreground",
  details: [
    "A line of bash shows what it has printed so far, as much as is kept, and what follows. Ctrl-C ends it, Ctrl-Z puts it back. Its exit code is that of fg.",
  ],
  // Ctrl-C in it ends the job and nothing else.
  effect: "reads",
  scope: "shell",
  owns: "shell",
  args: { job: optional(job, "Which one, default the newest") },
  flags: {},
  examples: ["fg", "fg %1", "fg 2"],
  async run({ job: chosen }, context) {
    const shell = shellOf(context);
    const { number } = chosen ?? newestOf(shell.jobs());
    return (await shell.foreground(number, context.signal)) ?? null;
  },
  *render() {
    // The job has said everything.
  },
  exitCode: (end) => end?.exitCode ?? 0,
});

function newestOf<T extends { readonly startedAt: number }>(jobs: readonly T[]): T {
  const newest = jobs.toSorted((a, b) => a.startedAt - b.startedAt).at(-1);
  if (newest !== undefined) return newest;
  throw new TsmError("NOT_FOUND", "nothing runs behind the prompt", { hint: "A & behind a command puts it there" });
}
