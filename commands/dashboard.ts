import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { dashboard } from "../src/core/token-reports.ts";
import { duration } from "../src/view/duration.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { countLine, dayTime } from "../src/view/token-lines.ts";

export default defineCommand({
  name: "dashboard",
  summary: "Events of a process counted: categories, answers, errors, sessions",
  details: [
    tokenDetails,
    "Sessions are new when an event says that they begin; where none does, all that are met count. Response times are those of events of an API that say how long they took, in milliseconds.",
  ],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["dashboard api", "dashboard api 300", "analytics api --since today --json"],
  async run(values, context) {
    const { tokens, lines, notes } = await tokensAsked(values, context);
    return { ...dashboard(tokens), name: values.process.name, lines, notes };
  },
  json: ({ notes: _, ...report }) => report,
  names: ({ name }) => [name],
  fold: wholeWords,
  *render({ events, lines, from, to, categories, top, api, errors, newSessions }, { paint }) {
    const span = from === null || to === null ? "" : `, ${dayTime(from)} to ${dayTime(to)} (${duration(to - from)})`;
    yield `${events} events in ${lines} lines${span}`;
    if (events === 0) return;
    yield paint.strong("🏷️ Token Categories");
    yield* categories.map(countLine);
    yield paint.strong("📈 Top Events");
    yield* top.map(countLine);
    yield paint.strong("⚡ Performance Summary");
    yield `  Average API Response Time: ${api.average === null ? "-" : `${api.average} ms`}`;
    yield `  95th percentile: ${api.p95 === null ? "-" : `${api.p95} ms`}`;
    yield `  API Events: ${api.count}`;
    yield `  Error Count: ${errors}`;
    yield `  New Sessions: ${newSessions}`;
  },
  notes: ({ notes }) => notes,
});
