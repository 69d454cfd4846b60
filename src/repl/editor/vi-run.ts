import * as engine from "./engine.ts";
import { graphemeCells, nextBoundary, previousBoundary } from "./graphemes.ts";
import type { Action } from "./keymap.ts";
import { type Command, isLines, isTextObject, type Operator } from "./vi-command.ts";
import {
  endOfWords,
  type Find,
  find,
  firstOfLine,
  isBlankAt,
  linesOn,
  type Motion,
  motions,
  reversed,
  textObject,
} from "./vi-motions.ts";
import { keep, kept } from "./vi-registers.ts";
import type { Change, Pressed, Vi } from "./vi-state.ts";

/** Runs a whole command. */
export function run(vi: Vi, buffer: engine.Buffer, command: Command): Pressed {
  if (command.operator !== undefined) return operate(vi, buffer, command, command.operator);
  const own = commands[command.name];
  if (own !== undefined) return own(vi, buffer, command);
  const { motion, find: found } = motionOf(command, vi);
  const to = motion?.go(buffer.text, buffer.cursor, command.count ?? 1);
  const moved = to === undefined ? buffer : onCharacter(engine.moveTo(buffer, to));
  return { vi: { ...vi, find: found }, buffer: moved };
}

/** What `.` repeats of a selection: so many characters, or lines, from the cursor on. */
export const selected = "selected";
export const selectedLines = "selected-lines";

/** What a command moves by, and what `;` looks for from now on. */
export function motionOf({ name, character }: Command, vi: Vi): { motion: Motion | undefined; find: Find | undefined } {
  if (character !== undefined && name !== "r") {
    const wanted = { key: name, character };
    return { motion: find(wanted, false), find: wanted };
  }
  if (name !== ";" && name !== ",") return { motion: motions.get(name), find: vi.find };
  const wanted = vi.find === undefined || name === ";" ? vi.find : reversed(vi.find);
  return { motion: wanted === undefined ? undefined : find(wanted, true), find: vi.find };
}

type Run = (vi: Vi, buffer: engine.Buffer, command: Command) => Pressed;

/** Commands that are no motions. */
const commands: Readonly<Record<string, Run>> = {
  i: inserting((buffer) => buffer.cursor),
  I: inserting(({ text, cursor }) => firstOfLine(text, cursor)),
  a: inserting(({ text, cursor }) => (cursor < engine.endOfLine(text, cursor) ? nextBoundary(text, cursor) : cursor)),
  A: inserting(({ text, cursor }) => engine.endOfLine(text, cursor)),
  o: (vi, buffer, command) => {
    const at = engine.endOfLine(buffer.text, buffer.cursor);
    return typing(vi, engine.splice(buffer, at, at, "\n", at + 1), command, buffer);
  },
  O: (vi, buffer, command) => {
    const at = engine.startOfLine(buffer.text, buffer.cursor);
    return typing(vi, engine.splice(buffer, at, at, "\n", at), command, buffer);
  },
  R: (vi, buffer, command) => {
    const pressed = typing(vi, buffer, command, buffer);
    return { ...pressed, vi: { ...pressed.vi, mode: "replace" } };
  },
  p: (vi, buffer, command) => put(vi, buffer, command, true),
  P: (vi, buffer, command) => put(vi, buffer, command, false),
  r: replaceCharacters,
  "~": (vi, buffer, command) => {
    const to = charactersOn(buffer, command.count ?? 1);
    const swapped = rewritten(buffer.text.slice(buffer.cursor, to), "g~");
    const swap = engine.splice(buffer, buffer.cursor, to, swapped, buffer.cursor + swapped.length);
    return done(vi, swap, command);
  },
  u: (vi, buffer, { count = 1 }) => {
    let before = buffer;
    for (let left = Math.min(count, buffer.past.length); left > 0; left--) before = engine.undo(before);
    return { vi, buffer: onCharacter(before) };
  },
  // With nothing that was undone it is what it is everywhere else.
  "C-r": (vi, buffer, { count = 1 }) => {
    if (buffer.undone.length === 0) return { vi, buffer, action: { name: "search", times: 1 } };
    let after = buffer;
    for (let left = Math.min(count, buffer.undone.length); left > 0; left--) after = engine.redo(after);
    return { vi, buffer: onCharacter(after) };
  },
  v: (vi, buffer) => ({ vi: { ...vi, mode: "visual", anchor: buffer.cursor }, buffer }),
  V: (vi, buffer) => ({ vi: { ...vi, mode: "visual-lines", anchor: buffer.cursor }, buffer }),
  ".": (vi, buffer, { count }) => (vi.change === undefined ? { vi, buffer } : again(vi, buffer, vi.change, count)),
  j: acting("down"),
  k: acting("up"),
  // In a text of several lines to its end first; there, through the history.
  gg: (vi, buffer) => {
    if (engine.startOfLine(buffer.text, buffer.cursor) > 0) return { vi, buffer: engine.moveTo(buffer, 0) };
    return { vi, buffer, action: { name: "historyOldest", times: 1 } };
  },
  G: (vi, buffer) => {
    const last = engine.startOfLine(buffer.text, buffer.text.length);
    if (last > buffer.cursor) return { vi, buffer: engine.moveTo(buffer, last) };
    return { vi, buffer, action: { name: "historyNewest", times: 1 } };
  },
  "/": acting("search"),
  "?": acting("search"),
  n: acting("searchOlder"),
  N: acting("searchNewer"),
};

function acting(name: Action): Run {
  return (vi, buffer, { count = 1 }) => ({ vi, buffer, action: { name, times: count } });
}

function inserting(place: (buffer: engine.Buffer) => number): Run {
  return (vi, buffer, command) => typing(vi, engine.moveTo(buffer, place(buffer)), command, buffer);
}

function typing(vi: Vi, from: engine.Buffer, command: Command, before: engine.Buffer): Pressed {
  return { vi: { ...vi, mode: "insert", insertion: { command, before, from, overwritten: [] } }, buffer: from };
}

/** A change that is complete. */
function done(vi: Vi, buffer: engine.Buffer, command: Command): Pressed {
  return { vi: { ...vi, change: { command, inserted: "" } }, buffer: onCharacter(buffer) };
}

function operate(vi: Vi, buffer: engine.Buffer, command: Command, operator: Operator): Pressed {
  const part = partOf(vi, buffer, command);
  if (part === undefined) return { vi, buffer };
  const { text } = buffer;
  const { from, to, lines } = part;
  const taken = text.slice(from, to);
  if (operator !== "d" && operator !== "c" && operator !== "y") {
    const changed = engine.splice(buffer, from, to, rewritten(taken, operator, command.character), from);
    return done({ ...vi, find: part.find }, changed, command);
  }
  const { register } = command;
  const held = keep(vi.registers, buffer, { text: taken, lines }, { register, copied: operator === "y" });
  const kept: Vi = { ...vi, find: part.find, registers: held.registers };
  const copied = held.buffer;
  if (operator === "y") return { vi: kept, buffer: lines ? copied : engine.moveTo(copied, from) };
  if (operator === "c") return typing(kept, engine.splice(copied, from, to, "", from), command, buffer);
  if (!lines) return done(kept, engine.splice(copied, from, to, "", from), command);
  // With the newline behind them, else the one before.
  const [first, last] = to < text.length ? [from, to + 1] : [Math.max(0, from - 1), to];
  const left = engine.splice(copied, first, last, "", first);
  const line = first === from ? from : engine.startOfLine(left.text, first);
  return done(kept, engine.moveTo(left, firstOfLine(left.text, line)), command);
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly lines: boolean;
  readonly find: Find | undefined;
}

/** What an operator works on. */
function partOf(vi: Vi, { text, cursor }: engine.Buffer, command: Command): Part | undefined {
  const { operator, name, count = 1 } = command;
  const part = (from: number, to: number, lines = false, found = vi.find): Part => ({ from, to, lines, find: found });
  const wholeLines = (a: number, b: number): Part =>
    part(engine.startOfLine(text, Math.min(a, b)), engine.endOfLine(text, Math.max(a, b)), true);
  if (name === selected) return part(cursor, graphemesOn(text, cursor, count));
  if (name === selectedLines || (operator !== undefined && isLines(operator, name)))
    return wholeLines(cursor, linesOn(text, cursor, count - 1));
  if (isTextObject(name)) {
    const found = textObject(text, cursor, { around: name.startsWith("a"), key: name.slice(1), count });
    return found === undefined ? undefined : part(...found);
  }
  const isWord = name === "w" || name === "W";
  if (operator === "c" && isWord && cursor < text.length && !isBlankAt(text, cursor)) {
    return part(cursor, endOfWords(text, cursor, count, name === "W"));
  }
  const { motion, find: found } = motionOf(command, vi);
  // Behind the last word there is no other one to end.
  const isEnd = (name === "e" || name === "E") && cursor < text.length;
  const to = motion?.go(text, cursor, count) ?? (isEnd ? previousBoundary(text, text.length) : undefined);
  // At the edge of a line there is nothing to delete, but it can be typed on.
  if (motion === undefined || to === undefined)
    return operator === "c" && (name === "l" || name === "h") ? part(cursor, cursor) : undefined;
  if (motion.reach === "lines") return wholeLines(cursor, to);
  const [low, high] = [Math.min(cursor, to), Math.max(cursor, to)];
  if (motion.reach === "inclusive") return part(low, nextBoundary(text, high), false, found);
  // The last word of a line ends there, and not where the next line begins.
  const end = isWord ? low + text.slice(low, high).replace(/\n\s*$/, "").length : high;
  return part(low, end === low ? high : end, false, found);
}

function put(vi: Vi, buffer: engine.Buffer, command: Command, behind: boolean): Pressed {
  const { text, cursor } = buffer;
  const there = kept(vi.registers, buffer, command.register);
  if (there === undefined) return { vi, buffer };
  const { count = 1 } = command;
  if (there.lines && text !== "") {
    const at = behind ? engine.endOfLine(text, cursor) : engine.startOfLine(text, cursor);
    const start = behind ? at + 1 : at;
    const added = several(`${there.text}\n`, count).slice(0, -1);
    const lines = engine.splice(buffer, at, at, behind ? `\n${added}` : `${added}\n`, start);
    return done(vi, engine.moveTo(lines, firstOfLine(lines.text, start)), command);
  }
  const at = behind && cursor < engine.endOfLine(text, cursor) ? nextBoundary(text, cursor) : cursor;
  const added = several(there.text, count);
  const end = at + added.length;
  const pasted = engine.splice(buffer, at, at, added, end);
  return done(vi, engine.moveTo(pasted, previousBoundary(pasted.text, end)), command);
}

function replaceCharacters(vi: Vi, buffer: engine.Buffer, command: Command): Pressed {
  const { count = 1, character = "" } = command;
  const to = charactersOn(buffer, count);
  const there = [...graphemeCells(buffer.text.slice(buffer.cursor, to))].length;
  if (there < count || there === 0) return { vi, buffer };
  const replaced = engine.splice(buffer, buffer.cursor, to, character.repeat(count), buffer.cursor);
  return done(vi, engine.moveTo(replaced, buffer.cursor + character.length * (count - 1)), command);
}

/** Does a change once more, a new count in the place of its own. */
function again(vi: Vi, buffer: engine.Buffer, { command, inserted }: Change, count: number | undefined): Pressed {
  const begun = run(vi, buffer, { ...command, count: count ?? command.count });
  if (begun.vi.mode === "normal") return begun;
  let typed = begun;
  if (begun.vi.mode === "replace") {
    for (const { text } of graphemeCells(inserted)) typed = overwrite(typed.vi, typed.buffer, text);
  } else if (inserted !== "") typed = { ...begun, buffer: engine.insert(begun.buffer, inserted) };
  return leaveInsertion(typed.vi, typed.buffer);
}

/** The offset so many characters on, in this line. */
function charactersOn({ text, cursor }: engine.Buffer, count: number): number {
  return motions.get("l")?.go(text, cursor, count) ?? cursor;
}

/** The same characters in another case, or each as another one; lines stay lines. */
function rewritten(text: string, operator: Exclude<Operator, "d" | "c" | "y">, character = ""): string {
  if (operator === "gu") return text.toLowerCase();
  if (operator === "gU") return text.toUpperCase();
  const change = operator === "r" ? (): string => character : otherCase;
  return [...graphemeCells(text)].map((cell) => (cell.text === "\n" ? "\n" : change(cell.text))).join("");
}

/** The offset so many characters on, across lines. */
function graphemesOn(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < text.length; left--) at = nextBoundary(text, at);
  return at;
}

function otherCase(text: string): string {
  const upper = text.toUpperCase();
  return text === upper ? text.toLowerCase() : upper;
}

/** What has come to the text between what stood before and behind the cursor. */
function insertedIn({ text }: engine.Buffer, { text: old, cursor }: engine.Buffer): string {
  const [before, behind] = [old.slice(0, cursor), old.slice(cursor)];
  const isBetween = text.length >= old.length && text.startsWith(before) && text.endsWith(behind);
  return isBetween ? text.slice(cursor, text.length - behind.length) : "";
}

/** Escape while text is typed. */
export function leaveInsertion(vi: Vi, typed: engine.Buffer): Pressed {
  const { insertion } = vi;
  const normal: Vi = { ...vi, mode: "normal", insertion: undefined };
  if (insertion === undefined) return { vi: normal, buffer: onCharacter(typed) };
  const { command, before, from } = insertion;
  const inserted = vi.mode === "replace" ? typed.text.slice(from.cursor, typed.cursor) : insertedIn(typed, from);
  let buffer = typed;
  const times =
    command === undefined || command.operator !== undefined || vi.mode === "replace" ? 1 : (command.count ?? 1);
  if (times > 1) buffer = engine.insert(buffer, several(inserted, times - 1));
  buffer = engine.asOneStep(buffer, before);
  const start = engine.startOfLine(buffer.text, buffer.cursor);
  const cursor = buffer.cursor > start ? previousBoundary(buffer.text, buffer.cursor) : buffer.cursor;
  const change = command === undefined ? vi.change : { command, inserted };
  return { vi: { ...normal, change }, buffer: engine.moveTo(buffer, cursor) };
}

/** A character over the one at the cursor. */
export function overwrite(vi: Vi, buffer: engine.Buffer, text: string): Pressed {
  const { cursor } = buffer;
  const to = cursor < engine.endOfLine(buffer.text, cursor) ? nextBoundary(buffer.text, cursor) : cursor;
  const { insertion } = vi;
  const overwritten = [...(insertion?.overwritten ?? []), buffer.text.slice(cursor, to)];
  return {
    vi: { ...vi, insertion: insertion && { ...insertion, overwritten } },
    buffer: engine.splice(buffer, cursor, to, text, cursor + text.length),
  };
}

/** Backspace while characters are overwritten: what stood there comes back. */
export function restore(vi: Vi, buffer: engine.Buffer): Pressed {
  const { insertion } = vi;
  const old = insertion?.overwritten.at(-1);
  const from = previousBoundary(buffer.text, buffer.cursor);
  if (insertion === undefined || old === undefined || buffer.cursor <= insertion.from.cursor) {
    return { vi, buffer: engine.moveTo(buffer, from) };
  }
  return {
    vi: { ...vi, insertion: { ...insertion, overwritten: insertion.overwritten.slice(0, -1) } },
    buffer: engine.splice(buffer, from, buffer.cursor, old, from),
  };
}

/** The cursor on a character, as it is in normal mode, and not behind the last. */
export function onCharacter(buffer: engine.Buffer): engine.Buffer {
  const { text, cursor } = buffer;
  const behindLast = cursor === engine.endOfLine(text, cursor) && cursor > engine.startOfLine(text, cursor);
  return behindLast ? { ...buffer, cursor: previousBoundary(text, cursor) } : buffer;
}

const longest = 100_000;

/** The text so many times, or as often as it goes. */
export function several(text: string, times: number): string {
  return text.repeat(Math.max(1, Math.min(times, Math.floor(longest / Math.max(1, text.length)))));
}
