import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokenRequest } from "../src/command/token-asked.ts";
import { integer, text } from "../src/command/types.ts";
import { type Token, tokenName } from "../src/core/token.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { clockTime, paintedName, tokenData } from "../src/view/token-lines.ts";

type Shown =
  | { readonly kind: "begin"; readonly name: string }
  | { readonly kind: "events"; readonly tokens: readonly Token[]; readonly notes: readonly string[] };

export default defineCommand({
  name: "stream",
  summary: "Events of a process as they come, with all that they say",
  details: [
    tokenDetails,
    "The last ones first, then each new one until Ctrl-C or until the process is deleted; --once ends it before. --json prints one event a line.",
  ],
  effect: "reads",
  args: { process: tokenArgs.process, filter: optional(text("FILTER"), "Only those with this in their name, as API") },
  flags: {
    ...tokenFlags,
    lines: flag(integer("N", 0, 100_000), { short: "n", summary: "So many that were there before", fallback: 10 }),
    once: toggle("Not the new ones"),
  },
  examples: ["stream api", "stream api ERROR", "stream api --once --lines 100 --json"],
  async *run(values, { engine, signal }): AsyncIterable<Shown> {
    const { filter, lines, once, process } = values;
    const tokens = await engine.tokens();
    const request = tokenRequest(values);
    const fits = (token: Token) =>
      filter === undefined || tokenName(token).toLowerCase().includes(filter.toLowerCase());
    yield { kind: "begin", name: process.name };
    const past: Token[] = [];
    for await (const { isNew, tokens: read, lines: count, notes } of tokens.read(
      { ...request, follow: !once },
      signal,
    )) {
      const found = read.filter(fits);
      if (isNew) yield { kind: "events", tokens: found, notes };
      else {
        past.push(...found);
        past.splice(0, Math.max(0, past.length - lines));
        // The one behind the last old line.
        if (count === 0) yield { kind: "events", tokens: past.splice(0), notes };
      }
    }
  },
  json: (item) => (item.kind === "begin" ? [] : item.tokens.map(tokenData)),
  names: () => [],
  *render(item, screen) {
    if (item.kind === "begin") {
      yield `🔄 Streaming tetra tokens from ${sanitize(item.name)}`;
      return;
    }
    for (const token of item.tokens) {
      yield `${screen.paint.faint(`[${clockTime(token.time)}]`)} ${paintedName(token, screen)}`;
      if (Object.keys(token.data).length > 0)
        for (const line of JSON.stringify(token.data, null, 2).split("\n")) yield `  ${sanitize(line)}`;
    }
  },
  *notes(item) {
    if (item.kind === "events") yield* item.notes;
  },
});
