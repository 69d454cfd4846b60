import type { Screen } from "./screen.ts";
import { displayWidth, padEnd } from "./width.ts";

/** A row of short texts, and what is said of it. */
export interface Described {
  readonly cells: readonly string[];
  readonly summary: string;
}

const widestCell = 24;

/** Side by side; what is said goes on below itself, or below the others where it has too little space. */
export function* describedLines(
  rows: readonly Described[],
  { columns, paint }: Screen,
  wrap: (text: string, width: number, indent: string) => Iterable<string>,
): Iterable<string> {
  const widths = rows.reduce<readonly number[]>(
    (widest, { cells }) =>
      cells.map((cell, index) => Math.max(widest[index] ?? 0, Math.min(displayWidth(cell), widestCell))),
    [],
  );
  const beside = widths.reduce((sum, width) => sum + width + 1, 0);
  const isNarrow = columns !== undefined && columns - beside < 24;
  const indent = isNarrow ? 4 : beside;
  for (const { cells, summary } of rows) {
    const lines = columns === undefined ? [summary] : [...wrap(summary, columns - indent, "")];
    const first = isNarrow ? "" : (lines.shift() ?? "");
    const shown = cells.map((cell, index) => padEnd(cell, widths[index] ?? 0));
    yield `${shown.join(" ")} ${paint.faint(first)}`.trimEnd();
    for (const line of lines) yield " ".repeat(indent) + paint.faint(line);
  }
}
