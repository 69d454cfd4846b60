import { describeExit } from "./exit-text.ts";
import type { Exit, Status } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { type Blocker, blockersOf } from "./why-blockers.ts";
import type { Cause } from "./why-cause.ts";
import { endOf } from "./why-end.ts";
import { type Ended, lastEvent, type WhyFacts } from "./why-facts.ts";
import { type Evidence, type Found, isoTime } from "./why-found.ts";
import { type LifeCause, lifeOf } from "./why-life.ts";
import { withoutFrames } from "./why-words.ts";

/** Why a process is as it is. `cause` tells which of the kinds it is; the fields of that kind stand beside it. */
export type Why = (Cause | LifeCause) & Answer;

interface Answer {
  readonly name: string;
  readonly id: number;
  readonly state: Status;
  /** Is it named by whoever must know, or does it only look like it? */
  readonly confidence: "certain" | "likely";
  /** Which life the answer is about; null: not known. */
  readonly run: number | null;
  /** Its end; null when it runs and none is known. */
  readonly exit: Exit | null;
  /** The same in words; "" without one. */
  readonly how: string;
  /** Epoch seconds: since when it is so; null: not known. */
  readonly since: number | null;
  /** When it is started again by its policy; null: it is not. */
  readonly retry: { readonly inMs: number; readonly attempt: number } | null;
  /** Why nobody tries any more; null: that is not so. */
  readonly gaveUp: string | null;
  /** What would keep it from being started now. */
  readonly blockers: readonly Blocker[];
  readonly evidence: readonly Evidence[];
  /** Commands, in their order; none when nothing is to be done or nobody can say what. */
  readonly fix: readonly string[];
}

/** Facts in, cause out. What no fact names is `exit` or `ended-unseen`: how it ended, and nothing about why. */
export function explain(facts: WhyFacts): Why {
  const { record, status } = facts;
  const isOver = status === "stopped" || status === "crashed" || (status === "waiting" && facts.retryInMs !== null);
  const ended: Ended | undefined =
    isOver && record.last_exit !== null ? { ...facts, exit: record.last_exit } : undefined;
  const found = isOver ? endOf(facts, ended) : lifeOf(facts);
  const blockers = blockersOf(facts);
  return {
    ...found.cause,
    name: record.name,
    id: record.tsm_id,
    state: status,
    confidence: found.confidence,
    run: facts.run,
    exit: record.last_exit,
    how: record.last_exit === null ? "" : describeExit(record.last_exit),
    since: found.since ?? (isOver ? (record.last_exit?.at ?? null) : record.start_time),
    retry: facts.retryInMs === null ? null : { inMs: facts.retryInMs, attempt: record.unstable_restarts },
    gaveUp: status === "crashed" && record.reason.startsWith("gave up") ? record.reason : null,
    blockers,
    evidence: evidenceOf(facts, ended, found.evidence),
    fix: [...new Set(fixOf(facts, found, blockers))],
  };
}

function fixOf({ record, status, retryInMs }: WhyFacts, found: Found<unknown>, blockers: readonly Blocker[]): string[] {
  const first = found.restart || status === "stopped" ? blockers.flatMap(({ fix }) => fix) : [];
  // What no command of ours brings back a person must, before a restart is of any use.
  const isUseless = blockers.some(({ fix }) => fix.length === 0);
  const needsStart = found.restart && !isUseless && (retryInMs === null || first.length + found.fix.length > 0);
  return [...first, ...found.fix, ...(needsStart ? [`tsm restart ${quoteLine([record.name])}`] : [])];
}

/** How it ended and what it said stand first: whoever doubts the cause looks there. */
function evidenceOf(facts: WhyFacts, ended: Ended | undefined, own: readonly Evidence[]): Evidence[] {
  const { record, said, needs } = facts;
  const evidence: Evidence[] = [];
  if (ended !== undefined) {
    const { exit } = ended;
    const line = lastEvent(facts, "exit");
    const isWritten = line?.exit?.at === exit.at;
    const run = isWritten && line?.run !== undefined ? `run ${line.run}, ` : "";
    evidence.push({
      from: isWritten ? "journal" : "record",
      text: `${run}${describeExit(exit)} at ${isoTime(exit.at)}, ${exit.uptime} s after its start`,
    });
  }
  evidence.push(...own);
  if (record.reason !== "") evidence.push({ from: "record", text: record.reason });
  for (const { ref, status } of needs)
    if (status !== "online")
      evidence.push({
        from: "services",
        text: `it depends on ${ref}, which ${status === null ? "was never started" : `is ${status}`}`,
      });
  // Of one that runs well nobody wants to read the log here.
  if (ended !== undefined || (own.length > 0 && facts.status !== "online"))
    evidence.push(
      ...withoutFrames(said.lines)
        .slice(-linesShown)
        .map((text): Evidence => ({ from: said.stream, text: text.slice(0, longest) })),
    );
  return evidence.filter(({ text }, index) => evidence.findIndex((each) => each.text === text) === index);
}

const linesShown = 5;
const longest = 300;
