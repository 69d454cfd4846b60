import type { Look } from "../../view/look.ts";
import type { Ghost } from "./ghost.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Completion } from "./menu.ts";
import type { Canvas, Span } from "./painter.ts";
import type { Styles } from "./styles.ts";

/** What a person gave the prompt. */
export type Input =
  | { readonly kind: "line"; readonly text: string }
  /** A key of the person's own runs this; `begun` is what stood on the line. */
  | { readonly kind: "bound"; readonly text: string; readonly begun: string }
  /** Ctrl-C; `empty` when there was no line to drop. */
  | { readonly kind: "interrupt"; readonly empty: boolean }
  /** Ctrl-D on an empty line. */
  | { readonly kind: "end" };

/** Tells the truth about a line while it is typed. */
export interface TypingAid {
  /** The text in the styles of what its words mean. */
  spans(text: string): readonly Span[];
  /** What is proposed behind it. */
  ghost(text: string): Ghost | undefined;
}

/** Between characters, on one, or under one that is to be overwritten. */
export type CursorShape = "bar" | "block" | "underline";

/** What the editor asks of the world. */
export interface EditorDeps {
  readonly canvas: Canvas;
  /** Others, maybe, at the next line. */
  readonly styles: Styles;
  /** What the terminal can show: everything unless it is said. */
  readonly look?: Look;
  /** Newest first, this shell's own before those of others; one may come again. */
  recent(): Iterable<string>;
  /** Oldest first, of all shells; one may come again. */
  lines(): readonly string[];
  complete(text: string, cursor: number): Promise<Completion | undefined>;
  /** Does the line ask for another one: an open quote, a `\` at its end? */
  isUnfinished(text: string): boolean;
  /** undefined: lines are shown as they are. */
  typing(): TypingAid | undefined;
  /** What keys do, by the settings: asked at the beginning of each line. */
  keyboard(): Keyboard;
  /** The last word of a line of the history, as it was typed. */
  lastWordOf(line: string): string | undefined;
  /** undefined: as the terminal has it by itself. */
  shapeCursor(shape: CursorShape | undefined): void;
  /** Ctrl-Z: stops the program; resolves when it goes on. */
  suspend(): Promise<void>;
  /** Ctrl-C while no line is read. @returns whether a command was there for it. */
  interruptCommand(): boolean;
  /** Something of ours threw while a key was handled. */
  reportBug(error: unknown): void;
}
