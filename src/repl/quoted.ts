export type Quote = "'" | '"';

/** A part of a text that `$_` or `$1` is. */
export interface ResultPart {
  readonly from: number;
  readonly to: number;
}

/** `$_`, `$1`, `$2` at this place: what the shell puts processes in the place of. */
export function resultAt(line: string, at: number): string | undefined {
  return line[at] === "$" ? /^\$(?:_(?!\w)|[1-9]\d*)/.exec(line.slice(at, at + 20))?.[0] : undefined;
}

/** Reads what stands behind an opening quote: `''` literal, in `""` `\"` and `\\` are the character, and so is `\$` before `_` or a number. */
export function readQuoted(
  line: string,
  from: number,
  quote: Quote,
): { text: string; to: number; closed: boolean; results: readonly ResultPart[] } {
  let text = "";
  const results: ResultPart[] = [];
  let at = from;
  while (at < line.length) {
    const character = line[at];
    if (character === quote) return { text, to: at + 1, closed: true, results };
    const next = line[at + 1];
    const result = quote === '"' ? resultAt(line, at) : undefined;
    if (result !== undefined) {
      results.push({ from: text.length, to: text.length + result.length });
      text += result;
      at += result.length;
    } else if (quote === '"' && character === "\\" && isEscaped(line, at + 1)) {
      if (next !== "\n") text += next;
      at += 2;
    } else {
      text += character;
      at++;
    }
  }
  return { text, to: at, closed: false, results };
}

function isEscaped(line: string, at: number): boolean {
  return ['"', "\\", "\n"].includes(line[at] ?? "") || resultAt(line, at) !== undefined;
}
