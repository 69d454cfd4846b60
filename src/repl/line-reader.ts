import type { Input } from "./editor/editing.ts";
import type { Key } from "./editor/keymap.ts";
import type { Span } from "./editor/painter.ts";

/** Where lines come from at a terminal: the editor that paints, or the one that only writes on. */
export interface LineReader {
  /** The next line, `begun` already on it. Keys struck before are taken first, in their order. */
  read(prompt: readonly Span[], note?: string, begun?: string): Promise<Input>;
  /** What the prompt says has changed. */
  setPrompt(prompt: readonly Span[]): void;
  /** A key from the terminal. */
  strike(text: string | undefined, key: Key): void;
  /** The terminal changed its size. */
  paintNow(): void;
  /** What is known of the line has changed. */
  paintSoon(): void;
  /** Shows the line where the cursor is, after something else had the screen. */
  repaint(): void;
  /** Text, in whole lines, that does not disturb the line that is read. */
  print(text: string): void;
  clear(): void;
  /** Ends the reading of a line, wherever it is. */
  end(): void;
  /** A question that is answered with a line; undefined when it is left. Only where no picker can be painted. */
  ask?(question: string): Promise<string | undefined>;
}
