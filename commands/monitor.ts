import { defineCommand, toggle } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokenRequest } from "../src/command/token-asked.ts";
import type { Token } from "../src/core/token.ts";
import { clockTime, dataLine, paintedName, tokenData } from "../src/view/token-lines.ts";

type Shown =
  | { readonly kind: "events"; readonly tokens: readonly Token[]; readonly notes: readonly string[] }
  | { readonly kind: "end"; readonly events: number; readonly lines: number };

export default defineCommand({
  name: "monitor",
  summary: "Events in the log of a process, and what they are to set off",
  details: [
    tokenDetails,
    "With -f each new event sets off the programs that config/triggers.conf of the home names for it: lines PATTERN|COMMAND|DESCRIPTION|ENABLED, the pattern a part of TETRA:CATEGORY:EVENT or one with *. The program gets the event as a line of JSON on its input and its words exactly as they stand; no shell reads them.",
  ],
  // What it sets off may change anything.
  effect: "changes",
  args: tokenArgs,
  flags: { ...tokenFlags, follow: toggle("Go on with new events until Ctrl-C", "f") },
  examples: ["monitor api", "monitor api 60", "monitor api -f", "monitor api --since 10m --json"],
  async *run(values, { engine, signal }): AsyncIterable<Shown> {
    const tokens = await engine.tokens();
    const request = tokenRequest(values);
    const { triggers, problems } = values.follow ? tokens.triggers() : { triggers: [], problems: [] };
    if (problems.length > 0) yield { kind: "events", tokens: [], notes: problems };
    let [events, lines] = [0, 0];
    for await (const batch of tokens.read({ ...request, follow: values.follow }, signal)) {
      events += batch.tokens.length;
      lines += batch.lines;
      yield { kind: "events", tokens: batch.tokens, notes: [...batch.notes, ...damagedNote(batch.damaged)] };
      if (!batch.isNew) continue;
      for (const token of batch.tokens) {
        const failed = await tokens.setOff(triggers, values.process.name, token);
        if (failed.length > 0) yield { kind: "events", tokens: [], notes: failed };
      }
    }
    yield { kind: "end", events, lines };
  },
  json: (item) => (item.kind === "end" ? { events: item.events, lines: item.lines } : item.tokens.map(tokenData)),
  names: () => [],
  *render(item, screen) {
    if (item.kind === "end") {
      yield screen.paint.faint(`${item.events} events in ${item.lines} lines`);
      return;
    }
    for (const token of item.tokens) {
      yield `${screen.paint.faint(`[${clockTime(token.time)}]`)} ${paintedName(token, screen)}`;
      const data = dataLine(token.data, 200);
      if (data !== "") yield `  Data: ${data}`;
    }
  },
  *notes(item) {
    if (item.kind === "events") yield* item.notes;
  },
});

function damagedNote(count: number): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? "event has" : "events have"} JSON that cannot be read`];
}
