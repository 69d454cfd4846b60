import { ErrorBursts } from "./error-bursts.ts";
import { describeEntry } from "./event-text.ts";
import { beginningOf } from "./events.ts";
import { fullNames, rememberedBy, WantedNames } from "./journal-names.ts";
import { type JournalEntry, JournalReader } from "./journal-reader.ts";
import type { Moment } from "./log-moment.ts";
import { readLogs } from "./logs.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

export interface TimelineRequest {
  /** Of these alone; none is all. */
  readonly words: readonly string[];
  readonly since: Moment;
}

/** What happened between two times. */
export interface Timeline {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** In the order of time, the same again and again told once. */
  readonly moments: readonly TimelineMoment[];
  /** Of the oldest there was no room for so many. */
  readonly omitted: number;
  /** What a person should know of how the logs were read. */
  readonly notes: readonly string[];
}

export type MomentKind =
  | "start"
  | "crash"
  | "gave-up"
  | "exit"
  | "stop"
  | "restart"
  | "command"
  | "source"
  | "config"
  | "errors"
  | "other";

export interface TimelineMoment {
  /** Epoch milliseconds: of the first, and of the last where there are several. */
  readonly at: number;
  readonly until: number;
  readonly kind: MomentKind;
  readonly names: readonly string[];
  /** Of the last of them. */
  readonly text: string;
  readonly count: number;
}

const mostMoments = 20_000;

/** Reads the journal and the logs since then. @throws TsmError NOT_FOUND, USAGE */
export async function readTimeline(
  world: World,
  { words, since }: TimelineRequest,
  records: readonly ProcessRecord[],
  signal: AbortSignal,
): Promise<Timeline> {
  const { clock } = world.platform;
  const known = since.kind === "start" ? undefined : beginningOf(world, since, []);
  const wanted = new WantedNames(words, records, rememberedBy(world, known));
  const named = words.length === 0 ? records : wanted.named(records);
  const from = beginningOf(world, since, words.length === 0 ? [] : named);
  const to = clock.nowMs();
  const gathered = new Moments(from);
  const full = fullNames(records);
  for (const entries of new JournalReader(world, from, wanted.isMeant).read()) {
    for (const entry of entries)
      gathered.add(
        entry.event === "command" ? { ...entry, names: entry.names.map((name) => full.get(name) ?? name) } : entry,
      );
    // Ctrl-C gets through between two chunks.
    await clock.sleep(0, signal);
  }
  wanted.refuseUnknown();
  const bursts = new ErrorBursts(from / 1000);
  const notes: string[] = [];
  const request = {
    records: named,
    patterns: [],
    streams: ["out", "err"],
    lines: undefined,
    follow: false,
    since: { kind: "at", ms: from },
    until: undefined,
    run: undefined,
    crash: false,
    filter: { pattern: undefined, invert: false, context: 0, level: "error" },
    withLevels: true,
  } as const;
  for await (const batch of readLogs(world, request, signal)) {
    for (const line of batch.lines) bursts.add(line);
    notes.push(...batch.notes);
  }
  const moments = [...gathered.all(), ...bursts.all()].sort((a, b) => a.at - b.at);
  return { from, to, moments: moments.slice(-mostMoments), omitted: Math.max(0, moments.length - mostMoments), notes };
}

/** What comes again this soon and says the same of the same process is told once, with a number. */
const againMs = 60_000;

interface Gathered {
  readonly first: JournalEntry;
  last: JournalEntry;
  readonly kind: MomentKind;
  count: number;
}

/** From entries to moments, each looked at once. */
export class Moments {
  readonly #from: number;
  readonly #all: Gathered[] = [];
  /** The last moment of a kind of a process. */
  readonly #last = new Map<string, Gathered>();

  constructor(from: number) {
    this.#from = from;
  }

  add(entry: JournalEntry): void {
    if (entry.at < this.#from) return;
    const kind = kindOf(entry);
    const key = `${kind}\0${entry.names.join("\0")}`;
    const before = this.#last.get(key);
    const isAgain = kind === "start" || kind === "crash" || kind === "exit" || kind === "other";
    if (isAgain && before !== undefined && entry.at - before.last.at <= againMs) {
      before.last = entry;
      before.count += 1;
      return;
    }
    const moment = { first: entry, last: entry, kind, count: 1 };
    this.#last.set(key, moment);
    this.#all.push(moment);
  }

  all(): TimelineMoment[] {
    return this.#all.map(({ first, last, kind, count }) => ({
      at: first.at,
      until: last.at,
      kind,
      names: first.names,
      text: describeEntry(last),
      count,
    }));
  }
}

function kindOf({ event, line }: JournalEntry): MomentKind {
  switch (event) {
    case "start":
    case "stop":
    case "restart":
    case "command":
    case "source":
    case "config":
    case "gave-up":
      return event;
    case "kill":
    case "delete":
      return "stop";
    case "unseen-exit":
    case "start-failed":
      return "crash";
    case "exit": {
      const exit = line["exit"];
      if (typeof exit !== "object" || exit === null || !("by" in exit && "code" in exit)) return "exit";
      const { by, code } = exit;
      return (by === "crash" || by === "health" || by === "memory") && code !== 0 ? "crash" : "exit";
    }
    default:
      return "other";
  }
}
