import { readQuoted } from "./quoted.ts";

/** What of a line is for bash. */
export interface BashPart {
  /** For bash: trimmed, and without a `&` at its end. */
  readonly text: string;
  /** Where it ends in the line: in front of the `;`, the new line or the `&` that ended it. */
  readonly to: number;
  /** A `&` stood at its end. */
  readonly behind: boolean;
  /** What bash would ask more for. */
  readonly unfinished: { readonly because: "quote" | "backslash"; readonly at: number } | undefined;
}

/**
 * Reads a part that is bash's from `from` on. Behind a `|` it ends at a `;`, a new line or a `&` outside of quotes,
 * parentheses and braces; behind a `!` at the end of all lines, whose last `&` is taken for ours, or where a line begins with
 * a `!` of its own, as in a paste of such lines.
 */
export function readBash(line: string, from: number, until: "separator" | "end"): BashPart {
  let unfinished: BashPart["unfinished"];
  let depth = 0;
  let at = from;
  /** Just behind the last character that is no blank and in no comment. */
  let lastTo = from;
  let ampersand = false;
  while (at < line.length) {
    const character = line[at] ?? "";
    const isFirst = lastTo === from;
    if (character === "\n" && until === "end" && depth === 0 && !isFirst && beginsAnother(line, from, at)) break;
    if (/\s/.test(character) && !(character === "\n" && until === "separator" && depth === 0 && !isFirst)) {
      at++;
      continue;
    }
    if (character === "#" && (at === from || /\s/.test(line[at - 1] ?? "")) && until === "end") {
      const end = line.indexOf("\n", at);
      at = end === -1 ? line.length : end;
      continue;
    }
    if (until === "separator" && depth === 0 && !isFirst && /[;\n]/.test(character)) break;
    ampersand = false;
    if (character === "\\") {
      if (at + 1 >= line.length) unfinished ??= { because: "backslash", at };
      at = Math.min(at + 2, line.length);
    } else if (character === "'" || character === '"') {
      const inside = readQuoted(line, at + 1, character);
      if (!inside.closed) unfinished ??= { because: "quote", at };
      at = inside.to;
    } else if (character === "&" && !isFirst && depth === 0 && isSeparator(line, at)) {
      if (until === "separator") return { text: line.slice(from, at).trim(), to: at, behind: true, unfinished };
      ampersand = true;
      at++;
    } else {
      if (/[({]/.test(character)) depth++;
      if (/[)}]/.test(character)) depth = Math.max(0, depth - 1);
      at++;
    }
    lastTo = at;
  }
  if (ampersand) return { text: line.slice(from, lastTo - 1).trim(), to: lastTo - 1, behind: true, unfinished };
  return { text: line.slice(from, at).trim(), to: Math.min(at, line.length), behind: false, unfinished };
}

/** In bash a line begins with `! cmd`, if at all; in the text of a `<<` it may begin with anything. */
function beginsAnother(line: string, from: number, at: number): boolean {
  return /^\n[^\S\n]*![^\s=]/.test(line.slice(at, at + 200)) && !line.slice(from, at).includes("<<");
}

/** Not of `&&`, `&>`, `>&`, `<&` and `|&`. */
function isSeparator(line: string, at: number): boolean {
  return !/[&<>|]/.test(line[at - 1] ?? "") && !/[&>]/.test(line[at + 1] ?? "");
}
