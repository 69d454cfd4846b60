import type { Glyphs } from "./glyphs.ts";

/**
 * A history in one row, a column for each value; a blank where there is none.
 * @param full the value that fills its cell; what is higher fills it too
 */
export function sparkline(values: readonly (number | undefined)[], full: number, { bars }: Glyphs): string {
  return values
    .map((value) => {
      if (value === undefined) return " ";
      const height = full <= 0 ? 0 : Math.min(1, Math.max(0, value / full));
      return bars[Math.min(bars.length - 1, Math.floor(height * bars.length))] ?? " ";
    })
    .join("");
}
