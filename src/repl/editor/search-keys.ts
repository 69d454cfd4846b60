import * as engine from "./engine.ts";
import type { Action } from "./keymap.ts";
import { type Search, searchFor, searchOlder } from "./search.ts";

/** What a key comes to while the history is searched. */
export type SearchKey =
  | { readonly kind: "goesOn"; readonly search: Search }
  /** As the line was before. */
  | { readonly kind: "givenUp" }
  /** What was found is on the line; `done` when that is all the key does. */
  | { readonly kind: "taken"; readonly done: boolean }
  /** Nothing of it is the search's. */
  | { readonly kind: "other" };

export function keyInSearch(search: Search, action: Action): SearchKey {
  switch (action) {
    case "search":
      return { kind: "goesOn", search: searchOlder(search) };
    case "backspace": {
      const { text } = engine.backspace(engine.replace(engine.empty, search.query));
      return { kind: "goesOn", search: searchFor(search, text) };
    }
    case "escape":
      return { kind: "givenUp" };
    case "pasteStart":
    case "interrupt":
      return { kind: "other" };
    default:
      return { kind: "taken", done: action === "complete" || action === "right" || action === "lineEnd" };
  }
}
