import type { RunRow } from "../core/run-history.ts";
import { bytes } from "./bytes.ts";
import { duration } from "./duration.ts";
import { logTime } from "./log-time.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** The runs of a process, the newest last. */
export function runTable(runs: readonly RunRow[], { columns, paint, cut, plain }: Screen): string[] {
  // Where a date has no room, the time of day is what tells one run from the next.
  const isNarrow = columns !== undefined && columns < narrow;
  const time = (seconds: number | null) =>
    seconds === null
      ? "-"
      : isNarrow
        ? logTime(seconds, "short", undefined)
        : logTime(seconds, "iso", undefined).slice(0, 19).replace("T", " ");
  const heads = changedHeads(runs);
  const shown: Column<RunRow>[] = [
    { title: "run", min: 4, align: "right", cell: ({ run }) => String(run), paint: paint.strong },
    { title: "began", cell: ({ start }) => time(start) },
    { title: "ended", cell: ({ end }) => time(end), dropFirst: 2 },
    { title: "ran", align: "right", cell: ({ duration: length }) => (length === null ? "-" : duration(length * 1000)) },
    {
      title: "how it ended",
      shrinkTo: 10,
      cell: ({ how }) => how,
      paint: (text, { bad, how }) => (bad ? paint.bad(text) : how === "running" ? paint.good(text) : text),
    },
    {
      title: "peak memory",
      align: "right",
      cell: ({ peakMemory }) => (peakMemory === null ? "-" : bytes(peakMemory)),
      dropFirst: 3,
    },
    ...(heads.size === 0
      ? []
      : [{ title: "git HEAD", cell: ({ run }: RunRow) => heads.get(run) ?? "", paint: paint.accent, dropFirst: 4 }]),
    { title: "begun by", cell: ({ began }) => began ?? "-", dropFirst: 1 },
  ];
  return table(runs, shown, { columns, paintFrame: paint.faint, cut, plain });
}

const narrow = 60;

/** Short, by run: where it is another than that of the run before. */
function changedHeads(runs: readonly RunRow[]): ReadonlyMap<number, string> {
  let before: string | null = null;
  const heads = new Map<number, string>();
  for (const { run, gitHead } of runs) {
    if (gitHead !== null && gitHead !== before) heads.set(run, gitHead.slice(0, 10));
    before = gitHead ?? before;
  }
  return heads;
}
