import { TsmError } from "./errors.ts";
import { rememberedBy, WantedNames } from "./journal-names.ts";
import { type JournalEntry, JournalReader } from "./journal-reader.ts";
import { type Moment, resolveMoment } from "./log-moment.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

export interface EventRequest {
  /** Of these alone; none is all. */
  readonly words: readonly string[];
  readonly since: Moment | undefined;
  /** The last so many; undefined: all since then, without `since` those that the setting says. */
  readonly lines: number | undefined;
  readonly follow: boolean;
}

export interface EventsPart {
  readonly entries: readonly JournalEntry[];
  /** Words that nobody answers to so far: who is started under such a name is what is waited for. */
  readonly awaited: readonly string[];
}

/** Between two looks: far below what a person notices, a stat for each day. */
const lookMs = 100;

/** The journal as it is, and as it goes on. */
export async function* readEvents(
  world: World,
  { words, since, lines, follow }: EventRequest,
  records: readonly ProcessRecord[],
  signal: AbortSignal,
): AsyncGenerator<EventsPart> {
  const { clock } = world.platform;
  const known = since === undefined || since.kind === "start" ? undefined : beginningOf(world, since, []);
  const wanted = new WantedNames(words, records, rememberedBy(world, known));
  const sinceMs = since === undefined ? undefined : beginningOf(world, since, wanted.named(records));
  const reader = new JournalReader(world, sinceMs, wanted.isMeant);
  const isWanted = ({ at }: JournalEntry) => sinceMs === undefined || at >= sinceMs;
  const atMost = lines ?? (since === undefined ? world.settings().lines : undefined);
  if (atMost !== undefined) yield part(reader.last(atMost, isWanted));
  else yield* newOnes();
  if (!follow) {
    wanted.refuseUnknown();
    return;
  }
  const awaited = wanted.unknown();
  if (awaited.length > 0) yield { entries: [], awaited };
  while (!signal.aborted) {
    yield* newOnes();
    await clock.sleep(lookMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async function* newOnes(): AsyncGenerator<EventsPart> {
    for (const entries of reader.read()) {
      const found = entries.filter(isWanted);
      if (found.length > 0) yield part(found);
      // Ctrl-C gets through between two chunks.
      await clock.sleep(0);
      if (signal.aborted) return;
    }
  }
}

function part(entries: readonly JournalEntry[]): EventsPart {
  return { entries, awaited: [] };
}

/**
 * Epoch milliseconds.
 * @throws TsmError USAGE for `start` where no process was named
 */
export function beginningOf({ platform: { clock } }: World, since: Moment, named: readonly ProcessRecord[]): number {
  // Before all that a date has a name for, there is nothing.
  if (since.kind !== "start")
    return Math.max(0, resolveMoment(since, { nowMs: clock.nowMs(), sinceBootMs: clock.sinceBootMs() }));
  const starts = named.map(({ start_time }) => start_time);
  if (starts.length === 0)
    throw new TsmError("USAGE", "the start of what?", { hint: "Name a process, or give a time: 15m, 2h, today" });
  return Math.min(...starts) * 1000;
}
