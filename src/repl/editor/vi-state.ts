import type { CursorShape } from "./editing.ts";
import type { Buffer } from "./engine.ts";
import type { Action } from "./keymap.ts";
import type { Command } from "./vi-command.ts";
import type { Find } from "./vi-motions.ts";
import type { Registers } from "./vi-registers.ts";

/** Vi's part of the line: a value, like the line itself. */
export interface Vi {
  readonly mode: "insert" | "replace" | "normal" | "visual" | "visual-lines";
  /** The keys of a command that is not whole yet. */
  readonly begun: readonly string[];
  readonly insertion: Insertion | undefined;
  /** What `.` does again. */
  readonly change: Change | undefined;
  /** What `;` looks for again. */
  readonly find: Find | undefined;
  readonly registers: Registers;
  /** Where a selection began. */
  readonly anchor: number;
}

/** What a key has come to. */
export interface Pressed {
  readonly vi: Vi;
  readonly buffer: Buffer;
  /** What is more than a change of the line. */
  readonly action?: { readonly name: Action; readonly times: number };
}

export interface Insertion {
  /** undefined: the line began with it. */
  readonly command: Command | undefined;
  /** Before the command, and before the first letter. */
  readonly before: Buffer;
  readonly from: Buffer;
  /** What was overwritten, character by character. */
  readonly overwritten: readonly string[];
}

export interface Change {
  readonly command: Command;
  readonly inserted: string;
}

/** Are keys commands? */
export function isCommanding({ mode }: Vi): boolean {
  return mode !== "insert" && mode !== "replace";
}

export function cursorShape(vi: Vi): CursorShape {
  if (isCommanding(vi)) return "block";
  return vi.mode === "insert" ? "bar" : "underline";
}

/** Before a key that is not vi's: it may change the text under a selection, and ends what was begun. */
export function withoutSelection(vi: Vi): Vi {
  return { ...vi, begun: [], mode: isCommanding(vi) ? "normal" : vi.mode };
}
