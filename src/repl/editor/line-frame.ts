import { wrap } from "../../command/help.ts";
import type { Look } from "../../view/look.ts";
import { clip, displayWidth } from "../../view/width.ts";
import type { Buffer } from "./engine.ts";
import type { Ghost } from "./ghost.ts";
import { type Menu, menuLines } from "./menu.ts";
import { type Canvas, cellsBehindCursor, type Frame, inputRows, type Span } from "./painter.ts";
import type { Search } from "./search.ts";
import type { Styles } from "./styles.ts";

/** What there is to be seen while a line is read. */
export interface LineView {
  readonly prompt: readonly Span[];
  readonly buffer: Pick<Buffer, "text" | "cursor">;
  /** What stands below it: a search, a menu or a note. */
  readonly search: Search | undefined;
  readonly menu: Menu | undefined;
  /** What of the text is selected. */
  readonly selected: { readonly from: number; readonly to: number } | undefined;
  readonly note: string | undefined;
  /** The text in the styles of what its words mean. */
  spans(text: string): readonly Span[];
}

/** Where it is seen. */
export interface FramePlace {
  readonly canvas: Canvas;
  readonly styles: Styles;
  readonly look: Look;
}

/** The line as it stays on the screen when it is left, and what stands below while it is not. */
export function frameOf(view: LineView, place: FramePlace): Frame {
  const { text, cursor, spans } = shown(view, place);
  const before = text.slice(0, cursor).split("\n");
  const line = before.length - 1;
  const lines = splitLines(spans).map((spansOfLine, index) => [
    ...(index === 0 ? view.prompt : [{ text: continuation(place), style: place.styles.faint }]),
    ...spansOfLine,
  ]);
  const indent = line === 0 ? view.prompt.reduce((sum, span) => sum + span.text.length, 0) : continuation(place).length;
  const input: Frame = { lines, cursor: { line, offset: indent + (before.at(-1)?.length ?? 0) }, below: [] };
  return { ...input, below: below(view, input, place) };
}

/** With a proposal behind it. */
export function withGhost(frame: Frame, ghost: Ghost, { canvas, styles, look }: FramePlace): Frame {
  // One row at most: it must not move what stands below, and a narrower window must not wrap it.
  const said = ghost.kind === "note" ? look.fit(ghost.text) : ghost.text;
  const text = clip(said, cellsBehindCursor(frame, canvas.columns) - 1, look.cut);
  return withBehind(frame, { text, style: styles.faint });
}

/** With something behind its last line. */
export function withBehind(frame: Frame, span: Span): Frame {
  const last = frame.lines.length - 1;
  return { ...frame, lines: frame.lines.map((line, index) => (index === last ? [...line, span] : line)) };
}

/** How many rows there are for what stands below the input. */
export function rowsBelow(input: Frame, { columns, rows }: Canvas): number {
  return Math.max(rows - inputRows(input, columns), Math.floor(rows / 2));
}

/** Its sign points the other way: where cursors have one shape only, it tells that keys are commands. */
export function turnedPrompt(prompt: readonly Span[]): readonly Span[] {
  const sign = prompt.findLastIndex(({ text }) => text !== "");
  return prompt.map((span, index) =>
    index === sign ? { ...span, text: span.text.replace("›", "‹").replace(">", "<") } : span,
  );
}

/** Stands before each further line of a text of several. */
function continuation({ look }: FramePlace): string {
  return look.fit("  … ");
}

/** The text on the line with its styles: the buffer, or what a search found. */
function shown(
  { buffer, search, selected, spans }: LineView,
  { styles }: FramePlace,
): { text: string; cursor: number; spans: readonly Span[] } {
  if (search?.found === undefined && selected !== undefined) {
    const { from, to } = selected;
    const part = { text: buffer.text.slice(from, to), style: styles.selected };
    return { ...buffer, spans: [{ text: buffer.text.slice(0, from) }, part, { text: buffer.text.slice(to) }] };
  }
  if (search?.found === undefined) return { ...buffer, spans: spans(buffer.text) };
  const { entry, at } = search.found;
  const end = at + (search.failed ? 0 : search.query.length);
  const match = { text: entry.slice(at, end), style: styles.match };
  return { text: entry, cursor: at, spans: [{ text: entry.slice(0, at) }, match, { text: entry.slice(end) }] };
}

function below({ search, menu, note }: LineView, input: Frame, place: FramePlace): readonly (readonly Span[])[] {
  const { canvas, styles, look } = place;
  if (search !== undefined) return [searchLine(search, place)];
  if (menu !== undefined) return menuLines(menu, canvas.columns, rowsBelow(input, canvas), styles, look);
  // The last column stays free.
  const rows = note === undefined ? [] : [...wrap(note, canvas.columns - 1, "")];
  return rows.map((text) => [{ text, style: styles.faint }]);
}

function searchLine({ query, failed }: Search, { canvas, styles, look }: FramePlace): readonly Span[] {
  const says = failed ? `no older line has “${query}”` : `search: ${query}`;
  const hint = "   Ctrl-R older · Tab take · Enter run · Esc back";
  // Half of it would be no hint.
  const keys = displayWidth(says + hint) < canvas.columns ? hint : "";
  return [
    { text: look.fit(says), style: failed ? styles.bad : styles.accent },
    { text: look.fit(keys), style: styles.faint },
  ];
}

function splitLines(spans: readonly Span[]): Span[][] {
  const lines: Span[][] = [[]];
  for (const span of spans) {
    span.text.split("\n").forEach((text, index) => {
      if (index > 0) lines.push([]);
      lines.at(-1)?.push({ ...span, text });
    });
  }
  return lines;
}
