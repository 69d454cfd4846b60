import { Writable } from "node:stream";
import { wholeWords } from "../view/error-lines.ts";
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
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences begin with Escape (ECMA-48): no slip, and no other character would do
const repaint = /^(?:\x1b\[\d+B)?(?:\x1b\[2K\x1b\[1A)*\x1b\[2K\x1b\[G/;
/** Where it leaves the cursor: so many rows above the last, in that column. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const toCursor = /(?:\x1b\[(\d+)A)?\x1b\[(\d+)G$/;

/** What a picker shows besides its own. */
export interface Asked {
  /** The question as it is painted, for the width that the window has now. */
  message(): string;
  /** Stands at the right edge for what is cut off the rows of a list; undefined: nothing is cut. */
  readonly cut: string | undefined;
  /** Does the terminal wrap its rows anew when its width changes? */
  readonly reflows: boolean;
}

/** No row is as long: a list is cut here, and the picker leaves its rows whole. */
const unbroken = 100_000;

/**
 * The screen for a picker. It counts the rows that it wrote, and a terminal that has got narrower wraps them: here
 * they are counted as they stand when they are painted over. When the width changes it is all painted anew.
 */
export function questionScreen(
  stdout: TerminalStreams["stdout"],
  { message, cut, reflows }: Asked,
): { readonly output: NodeJS.WritableStream; end(): void } {
  const isList = cut !== undefined;
  const columnsNow = (): number => stdout.columns || 80;
  /** The rows above the cursor's, the cells before the cursor, and the width they were painted for. */
  let above: readonly string[] = [];
  let before = 0;
  let columns = columnsNow();
  /** As the picker wrote it, with the question as it was painted then. */
  let last: { readonly text: string; readonly message: string } | undefined;

  const upInRow = (): number => Math.floor(before / (reflows ? columnsNow() : columns));
  const toTop = (): string => {
    const width = reflows ? columnsNow() : columns;
    const up = above.reduce((sum, row) => sum + Math.max(1, Math.ceil(displayWidth(row) / width)), upInRow());
    return `${up === 0 ? "" : `\x1b[${up}A`}\r\x1b[J`;
  };
  const drawn = (text: string): string => {
    const end = toCursor.exec(text);
    columns = columnsNow();
    const question = message();
    last = { text, message: question };
    const rows = text.slice(0, end?.index).split("\n");
    const ofQuestion = question.split("\n").length;
    const shown = isList ? rows.map((row, at) => (at < ofQuestion ? row : cutRow(row, columns - 1, cut))) : rows;
    above = shown.slice(0, end?.[1] === undefined ? -1 : -1 - Number(end[1]));
    if (end !== null) before = Math.min(Number(end[2]) - 1, isList ? displayWidth(shown.at(-1) ?? "") : unbroken);
    return `${shown.join("\n")}${end?.[0] ?? ""}`;
  };
  const fitted = (text: string): string => {
    const begin = repaint.exec(text)?.[0];
    const shown = text.slice(begin?.length ?? 0);
    const end = toCursor.exec(shown);
    if (begin !== undefined) return toTop() + drawn(shown);
    // A move stays in the row of the screen in which the cursor is.
    if (end !== null && shown === end[0]) before = Number(end[2]) - 1 + upInRow() * columnsNow();
    else if (end !== null || shown.includes("\n")) return drawn(shown);
    return text;
  };
  const resized = (): void => {
    if (last === undefined || columnsNow() === columns) return;
    const question = message();
    const text = last.text.replace(last.message, () => question);
    stdout.write(toTop() + drawn(isList ? text : withCursorAtEnd(text)));
  };
  const screen = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      stdout.write(fitted(chunk.toString()));
      done();
    },
  });
  const output = Object.defineProperties(screen, {
    columns: { get: () => (isList ? unbroken : stdout.columns) },
    rows: { get: () => stdout.rows },
    isTTY: { value: stdout.isTTY },
  });
  stdout.on("resize", resized);
  return { output, end: () => void stdout.off("resize", resized) };
}

/** The question's last row ends elsewhere when it is broken anew, and the answer behind it. */
function withCursorAtEnd(text: string): string {
  return text.replace(toCursor, (place, up: string | undefined, _column, at: number) =>
    up === undefined ? `\x1b[${displayWidth(text.slice(0, at).split("\n").at(-1) ?? "") + 1}G` : place,
  );
}

/** The row in its looks. */
function cutRow(row: string, columns: number, mark: string): string {
  if (displayWidth(row) <= columns) return row;
  const [, open = "", text = "", close = ""] = looks.exec(row) ?? [];
  return open + clip(text, columns, mark) + close;
}

/** What stands around a text and takes no cell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const looks = /^((?:\x1b\[[?\d;]*[a-zA-Z])*)(.*?)((?:\x1b\[[?\d;]*[a-zA-Z])*)$/s;
