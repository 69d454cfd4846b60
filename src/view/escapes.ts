/** The text without ANSI escape sequences: colours, cursor movements, titles, links. */
export function stripEscapes(text: string): string {
  return text.includes("\u001B") || text.includes("\u009B") ? text.replace(escapes(), "") : text;
}

/** How most sequences begin, to stand in a regular expression: as text, since the linter takes an Escape in one for a slip. */
export const csi = String.raw`\u001B\[`;

/** A change of colour, to split a text with: every second part is one. */
export const colour = new RegExp(`(${csi}[\\d;:]*m)`);

let knownEscapes: RegExp | undefined;

function escapes(): RegExp {
  knownEscapes ??= new RegExp(
    [
      // OSC (titles, links): up to BEL or ST, or to the end when neither comes.
      "\\u001B\\][^\\u0007\\u001B\\u009C]*(?:\\u0007|\\u001B\\\\|\\u009C|$)",
      // CSI: parameters, then one final letter.
      "(?:\\u001B\\[|\\u009B)[0-?]*[ -/]*[@-~]",
      // Two-character sequences, and those with an intermediate (character sets).
      "\\u001B[ -/]*[0-~]",
    ].join("|"),
    "g",
  );
  return knownEscapes;
}
