import { TsmError } from "./errors.ts";
import { mayBeSlow } from "./patience.ts";

/** What `--grep` looks for. */
export interface LogPattern {
  /** In one line, without its end. */
  readonly line: RegExp;
  /** Every line that fits holds one of these, in bytes found much faster than by any expression. None: nobody knows. */
  readonly literals: readonly string[];
  /** Are they to be found in small and capital letters alike? */
  readonly ignoreCase: boolean;
  /** The same expression for many lines at once: it never reaches over a line's end. undefined: there is no such. */
  readonly lines: RegExp | undefined;
  /** There are lines for which it takes for ever: see patience.ts. */
  readonly mayBeSlow: boolean;
}

/** @throws TsmError USAGE when it is no regular expression */
export function parsePattern(source: string, ignoreCase: boolean): LogPattern {
  const { literals, lines } = readSource(source);
  const flags = `${ignoreCase ? "i" : ""}${/\\[pP]\{|\\u\{|[^\0-\uFFFF]/u.test(source) ? "u" : ""}`;
  return {
    line: compiled(source, flags),
    literals: ignoreCase && literals.some((literal) => hasOddCase(literal, flags)) ? [] : literals,
    ignoreCase,
    lines: lines === undefined ? undefined : new RegExp(lines, `${flags}gm`),
    mayBeSlow: mayBeSlow(source),
  };
}

/** Beyond ASCII a letter has other bytes in capitals, and with `u` k and s have relatives there. */
function hasOddCase(literal: string, flags: string): boolean {
  return /[^ -~]/.test(literal) || (flags.includes("u") && /[ks]/i.test(literal));
}

function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = error.message.replace(/^Invalid regular expression: /, "");
    throw new TsmError("USAGE", `'${source}' is not a regular expression: ${reason}`, {
      hint: "A character that means itself has a \\ before it: 'GET \\(slow\\)'",
    });
  }
}

interface Source {
  /** The longest text that stands in every match of each choice; none when one of them has none. */
  readonly literals: readonly string[];
  /** The source, with whatever would match the end of a line kept from it. */
  readonly lines: string | undefined;
}

/**
 * Reads the source of an expression as far as is needed; what it does not know it takes for something that may match
 * anything. `(a|b)` as a whole is read as `a|b`.
 */
function readSource(source: string): Source {
  let lines: string | undefined = "";
  const literals: string[] = [];
  let longest = "";
  let run = "";
  let depth = 0;
  const top = isOneGroup(source) ? 1 : 0;
  const endRun = (): void => {
    if (run.length > longest.length) longest = run;
    run = "";
  };
  const endChoice = (): void => {
    endRun();
    literals.push(longest);
    longest = "";
  };
  for (let index = 0; index < source.length; ) {
    const { text, literal, safe, kind } = tokenAt(source, index);
    index += text.length;
    lines = safe === undefined || lines === undefined ? undefined : lines + safe;
    if (kind === "open") depth += 1;
    if (kind === "close") depth -= 1;
    if (kind === "choice" && depth === top) endChoice();
    if (kind === "edge") continue;
    if (literal !== undefined && depth === top) {
      const next = source[index] ?? "";
      // What may be left out stands in no match for certain; what may be repeated ends the text.
      if (/[*?{]/.test(next)) endRun();
      else run += literal;
      if (next === "+") endRun();
    } else endRun();
  }
  endChoice();
  return { literals: literals.includes("") || literals.length > mostChoices ? [] : literals, lines };
}

/** Each costs a search of its own. */
const mostChoices = 6;

/** Is all of it one group, that only holds it together? */
function isOneGroup(source: string): boolean {
  if (!/^\((?!\?[=!<])/.test(source)) return false;
  let depth = 0;
  for (let index = 0; index < source.length; ) {
    const { text, kind } = tokenAt(source, index);
    index += text.length;
    if (kind === "open") depth += 1;
    if (kind === "close") depth -= 1;
    if (depth === 0) return index === source.length;
  }
  return false;
}

interface Token {
  readonly text: string;
  readonly kind: "character" | "edge" | "open" | "close" | "choice" | "other";
  /** The character that it stands for. */
  readonly literal?: string;
  /** The same, never matching a newline; undefined: cannot be said. */
  readonly safe: string | undefined;
}

function tokenAt(source: string, index: number): Token {
  const character = String.fromCodePoint(source.codePointAt(index) ?? 0);
  if (character === "\\") return escapeAt(source, index);
  if (character === "[") return classAt(source, index);
  if (character === "(") {
    const text = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]+:))?/.exec(source.slice(index))?.[0] ?? "(";
    return { text, kind: "open", safe: text };
  }
  if (character === ")") return { text: character, kind: "close", safe: character };
  if (character === "|") return { text: character, kind: "choice", safe: character };
  if (character === "^" || character === "$") return { text: character, kind: "edge", safe: character };
  if (character === "{") {
    const text = /^\{\d+(?:,\d*)?\}/.exec(source.slice(index))?.[0] ?? character;
    return { text, kind: "other", safe: text };
  }
  if (/[.*+?}]/.test(character)) return { text: character, kind: "other", safe: character };
  if (character === "\n") return { text: character, kind: "other", safe: undefined };
  return { text: character, kind: "character", literal: character, safe: character };
}

function escapeAt(source: string, index: number): Token {
  const text =
    /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|k<[^>]*>|x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z]|\d+|.)?/su.exec(
      source.slice(index),
    )?.[0] ?? "\\";
  const letter = text[1] ?? "";
  if (letter === "b" || letter === "B") return { text, kind: "edge", safe: text };
  const withoutEnd: Readonly<Record<string, string>> = { s: "[^\\S\\n]", W: "[^\\w\\n]", D: "[^\\d\\n]" };
  if (withoutEnd[letter] !== undefined) return { text, kind: "other", safe: withoutEnd[letter] };
  if ("SwdrtvfkNp".includes(letter) || /^\\[1-9]/.test(text)) return { text, kind: "other", safe: text };
  // Written by its number it may be a newline too.
  if (/^[a-zA-Z\d]/.test(letter) || letter === "") return { text, kind: "other", safe: undefined };
  return { text, kind: "character", literal: text.slice(1), safe: text };
}

function classAt(source: string, index: number): Token {
  const text = /^\[\^?(?:\\.|[^\]\\])*\]?/su.exec(source.slice(index))?.[0] ?? "[";
  const inner = text.slice(1, -1);
  // Of those that are not negated: what names more than it lists may name the newline.
  const safe = inner.startsWith("^") ? `[${inner}\\n]` : /\\[sWDncxu0P]|\\t-|\t-|\n/.test(inner) ? undefined : text;
  return { text, kind: "other", safe };
}
