import { defineCommand, one } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";

export default defineCommand({
  name: "paths",
  summary: "Where the files of a process are",
  effect: "reads",
  args: { target: one(process(), "The process") },
  flags: {},
  examples: ["paths api", "paths 0 --json"],
  run({ target }, { engine }) {
    const { folder, meta, pid, out, err, launch } = engine.paths(target);
    return { folder, meta, pid, out, err, launch };
  },
  *render(paths) {
    for (const [name, path] of Object.entries(paths)) yield `${name.padEnd(8)}${path ?? "not kept"}`;
  },
});
