import { nextBoundary, previousBoundary } from "./graphemes.ts";

/** The line being edited. A value: every key makes a new one. The cursor always stands between graphemes. */
export interface Buffer {
  readonly text: string;
  readonly cursor: number;
  readonly kills: readonly string[];
  readonly past: readonly Snapshot[];
  /** What was undone last comes last. */
  readonly undone: readonly Snapshot[];
  /** What the last key did: kills in a row join, letters in a row are undone together. */
  readonly last: Did;
}

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

type Did =
  | { readonly kind: "other" }
  | { readonly kind: "insert" }
  | { readonly kind: "kill" }
  | { readonly kind: "vertical"; readonly column: number }
  /** From where to where, and which of the kills. */
  | { readonly kind: "yank"; readonly from: number; readonly to: number; readonly index: number };

const other: Did = { kind: "other" };
const killsKept = 60;
const pastKept = 500;

export const empty: Buffer = { text: "", cursor: 0, kills: [], past: [], undone: [], last: other };

/** A new line that remembers what was killed before. */
export function fresh(buffer: Buffer): Buffer {
  return { ...empty, kills: buffer.kills };
}

/** Puts another text on the line (from history, search, completion); undo brings the old one back. */
export function replace(buffer: Buffer, text: string, cursor = text.length): Buffer {
  return text === buffer.text ? moved(buffer, cursor) : changed(buffer, text, cursor, other);
}

export function insert(buffer: Buffer, added: string): Buffer {
  const text = buffer.text.slice(0, buffer.cursor) + added + buffer.text.slice(buffer.cursor);
  const cursor = buffer.cursor + added.length;
  const joins = buffer.last.kind === "insert" && added.length <= 2 && !/\s/.test(added);
  if (joins) return { ...buffer, text, cursor, undone: [] };
  return changed(buffer, text, cursor, { kind: "insert" });
}

export function backspace(buffer: Buffer): Buffer {
  const from = previousBoundary(buffer.text, buffer.cursor);
  return changed(buffer, buffer.text.slice(0, from) + buffer.text.slice(buffer.cursor), from, other);
}

export function deleteForward(buffer: Buffer): Buffer {
  const to = nextBoundary(buffer.text, buffer.cursor);
  return changed(buffer, buffer.text.slice(0, buffer.cursor) + buffer.text.slice(to), buffer.cursor, other);
}

export function left(buffer: Buffer): Buffer {
  return moved(buffer, previousBoundary(buffer.text, buffer.cursor));
}

export function right(buffer: Buffer): Buffer {
  return moved(buffer, nextBoundary(buffer.text, buffer.cursor));
}

export function wordLeft(buffer: Buffer): Buffer {
  return moved(buffer, wordStart(buffer.text, buffer.cursor));
}

export function wordRight(buffer: Buffer): Buffer {
  return moved(buffer, wordEnd(buffer.text, buffer.cursor));
}

export function lineStart(buffer: Buffer): Buffer {
  return moved(buffer, startOfLine(buffer.text, buffer.cursor));
}

export function lineEnd(buffer: Buffer): Buffer {
  return moved(buffer, endOfLine(buffer.text, buffer.cursor));
}

export function bufferStart(buffer: Buffer): Buffer {
  return moved(buffer, 0);
}

export function bufferEnd(buffer: Buffer): Buffer {
  return moved(buffer, buffer.text.length);
}

/** One line up in a text of several lines; undefined on the first. The column is kept across shorter lines. */
export function lineUp(buffer: Buffer): Buffer | undefined {
  const start = startOfLine(buffer.text, buffer.cursor);
  if (start === 0) return undefined;
  return toColumn(buffer, startOfLine(buffer.text, start - 1));
}

export function lineDown(buffer: Buffer): Buffer | undefined {
  const end = endOfLine(buffer.text, buffer.cursor);
  if (end === buffer.text.length) return undefined;
  return toColumn(buffer, end + 1);
}

/** To the end of the line; at the end, the newline itself. */
export function killToEnd(buffer: Buffer): Buffer {
  const end = endOfLine(buffer.text, buffer.cursor);
  return kill(buffer, buffer.cursor, end === buffer.cursor ? Math.min(end + 1, buffer.text.length) : end);
}

export function killToStart(buffer: Buffer): Buffer {
  const start = startOfLine(buffer.text, buffer.cursor);
  return kill(buffer, start === buffer.cursor ? Math.max(start - 1, 0) : start, buffer.cursor);
}

export function killWordLeft(buffer: Buffer): Buffer {
  return kill(buffer, wordStart(buffer.text, buffer.cursor), buffer.cursor);
}

export function killWordRight(buffer: Buffer): Buffer {
  return kill(buffer, buffer.cursor, wordEnd(buffer.text, buffer.cursor));
}

/** Back to the last blank: a whole path or flag. */
export function killBlankWordLeft(buffer: Buffer): Buffer {
  let from = buffer.cursor;
  while (from > 0 && isBlank(buffer.text[from - 1])) from--;
  while (from > 0 && !isBlank(buffer.text[from - 1])) from--;
  return kill(buffer, from, buffer.cursor);
}

export function yank(buffer: Buffer): Buffer {
  return yankNth(buffer, buffer.cursor, buffer.cursor, 0);
}

/** Right after a yank: the kill before that one instead. */
export function yankPop(buffer: Buffer): Buffer {
  if (buffer.last.kind !== "yank") return buffer;
  return yankNth(buffer, buffer.last.from, buffer.last.to, (buffer.last.index + 1) % buffer.kills.length);
}

export function transposeCharacters(buffer: Buffer): Buffer {
  const { text } = buffer;
  const atEnd = buffer.cursor === endOfLine(text, buffer.cursor);
  const middle = atEnd ? previousBoundary(text, buffer.cursor) : buffer.cursor;
  const from = previousBoundary(text, middle);
  const to = nextBoundary(text, middle);
  if (from === middle || middle === to || text.slice(from, to).includes("\n")) return moved(buffer, buffer.cursor);
  const swapped = text.slice(0, from) + text.slice(middle, to) + text.slice(from, middle) + text.slice(to);
  return changed(buffer, swapped, to, other);
}

export function transposeWords(buffer: Buffer): Buffer {
  const { text } = buffer;
  const secondEnd = wordEnd(text, buffer.cursor);
  const secondStart = wordStart(text, secondEnd);
  const firstStart = wordStart(text, secondStart);
  const firstEnd = wordEnd(text, firstStart);
  if (firstEnd > secondStart || firstStart === secondStart) return moved(buffer, buffer.cursor);
  const first = text.slice(firstStart, firstEnd);
  const second = text.slice(secondStart, secondEnd);
  const swapped =
    text.slice(0, firstStart) + second + text.slice(firstEnd, secondStart) + first + text.slice(secondEnd);
  return changed(buffer, swapped, secondEnd, other);
}

/** Rewrites the word right of the cursor (capitals, upper, lower case). */
export function changeWord(buffer: Buffer, change: (word: string) => string): Buffer {
  const to = wordEnd(buffer.text, buffer.cursor);
  const word = change(buffer.text.slice(buffer.cursor, to));
  return changed(
    buffer,
    buffer.text.slice(0, buffer.cursor) + word + buffer.text.slice(to),
    buffer.cursor + word.length,
    other,
  );
}

export function undo(buffer: Buffer): Buffer {
  const before = buffer.past.at(-1);
  if (before === undefined) return moved(buffer, buffer.cursor);
  const undone = [...buffer.undone, { text: buffer.text, cursor: buffer.cursor }];
  return { ...buffer, ...before, past: buffer.past.slice(0, -1), undone, last: other };
}

/** What the last undo took back is there again. */
export function redo(buffer: Buffer): Buffer {
  const after = buffer.undone.at(-1);
  if (after === undefined) return moved(buffer, buffer.cursor);
  const past = [...buffer.past, { text: buffer.text, cursor: buffer.cursor }];
  return { ...buffer, ...after, past, undone: buffer.undone.slice(0, -1), last: other };
}

/** Other text in the place of a part of it, apart from what was typed before. */
export function splice(buffer: Buffer, from: number, to: number, added: string, cursor: number): Buffer {
  return changed(buffer, buffer.text.slice(0, from) + added + buffer.text.slice(to), cursor, other);
}

export function moveTo(buffer: Buffer, cursor: number): Buffer {
  return moved(buffer, cursor);
}

/** Keeps a text as what was cut last. */
export function copy(buffer: Buffer, text: string): Buffer {
  return text === "" ? buffer : { ...buffer, kills: [text, ...buffer.kills].slice(0, killsKept), last: other };
}

/** What has changed since then, undone as one. */
export function asOneStep(buffer: Buffer, since: Buffer): Buffer {
  const { text, cursor, past } = since;
  return { ...buffer, past: text === buffer.text ? past : [...past.slice(-pastKept), { text, cursor }], last: other };
}

function moved(buffer: Buffer, cursor: number): Buffer {
  return { ...buffer, cursor, last: other };
}

function changed(buffer: Buffer, text: string, cursor: number, last: Did): Buffer {
  if (text === buffer.text) return { ...buffer, cursor, last };
  const past = [...buffer.past.slice(-pastKept), { text: buffer.text, cursor: buffer.cursor }];
  return { ...buffer, text, cursor, past, undone: [], last };
}

function kill(buffer: Buffer, from: number, to: number): Buffer {
  const killed = buffer.text.slice(from, to);
  if (killed === "") return { ...buffer, last: buffer.last.kind === "kill" ? buffer.last : other };
  const text = buffer.text.slice(0, from) + buffer.text.slice(to);
  const newest = buffer.kills[0];
  const kills =
    buffer.last.kind === "kill" && newest !== undefined
      ? [from < buffer.cursor ? killed + newest : newest + killed, ...buffer.kills.slice(1)]
      : [killed, ...buffer.kills].slice(0, killsKept);
  return { ...changed(buffer, text, from, { kind: "kill" }), kills };
}

function yankNth(buffer: Buffer, from: number, to: number, index: number): Buffer {
  const added = buffer.kills[index];
  if (added === undefined) return moved(buffer, buffer.cursor);
  const text = buffer.text.slice(0, from) + added + buffer.text.slice(to);
  const end = from + added.length;
  return { ...changed(buffer, text, end, other), last: { kind: "yank", from, to: end, index } };
}

function toColumn(buffer: Buffer, start: number): Buffer {
  const column = buffer.last.kind === "vertical" ? buffer.last.column : columnOf(buffer);
  const end = endOfLine(buffer.text, start);
  let cursor = start;
  for (let passed = 0; passed < column && cursor < end; passed++) cursor = nextBoundary(buffer.text, cursor);
  return { ...buffer, cursor, last: { kind: "vertical", column } };
}

function columnOf(buffer: Buffer): number {
  let column = 0;
  const start = startOfLine(buffer.text, buffer.cursor);
  for (let at = start; at < buffer.cursor; at = nextBoundary(buffer.text, at)) column++;
  return column;
}

/** Behind the character that the cursor is on; at the end of its line where it is. */
export function behindCursor({ text, cursor }: Buffer): number {
  return cursor < endOfLine(text, cursor) ? nextBoundary(text, cursor) : cursor;
}

export function startOfLine(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

export function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function wordStart(text: string, at: number): number {
  let from = at;
  while (from > 0 && !isWord(text, previousBoundary(text, from))) from = previousBoundary(text, from);
  while (from > 0 && isWord(text, previousBoundary(text, from))) from = previousBoundary(text, from);
  return from;
}

function wordEnd(text: string, at: number): number {
  let to = at;
  while (to < text.length && !isWord(text, to)) to = nextBoundary(text, to);
  while (to < text.length && isWord(text, to)) to = nextBoundary(text, to);
  return to;
}

function isWord(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  return code !== undefined && /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(String.fromCodePoint(code));
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
