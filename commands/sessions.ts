import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { type Session, sessions } from "../src/core/token-sessions.ts";
import { duration } from "../src/view/duration.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { type Column, table } from "../src/view/table.ts";
import { dayTime } from "../src/view/token-lines.ts";

export default defineCommand({
  name: "sessions",
  summary: "Who used a process, and how long: its events by session",
  details: [
    tokenDetails,
    "Events without a session are put together by user, fingerprint or address; half an hour of silence ends such a session.",
  ],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["sessions api", "sessions api --since 1h", "sessions api --fields session=sid --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    return { sessions: sessions(tokens), notes };
  },
  json: ({ sessions: all }) => all,
  names: () => [],
  fold: wholeWords,
  *render({ sessions: all }, { columns, paint, terminal, cut, plain }) {
    if (all.length === 0) yield "No event names a session, user, fingerprint or address.";
    else if (terminal) yield* table(all, shown, { columns, paintFrame: paint.faint, cut, plain });
    else for (const each of all) yield shown.map(({ cell }) => sanitize(cell(each))).join("\t");
  },
  notes: ({ notes }) => notes,
});

const shown: Column<Session>[] = [
  { title: "session", cell: ({ id }) => id, shrinkTo: 8 },
  { title: "user", cell: ({ user }) => user ?? "-", shrinkTo: 6, dropFirst: 1 },
  { title: "ip", cell: ({ ip }) => ip ?? "-", dropFirst: 2 },
  { title: "start", cell: ({ start }) => dayTime(start) },
  { title: "length", cell: ({ start, end }) => (start === null || end === null ? "-" : duration(end - start)) },
  { title: "events", cell: ({ events }) => String(events), align: "right" },
  { title: "clicks", cell: ({ clicks }) => String(clicks), align: "right", dropFirst: 4 },
  { title: "pages", cell: ({ pages }) => String(pages), align: "right", dropFirst: 5 },
  { title: "errors", cell: ({ errors }) => String(errors), align: "right", dropFirst: 3 },
];
