import type { Files, OpenFile } from "../platform/platform.ts";
import { LastNewlines, LinesBackwards, type LongLine } from "./log-backwards.ts";
import {
  type LogPart,
  type LogParts,
  type LogPaths,
  liveVersion,
  logParts,
  openLog,
  type Stream,
} from "./log-parts.ts";

/** Consecutive bytes of a log. Good until the next ones are asked for. */
export interface Chunk {
  /** Where they stand, counted from the log's beginning. */
  readonly at: number;
  readonly bytes: Buffer;
  /** So many bytes of the same memory before them are free. */
  readonly room: number;
}

/** Memory that readings share: each is done with its bytes before the next one reads. */
export class ReadingRoom {
  readonly #memory: Buffer;

  /** So much is free before a chunk. */
  readonly before: number;

  /** @param chunkBytes read at once. @param before at least so much is free before it */
  constructor(chunkBytes: number, before: number) {
    // In the middle of a page: the kernel copies a page of the file to just behind a page's beginning at a fifth of the
    // speed (measured: 0.55 s for a gigabyte, and 0.12 s so), as the processor takes the two for the same addresses.
    this.before = before + 2048;
    this.#memory = Buffer.allocUnsafeSlow(this.before + chunkBytes);
  }

  get chunk(): Buffer {
    return this.#memory.subarray(this.before);
  }
}

/** What a person should know about what was read, each once. */
export class Notes {
  readonly #said = new Set<string>();
  #waiting: string[] = [];

  say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#waiting.push(text);
  }

  take(): readonly string[] {
    const taken = this.#waiting;
    if (taken.length > 0) this.#waiting = [];
    return taken;
  }
}

/**
 * The bytes of one log, archives and live file as one. They are asked for by their place in the log, which a rotation does
 * not change: one that happens meanwhile is noticed, and the bytes are found where they are now.
 */
export class LogBytes {
  readonly #files: Files;
  readonly #paths: LogPaths;
  readonly #stream: Stream;
  readonly #room: ReadingRoom;
  readonly #notes: Notes;
  /** The end of an archive that takes seconds to unpack. */
  #unpacked: Chunk[] = [];

  constructor(files: Files, paths: LogPaths, stream: Stream, room: ReadingRoom, notes: Notes) {
    this.#files = files;
    this.#paths = paths;
    this.#stream = stream;
    this.#room = room;
    this.#notes = notes;
  }

  parts(): LogParts {
    const parts = logParts(this.#files, this.#paths, this.#stream);
    if (parts.refused !== undefined) this.#notes.say(parts.refused);
    return parts;
  }

  /** The bytes of a range in their order; what is no longer there is left out. */
  async *forward(from: number, to: number): AsyncGenerator<Chunk> {
    let position = from;
    let read = 0;
    while (position < to) {
      const parts = this.parts();
      position = Math.max(position, parts.parts[0]?.start ?? 0);
      const part = parts.parts.find(({ end }) => end > position);
      if (part === undefined || position >= to) return;
      if (part === parts.live) {
        for await (const chunk of this.#live(parts, position, to)) {
          yield chunk;
          position = chunk.at + chunk.bytes.length;
        }
        // Unless it changed meanwhile, and the rest is to be looked for, it is read to its end.
        if (position < to && this.#isUnchanged(parts)) return;
        continue;
      }
      const kept = this.#unpacked.find(({ at, bytes }) => at <= position && position < at + bytes.length);
      if (kept !== undefined) {
        const bytes = kept.bytes.subarray(position - kept.at, to - kept.at);
        yield { at: position, bytes, room: 0 };
        position += bytes.length;
        continue;
      }
      const file = this.#openArchive(parts, part);
      if (file === undefined) continue;
      try {
        for await (const chunk of this.#archive(part, file, position)) {
          // One that is damaged may hold more than its last bytes say: that is shown too.
          const bytes = to < part.end ? chunk.bytes.subarray(0, Math.max(0, to - chunk.at)) : chunk.bytes;
          if (bytes.length > 0) yield { ...chunk, bytes };
          if (to < part.end && chunk.at + chunk.bytes.length >= to) return;
          read += bytes.length;
          if (read >= turnBytes) {
            read = 0;
            await turn();
          }
        }
      } finally {
        file.close();
      }
      position = part.end;
    }
  }

  /**
   * Where the last lines before `end` begin, how many there are when they are fewer, and which of them are so long that
   * their ends are enough. Bytes behind the last newline count as a line.
   * @param whole also the beginning of the longest line is looked for
   */
  async startOfLast(
    count: number,
    end: number,
    whole = false,
  ): Promise<{ start: number; found: number; long: readonly LongLine[] }> {
    const { parts } = this.parts();
    const oldest = parts[0]?.start ?? 0;
    if (count <= 0 || end <= oldest) return { start: end, found: 0, long: [] };
    const lines = new LinesBackwards(count, end);
    const { long } = lines;
    // The newline that ends the last line is none that begins another.
    let upTo = end - 1;
    for (let step = firstStep, read = 0; upTo > oldest; ) {
      if (!whole && lines.isLost(upTo)) {
        lines.begins(upTo, true);
        return { start: upTo, found: lines.newlines + 1, long };
      }
      const { parts: now, version, live, front } = this.parts();
      const part = now.findLast(({ start }) => start < upTo);
      if (part === undefined) break;
      let places: readonly number[];
      if (part.compressed) {
        places = await this.#lastNewlines(part, upTo, lines.missing);
        upTo = part.start;
      } else {
        const from = Math.max(part.start, upTo - step);
        const bytes = this.#readPlain(part, part === live ? front : undefined, from, upTo);
        if (bytes === undefined || this.parts().version !== version) continue;
        const newlines = new LastNewlines(lines.missing);
        newlines.take(from, bytes);
        places = newlines.backwards();
        upTo = from;
        // Nearly always the lines are near the end; a line that is long is read in larger pieces.
        step = places.length === 0 ? largestStep : firstStep;
        read += bytes.length;
        if (read >= turnBytes) {
          read = 0;
          await turn();
        }
      }
      for (const place of places) if (lines.meet(place)) return { start: place + 1, found: count, long };
    }
    lines.begins(oldest, false);
    return { start: oldest, found: lines.newlines + 1, long };
  }

  /** Where the line begins that holds this byte. */
  async startOfLine(offset: number): Promise<number> {
    return (await this.startOfLast(1, offset + 1)).start;
  }

  /** Behind the last newline before `end`; `end` itself, when the line that is being written is so long that it is not shown whole. */
  async endOfLastLine(end: number): Promise<number> {
    const { parts } = this.parts();
    if (end <= (parts[0]?.start ?? 0)) return end;
    let last: number | undefined;
    for await (const { bytes } of this.forward(end - 1, end)) last = bytes.at(-1);
    if (last === newline) return end;
    const { start, long } = await this.startOfLast(1, end);
    return long.length > 0 ? end : start;
  }

  /** Of the live file, until a rotation moves what is in it. */
  async *#live(parts: LogParts, from: number, to: number): AsyncGenerator<Chunk> {
    const { live, front } = parts;
    const opened = openLog(this.#files, live.path, this.#paths.named === true);
    if (opened === undefined || typeof opened === "string") return;
    try {
      for (let at = from, read = 0; at < to; ) {
        const into = this.#room.chunk.subarray(0, to - at);
        const bytes = into.subarray(0, opened.read(into, at - live.start));
        if (bytes.length === 0 || !this.#isUnchanged(parts)) return;
        if (front !== undefined) restore(bytes, at - live.start, front);
        yield { at, bytes, room: this.#room.before };
        at += bytes.length;
        read += bytes.length;
        // Others get their turn: Ctrl-C, what has been written, a program that reads us.
        if (read < turnBytes) continue;
        read = 0;
        await turn();
      }
    } finally {
      opened.close();
    }
  }

  #isUnchanged({ liveVersion: seen, isMoving }: LogParts): boolean {
    return liveVersion(this.#files, this.#paths, this.#stream, isMoving) === seen;
  }

  #readPlain(part: LogPart, front: Buffer | undefined, from: number, to: number): Buffer | undefined {
    const opened = openLog(this.#files, part.path, this.#paths.named === true);
    if (opened === undefined || typeof opened === "string") return undefined;
    try {
      const bytes = Buffer.allocUnsafe(to - from);
      const filled = bytes.subarray(0, opened.read(bytes, from - part.start));
      if (front !== undefined) restore(filled, from - part.start, front);
      return filled;
    } finally {
      opened.close();
    }
  }

  /** Open, it stays the same file, whatever its path is given to meanwhile. undefined: look again. */
  #openArchive({ version }: LogParts, { path }: LogPart): OpenFile | undefined {
    const opened = openLog(this.#files, path, false);
    if (opened === undefined || typeof opened === "string") return undefined;
    if (this.parts().version === version) return opened;
    opened.close();
    return undefined;
  }

  async *#archive(part: LogPart, file: OpenFile, from: number): AsyncGenerator<Chunk> {
    if (!part.compressed) {
      for (let at = from; at < part.end; ) {
        const into = this.#room.chunk.subarray(0, part.end - at);
        const bytes = into.subarray(0, file.read(into, at - part.start));
        if (bytes.length === 0) return;
        yield { at, bytes, room: this.#room.before };
        at += bytes.length;
      }
      return;
    }
    // zlib is loaded by those alone who read that far back.
    const { gunzipped } = await import("./log-archive.ts");
    const damaged = (): void => this.#notes.say(`${part.path} is damaged: what could be read of it is shown`);
    let at = part.start;
    for await (const piece of gunzipped(file, damaged)) {
      const bytes = piece.subarray(Math.min(piece.length, Math.max(0, from - at)));
      if (bytes.length > 0) yield { at: at + piece.length - bytes.length, bytes, room: 0 };
      at += piece.length;
    }
  }

  /** In an archive, from its end backwards: it is unpacked once, however far back they lie. */
  async #lastNewlines(part: LogPart, upTo: number, most: number): Promise<readonly number[]> {
    const newlines = new LastNewlines(most);
    const isLarge = part.end - part.start > largeBytes;
    const kept: Chunk[] = [];
    for await (const { at, bytes } of this.forward(part.start, upTo)) {
      newlines.take(at, bytes);
      if (!isLarge) continue;
      // Memory of the decompressor's that it does not use again.
      kept.push({ at, bytes, room: 0 });
      if (kept.length > keptPieces) kept.shift();
    }
    if (isLarge) this.#unpacked = kept;
    return newlines.backwards();
  }
}

/** Puts a log's first bytes back over the mark of a rotation. */
function restore(bytes: Buffer, position: number, front: Buffer): void {
  if (position < front.length) front.copy(bytes, 0, position);
}

const newline = 0x0a;
const firstStep = 64 * 1024;
const largestStep = 1024 * 1024;
/** An archive of more is not unpacked twice for its last lines. */
const largeBytes = 64 * 1024 * 1024;
/** Of 256 KB. */
const keptPieces = 16;
const turnBytes = 16 * 1024 * 1024;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
