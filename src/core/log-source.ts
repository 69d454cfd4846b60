import type { Files } from "../platform/platform.ts";
import { type LongLine, shownOfLong } from "./log-backwards.ts";
import { LogBytes, type Notes, type ReadingRoom } from "./log-bytes.ts";
import { type LogClock, readClock } from "./log-clock.ts";
import type { LogFilter } from "./log-filter.ts";
import { LevelReader } from "./log-level.ts";
import { LineMaker, type LineSource, type LineTimes } from "./log-line.ts";
import type { Lines } from "./log-merge.ts";
import type { LogParts, LogPaths, Stream } from "./log-parts.ts";
import { type Region, regionsOf } from "./log-regions.ts";
import { LineSearch } from "./log-search.ts";
import type { ProcessRecord } from "./process.ts";

/** One stream of one process, being read. */
export class LogSource {
  readonly record: ProcessRecord;
  readonly stream: Stream;
  readonly paths: LogPaths;
  readonly bytes: LogBytes;
  /** Where it began and ended when the reading began: what is written from then on is for `follow`. */
  readonly start: number;
  end: number;
  readonly #files: Files;
  readonly #levels: LevelReader;
  readonly #parts: LogParts;
  #clock: LogClock | undefined;

  constructor(
    files: Files,
    record: ProcessRecord,
    paths: LogPaths,
    stream: Stream,
    shared: { room: ReadingRoom; notes: Notes },
  ) {
    this.record = record;
    this.stream = stream;
    this.paths = paths;
    this.#files = files;
    this.bytes = new LogBytes(files, paths, stream, shared.room, shared.notes);
    this.#levels = new LevelReader(stream);
    this.#parts = this.bytes.parts();
    this.start = this.#parts.parts[0]?.start ?? 0;
    this.end = this.#parts.live.end;
  }

  get name(): LineSource {
    return { id: this.record.tsm_id, name: this.record.name, stream: this.stream };
  }

  /** Seconds; null when the log is missing. */
  get modified(): number | null {
    const { modifiedMs } = this.#parts.live;
    return modifiedMs === null ? null : Math.floor(modifiedMs / 1000);
  }

  /** The clock, as far back as this offset. */
  clock(from: number): LogClock {
    if (this.#clock?.covers(from) !== true) this.#clock = this.#read(this.#clock !== undefined || from <= this.start);
    if (!this.#clock.covers(from)) this.#clock = this.#read(true);
    return this.#clock;
  }

  /** Makes lines of its bytes; stack traces belong to their error also when some were made before. */
  maker(times: LineTimes, withLevels: boolean): LineMaker {
    return new LineMaker(this.name, times, withLevels ? (text) => this.#levels.next(text) : undefined);
  }

  get clockPath(): string {
    return `${this.paths.folder}/clock.${this.stream}`;
  }

  #read(whole: boolean): LogClock {
    const { live } = this.#parts;
    return readClock(this.#files, this.clockPath, {
      base: live.start,
      modifiedMs: live.modifiedMs,
      whole,
    });
  }
}

/** The lines of a range. A line that is too long to be kept is one line in pieces, unless something is looked for in it. */
export async function* linesOf(
  source: LogSource,
  { from, to }: { readonly from: number; readonly to: number },
  { search, withLevels, inPieces }: { search: LogFilter | undefined; withLevels: boolean; inPieces: boolean },
): Lines {
  const maker = source.maker(source.clock(from).reader(), withLevels);
  const finder = search?.pattern === undefined ? undefined : new LineSearch(search.pattern);
  for await (const each of regionsOf(source.bytes.forward(from, to))) {
    const region: Region = inPieces ? each : { ...each, more: false };
    if (finder === undefined) yield maker.all(region);
    else {
      const spans = search?.invert === true ? finder.unfitting(region) : finder.fitting(region);
      yield Array.from(spans, (span) => maker.one(region, span));
    }
  }
}

/** The lines of a range, of those that are too long only their ends. */
export async function* shortenedLinesOf(
  source: LogSource,
  { from, to }: { readonly from: number; readonly to: number },
  long: readonly LongLine[],
  withLevels: boolean,
): Lines {
  const wanted = { search: undefined, withLevels, inPieces: true };
  let at = from;
  for (const line of long) {
    if (line.to <= at || line.to > to) continue;
    if (line.from > at) yield* linesOf(source, { from: at, to: line.from }, wanted);
    yield* endOfLong(source, line, withLevels);
    at = line.to;
  }
  if (at < to) yield* linesOf(source, { from: at, to }, wanted);
}

async function* endOfLong(source: LogSource, { from, to, isLonger }: LongLine, withLevels: boolean): Lines {
  const start = to - shownOfLong;
  const maker = source.maker(source.clock(start).reader(), withLevels);
  for await (const { at, bytes } of regionsOf(source.bytes.forward(start, to))) {
    // It may begin in the middle of a character.
    let skip = 0;
    while (skip < 3 && ((bytes[skip] ?? 0) & 0xc0) === 0x80) skip += 1;
    const region = { at: at + skip, bytes: bytes.subarray(skip), more: false };
    yield maker.all(region).map((line) => ({ ...line, cut: { bytes: to - from, isLonger } }));
  }
}
