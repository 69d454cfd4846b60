import { sanitize } from "./sanitize.ts";
import { clip, displayWidth, padEnd } from "./width.ts";

/** A column of a table: what it is called, what it says of a row, and how it behaves when there is little room. */
export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string;
  /** Colours the text after it is measured, cut and padded. */
  readonly paint?: (text: string, row: Row) => string;
  readonly align?: "left" | "right";
  /** Never wider than the cells need unless this says so: a table keeps its look with short names. */
  readonly min?: number;
  /**
   * May be cut down to this many columns when the table is wider than the terminal. Without it the column is never
   * cut. Columns are cut in turn, the widest first.
   */
  readonly shrinkTo?: number;
  /** May be left out when the terminal is narrow, before anything is cut: the highest number goes first. */
  readonly dropFirst?: number;
  /** It is drawn: nothing that could be read aloud. */
  readonly isPicture?: boolean;
}

/**
 * The lines of a boxed table, all of one width.
 * @param options.columns the terminal's width; undefined for pipes and files, where nothing is ever cut or left out.
 * Where even that cannot help, the table is wider than the terminal: ids and statuses are not for cutting.
 * @param options.plain a line of words for each row instead: nothing is drawn, cut or left out.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: {
    readonly columns: number | undefined;
    readonly paintFrame?: (text: string) => string;
    /** Stands for what is cut: `…` unless said otherwise. */
    readonly cut?: string | undefined;
    /** The text as the place can show it, which may be wider. */
    readonly inPlace?: ((text: string) => string) | undefined;
    readonly plain?: boolean | undefined;
  },
): string[] {
  if (options.plain === true) return rows.length === 0 ? ["none"] : rows.map((row) => inWords(row, columns));
  const measured = fit(
    columns.map((column) => measure(column, rows, options.inPlace)),
    options.columns,
  );
  const frame = options.paintFrame ?? ((text: string) => text);
  const rule = (left: string, middle: string, right: string) =>
    frame(left + measured.map(({ width }) => "─".repeat(width + 2)).join(middle) + right);
  const line = (cells: readonly string[]) => `${frame("│")} ${cells.join(` ${frame("│")} `)} ${frame("│")}`;
  return [
    rule("┌", "┬", "┐"),
    line(measured.map(({ column, width }) => padEnd(clip(column.title, width, options.cut), width))),
    rule("├", "┼", "┤"),
    ...rows.map((row, index) => line(measured.map((one) => drawCell(one, row, index, options.cut)))),
    rule("└", "┴", "┘"),
  ];
}

/** `run 1, began 07:20:54, how it ended running`: a row as it is read aloud. */
function inWords<Row>(row: Row, columns: readonly Column<Row>[]): string {
  const told = columns.flatMap(({ title, cell, isPicture = false }) => {
    const text = isPicture ? "" : sanitize(cell(row));
    return text === "" || text === "-" ? [] : [`${title} ${text}`];
  });
  return told.join(", ");
}

interface Measured<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly { readonly text: string; readonly width: number }[];
  readonly width: number;
}

function measure<Row>(
  column: Column<Row>,
  rows: readonly Row[],
  inPlace: (text: string) => string = (text) => text,
): Measured<Row> {
  const cells = rows.map((row) => {
    const text = inPlace(sanitize(column.cell(row)));
    return { text, width: displayWidth(text) };
  });
  const width = Math.max(column.min ?? 0, displayWidth(column.title), ...cells.map((cell) => cell.width));
  return { column, cells, width };
}

function drawCell<Row>(
  { column, cells, width }: Measured<Row>,
  row: Row,
  index: number,
  cut: string | undefined,
): string {
  const cell = cells[index] ?? { text: "", width: 0 };
  const text = cell.width <= width ? cell.text : clip(cell.text, width, cut);
  const room = " ".repeat(width - (cell.width <= width ? cell.width : displayWidth(text)));
  // Only the text is painted, not the room around it: an underline or a background would show there.
  const painted = column.paint === undefined ? text : column.paint(text, row);
  return column.align === "right" ? room + painted : painted + room;
}

/** Leaves out what may be left out, one column at a time, then cuts what may be cut, until the table fits. */
function fit<Row>(measured: readonly Measured<Row>[], columns: number | undefined): readonly Measured<Row>[] {
  if (columns === undefined || total(measured) <= columns) return measured;
  const dropped = nextToDrop(measured);
  if (dropped === undefined) return shrink(measured, total(measured) - columns);
  return fit(
    measured.filter((one) => one !== dropped),
    columns,
  );
}

function nextToDrop<Row>(measured: readonly Measured<Row>[]): Measured<Row> | undefined {
  return measured
    .filter(({ column }) => column.dropFirst !== undefined)
    .toSorted((a, b) => (b.column.dropFirst ?? 0) - (a.column.dropFirst ?? 0))[0];
}

/** Takes away so many columns in all, each time from the one that is widest and may still give. */
function shrink<Row>(measured: readonly Measured<Row>[], excess: number): readonly Measured<Row>[] {
  const widths = measured.map(({ width }) => width);
  for (let left = excess; left > 0; left--) {
    let widest = -1;
    measured.forEach((one, index) => {
      if ((widths[index] ?? 0) > least(one) && (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return measured.map((one, index) => ({ ...one, width: widths[index] ?? one.width }));
}

function least<Row>({ column, width }: Measured<Row>): number {
  return column.shrinkTo === undefined ? width : Math.min(width, Math.max(1, column.shrinkTo));
}

/** A frame line, and a space on both sides of each cell. */
function total<Row>(measured: readonly Measured<Row>[]): number {
  return measured.reduce((sum, { width }) => sum + width + 3, 1);
}
