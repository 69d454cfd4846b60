import type { Token } from "../core/token.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { clip } from "./width.ts";

/** `05:40:05` on this machine's clock. */
export function clockTime(time: number | null): string {
  if (time === null) return "--:--:--";
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** `2026-01-02 05:40:05` on this machine's clock. */
export function dayTime(time: number | null): string {
  if (time === null) return "-";
  const date = new Date(time);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day} ${clockTime(time)}`;
}

/** `+2s`, `+350ms`, `+5m`. */
export function later(ms: number): string {
  if (ms < 1000) return `+${Math.max(0, Math.round(ms))}ms`;
  return ms < 120_000 ? `+${Math.round(ms / 1000)}s` : `+${Math.round(ms / 60_000)}m`;
}

/** `UI:CLICK`, the category in a colour of its own. */
export function paintedName({ category, event }: Pick<Token, "category" | "event">, { paint }: Screen): string {
  const hue = [...category].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0);
  return `${paint.hue(hue, sanitize(category))}:${sanitize(event)}`;
}

/** The event's data in one line. */
export function dataLine(data: Readonly<Record<string, unknown>>, longest: number): string {
  return Object.keys(data).length === 0 ? "" : clip(sanitize(JSON.stringify(data)), longest);
}

/** `  12  UI:CLICK`. */
export function countLine({ name, count }: { readonly name: string; readonly count: number }): string {
  return `${String(count).padStart(6)}  ${sanitize(name)}`;
}

/** What `--json` tells of an event. */
export function tokenData({ time, category, event, session, user, data }: Token) {
  return { time, category, event, session, user, data };
}
