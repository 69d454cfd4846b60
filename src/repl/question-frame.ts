import { Writable } from "node:stream";
import { wholeWords } from "../view/error-lines.ts";
import { displayWidth } from "../view/width.ts";
import type { TerminalStreams } from "./terminal.ts";

/** The question behind its mark, in rows that end between words. @param answered what stands behind it in its row. */
export function questionRows(question: string, answered: string, columns: number): string {
  const room = "_".repeat(displayWidth(answered));
  const rows = wholeWords(`${mark}${question} ${room}`, columns).slice(mark.length);
  return rows.slice(0, rows.length - room.length).replace(/ $/, "");
}

/** As wide as the mark of a question. */
const mark = "  ";

/** How a picker paints itself anew: down to its last row, up again over as many as it wrote, and what stands there then. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences begin with Escape (ECMA-48): no slip, and no other character would do
const repaint = /^(?:\x1b\[\d+B)?(?:\x1b\[2K\x1b\[1A)*\x1b\[2K\x1b\[G/;
/** Where it leaves the cursor: so many rows above the last, in that column. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const toCursor = /(?:\x1b\[(\d+)A)?\x1b\[(\d+)G$/;

/**
 * The screen for a picker. It counts the rows that it wrote, and a terminal that has got narrower wraps them: here
 * they are counted as they stand when they are painted over.
 */
export function questionScreen(stdout: TerminalStreams["stdout"]): NodeJS.WritableStream {
  /** The rows above the cursor's, and the cells before the cursor. */
  let above: readonly string[] = [];
  let before = 0;
  const fitted = (text: string): string => {
    const begin = repaint.exec(text)?.[0];
    const columns = stdout.columns || 80;
    const shown = text.slice(begin?.length ?? 0);
    const end = toCursor.exec(shown);
    const up = above.reduce((sum, row) => sum + Math.max(1, Math.ceil(displayWidth(row) / columns)), 0);
    const upInRow = Math.floor(before / columns);
    const isMove = begin === undefined && !shown.includes("\n");
    // A move stays in the row of the screen in which the cursor is.
    if (end !== null) before = Number(end[2]) - 1 + (isMove ? upInRow * columns : 0);
    if (isMove) return text;
    above = shown.split("\n").slice(0, end?.[1] === undefined ? -1 : -1 - Number(end[1]));
    if (begin === undefined) return text;
    return `${up + upInRow === 0 ? "" : `\x1b[${up + upInRow}A`}\r\x1b[J${shown}`;
  };
  const screen = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      stdout.write(fitted(chunk.toString()));
      done();
    },
  });
  return Object.defineProperties(screen, {
    columns: { get: () => stdout.columns },
    rows: { get: () => stdout.rows },
    isTTY: { value: stdout.isTTY },
  });
}
