import { defineCommand } from "../src/command/define.ts";
import { wholeWords } from "../src/view/error-lines.ts";

const examples = [
  ["Start a script, a program, or a line for the shell", "tsm start server.js --name api --port 3000"],
  ["See what runs, and what has crashed", "tsm list"],
  ["Everything about one process", "tsm info api"],
  ["What it writes, as it comes", "tsm logs api -f"],
  ["Stop it, start it again, restart it, forget it", "tsm stop api; tsm start api; tsm restart api; tsm delete api"],
  ["Take back the last stop, restart or delete", "tsm undo"],
  ["Bring it back when it crashes, restart it every night", "tsm start job.py --restart always --cron '0 3 * * *'"],
  ["Restart it when its files change, or it takes too much", "tsm start app.js --watch=src --max-memory 200M"],
  ["A folder over HTTP", "tsm serve public 8080"],
  ["In a container: in the foreground, with its exit code", "tsm run -- node server.js"],
  ["The list for programs, with pm2's names", "tsm jlist"],
  ["A shell for all this, with Tab and a live prompt", "tsm repl"],
] as const;

export default defineCommand({
  name: "examples",
  summary: "What people do most, each with the command that does it",
  effect: "reads",
  args: {},
  flags: {},
  examples: ["examples"],
  run: () => examples.map(([what, command]) => ({ what, command })),
  fold: wholeWords,
  *render(all, { paint }) {
    for (const { what, command } of all) {
      yield `- ${what}:`;
      yield "";
      yield `    ${paint.strong(command)}`;
      yield "";
    }
    yield "tsm VERB --help has examples of its own.";
  },
});
