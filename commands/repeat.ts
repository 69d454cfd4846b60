import { seconds } from "../src/command/amount-types.ts";
import { command, defineCommand, flag, one } from "../src/command/define.ts";
import { commandLine } from "../src/command/nested.ts";
import { integer, verbLine } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "repeat",
  summary: "Run a command N times; the first failure ends it",
  // What it repeats may be anything.
  effect: "destroys",
  scope: "shell",
  args: {
    times: one(integer("N", 1), "How often"),
    command: command(verbLine, "The command, as one word in quotes or as several"),
  },
  flags: { every: flag(seconds, { short: "n", summary: "The pause between two runs in seconds", fallback: 0 }) },
  examples: ["repeat 3 restart api", "repeat 5 --every 2 list", "repeat 10 'wait api online --timeout 5s'"],
  async run({ times, command: typed, every }, context) {
    const words = await commandLine({ verb: "repeat", looksOnly: false }, typed, context);
    for (let done = 1; done <= times; done += 1) {
      const exitCode = await context.run(words);
      if (exitCode !== 0) return { done, exitCode };
      // Also of nothing: a command may end without having waited for anything, and Ctrl-C would never be read.
      if (done < times) await context.engine.pause(every * 1000, context.signal);
      if (context.signal.aborted) return { done, exitCode: exitCodes.interrupted };
    }
    return { done: times, exitCode: 0 };
  },
  async rehearse({ times, command: typed }, context) {
    const words = await commandLine({ verb: "repeat", looksOnly: false }, typed, context);
    let said = "";
    const exitCode = await context.run(words, (text) => {
      said += text;
    });
    if (exitCode !== 0) throw new TsmError("USAGE", said.trim().replace(/^tsm: /, ""), { exitCode });
    return `${said.trim().replace(/^would /, "")}, ${times} times`;
  },
  exitCode: ({ exitCode }) => exitCode,
});
