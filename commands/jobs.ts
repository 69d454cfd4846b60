import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { shortTime } from "../src/view/duration.ts";

export default defineCommand({
  name: "jobs",
  summary: "What runs behind the prompt",
  details: [
    "logs -f api & and !make & run behind the prompt: their lines come above it, behind [1]. A job is named %1, or 1 where that is no process's id. fg shows it in the foreground, stop %1 ends it, and so does the end of the shell.",
  ],
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["jobs"],
  run: (_values, context) => shellOf(context).jobs(),
  *render(jobs, { paint }) {
    if (jobs.length === 0) yield "tsm: nothing runs behind the prompt";
    const width = Math.max(...jobs.map(({ ageMs }) => shortTime(ageMs).length));
    for (const { number, command, ageMs } of jobs)
      yield `${paint.hue(number, `[${number}]`)}  ${paint.faint(shortTime(ageMs).padStart(width))}  ${command}`;
  },
});
