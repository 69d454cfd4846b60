import { defineCommand } from "../src/command/define.ts";
import { exitCodes } from "../src/core/errors.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "startup",
  summary: "Start every service that is enabled, in the order they depend on",
  details: [
    "Each waits until what its TSM_DEPENDS names is up; what runs already is left as it is. One that fails stops those that need it and no other; then the exit code is 1.",
  ],
  effect: "changes",
  args: {},
  flags: {},
  examples: ["startup"],
  run: async (_values, { engine, signal }) => (await engine.services()).startup(engine.settings().settle, signal),
  names: (rows) => rows.flatMap(({ process }) => (process === null ? [] : [process.name])),
  *render(rows) {
    if (rows.length === 0) yield "tsm: no service is enabled";
    for (const { ref, outcome, process } of rows) {
      if (outcome === "started" && process !== null) {
        const { name, id, pid, port } = process;
        yield `✅ ${ref}: started '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
      }
      if (outcome === "running") yield `⚠️  Already running: ${process?.name ?? ref}`;
      if (outcome === "skipped") yield `${ref}: left out, as its TSM_AUTOSTART says`;
    }
  },
  *notes(rows) {
    for (const { ref, problem } of rows) {
      if (problem === null) continue;
      yield `❌ ${ref}: ${problem.split("\n").map(sanitize).join("\n")}`;
    }
  },
  exitCode: (rows) => (rows.some(({ outcome }) => outcome === "failed") ? exitCodes.failed : exitCodes.done),
});
