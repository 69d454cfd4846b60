import type { Files, OpenFile } from "../platform/platform.ts";
import type { LogLine } from "./log-line.ts";
import { openLog } from "./log-parts.ts";
import { LineCutter, type Region } from "./log-regions.ts";
import type { LogSource } from "./log-source.ts";

/** What is wanted of the lines that come. */
interface Wanted {
  /** Levels and runs too. */
  readonly withLevels: boolean;
  /** Only lines that have ended, each in one: something is looked for in them. */
  readonly wholeLines: boolean;
  /** Asked when another file has taken the place of the log: is it that of the same process? */
  isOurs(): boolean;
}

/**
 * The end of one log, as it grows. It is asked again and again; each line comes once, through rotations. A file that got
 * shorter by itself is read from its beginning, and so is one that has taken the place of another, which is first read to
 * its end. One that is another process's is left to whoever follows that.
 */
export class LogTail {
  readonly #source: LogSource;
  readonly #files: Files;
  readonly #wanted: Wanted;
  readonly #cutter = new LineCutter();
  #position: number;
  /** Kept open: what is moved or deleted is read to its end. */
  #file: OpenFile | undefined;
  /** What the file's first byte counts as. */
  #base: number;
  #seen = "";
  /** When the unfinished line was last added to; undefined: there is none, or it has been shown. */
  #quietSince: number | undefined;
  #run: number | null = null;
  #clockRead = 0;

  /** @param position from where on, counted from the log's beginning */
  constructor(files: Files, source: LogSource, position: number, wanted: Wanted) {
    this.#files = files;
    this.#source = source;
    this.#wanted = wanted;
    this.#position = position;
    this.#base = source.bytes.parts().live.start;
    this.#file = this.#open();
  }

  /** What has come since the last look. @param nowMs tells when an unfinished line has waited long enough */
  async look(nowMs: number): Promise<LogLine[]> {
    const seen = this.#signature();
    if (seen === this.#seen) return this.#waited(nowMs);
    this.#seen = seen;
    const parts = this.#source.bytes.parts();
    const { live } = parts;
    const lines: LogLine[] = [];
    const inode = this.#file?.stat().inode;
    // Moved away, and nothing in its place or an empty file: whoever writes it writes on, and it may come back.
    const isMoved = live.modifiedMs === null || (inode !== live.inode && live.end === live.start);
    if (isMoved && this.#file !== undefined) return this.#made(this.#ofFile(), nowMs);
    if (live.modifiedMs === null) return [];
    if (inode !== live.inode) {
      if (this.#file !== undefined) lines.push(...this.#made([...this.#ofFile(), ...this.#cutter.rest()], nowMs));
      this.close();
      if (!this.#wanted.isOurs()) return lines;
      this.#file = this.#open();
      this.#position = live.start;
    } else if (live.end < this.#position) {
      lines.push(...this.#made([...this.#cutter.rest()], nowMs));
      this.#position = live.start;
    }
    this.#base = live.start;
    for await (const chunk of this.#source.bytes.forward(this.#position, live.end)) {
      lines.push(...this.#made([...this.#cutter.take(chunk)], nowMs, live.modifiedMs));
      this.#position = chunk.at + chunk.bytes.length;
    }
    this.#quietSince = this.#cutter.kept > 0 ? nowMs : undefined;
    return lines;
  }

  /** What is left of a log that is gone. */
  async last(nowMs: number): Promise<LogLine[]> {
    return this.#file === undefined ? [] : this.#made([...this.#ofFile(), ...this.#cutter.rest()], nowMs);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** A question, which waits for its answer on the same line, is shown when nothing more comes. */
  #waited(nowMs: number): LogLine[] {
    if (this.#wanted.wholeLines || this.#quietSince === undefined || nowMs - this.#quietSince < patienceMs) return [];
    this.#quietSince = undefined;
    return this.#made([...this.#cutter.rest(true)], nowMs);
  }

  #open(): OpenFile | undefined {
    const opened = openLog(this.#files, this.#source.paths[this.#source.stream], this.#source.paths.named === true);
    return typeof opened === "string" ? undefined : opened;
  }

  /** Of the open file, whatever is in its place. */
  #ofFile(): Region[] {
    const regions: Region[] = [];
    for (;;) {
      const bytes = Buffer.allocUnsafe(64 * 1024);
      const length = this.#file?.read(bytes, this.#position - this.#base) ?? 0;
      if (length === 0) return regions;
      regions.push(...this.#cutter.take({ at: this.#position, bytes: bytes.subarray(0, length), room: 0 }));
      this.#position += length;
    }
  }

  #made(regions: readonly Region[], nowMs: number, modifiedMs = nowMs): LogLine[] {
    if (regions.length === 0) return [];
    // The clock may say it a second later: who follows is not to wait for it.
    const time = Math.floor(modifiedMs / 1000);
    const run = this.#wanted.withLevels ? this.#lastRun() : null;
    const maker = this.#source.maker({ timeOf: () => time, runOf: () => run }, this.#wanted.withLevels);
    return regions.flatMap((region) => maker.all(this.#wanted.wholeLines ? { ...region, more: false } : region));
  }

  /** The clock grows too: of each look only what is new in it is read. */
  #lastRun(): number | null {
    const size = this.#files.stat(this.#source.clockPath)?.size ?? 0;
    if (size === this.#clockRead) return this.#run;
    const opened = openLog(this.#files, this.#source.clockPath, false);
    if (opened === undefined || typeof opened === "string") return this.#run;
    try {
      const bytes = Buffer.alloc(Math.max(0, size - (size < this.#clockRead ? 0 : this.#clockRead)));
      const text = bytes.toString("latin1", 0, opened.read(bytes, size - bytes.length));
      const [, run] = [...text.matchAll(/^@ \d+ \d+ (\d+)/gm)].at(-1) ?? [];
      if (run !== undefined) this.#run = Number(run);
      // Its last line may be half of one.
      this.#clockRead = size - bytes.length + text.lastIndexOf("\n") + 1;
    } finally {
      opened.close();
    }
    return this.#run;
  }

  /** Changes when there may be something new. */
  #signature(): string {
    const inPlace = this.#files.stat(this.#source.paths[this.#source.stream]);
    const isEmpty = inPlace === undefined || inPlace.size === 0;
    return [inPlace, isEmpty ? this.#file?.stat() : undefined]
      .map((stat) => (stat === undefined ? "" : `${stat.inode} ${stat.size} ${stat.modifiedMs}`))
      .join(" ");
  }
}

const patienceMs = 1000;
