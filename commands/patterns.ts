import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { patterns } from "../src/core/token-reports.ts";
import { countLine } from "../src/view/token-lines.ts";

export default defineCommand({
  name: "patterns",
  summary: "What is clicked, looked at and used most in a process, and when",
  details: [tokenDetails],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["patterns api", "patterns api --since today --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    return { ...patterns(tokens), events: tokens.length, notes };
  },
  json: ({ notes: _, ...report }) => report,
  names: () => [],
  *render({ clicks, pages, features, hours, peakHour, events }, { paint }) {
    if (events === 0) yield "No events.";
    for (const [title, counts] of [
      ["Clicks", clicks],
      ["Pages", pages],
      ["Features", features],
    ] as const) {
      if (counts.length === 0) continue;
      yield paint.strong(title);
      yield* counts.map(countLine);
    }
    if (peakHour !== null) yield `Peak hour: ${String(peakHour).padStart(2, "0")}:00 (${hours[peakHour]} events)`;
  },
  notes: ({ notes }) => notes,
});
