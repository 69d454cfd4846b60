import { lineBeginning, parseLine } from "./journal-line.ts";
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

const start: Place = { position: 0, isSkipping: false };

/**
 * Reads the journal day after day, and asked again goes on where it has ended: what is half written stays for the next
 * time, a new day is found, a day that was removed is forgotten. However long the journal is, it holds one chunk of it.
 */
export class JournalReader {
  readonly #world: World;
  readonly #places = new Map<string, Place>();
  #firstDay: string;
  /** As lines begin; "": whatever their age. */
  readonly #since: string;
  readonly #isMeant: ((names: readonly string[]) => boolean) | undefined;

  /**
   * @param sinceMs what is older may be left out, and days that end before it are not read. undefined: all
   * @param isMeant by the names of an entry. undefined: all
   */
  constructor(world: World, sinceMs: number | undefined, isMeant?: (names: readonly string[]) => boolean) {
    this.#world = world;
    this.#isMeant = isMeant;
    const since = sinceMs === undefined ? "" : timeOf(sinceMs);
    this.#firstDay = since.slice(0, "2026-01-02".length);
    this.#since = since;
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
    const [day, place] = [...this.#places].sort(([a], [b]) => (a < b ? 1 : -1))[0] ?? ["", start];
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
      const known = this.#places.get(day) ?? start;
      // Somebody has made it anew.
      const place = (files.stat(path)?.size ?? 0) < known.position ? start : known;
      const bytes = files.readRange(path, place.position, chunkBytes) ?? Buffer.alloc(0);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        if (bytes.length < chunkBytes) return;
        this.#places.set(day, { position: place.position + bytes.length, isSkipping: true });
        continue;
      }
      const from = place.isSkipping ? bytes.indexOf(0x0a) + 1 : 0;
      this.#places.set(day, { position: place.position + end, isSkipping: false });
      const text = bytes.toString("utf8", from, end);
      const entries = parseEntries(this.#since === "" ? text : since(text, this.#since), this.#isMeant);
      if (entries.length > 0) yield entries;
    }
  }
}

/**
 * Lines to entries. What is none is left out: an empty line, or one that a power cut has cut.
 * @param isMeant by the names in it; a line that says at its beginning that it is about another is not even parsed
 */
export function parseEntries(text: string, isMeant?: (names: readonly string[]) => boolean): JournalEntry[] {
  const entries: JournalEntry[] = [];
  let second = "";
  let at = Number.NaN;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const about = isMeant === undefined || line.includes('"names":') ? undefined : ofRunner.exec(line)?.[1];
    if (about !== undefined && isMeant?.([about]) === false && line.lastIndexOf(lineBeginning) === 0) continue;
    const value = parseLine(line);
    if (!isLine(value)) continue;
    const { time, event, name, names } = value;
    if (typeof time !== "string" || typeof event !== "string") continue;
    // Most entries share their second with the one before.
    if (time !== second) at = Date.parse(time);
    second = time;
    if (Number.isNaN(at)) continue;
    const own = typeof name === "string" ? [name] : [];
    const all = Array.isArray(names) ? [...own, ...names.filter((one) => typeof one === "string")] : own;
    if (isMeant === undefined || isMeant(all)) entries.push({ at, event, names: all, line: value });
  }
  return entries;
}

/** As runners and `writeEvent` write them. */
const ofRunner = /^\{"time":"[^"\\]*","event":"[^"\\]*","id":-?\d+,"name":"([^"\\]*)"/;

function isLine(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How long the time is behind the beginning of a line. */
const timeLength = "2026-01-02T03:04:05Z".length;

/** Without the lines at its beginning that are older: they are not even parsed. */
function since(text: string, time: string): string {
  let from = 0;
  while (text.startsWith(lineBeginning, from)) {
    const at = from + lineBeginning.length;
    const line = text.slice(at, at + timeLength);
    if (!isTime.test(line) || line >= time) break;
    const end = text.indexOf("\n", from);
    if (end === -1) return "";
    from = end + 1;
  }
  return text.slice(from);
}

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** To the second, as the journal has it. */
function timeOf(ms: number): string {
  // Years that a date has no name for are before all and behind all.
  if (ms < 0) return "";
  return new Date(Math.min(ms, 253_402_300_799_000)).toISOString().replace(/\.\d+Z$/, "Z");
}

function lastOf<T>(all: readonly T[], count: number): T[] {
  return count <= 0 ? [] : all.slice(-count);
}
