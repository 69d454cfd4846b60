import type { Files, OpenFile } from "../platform/platform.ts";
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
   * Where the last lines before `end` begin, and how many there are when they are fewer. Bytes behind the last newline
   * count as a line.
   */
  async startOfLast(count: number, end: number): Promise<{ start: number; found: number }> {
    const { parts } = this.parts();
    const oldest = parts[0]?.start ?? 0;
    if (count <= 0 || end <= oldest) return { start: end, found: 0 };
    // The newline that ends the last line is none that begins another.
    let upTo = end - 1;
    let newlines = 0;
    while (upTo > oldest) {
      const { parts: now, version, live, front } = this.parts();
      const part = now.findLast(({ start }) => start < upTo);
      if (part === undefined) break;
      if (part.compressed) {
        const from = part.start;
        const held = await this.#newlines(from, upTo);
        if (newlines + held >= count)
          return { start: await this.#behindNewline(from, newlines + held - count), found: count };
        newlines += held;
        upTo = from;
        continue;
      }
      const from = Math.max(part.start, upTo - backwardBytes);
      const bytes = this.#readPlain(part, part === live ? front : undefined, from, upTo);
      if (bytes === undefined || this.parts().version !== version) continue;
      for (let index = bytes.length - 1; index >= 0; index -= 1) {
        if (bytes[index] !== newline) continue;
        newlines += 1;
        if (newlines === count) return { start: from + index + 1, found: count };
      }
      upTo = from;
    }
    return { start: oldest, found: newlines + 1 };
  }

  /** Where the line begins that holds this byte. */
  async startOfLine(offset: number): Promise<number> {
    return (await this.startOfLast(1, offset + 1)).start;
  }

  /** Behind the last newline before `end`. */
  async endOfLastLine(end: number): Promise<number> {
    const { parts } = this.parts();
    if (end <= (parts[0]?.start ?? 0)) return end;
    let last: number | undefined;
    for await (const { bytes } of this.forward(end - 1, end)) last = bytes.at(-1);
    return last === newline ? end : (await this.startOfLast(1, end)).start;
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

  async #newlines(from: number, to: number): Promise<number> {
    let count = 0;
    for await (const { bytes } of this.forward(from, to)) for (const byte of bytes) if (byte === newline) count += 1;
    return count;
  }

  /** Behind so many newlines and one more, from there on. */
  async #behindNewline(from: number, skip: number): Promise<number> {
    let left = skip;
    for await (const { at, bytes } of this.forward(from, Number.POSITIVE_INFINITY)) {
      for (let index = bytes.indexOf(newline); index !== -1; index = bytes.indexOf(newline, index + 1)) {
        if (left === 0) return at + index + 1;
        left -= 1;
      }
    }
    return from;
  }
}

/** Puts a log's first bytes back over the mark of a rotation. */
function restore(bytes: Buffer, position: number, front: Buffer): void {
  if (position < front.length) front.copy(bytes, 0, position);
}

const newline = 0x0a;
const backwardBytes = 64 * 1024;
const turnBytes = 16 * 1024 * 1024;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
