import { anyNumber, defineCommand, flag, toggle } from "../src/command/define.ts";
import { moment } from "../src/command/log-types.ts";
import { process } from "../src/command/targets.ts";
import { integer } from "../src/command/types.ts";
import type { ErrorGroup } from "../src/core/error-groups.ts";
import { sanitize } from "../src/view/sanitize.ts";
import type { Screen } from "../src/view/screen.ts";
import { type Column, table } from "../src/view/table.ts";

export default defineCommand({
  name: "errors",
  summary: "What goes wrong: error lines of processes, grouped and counted",
  details: [
    "Error lines are those on stderr that do not say that they are less than an error, and those on stdout that say they are one (pino, bunyan, logfmt, a level before the text). A stack trace belongs to the line above it. Lines that differ only in numbers, ids, times, addresses and paths are one error.",
    "--new shows what the last life of its process was the first to say. --json is an array with fingerprint, message, count, firstSeen, lastSeen (epoch seconds or null), names and example, which is one of them with its stack trace.",
  ],
  effect: "reads",
  args: { targets: anyNumber(process(), "Whose; none is all") },
  flags: {
    since: flag(moment, { summary: "Only since then: 10m, 10:30, 2026-01-02T10:00, boot, start" }),
    new: toggle("Only those that are new since the last start of their process"),
    lines: flag(integer("N", 1, 10_000), { short: "n", summary: "So many different ones at most", fallback: 50 }),
  },
  examples: ["errors", "errors api --since 10m", "errors --new --json"],
  async run({ targets, since: from, new: onlyNew, lines }, { engine, signal }) {
    const records = targets.length === 0 ? engine.records() : targets;
    const { groups, ungrouped, notes } = await engine.errors({ records, since: from, onlyNew }, signal);
    return { groups: groups.slice(0, lines), hidden: Math.max(0, groups.length - lines), ungrouped, notes };
  },
  json: ({ groups }) => groups,
  names: ({ groups }) => [...new Set(groups.flatMap(({ names }) => names))],
  *render({ groups, hidden }, screen) {
    if (groups.length === 0) yield screen.paint.good("No errors.");
    else if (screen.terminal)
      yield* table(groups, columns(screen), {
        columns: screen.columns,
        paintFrame: screen.paint.faint,
        plain: screen.plain,
      });
    else for (const group of groups) yield plainLine(group);
    if (hidden > 0) yield screen.paint.faint(`${hidden} more: --lines ${groups.length + hidden} shows them`);
  },
  *notes({ ungrouped, notes }) {
    yield* notes;
    if (ungrouped > 0) yield `${ungrouped} more errors were not grouped: there are too many different ones`;
  },
});

function columns({ paint }: Screen): Column<ErrorGroup>[] {
  return [
    { title: "count", align: "right", cell: ({ count }) => String(count) },
    { title: "first seen", dropFirst: 1, cell: ({ firstSeen }) => time(firstSeen) },
    { title: "last seen", cell: ({ lastSeen }) => time(lastSeen) },
    { title: "process", shrinkTo: 10, cell: ({ names }) => names.join(", "), paint: paint.strong },
    { title: "message", shrinkTo: 20, cell: ({ message }) => message, paint: paint.bad },
  ];
}

function plainLine({ count, lastSeen, names, message }: ErrorGroup): string {
  return `${count}\t${time(lastSeen)}\t${names.join(",")}\t${sanitize(message)}`;
}

function time(epochSeconds: number | null): string {
  return epochSeconds === null ? "-" : new Date(epochSeconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}
