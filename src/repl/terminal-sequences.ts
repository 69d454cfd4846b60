import type { CursorShape } from "./editor/editing.ts";

/** The title that was there, and back to it; a terminal that keeps none is left without. */
export const keepTitle = "\x1b[22;2t";
export const giveTitleBack = "\x1b]2;\x07\x1b[23;2t";
/** Pastes are to come between marks, and no longer. */
export const pasteOn = "\x1b[?2004h";
export const pasteOff = "\x1b[?2004l";
export const cursorOn = "\x1b[?25h";
/** How the cursor looks, and back to what the terminal has by itself. */
export const shapes: Readonly<Record<CursorShape, string>> = {
  block: "\x1b[2 q",
  underline: "\x1b[4 q",
  bar: "\x1b[6 q",
};
export const ownShape = "\x1b[0 q";
/**
 * Whatever a child left behind: another screen, a scroll region (whose reset moves the cursor, hence the save around
 * it), colours, a hidden cursor, its own cursor and number keys, a mouse, insert mode.
 */
export const healed =
  "\x1b[?1047l\x1b7\x1b[r\x1b8\x1b[0m\x1b(B\x1b[?25h\x1b[?7h\x1b[?1l\x1b>" +
  "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[4l";
