import { defineCommand, optional } from "../src/command/define.ts";
import { oneOf } from "../src/command/types.ts";
import { wholeWords } from "../src/view/error-lines.ts";

export default defineCommand({
  name: "init",
  summary: "Write a first ecosystem.config.cjs into this folder",
  details: ["Nothing is replaced: where there is one already, it stays. simple writes one app and no explanations."],
  effect: "changes",
  args: { kind: optional(oneOf(["simple"]), "A short one: one app, and no explanations") },
  flags: {},
  examples: ["init", "ecosystem simple"],
  run: async ({ kind }, { engine }) => (await engine.apps()).writeFirst(kind === "simple"),
  names: () => [],
  fold: wholeWords,
  *render({ file }) {
    yield `tsm: ${file} was written`;
    yield "  Say in it what to start, then: tsm start";
  },
});
