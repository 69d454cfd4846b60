import { defineCommand, optional, toggle } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokenRequest } from "../src/command/token-asked.ts";
import { TsmError } from "../src/core/errors.ts";
import type { Token } from "../src/core/token.ts";
import { namedPatterns } from "../src/core/token-patterns.ts";
import type { Triggers } from "../src/core/token-triggers.ts";
import { clockTime, dataLine, paintedName, tokenData } from "../src/view/token-lines.ts";
import { triggerLines } from "../src/view/trigger-lines.ts";

type Shown =
  | { readonly kind: "events"; readonly tokens: readonly Token[]; readonly notes: readonly string[] }
  | ({ readonly kind: "triggers" } & Triggers)
  | { readonly kind: "end"; readonly events: number; readonly lines: number };

export default defineCommand({
  name: "monitor",
  summary: "Events in the log of a process, and what they are to set off",
  details: [
    tokenDetails,
    "With -f each new event sets off the programs that config/triggers.conf of the home names for it: lines PATTERN|COMMAND|DESCRIPTION|ENABLED, the pattern a part of TETRA:CATEGORY:EVENT, one with *, or one of those that --triggers lists. The program has the event as a line of JSON on its input and 10 s; {TOKEN}, {DATA} and {TIMESTAMP} in its words stand for those of the event, each within its word, and TSM_TOKEN, TSM_DATA and TSM_TIMESTAMP are in its environment. No shell reads any of it. What was set off is told in logs/tsm-monitor.log of the home.",
  ],
  // What it sets off may change anything.
  effect: "changes",
  args: { process: optional(process(), "Whose events"), seconds: tokenArgs.seconds },
  flags: {
    ...tokenFlags,
    follow: toggle("Go on with new events until Ctrl-C", "f"),
    triggers: toggle("List the patterns that have a name, and the triggers of the home"),
  },
  examples: ["monitor api", "monitor api 60", "monitor api -f", "monitor api --since 10m --json", "monitor --triggers"],
  onlyLooks: ({ follow }) => !follow,
  async *run(values, { engine, signal }): AsyncIterable<Shown> {
    const tokens = await engine.tokens();
    if (values.triggers) {
      yield { kind: "triggers", ...tokens.triggers() };
      return;
    }
    const { process: record } = values;
    if (record === undefined)
      throw new TsmError("USAGE", "monitor needs a process", { hint: "tsm monitor NAME, or tsm monitor --triggers" });
    const request = tokenRequest({ ...values, process: record });
    const { triggers, problems } = values.follow ? tokens.triggers() : { triggers: [], problems: [] };
    if (problems.length > 0) yield { kind: "events", tokens: [], notes: problems };
    let [events, lines] = [0, 0];
    for await (const batch of tokens.read({ ...request, follow: values.follow }, signal)) {
      events += batch.tokens.length;
      lines += batch.lines;
      yield { kind: "events", tokens: batch.tokens, notes: [...batch.notes, ...damagedNote(batch.damaged)] };
      if (!batch.isNew) continue;
      for (const token of batch.tokens) {
        const failed = await tokens.setOff(triggers, record.name, token, signal);
        if (failed.length > 0) yield { kind: "events", tokens: [], notes: failed };
      }
    }
    yield { kind: "end", events, lines };
  },
  json(item) {
    if (item.kind === "events") return item.tokens.map(tokenData);
    const { kind: _, ...rest } = item;
    return item.kind === "triggers"
      ? { patterns: namedPatterns.map(({ name, summary }) => ({ name, summary })), ...rest }
      : rest;
  },
  names: () => [],
  *render(item, screen) {
    if (item.kind === "end") {
      yield screen.paint.faint(`${item.events} events in ${item.lines} lines`);
      return;
    }
    if (item.kind === "triggers") {
      yield* triggerLines(namedPatterns, item.triggers, screen);
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
    if (item.kind === "triggers") yield* item.problems;
  },
});

function damagedNote(count: number): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? "event has" : "events have"} JSON that cannot be read`];
}
