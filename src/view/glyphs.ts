import type { Screen } from "./screen.ts";

/** The characters of pictures, each one column wide. */
export interface Glyphs {
  /** From nearly nothing to full. */
  readonly bars: readonly string[];
  readonly rule: string;
  readonly axis: string;
  readonly corner: string;
  readonly tick: string;
  readonly marker: string;
  readonly dot: string;
  readonly upDown: string;
}

const full: Glyphs = {
  bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  rule: "─",
  axis: "│",
  corner: "└",
  tick: "┤",
  marker: "›",
  dot: "·",
  upDown: "↑↓",
};

const ascii: Glyphs = {
  bars: ["_", ".", ":", "-", "=", "+", "*", "#"],
  rule: "-",
  axis: "|",
  corner: "+",
  tick: "|",
  marker: ">",
  dot: "|",
  upDown: "Up/Down",
};

/** What a place can show: where something is cut off with more than ASCII has, there is more than ASCII. */
export function glyphsFor({ cut }: Pick<Screen, "cut">): Glyphs {
  return cut === undefined || cut === "…" ? full : ascii;
}
