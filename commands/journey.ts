import { defineCommand, optional } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { text } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { quoteWord } from "../src/core/quote.ts";
import { kindOf, type Token, tokenName } from "../src/core/token.ts";
import { counted } from "../src/core/token-reports.ts";
import { groupedBySession } from "../src/core/token-sessions.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { clockTime, countLine, later, tokenData } from "../src/view/token-lines.ts";

const signs = { start: "🟢", end: "🔴", error: "❌", click: "👆", page: "📄", api: "🌐", feature: "✨", other: "•" };

export default defineCommand({
  name: "journey",
  summary: "One session in a process step by step; the last one unless named",
  details: [tokenDetails],
  effect: "reads",
  args: {
    process: tokenArgs.process,
    session: optional(text("SESSION"), "Its id or the beginning of it, as sessions shows it"),
  },
  flags: tokenFlags,
  examples: ["journey api", "journey api s-17", "journey api user:anna --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    const all = groupedBySession(tokens);
    const { session } = values;
    const found =
      session === undefined
        ? all.at(-1)
        : (all.findLast(({ id }) => id === session) ?? all.findLast(({ id }) => id.startsWith(session)));
    if (found === undefined)
      throw new TsmError(
        "NOT_FOUND",
        session === undefined
          ? `no event of '${values.process.name}' names a session`
          : `there is no session '${session}'`,
        { hint: `tsm sessions ${quoteWord(values.process.name)} shows them` },
      );
    return { id: found.id, steps: found.tokens, counts: counted(found.tokens.map(tokenName)), notes };
  },
  json: ({ id, steps, counts }) => ({ id, steps: steps.map(tokenData), counts }),
  names: () => [],
  fold: wholeWords,
  *render({ id, steps, counts }, { paint }) {
    yield paint.strong(`Session ${sanitize(id)}`);
    let before: number | null = null;
    for (const step of steps) {
      const gap = before === null || step.time === null ? "" : `${paint.faint(`[${later(step.time - before)}]`)} `;
      yield `${signs[kindOf(step)]} ${clockTime(step.time)} ${gap}${sanitize(step.event)}${detail(step)}`;
      before = step.time ?? before;
    }
    yield paint.strong("Events");
    yield* counts.map(countLine);
  },
  notes: ({ notes }) => notes,
});

function detail({ element, page, duration }: Token): string {
  const parts = [element, page, duration === null ? null : `${duration} ms`].filter((part) => part !== null);
  return parts.length === 0 ? "" : `: ${sanitize(parts.join(", "))}`;
}
