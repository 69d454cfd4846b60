import { anyNumber, defineCommand, flag, toggle } from "../src/command/define.ts";
import { journalWord } from "../src/command/journal-word.ts";
import { moment } from "../src/command/log-types.ts";
import { integer } from "../src/command/types.ts";
import { describeEntry } from "../src/core/event-text.ts";
import { eventLines } from "../src/view/event-line.ts";

export default defineCommand({
  name: "events",
  summary: "The journal: starts, exits, restarts and commands, one a line",
  details: [
    "Without --since the last 50 (the setting lines) are shown. A name also means a process that is gone, as long as the journal has something about it.",
    "--json prints the lines of the journal as they are: time, event, and what belongs to it. Who typed a command is known by user, terminal and the process of the shell; secrets in it are masked.",
  ],
  effect: "reads",
  args: { targets: anyNumber(journalWord, "Only what is about these") },
  flags: {
    follow: toggle("Go on with what happens, until Ctrl-C", "f"),
    since: flag(moment, { summary: "All since then: 10m, 10:30, 2026-01-02, boot, start" }),
    lines: flag(integer("N", 0, 100_000), { short: "n", summary: "The last so many" }),
  },
  examples: ["events", "events api --since 1h", "events -f --json", "events -n 200 'api-*'"],
  run: ({ targets, follow, since, lines }, { engine, signal }) =>
    engine.events({ words: targets, since, lines, follow }, signal),
  json: ({ entries }) => entries.map(({ line }) => line),
  *render({ entries }, screen) {
    for (const entry of entries)
      yield* eventLines(
        { at: entry.at, name: entry.names.join(","), event: entry.event, text: describeEntry(entry) },
        screen,
      );
  },
  *notes({ awaited }) {
    for (const word of awaited) yield `there is no process '${word}' now; waiting for one of that name`;
  },
});
