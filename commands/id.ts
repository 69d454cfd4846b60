import { defineCommand, many } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";

export default defineCommand({
  name: "id",
  summary: "The ids of processes, each on a line and nothing else",
  effect: "reads",
  args: { targets: many(process(), "Processes; * is all") },
  flags: {},
  examples: ["id api", "id 'api-*'"],
  run: ({ targets }) => targets.map(({ tsm_id: id, name }) => ({ id, name })),
  *render(found) {
    for (const { id } of found) yield String(id);
  },
});
