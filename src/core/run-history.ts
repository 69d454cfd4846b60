import { describeExit } from "./exit-text.ts";
import { runsOf } from "./log-runs.ts";
import { isLive, observe } from "./observe.ts";
import { peaksOf } from "./peaks.ts";
import type { Exit, ProcessRecord } from "./process.ts";
import { headsOf } from "./run-notes.ts";
import { type JournalLine, journalOf } from "./why-journal.ts";
import type { World } from "./world.ts";

/** One life of a process. */
export interface RunRow {
  readonly run: number;
  /** Epoch seconds; null: the journal does not tell. */
  readonly start: number | null;
  /** null while it runs, or when nobody saw it end. */
  readonly end: number | null;
  /** Seconds; null where one of both is not known. */
  readonly duration: number | null;
  readonly exit: Exit | null;
  /** The exit in words; `running`; or that nobody saw it. */
  readonly how: string;
  /** Did it end as nobody wanted, and not by being done? */
  readonly bad: boolean;
  /** Who brought it about that it began. */
  readonly began: "start" | "restart" | "policy" | null;
  /** Bytes resident, of all that it had started too: the most that was seen; null where nobody looked. */
  readonly peakMemory: number | null;
  /** The commit of its folder when it began; null: none, or it is not known. */
  readonly gitHead: string | null;
}

/** Every life that the journal, the log clocks and the record know of, the oldest first. */
export function runHistory(world: World, record: ProcessRecord): RunRow[] {
  const clocks = runsOf(world, record.name);
  // Logs that were kept when it was deleted go on: the lives in them are in the journal before its beginning.
  const journal = journalOf(world, record.name, Math.min(record.created, clocks[0]?.time ?? record.created));
  const { began, exits } = livesIn(journal);
  const starts = new Map([...began].map(([run, { at }]) => [run, at]));
  for (const { run, time } of clocks) starts.set(run, time);
  const runs = [...new Set([...starts.keys(), ...exits.keys()])].sort((a, b) => a - b);
  const isRunning = isLive(observe(record, world.platform.processes)) && record.status !== "waiting";
  const rows = runs.map((run, index) => {
    const exit =
      exits.get(run) ?? (index === runs.length - 1 && !isRunning ? endOnRecord(record, starts.get(run)) : null);
    const start = starts.get(run) ?? (exit === null ? null : exit.at - exit.uptime);
    const isNow = exit === null && isRunning && index === runs.length - 1;
    return {
      run,
      start,
      end: exit?.at ?? null,
      duration: exit?.uptime ?? null,
      exit,
      how: exit !== null ? howOf(exit) : isNow ? "running" : "nobody saw it end",
      bad: exit !== null && (exit.by === "crash" || exit.by === "health") && exit.code !== 0,
      began: began.get(run)?.by ?? null,
    };
  });
  const heads = headsOf(world, record.name);
  const peaks = peaksOf(world, record, rows);
  return rows.map((row) => ({ ...row, peakMemory: peaks.get(row.run) ?? null, gitHead: heads(row.run) }));
}

interface Lives {
  readonly began: Map<number, { readonly at: number; readonly by: RunRow["began"] }>;
  readonly exits: Map<number, Exit>;
}

/** What a person asks for stands between the end before and the start; what its runner does leaves no line. */
function livesIn(journal: readonly JournalLine[]): Lives {
  const began: Lives["began"] = new Map();
  const exits: Lives["exits"] = new Map();
  let before: JournalLine | undefined;
  let highest = 0;
  for (const line of journal) {
    const { event, run, at, exit } = line;
    if (event === "start" && run !== undefined) {
      // It counts anew: what was here before was another of this name.
      if (run <= highest) for (const former of [began, exits]) former.clear();
      highest = run;
      began.set(run, { at, by: originOf(line, before) });
    }
    if (event === "exit" && run !== undefined && exit !== undefined)
      exits.set(run, exit.at > 0 ? exit : { ...exit, at: Math.floor(at) });
    if (["exit", "restart", "stop", "kill", "start", "delete"].includes(event)) before = line;
  }
  return { began, exits };
}

function originOf({ isAsked }: JournalLine, before: JournalLine | undefined): RunRow["began"] {
  if (before?.event === "restart") return "restart";
  return !isAsked && before?.event === "exit" && before.exit?.by === "crash" ? "policy" : "start";
}

/** The record knows the last end, also without a journal. */
function endOnRecord({ last_exit: exit }: ProcessRecord, start: number | undefined): Exit | null {
  return exit !== null && (start === undefined || exit.at >= start) ? exit : null;
}

function howOf(exit: Exit): string {
  return exit.by === "crash" ? describeExit(exit) : `${describeExit(exit)}, wanted by ${exit.by}`;
}
