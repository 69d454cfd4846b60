import { anyNumber, defineCommand, toggle } from "../src/command/define.ts";
import { type Each, eachOf, exitCodeOf, failureLines } from "../src/command/each.ts";
import { noQuestion, unnamedIsAll } from "../src/command/targets.ts";
import type { Flushed } from "../src/core/flush-logs.ts";
import { bytes as bytesText } from "../src/view/bytes.ts";

export default defineCommand({
  name: "flush",
  summary: "Throw away what processes have written so far, archives too",
  effect: "destroys",
  args: { targets: anyNumber(unnamedIsAll(), "Whose logs; * is all, and so is none") },
  flags: { yes: toggle(noQuestion, "y") },
  examples: ["flush api", "flush '*'", "flush"],
  run: ({ targets }, { engine, signal }): Promise<Each<Flushed>[]> =>
    eachOf(targets, (record) => engine.flush(record, signal)),
  names: (results) => results.map(({ name }) => name),
  *render(results) {
    if (results.length === 0) yield "tsm: there is nothing to flush";
    for (const { done } of results) {
      if (done === undefined) continue;
      const { name, bytes, archives } = done;
      yield bytes === 0
        ? `tsm: the logs of '${name}' are empty`
        : `tsm: flushed '${name}' (${bytesText(bytes)}${archives === 0 ? "" : `, ${archives} ${archives === 1 ? "archive" : "archives"}`})`;
    }
  },
  notes: (results) => failureLines(results),
  exitCode: (results) => exitCodeOf(results),
});
