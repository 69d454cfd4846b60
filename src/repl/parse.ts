/** A word of a line: what it means and where it stands. */
export interface Word {
  /** The meaning: quotes and backslashes resolved. */
  readonly text: string;
  /** Where it begins in the line, and the offset just after it. */
  readonly from: number;
  readonly to: number;
  /** The quote that was never closed. */
  readonly open: Quote | undefined;
  /** Some part of it was quoted or escaped: its first character has no special meaning. */
  readonly quoted: boolean;
}

export type Quote = "'" | '"';

/** One thing to do: words for dispatch, or a line for bash. */
export type Statement =
  | { readonly kind: "command"; readonly words: readonly Word[]; readonly from: number; readonly to: number }
  | { readonly kind: "passthrough"; readonly line: string; readonly from: number; readonly to: number };

/** Why a line is not finished, and the offset of what left it open. */
export interface Unfinished {
  readonly because: "quote" | "backslash";
  readonly at: number;
}

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly unfinished: Unfinished | undefined;
}

/**
 * Reads a line, or several, as the shell understands them: words, `''` literal, `""` with `\"` and `\\`, backslash,
 * `;` and newline between statements, `#` to the end of the line, `!` for bash. `*` is a word like any other.
 */
export function parse(line: string): Parsed {
  const statements: Statement[] = [];
  let at = 0;
  while (at < line.length) {
    at = skipBlank(line, at, true);
    if (at >= line.length) break;
    if (line[at] === ";") {
      at++;
      continue;
    }
    if (line[at] === "!") {
      const from = at;
      statements.push({ kind: "passthrough", line: line.slice(at + 1).trim(), from, to: line.length });
      return { statements, unfinished: unfinishedBash(line, at + 1) };
    }
    const words: Word[] = [];
    const from = at;
    while (at < line.length && line[at] !== ";" && line[at] !== "\n") {
      const read = readWord(line, at);
      if (read.word !== undefined) words.push(read.word);
      if (read.unfinished !== undefined) {
        if (words.length > 0) statements.push({ kind: "command", words, from, to: line.length });
        return { statements, unfinished: read.unfinished };
      }
      at = skipBlank(line, read.to, false);
    }
    const last = words.at(-1);
    if (last !== undefined) statements.push({ kind: "command", words, from, to: last.to });
  }
  return { statements, unfinished: undefined };
}

/**
 * The words that dispatch gets: `/list`, `tsm list` and `list` are one thing. A bare `tsm` asks for help, and a
 * leading `~` is the person's home, as in every shell.
 */
export function dispatchWords(words: readonly Word[], userHome: string | undefined): string[] {
  const meant = words[0]?.text === "tsm" ? words.slice(1) : words;
  const first = meant[0];
  if (first === undefined) return ["help"];
  const slashed = first.text.startsWith("/") && first.text.length > 1 && !first.quoted;
  return meant.map((word, index) => {
    if (index === 0 && slashed) return word.text.slice(1);
    const tilde = !word.quoted && userHome !== undefined && /^~(?:\/|$)/.test(word.text);
    return tilde ? userHome + word.text.slice(1) : word.text;
  });
}

/** What to say about a line that ends before it is finished. */
export function unfinishedMessage(line: string, unfinished: Unfinished): string {
  const before = line.slice(0, unfinished.at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  const where = before.length > 1 ? `line ${before.length}, column ${column}` : `column ${column}`;
  return unfinished.because === "quote"
    ? `the quote at ${where} is never closed`
    : `nothing follows the \\ at ${where}`;
}

/** The word as it has to be typed so that `parse` reads it back; inside a quote the person opened, in that quote. */
export function quoteWord(text: string, open: Quote | undefined = undefined): string {
  if (open === "'" || (open === undefined && needsQuotes(text) && !text.includes("'"))) {
    return `'${text.replaceAll("'", `'"'"'`)}'`;
  }
  if (open === '"' || needsQuotes(text)) return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  return text;
}

function needsQuotes(text: string): boolean {
  return text === "" || /[\s;'"\\]/.test(text) || /^[#!]/.test(text);
}

function readWord(
  line: string,
  from: number,
): { word: Word | undefined; to: number; unfinished: Unfinished | undefined } {
  if (line[from] === "#") {
    const end = line.indexOf("\n", from);
    return { word: undefined, to: end === -1 ? line.length : end, unfinished: undefined };
  }
  let text = "";
  let quoted = false;
  let any = false;
  let at = from;
  const word = (to: number, open: Quote | undefined): Word => ({ text, from, to, open, quoted });
  while (at < line.length) {
    const character = line[at];
    if (character === undefined || /[\s;]/.test(character)) break;
    if (character === "\\") {
      const next = line[at + 1];
      if (next === undefined) {
        return { word: any ? word(at, undefined) : undefined, to: at, unfinished: { because: "backslash", at } };
      }
      at += 2;
      if (next === "\n") continue; // The line goes on.
      quoted = true;
      any = true;
      text += next;
    } else if (character === "'" || character === '"') {
      quoted = true;
      any = true;
      const inside = readQuoted(line, at + 1, character);
      text += inside.text;
      if (!inside.closed) {
        return { word: word(line.length, character), to: line.length, unfinished: { because: "quote", at } };
      }
      at = inside.to;
    } else {
      any = true;
      text += character;
      at++;
    }
  }
  return { word: any ? word(at, undefined) : undefined, to: at, unfinished: undefined };
}

function readQuoted(line: string, from: number, quote: Quote): { text: string; to: number; closed: boolean } {
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

/** bash will read this line itself; here it only matters whether it would ask for more. */
function unfinishedBash(line: string, from: number): Unfinished | undefined {
  let at = from;
  while (at < line.length) {
    const character = line[at];
    if (character === "\\") {
      if (at + 1 >= line.length) return { because: "backslash", at };
      at += 2;
    } else if (character === "'" || character === '"') {
      const inside = readQuoted(line, at + 1, character);
      if (!inside.closed) return { because: "quote", at };
      at = inside.to;
    } else at++;
  }
  return undefined;
}

function skipBlank(line: string, from: number, newlines: boolean): number {
  let at = from;
  for (;;) {
    const character = line[at];
    if (character === undefined || !/\s/.test(character) || (character === "\n" && !newlines)) return at;
    at++;
  }
}
