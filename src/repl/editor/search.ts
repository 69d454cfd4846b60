/** An incremental search through history: what is looked for, and where it was found. */
export interface Search {
  readonly query: string;
  /** Newest first. */
  readonly entries: readonly string[];
  /** The entry shown, and where the query stands in it; undefined before the first find. */
  readonly found: Found | undefined;
  /** The last query had no older match: the one before it stays on the line. */
  readonly failed: boolean;
}

export interface Found {
  readonly index: number;
  readonly entry: string;
  readonly at: number;
}

export function beginSearch(entries: readonly string[]): Search {
  return { query: "", entries, found: undefined, failed: false };
}

/** The same search for another query: a longer one goes on from where it is, a shorter one begins anew. */
export function searchFor(search: Search, query: string): Search {
  const narrowed = query.startsWith(search.query) && search.found !== undefined;
  if (query === "") return { ...search, query, found: undefined, failed: false };
  return step(search, query, narrowed ? (search.found?.index ?? 0) : 0);
}

/** The next older match. */
export function searchOlder(search: Search): Search {
  if (search.query === "") return search;
  return step(search, search.query, search.found === undefined ? 0 : search.found.index + 1);
}

function step(search: Search, query: string, from: number): Search {
  // Lower case finds both; a capital means itself.
  const exact = query !== query.toLowerCase();
  for (let index = from; index < search.entries.length; index++) {
    const entry = search.entries[index] ?? "";
    const at = exact ? entry.lastIndexOf(query) : entry.toLowerCase().lastIndexOf(query);
    if (at !== -1) return { ...search, query, found: { index, entry, at }, failed: false };
  }
  return { ...search, query, failed: true };
}
