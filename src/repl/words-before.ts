import { parse, type Quote, quoteWord } from "./parse.ts";

/** What stands before the cursor in the statement that it is in. */
export interface WordsBefore {
  readonly kind: "command" | "passthrough";
  /** The finished words. */
  readonly words: readonly string[];
  readonly word: WordAtCursor;
}

/** The word at the cursor: its meaning, where it begins, and the quote it stands in. */
export interface WordAtCursor {
  readonly text: string;
  readonly from: number;
  readonly open: Quote | undefined;
}

export function wordsBefore(text: string, cursor: number): WordsBefore {
  const typed = text.slice(0, cursor);
  const statement = parse(typed).statements.at(-1);
  const ended = statement === undefined || /[;\n]\s*$/.test(typed.slice(statement.to));
  if (statement?.kind === "passthrough" && !ended) return wordsFrom(typed, statement.from + 1, "passthrough");
  return wordsFrom(typed, ended ? cursor : (statement?.from ?? cursor), "command");
}

/** The word as it has to stand on the line. One that goes on leaves its quote open. */
export function typedForm(value: string, open: Quote | undefined, whole: boolean): string {
  const quoted = quoteWord(value, open);
  if (whole) return `${quoted} `;
  return quoted !== value ? quoted.slice(0, -1) : quoted;
}

function wordsFrom(typed: string, from: number, kind: WordsBefore["kind"]): WordsBefore {
  // Read as words only: what stands behind `!` has separators that are bash's own.
  const statement = parse(typed.slice(from)).statements.at(-1);
  const words = statement?.kind === "command" ? statement.words : [];
  const last = words.at(-1);
  if (last === undefined || from + last.to < typed.length) {
    return { kind, words: words.map(({ text }) => text), word: { text: "", from: typed.length, open: undefined } };
  }
  const word = { text: last.text, from: from + last.from, open: last.open };
  return { kind, words: words.slice(0, -1).map(({ text }) => text), word };
}
