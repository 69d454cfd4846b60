import {
  type KnownProcess,
  knownProcess,
  matchSummary,
  type SummaryMatch,
  unrecordedMeant,
} from "../command/match-summary.ts";
import type { Unrecorded } from "../core/lost-record.ts";
import type { ProcessSummary } from "../core/process.ts";
import type { LetterSearch } from "../core/resolve.ts";

/** Are those that have these letters all the instances of one app? */
export type AreOneApp = (part: string, found: readonly ProcessSummary[], all: readonly ProcessSummary[]) => boolean;

interface Disk {
  readonly areOneApp: AreOneApp;
  unrecorded(summaries: readonly ProcessSummary[]): readonly Unrecorded[];
}

/** Of more nobody asks the disk while a key waits. */
const mostInstances = 32;

/** The processes as they were at the last look: what a key may ask, as it must not wait for a disk. */
export class Snapshot {
  readonly #disk: Disk;
  #summaries: readonly ProcessSummary[] = [];
  #known: readonly KnownProcess[] = [];
  #names: ReadonlySet<string> = new Set();
  /** Those beside them of which no record tells; undefined until a word may be one of them. */
  #unrecorded: readonly Unrecorded[] | undefined;
  #letters: LetterSearch | undefined;
  #takenAt = Number.NEGATIVE_INFINITY;
  /** What was asked since the last look. */
  readonly #matches = new Map<string, SummaryMatch>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  get summaries(): readonly ProcessSummary[] {
    return this.#summaries;
  }

  /** @returns whether anything is different that a word on the line could show. */
  take(summaries: readonly ProcessSummary[], now: number): boolean {
    const before = this.#summaries;
    this.#summaries = summaries;
    this.#takenAt = now;
    this.#unrecorded = undefined;
    if (summaries.length === before.length && summaries.every((each, index) => isAs(each, before[index]))) return false;
    this.#known = summaries.map(knownProcess);
    this.#names = new Set(summaries.flatMap(({ id, name }) => [String(id), name]));
    this.#matches.clear();
    return true;
  }

  /** What was asked for one line is seldom asked for the next. */
  forgetMatches(): void {
    this.#matches.clear();
  }

  isOlderThan(ms: number, now: number): boolean {
    return now - this.#takenAt > ms;
  }

  /** From now on scattered letters are found too. */
  searchLetters(search: LetterSearch): void {
    this.#letters = search;
    this.#matches.clear();
    // The first search prepares every name, 20 ms for a thousand: no key is to wait for that.
    search("zz", this.#known);
  }

  exists(word: string): boolean {
    if (this.#names.has(word)) return true;
    if (word.startsWith(":") || word.startsWith("pid:")) return this.match(word).records.length > 0;
    if (word === "" || /^\d+$/.test(word) || this.#unrecordedOf(word) !== undefined) return false;
    return this.#summaries.some(({ name }) => name.includes(word));
  }

  match(word: string): SummaryMatch {
    let match = this.#matches.get(word);
    if (match === undefined) {
      match = this.#withInstances(word, matchSummary(word, this.#known, this.#letters));
      const unrecorded = match.isPattern || this.#names.has(word) ? undefined : this.#unrecordedOf(word);
      if (unrecorded !== undefined) match = { ...match, kind: "none", records: [], unrecorded };
      this.#matches.set(word, match);
    }
    return match;
  }

  #unrecordedOf(word: string): Unrecorded | undefined {
    this.#unrecorded ??= this.#disk.unrecorded(this.#summaries);
    return unrecordedMeant(word, this.#unrecorded);
  }

  /** A part of the names of one app's instances is ambiguous no more than a part of one name. */
  #withInstances(word: string, match: SummaryMatch): SummaryMatch {
    if (match.kind !== "ambiguous" || match.records.length > mostInstances) return match;
    return this.#disk.areOneApp(word, match.records, this.#summaries) ? { ...match, kind: "exact" } : match;
  }
}

function isAs(now: ProcessSummary, before: ProcessSummary | undefined): boolean {
  return (
    now.id === before?.id &&
    now.name === before.name &&
    now.status === before.status &&
    now.port === before.port &&
    now.pid === before.pid
  );
}
