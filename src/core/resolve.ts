import { fitting, tookTooLong } from "./expression.ts";
import { globOf, writtenOut } from "./glob.ts";
import { withoutPort } from "./names.ts";
import { defaultNamespace, type ProcessRecord } from "./process.ts";
import { endingOf } from "./script-endings.ts";

/** What of a process a word can mean it by. */
export type Named = Pick<ProcessRecord, "tsm_id" | "name" | "port" | "pid" | "namespace">;

/** What a word may mean. */
export type Match<T extends Named = ProcessRecord> =
  /** Exactly these, beyond doubt: an id, a name, a port, a pid, or a pattern (a pattern may match none). */
  | { readonly kind: "exact"; readonly records: readonly T[] }
  /** A part of several names. */
  | { readonly kind: "ambiguous"; readonly records: readonly T[] }
  /** Only scattered letters of these names: a guess. */
  | { readonly kind: "guess"; readonly records: readonly T[] }
  | { readonly kind: "none" };

/**
 * An id, an exact name, a namespace, a name without its `-PORT`, `:PORT`, `pid:N`, a glob (`api-*`), `/regex/`, `*` or `all`,
 * or letters that are a part of exactly one name; failing all that, letters scattered through a name.
 */
export async function matchTarget(query: string, records: readonly ProcessRecord[]): Promise<Match> {
  return matchByParts(query, records) ?? (await loadLetterSearch())(query, records);
}

/** Finds what has the letters of a word in its name, scattered, the best first. */
export type LetterSearch = <T extends Named>(query: string, records: readonly T[]) => Match<T>;

/** What a word means without that search; undefined when only scattered letters could find it. */
export function matchByParts<T extends Named>(query: string, records: readonly T[]): Match<T> | undefined {
  const exact = matchExactly(query, records);
  if (exact !== undefined) return { kind: "exact", records: exact };
  const words = wordsOf(query, records);
  if (words.length > 1) return matchAny(words, records);
  // A blank stands in many a name, and nobody means one by it.
  if (query.trim() === "") return { kind: "none" };
  const bare = records.filter((record) => composed(withoutPort(record.name, record.port)) === composed(query));
  const parts = bare.length > 0 ? bare : partsOf(query, records);
  if (parts.length > 0) return { kind: parts.length === 1 ? "exact" : "ambiguous", records: parts };
  return canBeScattered(query) ? undefined : { kind: "none" };
}

/** What a word with braces is written out to, unless a name is exactly so: `{api,web}-*` is `api-*` and `web-*`. */
export function wordsOf(query: string, records: readonly Named[]): readonly string[] {
  const isOne = regexOf(query) !== undefined || records.some(({ name }) => name === query);
  return isOne ? [query] : writtenOut(query);
}

/** What any of them means. */
function matchAny<T extends Named>(words: readonly string[], records: readonly T[]): Match<T> {
  const found = words.flatMap((word) => matchByParts(word, records) ?? []);
  const doubtful = found.find(({ kind }) => kind === "ambiguous");
  if (doubtful !== undefined) return doubtful;
  const meant = new Set(found.flatMap((match) => (match.kind === "exact" ? match.records : [])));
  return meant.size === 0 ? { kind: "none" } : { kind: "exact", records: records.filter((each) => meant.has(each)) };
}

/** Can this word match several on purpose? Then none at all is worth an error, several are not. */
export function isPattern(query: string): boolean {
  return query === "all" || globOf(query) !== undefined || regexOf(query) !== undefined || writtenOut(query).length > 1;
}

/** The names that a word means in that way: all of them, those that fit a pattern, or the one that is exactly so. */
export function namesMeant(query: string, names: readonly string[]): readonly string[] {
  if (names.length === 0 || query === "*" || query === "all") return names;
  if (names.includes(query)) return [query];
  const words = regexOf(query) === undefined ? writtenOut(query) : [query];
  if (words.length > 1) return [...new Set(words.flatMap((word) => namesMeant(word, names)))];
  return namesFitting(query, names) ?? [];
}

/** undefined when it is no pattern. */
function namesFitting(query: string, names: readonly string[]): readonly string[] | undefined {
  const expression = regexOf(query);
  if (expression !== undefined) return fitting(expression, names);
  const glob = globOf(query);
  return glob && names.filter((name) => glob.test(name));
}

/** Is it an expression that takes longer with these names than anybody waits? Then it means nothing. */
export function isEndless(query: string): boolean {
  const expression = regexOf(query);
  return expression !== undefined && tookTooLong(expression);
}

/** May it be the path of a script? A process of that very name comes first. */
export function mayBeScript(query: string, records: readonly Named[]): boolean {
  // A path may have brackets and braces in it: `pages/[id]/serve`.
  const isOfSeveral = /[*?]/.test(query) || regexOf(query) !== undefined;
  const isPath = (query.includes("/") && !isOfSeveral) || endingOf(query) !== undefined;
  return isPath && !records.some(({ name }) => name === query);
}

function matchExactly<T extends Named>(query: string, records: readonly T[]): readonly T[] | undefined {
  if (query === "*" || query === "all") return records;
  if (/^\d+$/.test(query)) {
    const byId = records.filter((record) => String(record.tsm_id) === query);
    if (byId.length > 0) return byId;
  }
  const named =
    records.find((record) => record.name === query) ??
    records.find((record) => composed(record.name) === composed(query));
  if (named !== undefined) return [named];
  const together = records.filter(({ namespace = defaultNamespace }) => namespace === query);
  if (together.length > 0) return together;
  if (/^\d+$/.test(query)) return undefined;
  const port = /^:(\d+)$/.exec(query)?.[1];
  if (port !== undefined) return orNothing(records.filter((record) => record.port === Number(port)));
  const pid = /^pid:(\d+)$/.exec(query)?.[1];
  if (pid !== undefined) return orNothing(records.filter((record) => record.pid === Number(pid)));
  const fit = new Set(
    namesFitting(
      composed(query),
      records.map(({ name }) => composed(name)),
    ),
  );
  return orNothing(records.filter(({ name }) => fit.has(composed(name))));
}

function orNothing<T>(records: readonly T[]): readonly T[] | undefined {
  return records.length > 0 ? records : undefined;
}

function regexOf(query: string): RegExp | undefined {
  const source = /^\/(.+)\/(i?)$/.exec(query);
  if (source?.[1] === undefined) return undefined;
  try {
    return new RegExp(source[1], source[2]);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // no expression: then it names nothing
    throw error;
  }
}

const longestTyped = 500;

/** Why a word that is written as `/regex/` is none, and in which of its columns that shows, unless it is very long. */
export function whyNoExpression(
  query: string,
): { readonly reason: string; readonly column: number | undefined } | undefined {
  const [, source = "", flags] = /^\/(.+)\/(i?)$/.exec(query) ?? [];
  const reason = faultOf(source, flags);
  if (reason === undefined) return undefined;
  // From the first letter on with which it is wrong in this way, and stays so.
  // Each look is a compilation: thousands of them are not worth a column.
  if (source.length > longestTyped) return { reason, column: undefined };
  let from = source.length;
  while (from > 1 && faultOf(source.slice(0, from - 1), flags) === reason) from--;
  return { reason, column: from + 1 };
}

function faultOf(source: string, flags: string | undefined): string | undefined {
  try {
    new RegExp(source, flags);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.replace(/^.*: /s, "");
  }
}

/** A part of the name, as typed; failing that, whatever the case. Digits are an id and no part of a name. */
function partsOf<T extends Named>(query: string, records: readonly T[]): readonly T[] {
  // Brackets that fit nothing are what they are to bash: letters.
  if (/^\d+$/.test(query) || /^[:/]/.test(query) || query.startsWith("pid:") || /[*?]/.test(query)) return [];
  const typed = composed(query);
  const same = records.filter((record) => composed(record.name).includes(typed));
  if (same.length > 0) return same;
  const lower = typed.toLowerCase();
  return records.filter((record) => composed(record.name).toLowerCase().includes(lower));
}

/** `é` is one character or two, by who wrote it (files of macOS have two), and nobody sees which. */
function composed(text: string): string {
  return text.normalize();
}

/** fuzzysort's scores run from 0 to 1; below 0.3 `srv` no longer finds `server` (measured: repl.md). */
const fuzzyThreshold = 0.3;

function canBeScattered(query: string): boolean {
  return query.length >= 2 && !/^\d+$/.test(query) && !isPattern(query) && !/^[:/]/.test(query);
}

/** Loads fuzzysort: only where a word was no part of any name. */
export async function loadLetterSearch(): Promise<LetterSearch> {
  const { default: fuzzysort } = await import("fuzzysort");
  return (query, records) => {
    const found = fuzzysort.go(query, records, { key: "name", threshold: fuzzyThreshold });
    return found.length > 0 ? { kind: "guess", records: found.map(({ obj }) => obj) } : { kind: "none" };
  };
}
