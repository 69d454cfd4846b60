import { defineCommand, optional } from "../src/command/define.ts";
import { helpFor } from "../src/command/help.ts";
import { unknownVerb } from "../src/command/lookup.ts";
import { overview } from "../src/command/overview.ts";
import { usageOf } from "../src/command/parse.ts";
import { findVerb } from "../src/command/registry.ts";
import { verbName } from "../src/command/types.ts";

export default defineCommand({
  name: "help",
  summary: "What there is, or one verb's page",
  effect: "reads",
  args: { verb: optional(verbName, "The verb") },
  flags: {},
  examples: ["help", "help start"],
  async run({ verb: word }, { registry, engine, shell, screen }) {
    const target = word === undefined ? undefined : findVerb(registry, word.replace(/^\//, ""));
    if (word !== undefined && target === undefined) throw unknownVerb(registry, engine, word);
    if (target !== undefined) return { lines: [...helpFor(await target.load(), target.aliases, screen)], verbs: [] };
    const verbs = await Promise.all(registry.map(async (entry) => ({ entry, verb: await entry.load() })));
    return {
      lines: [...overview(verbs, shell !== undefined, screen)],
      verbs: verbs.map(({ entry, verb }) => ({
        name: verb.name,
        aliases: entry.aliases,
        usage: usageOf(verb),
        summary: verb.summary,
        effect: verb.effect,
        scope: verb.scope ?? "everywhere",
      })),
    };
  },
  render: ({ lines }) => lines,
  json: ({ lines, verbs }) => (verbs.length > 0 ? verbs : { page: lines }),
});
