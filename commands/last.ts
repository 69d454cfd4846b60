import { defineCommand, optional } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { integer } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "last",
  summary: "The output of the last command, or of the n-th last",
  effect: "reads",
  scope: "shell",
  args: { n: optional(integer("N", 1), "How far back, default 1") },
  flags: {},
  examples: ["last", "last 3"],
  run({ n = 1 }, context) {
    const entry = shellOf(context).lastOutput(n);
    if (entry === undefined)
      throw new TsmError("NOT_FOUND", n === 1 ? "no command has been run yet" : `there is no ${n}-th last output`, {
        hint: "/last shows the output of the last command",
      });
    return entry;
  },
  *render({ command, output }, { paint }) {
    yield paint.faint(`› ${command}`);
    if (output !== "") yield output.replace(/\n$/, "");
  },
});
