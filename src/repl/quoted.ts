export type Quote = "'" | '"';

/** Reads what stands behind an opening quote: `''` literal, in `""` `\"` and `\\` are the character. */
export function readQuoted(line: string, from: number, quote: Quote): { text: string; to: number; closed: boolean } {
  let text = "";
  let at = from;
  while (at < line.length) {
    const character = line[at];
    if (character === quote) return { text, to: at + 1, closed: true };
    const next = line[at + 1];
    if (quote === '"' && character === "\\" && (next === '"' || next === "\\" || next === "\n")) {
      if (next !== "\n") text += next;
      at += 2;
    } else {
      text += character;
      at++;
    }
  }
  return { text, to: at, closed: false };
}
