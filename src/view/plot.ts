import type { Glyphs } from "./glyphs.ts";
import type { Screen } from "./screen.ts";
import { displayWidth } from "./width.ts";

export interface Plot {
  readonly title: string;
  /** One for each column, the oldest first; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
  /** Rows of the picture itself. */
  readonly height: number;
  /** What the top row stands for at least. */
  readonly least: number;
  /** How a value is written at the axis. */
  label(value: number): string;
  /** Below the axis: where it begins and where it ends. */
  readonly from: string;
  readonly to: string;
}

/** Columns that the axis and its numbers take. */
export const axisColumns = 11;

/** A picture of values over time: columns of eighths, from 0 to a round number above the highest. */
export function* plot(
  { title, values, height, least, label, from, to }: Plot,
  { paint }: Pick<Screen, "paint">,
  glyphs: Glyphs,
): Generator<string> {
  const top = roundAbove(Math.max(least, ...values.map((value) => value ?? 0)));
  yield paint.strong(title);
  for (let row = height; row > 0; row--) {
    const isLabelled = row === height || row === Math.ceil(height / 2);
    const text = isLabelled ? label((top * row) / height) : "";
    const axis = isLabelled ? glyphs.tick : glyphs.axis;
    const cells = values.map((value) => cellOf(value, { row, height, top }, glyphs)).join("");
    yield `${paint.faint(`${text.padStart(axisColumns - 2)} ${axis}`)}${paint.accent(cells.trimEnd())}`;
  }
  yield paint.faint(`${label(0).padStart(axisColumns - 2)} ${glyphs.corner}${glyphs.rule.repeat(values.length)}`);
  const room = Math.max(1, values.length - displayWidth(from) - displayWidth(to));
  yield paint.faint(`${" ".repeat(axisColumns)}${from}${" ".repeat(room)}${to}`);
}

function cellOf(
  value: number | undefined,
  { row, height, top }: { readonly row: number; readonly height: number; readonly top: number },
  { bars }: Glyphs,
): string {
  if (value === undefined) return " ";
  const eighths = Math.round((value / top) * height * bars.length) - (row - 1) * bars.length;
  if (eighths >= bars.length) return bars.at(-1) ?? " ";
  if (eighths > 0) return bars[eighths - 1] ?? " ";
  // Nothing is something too: it ran.
  return row === 1 ? (bars[0] ?? " ") : " ";
}

/** A number that reads well. */
function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}
