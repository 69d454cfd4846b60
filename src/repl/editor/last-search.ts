import { beginSearch, type Search, searchFor } from "./search.ts";

/** The search that was last taken, which vi's `n` and `N` go on with. */
export class LastSearch {
  #search: Search | undefined;

  /** @param search one that has just been taken */
  keep(search: Search): void {
    this.#search = search;
  }

  /** On a new line it begins at the newest end of the history again. */
  rewind(lines: () => readonly string[]): void {
    if (this.#search !== undefined) this.#search = { ...beginSearch(lines()), query: this.#search.query };
  }

  /**
   * The next line that has what was searched for, from where that was found.
   * @param next which way
   * @returns the line, or what is to be said when there is none
   */
  goOn(next: (search: Search) => Search): { readonly entry: string } | { readonly note: string } {
    if (this.#search === undefined) return { note: "nothing was searched for yet" };
    const { query, found } = this.#search;
    const search = found === undefined ? searchFor(this.#search, query) : next(this.#search);
    if (search.failed || search.found === undefined) return { note: `no further line has “${query}”` };
    this.#search = search;
    return { entry: search.found.entry };
  }
}
