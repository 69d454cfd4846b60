import { mayMean, type Unrecorded } from "../core/lost-record.ts";
import type { ProcessSummary } from "../core/process.ts";
import {
  isPattern,
  type LetterSearch,
  loadLetterSearch,
  type Match,
  matchByParts,
  type Named,
} from "../core/resolve.ts";

/** Can the word mean several on purpose: `*`, a glob, `/regex/`? */
export function meansSeveral(word: string): boolean {
  return isPattern(word);
}

/** What a word means among processes that were looked at before. */
export interface SummaryMatch {
  readonly kind: Match["kind"];
  readonly records: readonly ProcessSummary[];
  /** Several may be meant by it, or none. */
  readonly isPattern: boolean;
  /** `*` and `all`. */
  readonly isEveryone: boolean;
  /** It names a process of which no record tells, and nobody else. */
  readonly unrecorded?: Unrecorded;
}

/** As targets are matched when a verb runs; without the search for scattered letters until that is loaded. */
export function matchSummary(
  word: string,
  known: readonly KnownProcess[],
  letters: LetterSearch | undefined,
): SummaryMatch {
  const match: Match<KnownProcess> = matchByParts(word, known) ?? letters?.(word, known) ?? { kind: "none" };
  const records = match.kind === "none" ? [] : match.records.map(({ summary }) => summary);
  return { kind: match.kind, records, isPattern: isPattern(word), isEveryone: word === "*" || word === "all" };
}

/** Which of them a word names: then it means nobody of whose name it is a part. */
export function unrecordedMeant(word: string, unrecorded: readonly Unrecorded[]): Unrecorded | undefined {
  return unrecorded.find(({ name }) => mayMean(word, name));
}

/** A summary with the names that targets are matched by. */
export interface KnownProcess extends Named {
  readonly summary: ProcessSummary;
}

export function knownProcess(summary: ProcessSummary): KnownProcess {
  const { id, name, port, pid, namespace } = summary;
  return { tsm_id: id, name, port, pid: pid ?? 0, namespace, summary };
}

/** The search for scattered letters; it is large. */
export async function loadLetters(): Promise<LetterSearch> {
  return await loadLetterSearch();
}
