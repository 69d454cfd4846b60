import { eraseBelow } from "../../view/erase-below.ts";
import { graphemeCells } from "./graphemes.ts";

/** Text in one style: SGR parameters such as `1;32`, or undefined for none. */
export interface Span {
  readonly text: string;
  readonly style?: string | undefined;
  /** A sequence that takes no cell and goes out before the text, once in each place where the frame begins. */
  readonly mark?: string | undefined;
}

/** What the editor wants to be seen: lines of the input with the prompt, and lines below it. */
export interface Frame {
  readonly lines: readonly (readonly Span[])[];
  readonly cursor: { readonly line: number; readonly offset: number };
  /** Cut at the right edge, never wrapped. */
  readonly below: readonly (readonly Span[])[];
}

/** Where frames go. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Does the terminal itself re-wrap the line that holds the cursor when its width changes? */
  readonly reflows: boolean;
  /** Makes sure that `columns` and `rows` are those of now. */
  lookAtSize?(): void;
  write(text: string): void;
}

/**
 * Paints frames over one another. It owns the rows from the prompt's first to the last one below the input, and
 * nothing above them. Each paint is one write; the same frame twice writes nothing.
 */
export class Painter {
  readonly #canvas: Canvas;
  /** What stands on the screen now; undefined when the region is not ours (a command prints). */
  #painted: { frame: Frame; columns: number; rows: number; output: string } | undefined;
  /** Have the marks of the frame gone out where it stands? */
  #isMarked = false;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
  }

  paint(frame: Frame): void {
    const { columns, rows } = this.#canvas;
    const body = draw(frame, columns, rows);
    const old = this.#painted;
    if (old !== undefined && old.output === body && old.columns === columns && old.rows === rows) return;
    const shown = this.#isMarked ? body : draw(frame, columns, rows, true);
    this.#isMarked = true;
    this.#canvas.write(quietly(`${this.#toTop()}${shown}`));
    this.#painted = { frame, columns, rows, output: body };
  }

  /** Prints lines above the region, which moves down unharmed. */
  printAbove(text: string): void {
    this.#canvas.lookAtSize?.();
    const old = this.#painted;
    if (old === undefined) {
      this.#canvas.write(text);
      return;
    }
    this.#canvas.write(quietly(`${this.#toTop()}${eraseBelow}${text}`));
    this.#leave();
    this.paint(old.frame);
  }

  /** Leaves the frame on the screen as it is for good, whole, and goes to the line after it. */
  commit(frame: Frame): void {
    this.#canvas.lookAtSize?.();
    const { columns } = this.#canvas;
    // Without a cursor: after a full row it would take one more.
    const { rows } = layOut({ ...frame, cursor: { line: -1, offset: 0 } }, columns);
    // What stands below goes before the last row is drawn: erasing behind a full one takes its last cell along.
    this.#canvas.write(quietly(`${this.#toTop()}${eraseBelow}${drawRows(rows, columns)}\r\n`));
    this.#leave();
  }

  /** Takes the region away and leaves the cursor where it began. */
  erase(): void {
    if (this.#painted === undefined) return;
    this.#canvas.write(`${this.#toTop()}${eraseBelow}`);
    this.#leave();
  }

  /** Empties the screen; the next frame begins at the top. */
  clear(): void {
    this.#canvas.write("\x1b[H\x1b[2J\x1b[3J");
    this.#leave();
  }

  /** The region is gone: something else wrote over the screen. */
  forget(): void {
    this.#leave();
  }

  #leave(): void {
    this.#painted = undefined;
    this.#isMarked = false;
  }

  /** From the cursor to the first cell of the region, also after the width changed and the terminal re-wrapped it. */
  #toTop(): string {
    const old = this.#painted;
    if (old === undefined) return "\r";
    const { columns, rows, reflows } = this.#canvas;
    const width = reflows ? columns : old.columns;
    const { visible, cursor } = visiblePart(old.frame, width, Math.min(rows, old.rows));
    const above = visible.length === 0 ? 0 : Math.min(cursor.row, rows - 1);
    return above > 0 ? `\r\x1b[${above}A` : "\r";
  }
}

interface Row {
  readonly text: string;
  readonly width: number;
  /** The next row continues this one: the terminal's own wrapping leads there. */
  readonly wraps: boolean;
}

/** How many rows of the terminal the input of a frame takes. */
export function inputRows(frame: Frame, columns: number): number {
  return layOut(frame, columns).rows.length;
}

/** How many cells are free in the row of a cursor that stands at the end of the input. */
export function cellsBehindCursor(frame: Frame, columns: number): number {
  return columns - layOut(frame, columns).cursor.column;
}

/** The bytes that draw a frame from the first cell of its region and leave the cursor in its place. */
function draw(frame: Frame, columns: number, rows: number, withMarks = false): string {
  const { visible, cursor } = visiblePart(frame, columns, rows, withMarks);
  // After a full row the cursor waits on its last cell, where erasing takes that one along. Then erase first.
  const full = frame.below.length === 0 && visible.at(-1)?.width === columns;
  let out = `${full ? eraseBelow : ""}${drawRows(visible, columns)}`;
  let bottom = visible.length - 1;
  const room = rows - visible.length;
  for (const line of frame.below.slice(0, Math.max(0, room))) {
    out += `\r\n${clipped(line, columns)}`;
    bottom++;
  }
  if (!full) out += "\x1b[J";
  out += "\r";
  if (bottom > cursor.row) out += `\x1b[${bottom - cursor.row}A`;
  if (cursor.column > 0) out += `\x1b[${cursor.column}C`;
  return out;
}

function drawRows(rows: readonly Row[], columns: number): string {
  let out = "";
  rows.forEach((row, index) => {
    out += row.text;
    // Also before a wide character that did not fit: it leaves one cell, which may hold something old.
    if (row.width < columns) out += "\x1b[K";
    if (!row.wraps && index < rows.length - 1) out += "\r\n";
  });
  return out;
}

/** The rows around the cursor that fit the screen. */
function visiblePart(
  frame: Frame,
  columns: number,
  rows: number,
  withMarks = false,
): { visible: readonly Row[]; cursor: Place } {
  const layout = layOut(frame, columns, withMarks);
  // What stands below keeps some room, also under a text longer than the screen.
  const height = Math.max(1, rows - Math.min(frame.below.length, Math.floor(rows / 2)));
  if (layout.rows.length <= height) return { visible: layout.rows, cursor: layout.cursor };
  const from = Math.min(Math.max(0, layout.cursor.row - Math.floor(height / 2)), layout.rows.length - height);
  const visible = layout.rows.slice(from, from + height);
  const lastRow = visible.at(-1);
  if (lastRow !== undefined) visible[visible.length - 1] = { ...lastRow, wraps: false };
  return { visible, cursor: { row: layout.cursor.row - from, column: layout.cursor.column } };
}

interface Place {
  readonly row: number;
  readonly column: number;
}

function layOut(frame: Frame, columns: number, withMarks = false): { rows: Row[]; cursor: Place } {
  const rows: Row[] = [];
  let cursor: Place = { row: 0, column: 0 };
  frame.lines.forEach((line, index) => {
    let text = "";
    let width = 0;
    let offset = 0;
    const place = (): void => {
      if (index === frame.cursor.line && offset === frame.cursor.offset) cursor = { row: rows.length, column: width };
    };
    for (const span of line) {
      if (withMarks && span.mark !== undefined) text += span.mark;
      if (span.text === "") continue;
      const open = span.style === undefined ? "" : `\x1b[${span.style}m`;
      const close = span.style === undefined ? "" : "\x1b[0m";
      text += open;
      for (const cell of graphemeCells(span.text)) {
        place();
        const put = (shown: string, cells: number, isFirst = true): void => {
          if (width + cells > columns && width > 0) {
            // A terminal that does not know a flag as one character would begin it in the last cell: a blank stops that.
            const filled = width < columns && isCluster(shown) ? " ".repeat(columns - width) : "";
            rows.push({ text: text + filled + close, width: width + filled.length, wraps: true });
            text = open;
            width = 0;
            if (isFirst) place();
          }
          text += shown;
          width += cells;
        };
        const standIn = standInFor(cell.text);
        if (standIn === undefined) put(cell.text, cell.width);
        else for (let at = 0; at < standIn.length; at++) put(standIn[at] ?? "", 1, at === 0);
        offset += cell.text.length;
      }
      text += close;
    }
    const cursorAtEnd = index === frame.cursor.line && offset === frame.cursor.offset;
    if (cursorAtEnd && width >= columns) {
      rows.push({ text, width, wraps: true });
      text = "";
      width = 0;
    }
    place();
    // A blank for the cursor to stand on: after a full row it makes the terminal wrap, and when the window gets narrower
    // it takes the cursor along. What is erased begins behind it, or its row would no longer follow the full one.
    rows.push(cursorAtEnd ? { text: `${text} `, width: width + 1, wraps: false } : { text, width, wraps: false });
  });
  return { rows, cursor };
}

/** Several code points that are seen as one character. */
function isCluster(grapheme: string): boolean {
  return grapheme.length > 2 || (grapheme.length === 2 && (grapheme.codePointAt(0) ?? 0) <= 0xffff);
}

/** One row of a line below the input, cut to the width. The last column stays free: a full row would wrap. */
function clipped(line: readonly Span[], columns: number): string {
  let out = "";
  let width = 0;
  let isFull = false;
  const limit = columns - 1;
  for (const span of line) {
    let text = "";
    for (const cell of graphemeCells(span.text)) {
      const standIn = standInFor(cell.text);
      const cells = standIn?.length ?? cell.width;
      isFull ||= width + cells > limit;
      if (isFull) break;
      text += standIn ?? cell.text;
      width += cells;
    }
    if (text === "") continue;
    out += span.style === undefined ? text : `\x1b[${span.style}m${text}\x1b[0m`;
  }
  return `${out}\x1b[K`;
}

/** What is shown for a control character: one must never reach the terminal from the line. */
function standInFor(grapheme: string): string | undefined {
  const code = grapheme.charCodeAt(0);
  if (code === 0x09) return "    ";
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return code >= 0x80 && code < 0xa0 ? "·" : undefined;
}

/** One step for the eye: the terminal shows nothing until all of it has arrived. */
function quietly(text: string): string {
  return `\x1b[?2026h\x1b[?25l${text}\x1b[?25h\x1b[?2026l`;
}
