import type { Files } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { logFiles } from "./log-files.ts";
import { lastLines, splitLines } from "./log-lines.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

export type Stream = "out" | "err";

export interface LogLine {
  readonly id: number;
  readonly name: string;
  readonly stream: Stream;
  readonly text: string;
}

export interface LogRequest {
  readonly records: readonly ProcessRecord[];
  readonly streams: readonly Stream[];
  /** Lines per process, exactly, when that many exist. */
  readonly lines: number;
  readonly follow: boolean;
}

/** The last lines of each process, then, when following, every new one until the signal ends it. */
export async function* readLogs(world: World, request: LogRequest, signal: AbortSignal): AsyncGenerator<LogLine> {
  const { files } = world.platform;
  const sources = request.records.flatMap((record) => {
    const places = logFiles(files, processPaths(world.home, record.name));
    return request.streams.flatMap((stream): Source[] => {
      const path = places[stream];
      // Both in one file: it is read once.
      const isTwice = stream === "err" && path === places.out && request.streams.includes("out");
      return path === null || isTwice ? [] : [{ record, stream, path }];
    });
  });
  // Followed from the size that the last lines were read at: nothing between the two is lost or doubled.
  const tails = sources.map(({ path }) => new Tail(files, path));
  for (const record of request.records)
    yield* lastOf(
      files,
      sources.filter((source) => source.record === record),
      tails,
      sources,
      request.lines,
    );
  while (request.follow && !signal.aborted) {
    for (const [index, tail] of tails.entries()) {
      const source = sources[index];
      if (source === undefined) continue;
      for (const text of tail.newLines()) yield lineOf(source.record, source.stream, text);
    }
    await world.platform.clock.sleep(followMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Between two looks at a followed log: below what a person notices, a stat per log and look. */
const followMs = 60;

interface Source {
  readonly record: ProcessRecord;
  readonly stream: Stream;
  readonly path: string;
}

/** `lines` in all for one process: each stream's last, the shorter one whole, stderr behind stdout. */
function* lastOf(
  files: Files,
  own: readonly Source[],
  tails: readonly Tail[],
  all: readonly Source[],
  lines: number,
): Generator<LogLine> {
  const parts = own.map((source) => ({
    source,
    texts: lastLines(files, source.path, lines, 0, tails[all.indexOf(source)]?.position),
  }));
  const counts = share(
    parts.map((part) => part.texts.length),
    lines,
  );
  for (const [index, { source, texts }] of parts.entries()) {
    const count = counts[index] ?? 0;
    for (const text of count === 0 ? [] : texts.slice(-count)) yield lineOf(source.record, source.stream, text);
  }
}

/** Shares a number of lines out so that the total is exact and the stream with fewer gives what it has. */
function share(available: readonly number[], lines: number): number[] {
  const [first = 0, second = 0] = available;
  if (available.length < 2) return [Math.min(first, lines)];
  const half = Math.floor(lines / 2);
  const fromSecond = Math.min(second, Math.max(half, lines - first));
  return [Math.min(first, lines - fromSecond), fromSecond];
}

function lineOf(record: ProcessRecord, stream: Stream, text: string): LogLine {
  return { id: record.tsm_id, name: record.name, stream, text };
}

/** One followed file. Truncated: it is read again from its beginning. Replaced: the new file is read from its beginning. */
class Tail {
  position: number;
  readonly #files: Files;
  readonly #path: string;
  #inode: number;
  /** Bytes behind the last newline: a line that is still being written. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
    const stat = files.stat(path);
    this.position = stat?.size ?? 0;
    this.#inode = stat?.inode ?? 0;
  }

  newLines(): string[] {
    const stat = this.#files.stat(this.#path);
    if (stat === undefined) return [];
    const unfinished: string[] = [];
    if (stat.inode !== this.#inode || stat.size < this.position) {
      if (this.#rest.length > 0) unfinished.push(...splitLines(this.#rest.toString("utf8")));
      this.#inode = stat.inode;
      this.position = 0;
      this.#rest = Buffer.alloc(0);
    }
    if (stat.size === this.position) return unfinished;
    const bytes =
      this.#files.readRange(this.#path, this.position, Math.min(stat.size - this.position, mostBytes)) ??
      Buffer.alloc(0);
    this.position += bytes.length;
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(0x0a);
    // A line without an end is shown in pieces once it is too long to keep.
    const cut = end === -1 && all.length > mostBytes ? all.length - 1 : end;
    this.#rest = Buffer.from(all.subarray(cut + 1));
    return [...unfinished, ...(cut === -1 ? [] : splitLines(all.subarray(0, cut + 1).toString("utf8")))];
  }
}

/** Read at one look; the memory that following takes. */
const mostBytes = 4 * 1024 * 1024;
