/** An incremental search through history: what is looked for, and where it was found. */
export interface Search {
  readonly query: string;
  /** Oldest first; the same line may come again, and is found once. */
  readonly lines: readonly string[];
  /** What stood on the line already: that would be no find. */
  readonly typed: string;
  /** The line shown, and where the query stands in it; undefined before the first find. */
  readonly found: Found | undefined;
  /** The last query had no older match: the one before it stays on the line. */
  readonly failed: boolean;
  /** No line from here on has the query: none has a longer one. */
  readonly hopeless: boolean;
  /** What was found on the way. */
  readonly seen: ReadonlySet<string>;
}

export interface Found {
  readonly index: number;
  readonly entry: string;
  readonly at: number;
}

export function beginSearch(lines: readonly string[], typed = ""): Search {
  return { query: "", lines, typed, found: undefined, failed: false, hopeless: false, seen: new Set() };
}

/** The same search for another query: a longer one goes on from where it is, a shorter one begins anew. */
export function searchFor(search: Search, query: string): Search {
  const { found } = search;
  if (query === "") return beginSearch(search.lines, search.typed);
  const goesOn = query.startsWith(search.query);
  if (goesOn && search.hopeless) return { ...search, query };
  // The line that is shown may have the longer query too.
  if (goesOn && found !== undefined) {
    const seen = new Set(search.seen);
    seen.delete(found.entry);
    return step({ ...search, seen }, query, found.index, true);
  }
  return step({ ...search, seen: new Set() }, query, search.lines.length - 1, true);
}

/** The next older match. */
export function searchOlder(search: Search): Search {
  if (search.query === "") return search;
  return step(search, search.query, (search.found?.index ?? search.lines.length) - 1, false);
}

/** The next newer match. */
export function searchNewer(search: Search): Search {
  const { found, lines, query } = search;
  if (found === undefined || query === "") return search;
  const pattern = patternOf(query);
  for (let index = found.index + 1; index < lines.length; index++) {
    const entry = lines[index] ?? "";
    if (entry === found.entry || entry === search.typed || !pattern.test(entry)) continue;
    const seen = new Set(search.seen);
    seen.delete(found.entry);
    return { ...search, found: { index, entry, at: placeOf(entry, query) }, failed: false, seen };
  }
  return { ...search, failed: true };
}

function step(search: Search, query: string, from: number, isFirst: boolean): Search {
  const pattern = patternOf(query);
  for (let index = from; index >= 0; index--) {
    const entry = search.lines[index] ?? "";
    if (!pattern.test(entry) || entry === search.typed || search.seen.has(entry)) continue;
    const seen = new Set(search.seen).add(entry);
    const found = { index, entry, at: placeOf(entry, query) };
    return { ...search, query, found, failed: false, hopeless: false, seen };
  }
  return { ...search, query, failed: true, hopeless: isFirst };
}

/** One pattern for all lines: 50,000 of them in lower case would be 50,000 more strings with each key. */
function patternOf(query: string): RegExp {
  return new RegExp(query.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"), isExact(query) ? "" : "i");
}

/** Lower case finds both; a capital means itself. */
function isExact(query: string): boolean {
  return query !== query.toLowerCase();
}

function placeOf(entry: string, query: string): number {
  const last = (isExact(query) ? entry : entry.toLowerCase()).lastIndexOf(query);
  return Math.max(entry.search(patternOf(query)), last);
}
