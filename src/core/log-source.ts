import type { Files } from "../platform/platform.ts";
import { type LongLine, shownOfLong } from "./log-backwards.ts";
import { LogBytes, type Notes, type ReadingRoom } from "./log-bytes.ts";
import { type LogClock, readClock } from "./log-clock.ts";
import type { LogFilter } from "./log-filter.ts";
import { LevelReader } from "./log-level.ts";
import { type CutLine, LineMaker, type LineSource, type LineTimes } from "./log-line.ts";
import type { Lines } from "./log-merge.ts";
import type { LogParts, LogPaths, Stream } from "./log-parts.ts";
import { type Region, regionsOf } from "./log-regions.ts";
import { LineSearch, spansOf } from "./log-search.ts";
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

/** The lines of a range. A line that is too long to be kept is one line in pieces; where something is looked for, each stands for it. */
export async function* linesOf(
  source: LogSource,
  { from, to }: { readonly from: number; readonly to: number },
  { search, withLevels, inPieces }: { search: LogFilter | undefined; withLevels: boolean; inPieces: boolean },
): Lines {
  const maker = source.maker(source.clock(from).reader(), withLevels);
  const finder = search?.pattern === undefined ? undefined : new LineSearch(search.pattern);
  const pieces = new SearchedPieces();
  for await (const each of regionsOf(source.bytes.forward(from, to))) {
    if (inPieces) {
      yield maker.all(each);
      continue;
    }
    const { region, cut } = pieces.take(each);
    const found = search?.invert === true ? finder?.unfitting(region) : finder?.fitting(region);
    if (found === undefined && cut === undefined) {
      yield maker.all(region);
      continue;
    }
    yield Array.from(found ?? spansOf(region.bytes, 0, region.bytes.length), (span) => {
      const line = maker.one(region, span);
      if (cut === undefined || span.from > 0) return line;
      const place = search?.pattern === undefined || search.invert ? 0 : line.text.search(search.pattern.line);
      return { ...line, cut: { ...cut, found: Math.max(0, place) } };
    });
  }
}

/** Pieces of lines that are too long to be kept, each with the end of the one before: what lies across both is found. */
class SearchedPieces {
  /** Of the line so far. */
  #bytes = 0;
  #end: Buffer = Buffer.alloc(0);

  /** @returns cut what its first line is a part of; undefined: of none */
  take({ at, bytes, more }: Region): { region: Region; cut: Omit<CutLine, "found"> | undefined } {
    const before = this.#end;
    const newline = bytes.indexOf(0x0a);
    const length = this.#bytes + (newline === -1 ? bytes.length : newline);
    const cut = more || this.#bytes > 0 ? { part: "piece" as const, bytes: length, isLonger: more } : undefined;
    const region = {
      at: at - before.length,
      bytes: before.length === 0 ? bytes : Buffer.concat([before, bytes]),
      more: false,
    };
    this.#bytes = more ? length : 0;
    this.#end = more ? Buffer.from(fromCharacter(bytes.subarray(-repeatedBytes))) : Buffer.alloc(0);
    return { region, cut };
  }
}

const repeatedBytes = 4096;

/** Without what begins in the middle of a character. */
function fromCharacter(bytes: Buffer): Buffer {
  let skip = 0;
  while (skip < 3 && ((bytes[skip] ?? 0) & 0xc0) === 0x80) skip += 1;
  return bytes.subarray(skip);
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
    const shown = fromCharacter(bytes);
    const region = { at: at + bytes.length - shown.length, bytes: shown, more: false };
    const cut = { part: "end" as const, bytes: to - from, isLonger, found: 0 };
    yield maker.all(region).map((line) => ({ ...line, cut }));
  }
}
