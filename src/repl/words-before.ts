import { bashWords, parse, quoteWord, type Statement, type Word } from "./parse.ts";
import type { Quote } from "./quoted.ts";

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
  const typed = withoutLoneBackslash(text.slice(0, cursor));
  const statement = parse(typed).statements.at(-1);
  const ended = statement === undefined || /[;&\n]\s*$/.test(typed.slice(statement.to));
  if (ended) return wordsFrom([], typed, cursor, "command");
  const bash = bashPart(statement);
  if (bash !== undefined) return wordsFrom(bashWords(typed.slice(bash)), typed, bash, "passthrough");
  const file = fileAt(typed, statement);
  if (file !== undefined) return { kind: "passthrough", words: [">"], word: file };
  return wordsFrom(commandWords(typed.slice(statement.from)), typed, statement.from, "command");
}

/** What Tab puts there takes the place of a `\\` too whose character is not typed yet. */
function withoutLoneBackslash(typed: string): string {
  const isLone = typed.endsWith("\\") && parse(typed).unfinished?.because === "backslash";
  return isLone ? typed.slice(0, -1) : typed;
}

/** The file behind `>` whose name ends at the cursor, or is to begin there. */
function fileAt(typed: string, statement: Statement): WordAtCursor | undefined {
  const file = fileOf(statement);
  if (file?.to === typed.length) return file;
  const next = />\s*$/.test(typed) ? fileOf(parse(`${typed}x`).statements.at(-1)) : undefined;
  return next?.from === typed.length ? { ...next, text: "" } : undefined;
}

function fileOf(statement: Statement | undefined): Word | undefined {
  return statement?.kind === "command" && statement.output?.kind === "file" ? statement.output.path : undefined;
}

/** Where the line that bash reads begins: behind `!` or `|`. */
function bashPart(statement: Statement): number | undefined {
  if (statement.kind === "passthrough") return statement.from + 1;
  if (statement.output?.kind === "pipe") return statement.output.from;
  return undefined;
}

function commandWords(typed: string): readonly Word[] {
  const statement = parse(typed).statements.at(-1);
  return statement?.kind === "command" ? statement.words : [];
}

/** The word as it has to stand on the line. One that goes on leaves its quote open. */
export function typedForm(value: string, open: Quote | undefined, whole: boolean): string {
  const quoted = quoteWord(value, open);
  if (whole) return `${quoted} `;
  return quoted !== value ? quoted.slice(0, -1) : quoted;
}

function wordsFrom(words: readonly Word[], typed: string, from: number, kind: WordsBefore["kind"]): WordsBefore {
  const last = words.at(-1);
  if (last === undefined || from + last.to < typed.length) {
    return { kind, words: words.map(({ text }) => text), word: { text: "", from: typed.length, open: undefined } };
  }
  const word = { text: last.text, from: from + last.from, open: last.open };
  return { kind, words: words.slice(0, -1).map(({ text }) => text), word };
}
