import type { ProcessSummary } from "../core/process.ts";
import type { Buckets } from "../core/sample-buckets.ts";

/** A process as it is shown. */
export interface Row {
  readonly summary: ProcessSummary;
  /** Percent of one core, of the last seconds; undefined while it does not run. */
  readonly cpu: number | undefined;
  /** Bytes; undefined as above. */
  readonly memory: number | undefined;
  /** By the minute, the oldest first. */
  readonly history: Buckets;
}

export const sortKeys = ["id", "name", "cpu", "mem", "uptime", "restarts"] as const;
export type SortKey = (typeof sortKeys)[number];

/** What the screen is used for. */
export type Mode =
  | { readonly kind: "list" }
  /** The filter is being typed. */
  | { readonly kind: "filter"; readonly before: string }
  /** Waits for y or n. */
  | { readonly kind: "confirm"; readonly name: string }
  /** The logs of the selected process alone, so many lines before the last. */
  | { readonly kind: "logs"; readonly back: number }
  /** What a verb has said, from this line on. */
  | { readonly kind: "text"; readonly title: string; readonly lines: readonly string[]; readonly top: number };

export interface Message {
  readonly text: string;
  readonly isBad: boolean;
}

export interface State {
  readonly rows: readonly Row[];
  /** By name: an id may be another's by now. */
  readonly selected: string | undefined;
  readonly filter: string;
  readonly sort: SortKey;
  readonly isReversed: boolean;
  readonly mode: Mode;
  readonly message: Message | undefined;
}

export const atFirst: State = {
  rows: [],
  selected: undefined,
  filter: "",
  sort: "id",
  isReversed: false,
  mode: { kind: "list" },
  message: undefined,
};

/** Those that the filter leaves, in their order. */
export function shownRows({ rows, filter, sort, isReversed }: State): readonly Row[] {
  const wanted = filter.toLowerCase();
  const meant = rows.filter(
    ({ summary: { name, status } }) => name.toLowerCase().includes(wanted) || status.startsWith(wanted),
  );
  const value = (row: Row): number | string => {
    if (sort === "id") return row.summary.id;
    if (sort === "name") return row.summary.name;
    // The most first: that is what is looked for.
    if (sort === "cpu") return -(row.cpu ?? -1);
    if (sort === "mem") return -(row.memory ?? -1);
    return sort === "uptime" ? -(row.summary.uptimeMs ?? -1) : -row.summary.restarts;
  };
  const sorted = meant.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    return one < other ? -1 : one > other ? 1 : a.summary.id - b.summary.id;
  });
  return isReversed ? sorted.toReversed() : sorted;
}

export function selectedRow(state: State): Row | undefined {
  return state.rows.find(({ summary }) => summary.name === state.selected);
}

/** With what is there now. The selection stays with its process; when that is gone, it goes to the one in its place. */
export function withRows(state: State, rows: readonly Row[]): State {
  const next = { ...state, rows };
  const shown = shownRows(next);
  if (shown.some(({ summary }) => summary.name === state.selected)) return next;
  const place = shownRows(state).findIndex(({ summary }) => summary.name === state.selected);
  const heir = shown[Math.min(Math.max(0, place), shown.length - 1)];
  return { ...next, selected: heir?.summary.name };
}

/** The selection so many rows further down, or up; it stops at the ends. */
export function moved(state: State, by: number): State {
  const shown = shownRows(state);
  const place = shown.findIndex(({ summary }) => summary.name === state.selected);
  const next = shown[Math.min(Math.max(0, place + by), shown.length - 1)];
  return { ...state, selected: next?.summary.name };
}
