import { newlinesIn } from "./log-backwards.ts";
import { Notes, ReadingRoom } from "./log-bytes.ts";
import { FilterGate, onlyLast, within, withoutFirst } from "./log-filter.ts";
import { LogFollower } from "./log-follow.ts";
import { type Lines, mergeByTime } from "./log-merge.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import { type LogRange, rangesOf } from "./log-range.ts";
import { longestLine } from "./log-regions.ts";
import { hasFilter, isSearch, type LogBatch, type LogRequest } from "./log-request.ts";
import { LogSource, linesOf, shortenedLinesOf } from "./log-source.ts";
import type { World } from "./world.ts";

/** The lines that are asked for, by time; then, when following, every new one until the signal ends it. Never writes. */
export async function* readLogs(world: World, request: LogRequest, signal: AbortSignal): AsyncGenerator<LogBatch> {
  const { files } = world.platform;
  const notes = new Notes();
  const streams = request.records.length * request.streams.length;
  const room = new ReadingRoom(isSearch(request) ? searchedBytes : readBytes(streams), longestLine);
  const processes = request.records.map((record) => {
    const paths = logPlaces(files, world.home, record.name);
    const sources = streamsOf(paths, request.streams).map(
      (stream) => new LogSource(files, record, paths, stream, { room, notes }),
    );
    return { record, sources, gate: new FilterGate(request.filter) };
  });
  const sources = processes.flatMap((process) => process.sources);
  // A line that is being written is shown when it has ended.
  if (request.follow) {
    for (const source of sources) {
      const end = await source.bytes.endOfLastLine(source.end);
      // A line that the life before has left open is none of this one's.
      const begun = request.run === undefined ? 0 : (source.clock(source.start).runs.at(-1)?.offset ?? 0);
      source.end = Math.max(end, Math.min(begun, source.end));
    }
  }
  const ranges = await rangesOf(world, request, sources, (note) => notes.say(note));
  const lines = mergeByTime(processes.map(({ sources: own, gate }) => ofProcess(world, request, own, ranges, gate)));
  for await (const batch of lines) {
    if (signal.aborted) return;
    yield { lines: batch, notes: notes.take() };
  }
  yield { lines: [], notes: notes.take() };
  if (!request.follow) return;
  const shared = { room, notes, newGate: () => new FilterGate(request.filter) };
  const follower = new LogFollower(world, request, shared, processes);
  yield* follower.follow(signal);
}

/** Read at once: for all logs together, so that many of them take no more memory than a few. */
function readBytes(streams: number): number {
  return Math.max(16 * 1024, Math.min(256 * 1024, Math.floor((16 * 1024 * 1024) / Math.max(1, streams))));
}

/** No more than a processor keeps at hand: what has been read is still there when it is searched. */
const searchedBytes = 512 * 1024;

/** What is asked for of one process, stdout and stderr as one. */
async function* ofProcess(
  world: World,
  request: LogRequest,
  sources: readonly LogSource[],
  ranges: ReadonlyMap<LogSource, LogRange>,
  gate: FilterGate,
): Lines {
  const limit = limitOf(world, request);
  const own = sources.flatMap((source) => {
    const range = ranges.get(source);
    return range === undefined ? [] : [{ source, range }];
  });
  const isTimed = own.some(({ range }) => range.since !== undefined || range.until !== undefined);
  if (limit !== undefined && !isTimed && !hasFilter(request)) yield* lastOf(own, limit, request);
  else {
    const isFiltered = hasFilter(request);
    const all = mergeByTime(
      own.map(({ source, range }) => {
        const lines = linesOf(source, range, {
          search: isSearch(request) ? request.filter : undefined,
          withLevels: request.withLevels || request.filter.level !== undefined,
          inPieces: !isFiltered,
        });
        return range.since === undefined && range.until === undefined ? lines : within(lines, range.since, range.until);
      }),
    );
    const passed = isFiltered && !isSearch(request) ? through(all, gate) : all;
    yield* limit === undefined ? passed : onlyLast(passed, limit);
  }
}

/** Where something is looked for, all of it; else as many as the setting says. */
function limitOf(world: World, request: LogRequest): number | undefined {
  const { lines, since, until, run, crash, follow } = request;
  if (lines !== undefined) return lines;
  if (crash) return world.settings().lines;
  if (since !== undefined || until !== undefined || run !== undefined) return undefined;
  return hasFilter(request) && !follow ? undefined : world.settings().lines;
}

interface Ranged {
  readonly source: LogSource;
  readonly range: LogRange;
}

/** Exactly so many, without keeping any: it is counted how many come first, and these are left out. */
async function* lastOf(own: readonly Ranged[], count: number, request: LogRequest): Lines {
  const { withLevels, filter, inFull } = request;
  const counted = await Promise.all(
    own.map(async ({ source, range }) => {
      const { start, found, long } = await source.bytes.startOfLast(count, range.to, inFull);
      // What begins before the range is cut where that begins: then all of it is shown.
      if (start >= range.from) return { source, range: { ...range, from: start }, found, long };
      const lines = await linesBetween(source, range.from, range.to);
      return { source, range, found: Math.min(lines, count), long };
    }),
  );
  const knowsTimes = counted.every(({ source, range, found }) => found === 0 || source.clock(range.from).isKnown);
  // Without times nobody knows what came last: each stream gives its last lines, the shorter one all it has.
  const shares = knowsTimes
    ? counted.map(({ found }) => found)
    : share(
        counted.map(({ found }) => found),
        count,
      );
  const logs: Lines[] = [];
  for (const [index, { source, range, found, long }] of counted.entries()) {
    const given = shares[index] ?? 0;
    const from = given === found ? range.from : (await source.bytes.startOfLast(given, range.to, inFull)).start;
    const shortened = inFull === true ? [] : long;
    if (given > 0)
      logs.push(shortenedLinesOf(source, { from, to: range.to }, shortened, withLevels || filter.level !== undefined));
  }
  const total = shares.reduce((sum, given) => sum + given, 0);
  yield* withoutFirst(mergeByTime(logs), Math.max(0, total - count));
}

async function linesBetween(source: LogSource, from: number, to: number): Promise<number> {
  let count = 0;
  let last = 0x0a;
  for await (const { bytes } of source.bytes.forward(from, to)) {
    count += newlinesIn(bytes);
    last = bytes.at(-1) ?? last;
  }
  return last === 0x0a ? count : count + 1;
}

/** Shares a number of lines out so that the total is exact and the stream with fewer gives what it has. */
function share(available: readonly number[], lines: number): number[] {
  const [first = 0, second = 0] = available;
  if (available.length < 2) return [Math.min(first, lines)];
  const half = Math.floor(lines / 2);
  const fromSecond = Math.min(second, Math.max(half, lines - first));
  return [Math.min(first, lines - fromSecond), fromSecond];
}

async function* through(lines: Lines, gate: FilterGate): Lines {
  for await (const batch of lines) yield gate.pass(batch);
}
