import type { World } from "./world.ts";

/** A line of the journal as it stands there. */
export interface JournalEntry {
  /** Epoch milliseconds; the journal knows seconds. */
  readonly at: number;
  /** `start`, `exit`, `command`, … */
  readonly event: string;
  /** The processes that it is about; of a command those that were named. */
  readonly names: readonly string[];
  /** All that the line says. */
  readonly line: Readonly<Record<string, unknown>>;
}

/** So much of a day is read at once, and no line is longer. */
const chunkBytes = 256 * 1024;

/** How far a day has been read. */
interface Place {
  readonly position: number;
  /** A line that is too long is skipped to its end. */
  readonly isSkipping: boolean;
}

/** A place in the journal: a day's file and how many bytes of it. */
export interface JournalPlace {
  readonly day: string;
  readonly position: number;
}

const beginning: Place = { position: 0, isSkipping: false };

/**
 * Reads the journal day after day, and asked again goes on where it has ended: what is half written stays for the next
 * time, a new day is found, a day that was removed is forgotten. However long the journal is, it holds one chunk of it.
 */
export class JournalReader {
  readonly #world: World;
  readonly #places = new Map<string, Place>();
  #firstDay: string;

  /** @param sinceMs days that end before it are not read. undefined: all */
  constructor(world: World, sinceMs: number | undefined) {
    this.#world = world;
    this.#firstDay = sinceMs === undefined ? "" : dayOf(sinceMs);
  }

  /** Goes on behind a place that was kept: see `place`. */
  static after(world: World, { day, position }: JournalPlace): JournalReader {
    const reader = new JournalReader(world, undefined);
    reader.#firstDay = day;
    if (day !== "") reader.#places.set(day, { position, isSkipping: false });
    return reader;
  }

  /** Behind all that there is now: what comes from then on is new. */
  static end(world: World): JournalPlace {
    const reader = new JournalReader(world, undefined);
    const day = reader.#days().at(-1);
    if (day === undefined) return { day: "", position: 0 };
    return { day, position: world.platform.files.stat(`${world.home.events}/${day}`)?.size ?? 0 };
  }

  /** How far it has read. */
  place(): JournalPlace {
    const [day, place] = [...this.#places].sort(([a], [b]) => (a < b ? 1 : -1))[0] ?? ["", beginning];
    return { day, position: place.position };
  }

  /** What is new, in the order of the journal, a chunk at a time. */
  *read(): Generator<readonly JournalEntry[]> {
    for (const day of this.#days()) yield* this.#readDay(day);
  }

  /** The last entries that are wanted, so many at most; `read` goes on behind them. Older days are not even opened. */
  last(count: number, isWanted: (entry: JournalEntry) => boolean): readonly JournalEntry[] {
    let found: JournalEntry[] = [];
    for (const day of this.#days().reverse()) {
      let ofDay: JournalEntry[] = [];
      for (const entries of this.#readDay(day)) {
        ofDay.push(...entries.filter(isWanted));
        // Cut now and then, not each time: that would copy all of it for each chunk.
        if (ofDay.length > 2 * count) ofDay = lastOf(ofDay, count - found.length);
      }
      found = [...lastOf(ofDay, count - found.length), ...found];
      this.#firstDay = day;
      if (found.length >= count) break;
    }
    return found;
  }

  /** The files of the journal by their names, which are in the order of time. */
  #days(): string[] {
    const { platform, home } = this.#world;
    return platform.files
      .listFiles(home.events)
      .filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name) && name >= this.#firstDay)
      .sort();
  }

  *#readDay(day: string): Generator<readonly JournalEntry[]> {
    const { files } = this.#world.platform;
    const path = `${this.#world.home.events}/${day}`;
    while (true) {
      const known = this.#places.get(day) ?? beginning;
      // Somebody has made it anew.
      const place = (files.stat(path)?.size ?? 0) < known.position ? beginning : known;
      const bytes = files.readRange(path, place.position, chunkBytes) ?? Buffer.alloc(0);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        if (bytes.length < chunkBytes) return;
        this.#places.set(day, { position: place.position + bytes.length, isSkipping: true });
        continue;
      }
      const start = place.isSkipping ? bytes.indexOf(0x0a) + 1 : 0;
      this.#places.set(day, { position: place.position + end, isSkipping: false });
      const entries = bytes.toString("utf8", start, end).split("\n").flatMap(parseEntry);
      if (entries.length > 0) yield entries;
    }
  }
}

/** @returns none for what is no entry: an empty line, or one that a power cut has cut. */
export function parseEntry(text: string): JournalEntry[] {
  if (text === "") return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const line: Record<string, unknown> = { ...value };
  const { time, event, name, names } = line;
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at) || typeof event !== "string") return [];
  const about = [name, ...(Array.isArray(names) ? names : [])];
  return [{ at, event, names: about.filter((one) => typeof one === "string"), line }];
}

function dayOf(ms: number): string {
  // Years that a date has no name for are before all and behind all.
  if (ms < 0) return "";
  return new Date(Math.min(ms, 253_402_300_799_000)).toISOString().slice(0, "2026-01-02".length);
}

function lastOf<T>(all: readonly T[], count: number): T[] {
  return count <= 0 ? [] : all.slice(-count);
}
