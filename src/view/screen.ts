import type { Paint } from "./paint.ts";

/** Where lines will be read: how wide it is and whether it has colour. */
export interface Screen {
  /** Columns of the terminal; undefined when the output is a pipe or file: nothing is cut there. */
  readonly columns: number | undefined;
  /** Rows of the terminal, where they are known. */
  readonly rows?: number | undefined;
  readonly terminal: boolean;
  /** Somebody has typed the command at a terminal, wherever its output goes. */
  readonly typed?: boolean;
  /** What it shows is wrapped anew when its width changes. */
  readonly reflows?: boolean;
  readonly paint: Paint;
  /** Lines of words instead of tables and pictures, and nothing written over. */
  readonly plain?: boolean;
  /** Stands for what is cut off, one column wide: `…` unless the place has ASCII only. */
  readonly cut?: string;
  /** The text as the place can show it; all, unless it has ASCII only. */
  readonly inPlace?: (text: string) => string;
}
