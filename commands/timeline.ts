import { anyNumber, defineCommand, flag } from "../src/command/define.ts";
import { journalWord } from "../src/command/journal-word.ts";
import { integer } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { isMoment, parseMoment } from "../src/core/log-moment.ts";
import { timelineLines } from "../src/view/timeline.ts";

export default defineCommand({
  name: "timeline",
  summary: "What happened when: lives, commands, code and errors on one axis",
  details: [
    "Starts, exits, restarts and stops; commands with who typed them and where; a git HEAD that is another than at the start before; and where five or more error lines come within ten seconds of each other. What comes again within a minute is told once, with a number.",
    "TIME is how far back it goes, 15m unless said: 2h, 10:30, yesterday, boot, or start of the process that is named. A pipe gets lines alone; --json is an object with from, to and moments (at, until, kind, names, text, count).",
  ],
  effect: "reads",
  args: {
    words: anyNumber({ ...journalWord, label: "TIME|PROCESS" }, "How far back, and whose; none is the last 15m of all"),
  },
  flags: {
    lines: flag(integer("N", 1, 100_000), { short: "n", summary: "So many lines below the axis", fallback: 30 }),
  },
  examples: ["timeline", "timeline 2h", "timeline 15m api", "timeline api worker --json"],
  async run({ words, lines }, { engine, signal }) {
    // Of a length before zero nobody thinks as of a process; parsing it says what a time is.
    const isTime = (word: string) => isMoment(word) || /^-[\d.]+[a-z]+$/i.test(word);
    const [time = "15m", another] = words.filter(isTime);
    if (another !== undefined)
      throw new TsmError("USAGE", `timeline takes one time, not '${time}' and '${another}'`, {
        hint: "It goes from then to now: tsm timeline 2h",
      });
    const names = words.filter((word) => !isTime(word));
    return { lines, ...(await engine.timeline({ words: names, since: parseMoment(time) }, signal)) };
  },
  json: ({ from, to, moments }) => ({
    from: iso(from),
    to: iso(to),
    moments: moments.map((one) => ({ ...one, at: iso(one.at), until: iso(one.until) })),
  }),
  names: ({ moments }) => [...new Set(moments.flatMap(({ names }) => names))],
  render: (timeline, screen) => timelineLines(timeline, timeline.lines, screen),
  *notes({ notes }) {
    yield* notes;
  },
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
