import { defineCommand, flag, optional } from "../src/command/define.ts";
import type { ShellOutput } from "../src/command/shell.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { integer, text } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { shortTime } from "../src/view/duration.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "last",
  summary: "The output of the last command, or of the n-th last",
  details: [
    "The outputs of the last 50 commands are kept, each with when it began, how long it took and its exit code.",
  ],
  effect: "reads",
  scope: "shell",
  args: { n: optional({ ...integer("N", 1), offers: { kind: "outputs" } }, "How far back, default 1") },
  flags: { search: flag(text("WORDS"), { summary: "Only the lines with this in them, of all that are kept" }) },
  examples: ["last", "last 3", "last --search error"],
  run({ n = 1, search }, context) {
    const shell = shellOf(context);
    if (search !== undefined) return { searched: true, found: found(shell.outputs(), search.toLowerCase()) };
    const entry = shell.lastOutput(n);
    if (entry === undefined) throw tooFarBack(n, shell.outputs().length);
    return { searched: false, found: [{ n, ...entry }] };
  },
  json: ({ searched, found: outputs }) => (searched ? outputs : outputs[0]),
  *render({ searched, found: outputs }, { paint }) {
    if (outputs.length === 0) yield "tsm: no output that is kept has it";
    for (const { n, command, output, startedAt, durationMs, exitCode } of outputs) {
      yield paint.faint(`${searched ? `${n} ` : ""}› ${sanitize(command)}`);
      if (output !== "") yield output.replace(/\n$/, "");
      const end = durationMs === null ? "left behind" : `${shortTime(durationMs)}, exit ${exitCode}`;
      yield paint.faint(`  ${new Date(startedAt).toTimeString().slice(0, 8)}, ${end}`);
    }
  },
});

function tooFarBack(n: number, kept: number): TsmError {
  if (kept === 0) return new TsmError("NOT_FOUND", "no command has been run yet");
  return new TsmError("NOT_FOUND", `there is no output ${n}: ${kept === 1 ? "1 is" : `${kept} are`} kept`, {
    hint: "/last 1 is the last one",
  });
}

/** Of each output the lines that hold it; none of them when it is in the command alone. */
function found(outputs: readonly ShellOutput[], words: string) {
  return outputs.flatMap((entry, index) => {
    const lines = entry.plain.split("\n").filter((line) => line.toLowerCase().includes(words));
    if (lines.length === 0 && !entry.command.toLowerCase().includes(words)) return [];
    const plain = lines.map((line) => `${line}\n`).join("");
    return [{ n: index + 1, ...entry, output: plain, plain }];
  });
}
