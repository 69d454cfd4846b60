import { displayWidth } from "../view/width.ts";
import type { Buffer } from "./editor/engine.ts";
import { graphemeCells } from "./editor/graphemes.ts";

/** What leads from one state of the last line to another: steps back and characters, and blanks over what is gone. */
export function stepsBetween(before: Buffer, after: Buffer): string {
  if (before.text === after.text) {
    const { cursor } = after;
    return cursor < before.cursor
      ? back(before.text.slice(cursor, before.cursor))
      : before.text.slice(before.cursor, cursor);
  }
  if (before.cursor === before.text.length && after.text.startsWith(before.text)) {
    return after.text.slice(before.cursor) + back(after.text.slice(after.cursor));
  }
  let same = 0;
  while (same < Math.min(before.cursor, after.text.length) && before.text[same] === after.text[same]) same++;
  // Not within a character of several parts.
  same = wholeUpTo(before.text, after.text, same);
  const rest = after.text.slice(same);
  const gone = Math.max(0, displayWidth(before.text.slice(same)) - displayWidth(rest));
  const behind = back(after.text.slice(after.cursor));
  return `${back(before.text.slice(same, before.cursor))}${rest}${" ".repeat(gone)}${"\b".repeat(gone)}${behind}`;
}

function wholeUpTo(before: string, after: string, at: number): number {
  const edges = (text: string): ReadonlySet<number> =>
    new Set([...graphemeCells(text)].map(({ from }) => from).concat(text.length));
  const [one, other] = [edges(before), edges(after)];
  let whole = at;
  while (whole > 0 && !(one.has(whole) && other.has(whole))) whole--;
  return whole;
}

/** Steps back over a text. */
export function back(text: string): string {
  return "\b".repeat(displayWidth(text));
}
