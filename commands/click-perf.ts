import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { clickPerformance } from "../src/core/token-clicks.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { clockTime } from "../src/view/token-lines.ts";

export default defineCommand({
  name: "click-perf",
  summary: "How long clicks in a process took to be answered by its API",
  details: [
    tokenDetails,
    "An event of an API belongs to the last click before it in its session, within five seconds. It took what it says, else the time since the click; more than a second is slow.",
  ],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["click-perf api", "click-perf api 300 --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    return { ...clickPerformance(tokens), notes };
  },
  json: ({ notes: _, ...report }) => report,
  names: () => [],
  fold: wholeWords,
  *render({ pairs, average, slow, unanswered }, { paint }) {
    for (const { time, element, api, took, slow: isSlow } of pairs)
      yield `${clockTime(time)} ${sanitize(element)} → ${sanitize(api)}: ${took} ms${isSlow ? paint.warn(" ⚠️ Slow response") : ""}`;
    if (average === null) yield "No click is followed by an event of an API.";
    else yield `${pairs.length} ${pairs.length === 1 ? "answer" : "answers"}, ${average} ms on average, ${slow} slow`;
    if (unanswered > 0) yield `${unanswered} ${unanswered === 1 ? "click" : "clicks"} without an answer`;
  },
  notes: ({ notes }) => notes,
});
