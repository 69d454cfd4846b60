import { defineCommand, toggle } from "../src/command/define.ts";

export default defineCommand({
  name: "cleanup",
  summary: "Forget all crashed processes, and with --stopped the stopped ones too",
  effect: "destroys",
  args: {},
  flags: {
    stopped: toggle("Forget stopped processes too"),
    keepLogs: toggle("Leave their logs where they are"),
  },
  examples: ["cleanup", "cleanup --stopped"],
  async run({ stopped, keepLogs }, { engine, signal }) {
    const all = engine.summaries();
    const over = all.filter(({ status }) => status === "crashed" || (stopped && status === "stopped"));
    const removed = await Promise.all(
      over.map(({ name }) => engine.delete(name, { timeoutSeconds: undefined, keepLogs }, signal)),
    );
    return { checked: all.length, removed: removed.map(({ name }) => name) };
  },
  *render({ checked, removed }) {
    for (const name of removed) yield `tsm: deleted '${name}'`;
    yield `Summary: Checked ${checked} processes, removed ${removed.length}`;
  },
});
