import * as engine from "./engine.ts";
import { graphemeCells, nextBoundary, previousBoundary } from "./graphemes.ts";
import { type Command, isTextObject, KeyReader, type Operator, sameKey } from "./vi-command.ts";
import { motions, textObject } from "./vi-motions.ts";
import { kept } from "./vi-registers.ts";
import { motionOf, onCharacter, run, selected, selectedLines, several } from "./vi-run.ts";
import type { Pressed, Vi } from "./vi-state.ts";

/** A key while a part of the text is selected. */
export function pressVisual(vi: Vi, buffer: engine.Buffer, key: string): Pressed {
  const idle: Vi = { ...vi, begun: [] };
  if (key === "escape") return { vi: { ...idle, mode: "normal" }, buffer };
  const struck = [...vi.begun, key];
  const keys = new KeyReader(struck);
  const before = keys.before();
  const first = before === "begun" ? undefined : keys.next();
  if (before === "begun" || first === undefined) return { vi: { ...vi, begun: struck }, buffer };
  const name = sameKey(first);
  const needsAnother = "iafFtTgr".includes(name);
  const second = needsAnother ? keys.next() : undefined;
  if (needsAnother && second === undefined) return { vi: { ...vi, begun: struck }, buffer };
  if (second !== undefined && [...second].length !== 1) return { vi: idle, buffer };
  return act(idle, buffer, { ...before, name, second });
}

/** From where to where the selection goes; undefined when there is none. */
export function selectionOf(vi: Vi, { text, cursor }: Pick<engine.Buffer, "text" | "cursor">) {
  if (vi.mode !== "visual" && vi.mode !== "visual-lines") return undefined;
  const [from, last] = [Math.min(vi.anchor, cursor), Math.max(vi.anchor, cursor)];
  if (vi.mode === "visual") return { from, to: nextBoundary(text, last) };
  return { from: engine.startOfLine(text, from), to: engine.endOfLine(text, last) };
}

interface Struck {
  readonly count: number | undefined;
  readonly register: string | undefined;
  readonly name: string;
  readonly second: string | undefined;
}

function act(vi: Vi, buffer: engine.Buffer, { count, register, name, second }: Struck): Pressed {
  if (name === "v" || name === "V") {
    const mode = name === "v" ? "visual" : "visual-lines";
    return { vi: { ...vi, mode: vi.mode === mode ? "normal" : mode }, buffer };
  }
  if (name === "o" || name === "O")
    return { vi: { ...vi, anchor: buffer.cursor }, buffer: engine.moveTo(buffer, vi.anchor) };
  if (name === "p" || name === "P") return putOver(vi, buffer, { count, register });
  const operator = operators.get(name === "g" ? `g${second}` : name);
  if (operator !== undefined) {
    const lines = vi.mode === "visual-lines" || wholeLines.has(name);
    return operate(vi, buffer, { operator, lines, register, character: name === "r" ? second : undefined });
  }
  if (isTextObject(name + second)) {
    const asked = { around: name === "a", key: second ?? "", count: count ?? 1 };
    const found = textObject(buffer.text, buffer.cursor, asked);
    if (found === undefined || found[0] === found[1]) return { vi, buffer };
    return {
      vi: { ...vi, mode: "visual", anchor: found[0] },
      buffer: onCharacter(engine.moveTo(buffer, previousBoundary(buffer.text, found[1]))),
    };
  }
  return move(vi, buffer, {
    count,
    operator: undefined,
    register,
    name: name === "g" ? `g${second}` : name,
    character: second,
  });
}

function move(vi: Vi, buffer: engine.Buffer, command: Command): Pressed {
  const isFind = "fFtT".includes(command.name);
  if (!isFind && !motions.has(command.name) && command.name !== ";" && command.name !== ",") return { vi, buffer };
  const { motion, find } = motionOf({ ...command, character: isFind ? command.character : undefined }, vi);
  const to = motion?.go(buffer.text, buffer.cursor, command.count ?? 1);
  return { vi: { ...vi, find }, buffer: to === undefined ? buffer : onCharacter(engine.moveTo(buffer, to)) };
}

/** The keys of each operator. */
const keysOf: readonly (readonly [Operator, ...string[]])[] = [
  ["d", "d", "x", "D", "X"],
  ["c", "c", "s", "C", "S", "R"],
  ["y", "y", "Y"],
  ["g~", "g~", "~"],
  ["gu", "gu", "u"],
  ["gU", "gU", "U"],
  ["r", "r"],
];

const operators: ReadonlyMap<string, Operator> = new Map(
  keysOf.flatMap(([operator, ...keys]) => keys.map((key) => [key, operator] as const)),
);

const wholeLines = new Set(["D", "X", "C", "S", "R", "Y"]);

interface Wanted {
  readonly operator: Operator;
  readonly lines: boolean;
  readonly register: string | undefined;
  readonly character: string | undefined;
}

/** As a command of the normal mode on as many characters or lines: that is what `.` does again. */
function operate(vi: Vi, buffer: engine.Buffer, { operator, lines, register, character }: Wanted): Pressed {
  const selection = selectionOf(vi, buffer);
  if (selection === undefined) return { vi, buffer };
  const part = buffer.text.slice(selection.from, selection.to);
  const count = lines ? part.split("\n").length : [...graphemeCells(part)].length;
  const command = { operator, name: lines ? selectedLines : selected, count, register, character };
  return run({ ...vi, mode: "normal" }, engine.moveTo(buffer, selection.from), command);
}

/** What is kept in the place of the selection, which is kept in its turn. */
function putOver(vi: Vi, buffer: engine.Buffer, { count, register }: Pick<Command, "count" | "register">): Pressed {
  const there = kept(vi.registers, buffer, register);
  const selection = selectionOf(vi, buffer);
  if (there === undefined || selection === undefined) return { vi: { ...vi, mode: "normal" }, buffer };
  const { from, to } = selection;
  const added = several(there.text, count ?? 1);
  const replaced = buffer.text.slice(from, to);
  const put = engine.splice(engine.copy(buffer, replaced), from, to, added, from + added.length);
  const registers = { ...vi.registers, lines: vi.mode === "visual-lines" ? replaced : undefined };
  const end = added === "" ? from : previousBoundary(put.text, from + added.length);
  return { vi: { ...vi, mode: "normal", registers }, buffer: onCharacter(engine.moveTo(put, end)) };
}
