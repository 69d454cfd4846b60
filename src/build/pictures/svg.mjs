// @ts-check
/**
 * A cell of a terminal as it looks.
 * @typedef {object} Cell
 * @property {string} text empty behind a wide character
 * @property {number} width 1, or 2; 0 behind a wide character
 * @property {string | undefined} colour of its text: `#rrggbb`; undefined: the usual one
 * @property {string | undefined} background
 * @property {boolean} bold
 * @property {boolean} faint
 * @property {boolean} italic
 * @property {boolean} underlined
 */

/**
 * What a terminal shows.
 * @typedef {object} Shot
 * @property {string} title
 * @property {number} columns
 * @property {readonly (readonly Cell[])[]} rows
 * @property {{ row: number, column: number } | undefined} cursor
 */

const cellWidth = 8.4;
const rowHeight = 18;
const fontSize = 14;
const margin = 14;
const barHeight = 30;
const theme = { background: "#16181d", bar: "#22252c", text: "#d5d8de", title: "#8b909a", cursor: "#d5d8de" };

/** A window with these cells, as SVG. @param {Shot} shot */
export function svgOf({ title, columns, rows, cursor }) {
  const width = rounded(columns * cellWidth + 2 * margin);
  const height = rounded(barHeight + rows.length * rowHeight + 2 * margin);
  const parts = rows.flatMap((row, index) => drawRow(row, index));
  const block = cursor === undefined ? [] : [cursorAt(cursor, rows[cursor.row]?.[cursor.column])];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${theme.background}"/>`,
    `<path d="M0 ${barHeight}V8a8 8 0 0 1 8-8h${rounded(width - 16)}a8 8 0 0 1 8 8v${barHeight - 8}z" fill="${theme.bar}"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map(
      (fill, at) => `<circle cx="${18 + at * 18}" cy="15" r="5.5" fill="${fill}"/>`,
    ),
    `<text x="${rounded(width / 2)}" y="19.5" text-anchor="middle" font-family="sans-serif" font-size="12" fill="${theme.title}">${escaped(title)}</text>`,
    `<g transform="translate(${margin} ${barHeight + margin})" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${fontSize}" fill="${theme.text}">`,
    ...parts,
    ...block,
    "</g>",
    "</svg>",
  ].join("\n")}\n`;
}

/** @param {readonly Cell[]} row @param {number} index */
function drawRow(row, index) {
  const grounds = [];
  const texts = [];
  for (const run of runsOf(row)) {
    const { cell, column, cells, text } = run;
    if (cell.background !== undefined)
      grounds.push(
        `<rect x="${x(column)}" y="${index * rowHeight}" width="${rounded(cells * cellWidth)}" height="${rowHeight}" fill="${cell.background}"/>`,
      );
    if (/^[─-╿]+$/.test(text)) texts.push(drawBox(run, index));
    else if (text.trim() !== "" || cell.underlined) texts.push(drawText(run, index));
  }
  return [...grounds, ...texts];
}

/** @typedef {{ cell: Cell, column: number, cells: number, text: string }} Run */

/** Neighbours that look the same. A wide character stands alone: fonts do not agree on its width. @param {readonly Cell[]} row */
function runsOf(row) {
  /** @type {Run[]} */
  const runs = [];
  row.forEach((cell, column) => {
    if (cell.width === 0) return;
    const last = runs.at(-1);
    const text = cell.text === "" ? " " : cell.text;
    const joins =
      last !== undefined &&
      cell.width === 1 &&
      last.cell.width === 1 &&
      isAlike(last.cell, cell) &&
      isBox(last.text) === isBox(text);
    if (!joins) runs.push({ cell, column, cells: cell.width, text });
    else {
      last.text += text;
      last.cells += 1;
    }
  });
  return runs;
}

/** @param {Cell} a @param {Cell} b */
function isAlike(a, b) {
  return (
    a.colour === b.colour &&
    a.background === b.background &&
    a.bold === b.bold &&
    a.faint === b.faint &&
    a.italic === b.italic &&
    a.underlined === b.underlined
  );
}

/** @param {string} text */
function isBox(text) {
  return /^[─-╿]/.test(text);
}

/** @param {Run} run @param {number} index */
function drawText({ cell, column, text }, index) {
  // Blanks at both ends are no ink, and some programs drop them in spite of xml:space.
  const inked = cell.underlined ? text : text.trim();
  const before = cell.underlined ? 0 : text.length - text.trimStart().length;
  const cells = cell.width === 2 ? 2 : [...inked].length;
  const look = [
    cell.colour === undefined ? "" : ` fill="${cell.colour}"`,
    cell.bold ? ' font-weight="bold"' : "",
    cell.faint ? ' fill-opacity="0.55"' : "",
    cell.italic ? ' font-style="italic"' : "",
    cell.underlined ? ' text-decoration="underline"' : "",
  ].join("");
  return `<text x="${x(column + before)}" y="${rounded(index * rowHeight + 13.5)}" textLength="${rounded(cells * cellWidth)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${look}>${escaped(inked)}</text>`;
}

/** Which ways the lines of a box go from the middle of a cell: up, right, down, left. @type {Readonly<Record<string, string>>} */
const ways = {
  "─": "rl",
  "│": "ud",
  "┌": "rd",
  "┐": "dl",
  "└": "ur",
  "┘": "ul",
  "├": "urd",
  "┤": "udl",
  "┬": "rdl",
  "┴": "url",
  "┼": "urdl",
  "╭": "rd",
  "╮": "dl",
  "╰": "ur",
  "╯": "ul",
};

/** Lines of our own: those of fonts do not meet. @param {Run} run @param {number} index */
function drawBox({ cell, column, text }, index) {
  let path = "";
  [...text].forEach((character, at) => {
    const [left, top] = [(column + at) * cellWidth, index * rowHeight];
    const [midX, midY] = [rounded(left + cellWidth / 2), rounded(top + rowHeight / 2)];
    for (const way of ways[character] ?? "rl") {
      const end = {
        u: `V${rounded(top)}`,
        d: `V${rounded(top + rowHeight)}`,
        l: `H${rounded(left)}`,
        r: `H${rounded(left + cellWidth)}`,
      }[way];
      path += `M${midX} ${midY}${end}`;
    }
  });
  return `<path d="${path}" stroke="${cell.colour ?? theme.text}"${cell.faint ? ' stroke-opacity="0.55"' : ""}/>`;
}

/** The cell under the cursor the other way round. @param {{ row: number, column: number }} at @param {Cell | undefined} cell */
function cursorAt({ row, column }, cell) {
  const block = `<rect x="${x(column)}" y="${row * rowHeight + 1}" width="${rounded(cellWidth * Math.max(1, cell?.width ?? 1))}" height="${rowHeight - 2}" fill="${theme.cursor}"/>`;
  if (cell === undefined || cell.text.trim() === "") return block;
  return (
    block +
    drawText(
      { cell: { ...cell, colour: theme.background, faint: false }, column, cells: cell.width, text: cell.text },
      row,
    )
  );
}

/** @param {number} column */
function x(column) {
  return rounded(column * cellWidth);
}

/** @param {number} number */
function rounded(number) {
  return Number(number.toFixed(2));
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
