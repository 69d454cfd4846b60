import type { Notes, ReadingRoom } from "./log-bytes.ts";
import type { FilterGate } from "./log-filter.ts";
import type { LogLine } from "./log-line.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import { hasFilter, type LogBatch, type LogRequest } from "./log-request.ts";
import { LogSource } from "./log-source.ts";
import { LogTail } from "./log-tail.ts";
import { isName } from "./names.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord, isAnother } from "./records.ts";
import { matchByParts } from "./resolve.ts";
import type { World } from "./world.ts";

/** A process and what is kept of it while it is read. */
export interface ReadProcess {
  readonly record: ProcessRecord;
  readonly sources: readonly LogSource[];
  readonly gate: FilterGate;
}

interface Followed {
  readonly record: ProcessRecord;
  readonly tails: readonly LogTail[];
  readonly gate: FilterGate;
}

/** What is shared by all logs of one request. */
interface Shared {
  readonly room: ReadingRoom;
  readonly notes: Notes;
  newGate(): FilterGate;
}

/** Between two looks: far below what a person notices, a stat for each log. */
const lookMs = 40;
/** Between two looks at who came and went. */
const censusMs = 250;

/** New lines of processes, of those too that come while it goes on. */
export class LogFollower {
  readonly #world: World;
  readonly #request: LogRequest;
  readonly #shared: Shared;
  readonly #followed: Map<string, Followed>;
  /** Asked for by their own names: they are awaited when they are deleted. */
  readonly #named: ReadonlySet<string>;
  /** All names there were at the last look, meant or not. */
  #known: ReadonlySet<string>;

  constructor(world: World, request: LogRequest, shared: Shared, processes: readonly ReadProcess[]) {
    this.#world = world;
    this.#request = request;
    this.#shared = shared;
    this.#followed = new Map(
      processes.map(({ record, sources, gate }) => [
        record.name,
        { record, gate, tails: sources.map((source) => this.#tail(source, source.end)) },
      ]),
    );
    this.#known = new Set([...this.#names(), ...this.#followed.keys()]);
    this.#named = new Set(processes.map(({ record }) => record.name).filter((name) => !this.#isMeant(name, processes)));
  }

  async *follow(signal: AbortSignal): AsyncGenerator<LogBatch> {
    const { clock } = this.#world.platform;
    let censusAt = clock.monotonicMs();
    try {
      while (!signal.aborted) {
        const lines: LogLine[] = [];
        const isOver = this.#request.over?.() === true;
        for (const process of this.#followed.values()) {
          lines.push(...(await this.#look(process)));
          if (isOver) lines.push(...(await this.#rest(process)));
        }
        if (clock.monotonicMs() - censusAt >= censusMs) {
          lines.push(...(await this.#census()));
          censusAt = clock.monotonicMs();
        }
        const notes = this.#shared.notes.take();
        if (lines.length > 0 || notes.length > 0) yield { lines: byTime(lines), notes };
        if (isOver) return;
        await clock.sleep(lookMs, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      }
    } finally {
      for (const { tails } of this.#followed.values()) for (const tail of tails) tail.close();
    }
  }

  /** To the end, a line that has none too. */
  async #rest({ tails, gate }: Pick<Followed, "tails" | "gate">): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for (const tail of tails) {
      lines.push(...(await tail.last(this.#world.platform.clock.nowMs())));
      tail.close();
    }
    return this.#through(gate, lines);
  }

  async #look({ tails, gate }: Followed): Promise<readonly LogLine[]> {
    const now = this.#world.platform.clock.nowMs();
    const lines: LogLine[] = [];
    for (const tail of tails) lines.push(...(await tail.look(now)));
    return this.#through(gate, lines);
  }

  #through(gate: FilterGate, lines: LogLine[]): readonly LogLine[] {
    return lines.length > 0 && hasFilter(this.#request) ? gate.pass(byTime(lines)) : lines;
  }

  /** Who is gone leaves when all is read; who has come, and is meant, joins. */
  async #census(): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (const [name, { record, tails, gate }] of this.#followed) {
      const now = goodRecord(this.#world, name);
      if (now !== undefined && !isReplaced(now, record)) continue;
      if (now === undefined && this.#isDamaged(name)) continue;
      lines.push(...(await this.#rest({ tails, gate })));
      this.#followed.delete(name);
    }
    const names = this.#names();
    const known = new Set(names.filter((name) => this.#known.has(name)));
    for (const name of names) {
      if (this.#followed.has(name) || (known.has(name) && !this.#isAwaited(name))) continue;
      const record = goodRecord(this.#world, name);
      if (record === undefined) continue;
      known.add(name);
      if (!this.#isAwaited(name)) continue;
      const joined = this.#join(record);
      this.#followed.set(name, joined);
      lines.push(...(await this.#look(joined)));
    }
    this.#known = known;
    return lines;
  }

  #join(record: ProcessRecord): Followed {
    const { room, notes, newGate } = this.#shared;
    const { files } = this.#world.platform;
    const paths = logPlaces(files, this.#world.home, record.name);
    const tails = streamsOf(paths, this.#request.streams).map((stream) => {
      const source = new LogSource(files, record, paths, stream, { room, notes });
      // All that it has written itself: one of its name may have left lines here.
      return this.#tail(source, source.clock(source.start).runs.at(-1)?.offset ?? source.start);
    });
    return { record, tails, gate: newGate() };
  }

  #tail(source: LogSource, position: number): LogTail {
    const { withLevels, filter } = this.#request;
    const { record } = source;
    return new LogTail(this.#world.platform.files, source, position, {
      withLevels: withLevels || filter.level !== undefined,
      wholeLines: hasFilter(this.#request),
      isOurs: () => !isReplaced(goodRecord(this.#world, record.name), record),
    });
  }

  #isAwaited(name: string): boolean {
    if (this.#named.has(name)) return true;
    const record = goodRecord(this.#world, name);
    return record !== undefined && this.#isMeant(name, [{ record }]);
  }

  #isMeant(name: string, among: readonly { readonly record: ProcessRecord }[]): boolean {
    const records = among.map(({ record }) => record);
    return this.#request.patterns.some((pattern) => {
      const match = matchByParts(pattern, records);
      return match?.kind === "exact" && match.records.some((record) => record.name === name);
    });
  }

  /** There is one, and it cannot be read now. */
  #isDamaged(name: string): boolean {
    const { platform, home } = this.#world;
    return platform.files.kind(`${home.processes}/${name}/meta.json`) !== "missing";
  }

  #names(): string[] {
    return this.#world.platform.files.list(this.#world.home.processes).filter(isName);
  }
}

/** Deleted and made again between two looks it is another one. */
function isReplaced(now: ProcessRecord | undefined, record: ProcessRecord): boolean {
  return now !== undefined && isAnother(now, record);
}

/** In the order they came where the second is the same. */
function byTime(lines: LogLine[]): LogLine[] {
  return lines.sort((a, b) => (a.time ?? -1) - (b.time ?? -1));
}
