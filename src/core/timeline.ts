import { ErrorBursts } from "./error-bursts.ts";
import { describeEntry } from "./event-text.ts";
import { beginningOf } from "./events.ts";
import { WantedNames } from "./journal-names.ts";
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
  const wanted = new WantedNames(words, records);
  const named = words.length === 0 ? records : wanted.named(records);
  const from = beginningOf(world, since, words.length === 0 ? [] : named);
  const to = clock.nowMs();
  const gathered = new Moments(from);
  for (const entries of new JournalReader(world, from).read()) {
    for (const entry of entries) if (wanted.has(entry)) gathered.add(entry);
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

/** From entries to moments, each looked at once. */
export class Moments {
  readonly #from: number;
  readonly #all: {
    at: number;
    until: number;
    kind: MomentKind;
    names: readonly string[];
    text: string;
    count: number;
  }[] = [];
  /** Where the last moment of a kind of a process stands. */
  readonly #last = new Map<string, number>();

  constructor(from: number) {
    this.#from = from;
  }

  add(entry: JournalEntry): void {
    const { at, names } = entry;
    if (at < this.#from) return;
    const kind = kindOf(entry);
    const text = describeEntry(entry);
    const key = `${kind}\0${names.join("\0")}`;
    const before = this.#all[this.#last.get(key) ?? -1];
    const isAgain = kind === "start" || kind === "crash" || kind === "exit" || kind === "other";
    if (isAgain && before !== undefined && at - before.until <= againMs) {
      before.until = at;
      before.text = text;
      before.count += 1;
      return;
    }
    this.#last.set(key, this.#all.length);
    this.#all.push({ at, until: at, kind, names, text, count: 1 });
  }

  all(): readonly TimelineMoment[] {
    return this.#all;
  }
}

function kindOf({ event, line }: JournalEntry): MomentKind {
  switch (event) {
    case "start":
    case "stop":
    case "restart":
    case "command":
    case "source":
    case "gave-up":
      return event;
    case "kill":
    case "delete":
      return "stop";
    case "unseen-exit":
    case "start-failed":
      return "crash";
    case "exit": {
      const exit: Record<string, unknown> = typeof line["exit"] === "object" ? { ...line["exit"] } : {};
      const isCrash = ["crash", "health", "memory"].includes(String(exit["by"])) && exit["code"] !== 0;
      return isCrash ? "crash" : "exit";
    }
    default:
      return "other";
  }
}
