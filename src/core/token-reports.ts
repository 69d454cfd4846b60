import { isApi, isError, kindOf, type Token, tokenName } from "./token.ts";

export interface Count {
  readonly name: string;
  readonly count: number;
}

/** What `dashboard` shows. */
export interface Dashboard {
  readonly events: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly categories: readonly Count[];
  readonly top: readonly Count[];
  readonly api: { readonly count: number; readonly average: number | null; readonly p95: number | null };
  readonly errors: number;
  readonly newSessions: number;
}

export function dashboard(tokens: readonly Token[]): Dashboard {
  const durations = tokens.filter(isApi).flatMap(({ duration }) => (duration === null ? [] : [duration]));
  const times = tokens.flatMap(({ time }) => (time === null ? [] : [time]));
  return {
    events: tokens.length,
    from: times[0] ?? null,
    to: times.at(-1) ?? null,
    categories: counted(tokens.map(({ category }) => category)),
    top: counted(tokens.map(tokenName)).slice(0, 10),
    api: { count: tokens.filter(isApi).length, average: average(durations), p95: percentile(durations, 0.95) },
    errors: tokens.filter(isError).length,
    newSessions: newSessions(tokens),
  };
}

/** Those that say that they begin; where no event says so, those that are met. */
function newSessions(tokens: readonly Token[]): number {
  const starts = tokens.filter((token) => kindOf(token) === "start");
  const of = starts.length > 0 ? starts : tokens;
  const named = new Set(of.flatMap(({ session }) => (session === null ? [] : [session])));
  return named.size + starts.filter(({ session }) => session === null).length;
}

/** What `patterns` shows. */
export interface Patterns {
  readonly clicks: readonly Count[];
  readonly pages: readonly Count[];
  readonly features: readonly Count[];
  /** Events by the hour of the day, 0 to 23, on this machine's clock. */
  readonly hours: readonly number[];
  /** The hour with the most; null when no event has a time. */
  readonly peakHour: number | null;
}

export function patterns(tokens: readonly Token[]): Patterns {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { time } of tokens) {
    if (time === null) continue;
    const hour = new Date(time).getHours();
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  const most = Math.max(...hours);
  const named = (kind: "click" | "page" | "feature", name: (token: Token) => string) =>
    counted(tokens.filter((token) => kindOf(token) === kind).map(name)).slice(0, 10);
  return {
    clicks: named("click", elementOf),
    pages: named("page", ({ page, event }) => page ?? event),
    features: named("feature", ({ data, event }) => (typeof data["feature"] === "string" ? data["feature"] : event)),
    hours,
    peakHour: most === 0 ? null : hours.indexOf(most),
  };
}

/** What was clicked. */
export function elementOf({ element, event }: Token): string {
  return element ?? event;
}

/** The most frequent first, then by name. */
export function counted(names: readonly string[]): Count[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

export function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
