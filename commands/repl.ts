import { defineCommand, flag, toggle } from "../src/command/define.ts";
import { text } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "repl",
  summary: "Open the shell; from a pipe, or with -c, run commands without one",
  details: [
    "Commands of a script are separated by new lines or ; and # begins a comment. The exit code is that of the first failure, which also ends the script unless --keep-going is given.",
  ],
  effect: "reads",
  owns: "shell",
  args: {},
  flags: {
    command: flag(text("COMMANDS"), { short: "c", summary: "Run these instead" }),
    plain: toggle("Lines of words: numbered lists, no boxes, no repainting; also TSM_PLAIN=1 and config set plain on"),
    keepGoing: toggle("Go on after a failure; the exit code is still the first one's"),
  },
  examples: ["repl", "repl -c 'list; ports'"],
  async run({ command, keepGoing, plain }, { openShell }) {
    if (openShell === undefined)
      throw new TsmError("USAGE", "the shell is open already", { hint: "/help shows what it can do" });
    return { exitCode: await openShell({ script: command, keepGoing, plain }) };
  },
  exitCode: ({ exitCode }) => exitCode,
});
