import { anyNumber, defineCommand, toggle } from "../src/command/define.ts";
import { type Each, eachOf, exitCodeOf, failureLines } from "../src/command/each.ts";
import { process } from "../src/command/targets.ts";
import type { RotatedProcess } from "../src/core/rotate-logs.ts";
import { bytes as bytesText } from "../src/view/bytes.ts";

export default defineCommand({
  name: "rotate",
  summary: "Move what processes have written into archives, without losing a byte",
  details: [
    "current.out becomes current.out.1.gz, which becomes current.out.2.gz, up to the number that is kept; logs reads them all as one. This is done by itself when a log passes its size or age: config set logMaxSize, logKeep, logMaxAge and logCompress, or the flags of start for one process. The process is not told, and need not be.",
    "A live log that was moved away by hand gets its place back: the moved file keeps all that was written until then, and new lines go to current.out again.",
    "A file that start was told to write to (--output, --error, --log) is rotated in the same way: FILE.1.gz beside it, also when several processes share it. Left alone are links, devices, files of other users, what another program rotates already, and all that start --log-max-size 0 leaves to you.",
  ],
  effect: "changes",
  args: { targets: anyNumber(process(), "Whose logs; none is all") },
  flags: { due: toggle("Only logs that have reached their limit; what the ticker asks for") },
  examples: ["rotate", "rotate api", "rotate --due"],
  unnoted: ({ due }) => due,
  async run({ targets, due }, { engine, signal }): Promise<Each<RotatedProcess>[]> {
    if (!due) return await eachOf(targets.length > 0 ? targets : engine.records(), (one) => engine.rotate(one, signal));
    const { rotated, failed } = await engine.rotateDue();
    return [
      ...rotated.map((done) => ({ name: done.name, done })),
      ...failed.map(({ name, problem }) => ({
        name,
        error: { code: "HOME", message: problem, hint: null, exitCode: 1 },
      })),
    ];
  },
  names: (results) => results.map(({ name }) => name),
  *render(results) {
    if (results.length === 0) yield "tsm: there is nothing to rotate";
    for (const { done } of results) {
      if (done === undefined) continue;
      const moved = done.logs.filter(({ bytes }) => bytes > 0);
      const { name, leftAlone } = done;
      if (moved.length > 0)
        yield `tsm: rotated '${name}' (${moved.map(({ stream, bytes }) => `${stream} ${bytesText(bytes)}`).join(", ")})`;
      else if (leftAlone.length === 0) yield `tsm: the logs of '${name}' are empty`;
      for (const { file, reason } of leftAlone)
        yield `tsm: '${name}' writes to ${file}, which is left alone: ${reason}`;
    }
  },
  notes: (results) => failureLines(results),
  exitCode: (results) => exitCodeOf(results),
});
