import { defineCommand } from "../src/command/define.ts";

export default defineCommand({
  name: "ports",
  summary: "Which process has which port, and whether it listens",
  effect: "reads",
  args: {},
  flags: {},
  examples: ["ports", "ports --json"],
  run: (_values, { engine }) => engine.ports(),
  names: (rows) => rows.map(({ name }) => name),
  *render(rows, { terminal, paint }) {
    if (rows.length === 0 && terminal) yield "No process has declared a port.";
    for (const { service, port, listening, pid } of rows) {
      const state = listening
        ? paint.good("listening")
        : pid === null
          ? paint.faint("not running")
          : paint.warn("not listening");
      yield `Process: ${service}, Port: ${port}${terminal ? ` (${state})` : ""}`;
    }
  },
});
