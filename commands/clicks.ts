import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { clicks } from "../src/core/token-clicks.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { clockTime, countLine, later } from "../src/view/token-lines.ts";

export default defineCommand({
  name: "clicks",
  summary: "Clicks in a process one after the other, and what was clicked most",
  details: [tokenDetails, "RAPID is a click a second or less after the one before it in its session."],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["clicks api", "clicks api 300 --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    return { ...clicks(tokens), notes };
  },
  json: ({ notes: _, ...report }) => report,
  names: () => [],
  fold: wholeWords,
  *render({ clicks: all, top }, { paint }) {
    if (all.length === 0) yield "No clicks.";
    for (const { time, element, page, after, rapid } of all) {
      const where = page === null ? "" : ` on ${sanitize(page)}`;
      const gap = after === null ? "" : ` ${paint.faint(`(${later(after)})`)}`;
      yield `${clockTime(time)} ${sanitize(element)}${where}${gap}${rapid ? paint.warn(" [RAPID]") : ""}`;
    }
    if (top.length > 0) yield paint.strong("Top elements");
    yield* top.map(countLine);
  },
  notes: ({ notes }) => notes,
});
