import { anyNumber, defineCommand, optional } from "../src/command/define.ts";
import { helpFor } from "../src/command/help.ts";
import { unknownVerb } from "../src/command/lookup.ts";
import { meantBy } from "../src/command/meant.ts";
import { overview } from "../src/command/overview.ts";
import { usageOf } from "../src/command/parse.ts";
import { findVerb, isVerbName, toldOf } from "../src/command/registry.ts";
import { searchHelp, searchPage } from "../src/command/search-help.ts";
import { text, verbName } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { nearest } from "../src/core/nearest.ts";

export default defineCommand({
  name: "help",
  summary: "What there is, or one verb's page",
  effect: "reads",
  leavesHome: true,
  details: ["help search WORD… shows the verbs whose page has all the words, and where."],
  args: { verb: optional(verbName, "The verb, or search"), words: anyNumber(text("WORD"), "What to search for") },
  flags: {},
  examples: ["help", "help start", "help search memory"],
  async run({ verb: word, words }, { registry, engine, shell, screen, json }) {
    const { aliases } = engine.settings();
    const { word: asked = "", name = "" } = meantBy(word === undefined ? [] : [word], registry, aliases);
    const target = findVerb(registry, name);
    const isAlias = target !== undefined && aliases.has(asked) && !isVerbName(registry, asked);
    const searches = word === "search" && target === undefined;
    if (searches !== words.length > 0) {
      const what = searches ? "help search needs a WORD" : `help does not know what to do with '${words[0]}'`;
      const isNear = target === undefined && nearest(word ?? "", ["search"]).length > 0;
      throw new TsmError("USAGE", what, {
        hint: isNear && !searches ? "Did you mean 'search'?" : "Usage: tsm help [VERB], or tsm help search WORD",
      });
    }
    if (word !== undefined && target === undefined && !searches) throw unknownVerb(registry, engine, word);
    if (target !== undefined) {
      const page = [...helpFor(await target.load(), target.aliases, screen)];
      return { lines: isAlias ? [`${asked} is an alias of ${aliases.get(asked)}`, "", ...page] : page, verbs: [] };
    }
    if (!searches && !json) {
      return { lines: [...overview(await toldOf(registry), aliases, shell !== undefined, screen)], verbs: [] };
    }
    const verbs = await Promise.all(registry.map(async (entry) => ({ entry, verb: await entry.load() })));
    const found = searches ? searchHelp(verbs, words) : verbs.map((each) => ({ ...each, lines: [] }));
    if (found.length === 0)
      throw new TsmError("NOT_FOUND", `nothing in the help has '${words.join(" ")}'`, {
        hint: "tsm help lists what there is",
      });
    return {
      lines: [...searchPage(found, screen)],
      verbs: found.map(({ entry, verb }) => ({
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
