import { fingerprint, messageOf } from "./fingerprint.ts";
import { Notes, ReadingRoom } from "./log-bytes.ts";
import type { LogLine } from "./log-line.ts";
import { type Moment, resolveMoment } from "./log-moment.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import { lifeOf } from "./log-range.ts";
import { longestLine } from "./log-regions.ts";
import { LogSource, linesOf } from "./log-source.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

export interface ErrorRequest {
  readonly records: readonly ProcessRecord[];
  /** What is older does not count. What has no time counts. */
  readonly since: Moment | undefined;
  /** Only what the last life of its process was the first to say. */
  readonly onlyNew: boolean;
  /** Of this run alone, and of a long one its end. */
  readonly run?: number;
  /** Warnings too. */
  readonly withWarnings?: boolean;
}

export interface ErrorReport {
  /** The last seen first. */
  readonly groups: readonly ErrorGroup[];
  /** Errors that found no group any more: there were too many different ones. */
  readonly ungrouped: number;
  /** What a person should know of how the logs were read. */
  readonly notes: readonly string[];
}

/** Errors that say the same. */
export interface ErrorGroup {
  /** Of the first of them. */
  readonly level: "error" | "warn";
  readonly fingerprint: string;
  readonly message: string;
  readonly count: number;
  /** Epoch seconds; null when nothing tells. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  /** Of the processes. */
  readonly names: readonly string[];
  /** One of them with what belongs to it: a stack trace. */
  readonly example: readonly string[];
}

/** So many groups are kept at most; each takes a few KB. */
const mostGroups = 2000;
const mostExampleLines = 30;
const mostExampleText = 1000;
/** So much is read of one run, in each stream. */
const mostOfRun = 32 * 1024 * 1024;

/** @throws the signal's reason when aborted. */
export async function collectErrors(world: World, request: ErrorRequest, signal: AbortSignal): Promise<ErrorReport> {
  const { files, clock } = world.platform;
  const groups = new Groups(beginning(world, request.since));
  const notes = new Notes();
  const room = new ReadingRoom(readBytes, longestLine);
  for (const record of request.records) {
    const paths = logPlaces(files, world.home, record.name);
    for (const stream of streamsOf(paths, ["out", "err"])) {
      const source = new LogSource(files, record, paths, stream, { room, notes });
      const reader = new ErrorReader(groups, record, request.withWarnings === true);
      const range =
        request.run === undefined ? { from: source.start, to: source.end } : await ofRun(source, request.run, notes);
      if (range === undefined) continue;
      for await (const lines of linesOf(source, range, { search: undefined, withLevels: true, inPieces: true })) {
        for (const line of lines) reader.read(line);
        // Ctrl-C gets through between two batches.
        await clock.sleep(0, signal);
      }
      reader.end();
    }
  }
  return { ...groups.report(request), notes: notes.take() };
}

const readBytes = 256 * 1024;

async function ofRun(
  source: LogSource,
  run: number,
  notes: Notes,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const life = lifeOf(source, run);
  if (life === undefined || life.to - life.from <= mostOfRun) return life;
  notes.say(
    `run ${run} wrote ${life.to - life.from} bytes to ${source.paths.folder}: only its end was read for errors`,
  );
  return { from: await source.bytes.startOfLine(life.to - mostOfRun), to: life.to };
}

/** Epoch seconds, for each process its own where its last start is meant; undefined: whatever its age. */
function beginning(
  { platform: { clock } }: World,
  since: Moment | undefined,
): (record: ProcessRecord) => number | undefined {
  if (since === undefined) return () => undefined;
  if (since.kind === "start") return ({ start_time }) => start_time;
  const at = resolveMoment(since, { nowMs: clock.nowMs(), sinceBootMs: clock.sinceBootMs() });
  return () => Math.floor(at / 1000);
}

/** Finds the errors among the lines of one stream: a message, and the lines that belong to it. */
class ErrorReader {
  readonly #groups: Groups;
  readonly #record: ProcessRecord;
  readonly #withWarnings: boolean;
  /** Lines before a message: where Node or Python say that it was thrown. */
  #before: LogLine[] = [];
  #last: Example | undefined;
  /** The line before goes on with this one: it is too long to be kept, and its beginning is enough. */
  #isPiece = false;

  constructor(groups: Groups, record: ProcessRecord, withWarnings: boolean) {
    this.#groups = groups;
    this.#record = record;
    this.#withWarnings = withWarnings;
  }

  read(line: LogLine): void {
    const { level, more } = line;
    const isPiece = this.#isPiece;
    this.#isPiece = more;
    if (isPiece) return;
    if (this.#before.length > 0 && this.#belongsBefore(line)) {
      this.#before.push(line);
      return;
    }
    if (this.#before.length > 0 && !this.#isPreamble()) this.end();
    if (this.#before.length === 0) {
      if (goesOn(line.text)) {
        this.#last?.add(line.text);
        return;
      }
      if (level === "error" && beginsBefore(line.text)) {
        this.#before = [line];
        return;
      }
    }
    const before = this.#before;
    this.#before = [];
    // What stands behind a preamble is its message, whatever level it seems to have.
    const isMeant = level === "error" || (this.#withWarnings && level === "warn") || before.length > 0;
    this.#last = isMeant ? this.#take(line, before) : undefined;
  }

  /** What looked like the beginning of something was a line like others. */
  end(): void {
    const before = this.#before;
    this.#before = [];
    for (const line of before) {
      if (goesOn(line.text)) this.#last?.add(line.text);
      else this.#last = this.#take(line, []);
    }
  }

  #belongsBefore({ text }: LogLine): boolean {
    if (this.#isTraceback()) return /^\s/.test(text) || text === "";
    // The place, the line of source, the mark below it, an empty line; then the message.
    if (this.#before.length === 1) return true;
    return this.#before.length < 8 && (isMark(text) || text.trim() === "") && (isMark(text) || this.#isPreamble());
  }

  #isTraceback(): boolean {
    return this.#before[0]?.text.startsWith("Traceback ") === true;
  }

  #isPreamble(): boolean {
    return this.#isTraceback() || this.#before.some(({ text }) => isMark(text));
  }

  #take(line: LogLine, before: readonly LogLine[]): Example | undefined {
    return this.#groups.take(
      this.#record,
      line,
      before.map(({ text }) => text),
    );
  }
}

function beginsBefore(text: string): boolean {
  return /^(?:file:\/\/|node:|\/|[A-Z]:\\)\S*:\d+$/.test(text) || text.startsWith("Traceback (most recent call last)");
}

/** `    ^^^^` */
function isMark(text: string): boolean {
  return /^\s*[\^~]+\s*$/.test(text);
}

/** A stack frame, an indented or empty line, the closing bracket of a printed object, what Node says at its end. */
function goesOn(text: string): boolean {
  return /^(?:\s|$|at |Caused by: |\.\.\. \d+ more|[\])}]+[;,)]*$|Node\.js v\d|goroutine \d+ \[|exit status \d)/.test(
    text,
  );
}

/** One error as it was written. */
interface Example {
  add(text: string): void;
}

interface Building {
  readonly level: ErrorGroup["level"];
  readonly fingerprint: string;
  message: string;
  count: number;
  firstSeen: number | null;
  lastSeen: number | null;
  readonly names: Set<string>;
  readonly example: string[];
  /** By process: the first life that said it; null when nothing tells. */
  readonly firstRuns: Map<string, number | null>;
}

class Groups {
  readonly #since: (record: ProcessRecord) => number | undefined;
  readonly #groups = new Map<string, Building>();
  /** The last life of each process, as far as its logs know. */
  readonly #lastRuns = new Map<string, number>();
  #ungrouped = 0;

  constructor(since: (record: ProcessRecord) => number | undefined) {
    this.#since = since;
  }

  /** @returns where the lines that belong to it go; undefined when no example is wanted any more. */
  take(record: ProcessRecord, { text, time, run, level }: LogLine, before: readonly string[]): Example | undefined {
    const message = messageOf(text);
    const key = fingerprint(message);
    if (key === "") return undefined;
    if (run !== null) this.#lastRuns.set(record.name, Math.max(run, this.#lastRuns.get(record.name) ?? 0));
    const known = this.#groups.get(key);
    if (known === undefined && this.#groups.size >= mostGroups) {
      if (this.#counts(record, time)) this.#ungrouped += 1;
      return undefined;
    }
    const group = known ?? begun(key, message, level === "warn" ? "warn" : "error");
    if (known === undefined) this.#groups.set(key, group);
    // Also what is too old to count: it says that the error is not new.
    if (!group.firstRuns.has(record.name)) group.firstRuns.set(record.name, runOf(record, run, time));
    if (!this.#counts(record, time)) return undefined;
    group.count += 1;
    group.names.add(record.name);
    if (time !== null) {
      group.firstSeen = Math.min(group.firstSeen ?? time, time);
      group.lastSeen = Math.max(group.lastSeen ?? time, time);
    }
    if (group.count > 1) return undefined;
    group.message = message;
    const add = (line: string) => {
      if (group.example.length < mostExampleLines) group.example.push(line.slice(0, mostExampleText));
    };
    for (const line of [...before, text]) add(line);
    return { add };
  }

  #counts(record: ProcessRecord, time: number | null): boolean {
    const since = this.#since(record);
    return since === undefined || time === null || time >= since;
  }

  report({ onlyNew }: ErrorRequest): Omit<ErrorReport, "notes"> {
    const isNew = ({ firstRuns }: Building) =>
      [...firstRuns].every(([name, run]) => run !== null && run >= (this.#lastRuns.get(name) ?? 0));
    const groups = [...this.#groups.values()]
      .filter((group) => group.count > 0 && (!onlyNew || isNew(group)))
      .map(({ firstRuns: _firstRuns, names, ...group }) => ({ ...group, names: [...names] }))
      .toSorted((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0) || b.count - a.count);
    return { groups, ungrouped: this.#ungrouped };
  }
}

function begun(key: string, message: string, level: ErrorGroup["level"]): Building {
  return {
    level,
    fingerprint: key,
    message,
    count: 0,
    firstSeen: null,
    lastSeen: null,
    names: new Set(),
    example: [],
    firstRuns: new Map(),
  };
}

/** Where no clock tells the run, a line since the last start is of a run that is later than any. */
function runOf(record: ProcessRecord, run: number | null, time: number | null): number | null {
  if (run !== null) return run;
  return time !== null && time >= record.start_time ? Number.MAX_SAFE_INTEGER : null;
}
