import { Writable } from "node:stream";
import { eraseBelow } from "../view/erase-below.ts";
import { wholeWords } from "../view/error-lines.ts";
import { csi } from "../view/escapes.ts";
import { clip, displayWidth } from "../view/width.ts";
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
const repaint = new RegExp(`^(?:${csi}\\d+B)?(?:${csi}2K${csi}1A)*${csi}2K${csi}G`);
/** Where it leaves the cursor: so many rows above the last, in that column. */
const toCursor = new RegExp(`(?:${csi}(\\d+)A)?${csi}(\\d+)G$`);

/** What a picker shows besides its own. */
export interface Asked {
  /** The question as it is painted, for the width that the window has now. */
  message(): string;
  /** The choices stand below it, and no answer behind it. */
  readonly isList: boolean;
  /** Stands at the right edge for what is cut off what stands below the question. */
  readonly cut: string;
  /** Does the terminal wrap its rows anew when its width changes? */
  readonly reflows: boolean;
}

export interface QuestionScreen {
  readonly output: NodeJS.WritableStream;
  /** Shows it once more where the cursor is. */
  again(): void;
  end(): void;
}

/** No row is as long: where rows end is said here, and the picker leaves them whole. */
const unbroken = 100_000;

/**
 * The screen for a picker. It counts the rows that it wrote, and a terminal that has got narrower wraps them: here
 * they are counted as they stand when they are painted over. When the width changes it is all painted anew.
 */
export function questionScreen(
  stdout: TerminalStreams["stdout"],
  { message, isList, cut, reflows }: Asked,
): QuestionScreen {
  const columnsNow = (): number => stdout.columns || 80;
  /** The rows above the one that holds the cursor, the cells before it there, and the width they were painted for. */
  let above: readonly string[] = [];
  let before = 0;
  let columns = columnsNow();
  /** As the picker wrote it, with the question as it was painted then. */
  let last: Painted | undefined;
  /** What was written before anything was painted. */
  let plain = "";

  // The picker composes accents.
  const messageNow = (): string => message().normalize();
  const toTop = (): string => {
    const width = reflows ? columnsNow() : columns;
    const up = heightOf(above, width) + Math.floor(before / width);
    return `${up === 0 ? "" : `\x1b[${up}A`}\r${eraseBelow}`;
  };
  /** To a cell of the row that holds the cursor, which may go on over several rows of the screen. */
  const moved = (cell: number): string => {
    const rows = Math.floor(cell / columns) - Math.floor(before / columns);
    before = cell;
    const up = rows < 0 ? `\x1b[${-rows}A` : "";
    return `${rows > 0 ? `\x1b[${rows}B` : up}\x1b[${(cell % columns) + 1}G`;
  };
  /** How far behind the text the cursor stands. */
  let behind = 0;
  /** @param isAnew the text is that of before, whose rows may end elsewhere now. */
  const drawn = (text: string, isAnew = false): string => {
    const end = toCursor.exec(text);
    columns = columnsNow();
    const question = messageNow();
    last = { text, message: question };
    const rows = text.slice(0, end?.index).split("\n");
    const at = rows.length - 1 - Number(end?.[1] ?? 0);
    const lastWhole = isList ? question.split("\n").length - 1 : at;
    const shown = rows.map((row, index) => (index <= lastWhole ? row : cutRow(row, columns - 1, cut)));
    const [row = "", ...below] = shown.slice(at);
    above = shown.slice(0, at);
    const width = displayWidth(row);
    if (!isAnew) behind = !isList && end !== null ? Number(end[2]) - 1 - width : 0;
    before = width + Math.max(0, behind);
    // A blank for the cursor to stand on, as the painter of the line writes: it takes the cursor along when a row is wrapped.
    const painted = [...above, `${row}${" ".repeat(before - width + 1)}`, ...below].join("\n");
    const up = below.length;
    return `${painted}${up === 0 ? "" : `\x1b[${up}A`}${moved(width + behind)}`;
  };
  const fitted = (text: string): string => {
    const begin = repaint.exec(text)?.[0];
    const shown = text.slice(begin?.length ?? 0);
    const end = toCursor.exec(shown);
    if (begin !== undefined) return toTop() + drawn(shown);
    if (end !== null && shown === end[0]) return moved(Number(end[2]) - 1);
    if (end !== null || shown.includes("\n")) return drawn(shown);
    plain += text;
    return text;
  };
  const drawnAnew = (painted: Painted): string => {
    const question = messageNow();
    const text = painted.text.replace(painted.message, () => question);
    return drawn(text, true);
  };
  const resized = (): void => {
    if (last !== undefined && columnsNow() !== columns) stdout.write(toTop() + drawnAnew(last));
  };
  const screen = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      stdout.write(fitted(chunk.toString()));
      done();
    },
  });
  const output = Object.defineProperties(screen, {
    columns: { value: unbroken },
    rows: { get: () => stdout.rows },
    isTTY: { value: stdout.isTTY },
  });
  stdout.on("resize", resized);
  return {
    output,
    again() {
      const painted = last;
      // Whoever had the screen was told of its new size; and what was painted for the old one is not there to paint over.
      last = undefined;
      stdout._refreshSize?.();
      stdout.write(`\r${eraseBelow}${painted === undefined ? plain : drawnAnew(painted)}`);
    },
    end: () => void stdout.off("resize", resized),
  };
}

interface Painted {
  readonly text: string;
  readonly message: string;
}

/** The rows of the screen that they take. */
function heightOf(rows: readonly string[], columns: number): number {
  return rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(displayWidth(row) / columns)), 0);
}

/** The row in its looks. */
function cutRow(row: string, columns: number, mark: string): string {
  if (displayWidth(row) <= columns) return row;
  const [, open = "", text = "", close = ""] = looks.exec(row) ?? [];
  return open + clip(text, columns, mark) + close;
}

/** What stands around a text and takes no cell. */
const looks = new RegExp(`^((?:${csi}[?\\d;]*[a-zA-Z])*)(.*?)((?:${csi}[?\\d;]*[a-zA-Z])*)$`, "s");
