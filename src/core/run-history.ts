import { describeExit } from "./exit-text.ts";
import { runsOf } from "./log-runs.ts";
import { isLive, observe } from "./observe.ts";
import type { Exit, ProcessRecord } from "./process.ts";
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
}

/** Every life that the journal, the log clocks and the record know of, the oldest first. */
export function runHistory(world: World, record: ProcessRecord): RunRow[] {
  const journal = journalOf(world, record.name, record.created);
  const starts = new Map(runsOf(world, record.name).map(({ run, time }) => [run, time]));
  const exits = new Map<number, Exit>();
  const origins = new Map<number, RunRow["began"]>();
  for (const [index, { event, run, at, exit }] of journal.entries()) {
    if (run === undefined) continue;
    if (event === "start") {
      starts.set(run, starts.get(run) ?? at);
      origins.set(run, originOf(journal, index));
    }
    if (event === "exit" && exit !== undefined) exits.set(run, exit);
  }
  const runs = [...new Set([...starts.keys(), ...exits.keys()])].sort((a, b) => a - b);
  const isRunning = isLive(observe(record, world.platform.processes)) && record.status !== "waiting";
  return runs.map((run, index) => {
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
      began: origins.get(run) ?? null,
    };
  });
}

/** The record knows the last end, also without a journal. */
function endOnRecord({ last_exit: exit }: ProcessRecord, start: number | undefined): Exit | null {
  return exit !== null && (start === undefined || exit.at >= start) ? exit : null;
}

function howOf(exit: Exit): string {
  return exit.by === "crash" ? describeExit(exit) : `${describeExit(exit)}, wanted by ${exit.by}`;
}

/** What a person asks for stands between the end before and the start; what its runner does leaves no line. */
function originOf(journal: readonly JournalLine[], index: number): RunRow["began"] {
  const before = journal
    .slice(0, index)
    .findLast(({ event }) => ["exit", "restart", "stop", "kill", "start"].includes(event));
  if (before === undefined || before.event === "stop" || before.event === "kill" || before.event === "start")
    return "start";
  if (before.event === "restart") return "restart";
  return before.exit?.by === "crash" ? "policy" : "start";
}
