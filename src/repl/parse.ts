import { slashed } from "../command/meant.ts";
import { type BashPart, readBash } from "./bash-part.ts";
import { type BashSign, redirectAt, substitutionAt } from "./bash-signs.ts";
import { type Quote, type ResultPart, readQuoted, resultAt } from "./quoted.ts";

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
  /** Processes stand in its place: `$_` or `$1`, bare or in double quotes. */
  readonly isResult: boolean;
  /** The parts of its text that are one, also where more stands around it. */
  readonly results: readonly ResultPart[];
}

/** One thing to do: words for dispatch and where their output goes, or a line for bash. */
export type Statement =
  | {
      readonly kind: "command";
      readonly words: readonly Word[];
      /** undefined: the screen. */
      readonly output: Destination | undefined;
      readonly behind: boolean;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: "passthrough";
      readonly line: string;
      /** A `&` stands behind it, at `to`: it runs behind the prompt. */
      readonly behind: boolean;
      readonly from: number;
      readonly to: number;
    };

/** Where the output of a command goes instead of the screen. */
export type Destination =
  /** Into a line for bash, which begins at `from`. */
  | { readonly kind: "pipe"; readonly line: string; readonly from: number }
  | { readonly kind: "file"; readonly path: Word; readonly append: boolean };

/** Why a line is not finished, and the offset of what left it open. */
export interface Unfinished {
  readonly because: "quote" | "backslash" | "pipe";
  readonly at: number;
}

/** What is wrong with a line however it goes on, and the offset of it. */
export interface Fault {
  readonly message: string;
  readonly at: number;
}

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly unfinished: Unfinished | undefined;
  /** With one, nothing of the line is to be run. */
  readonly fault: Fault | undefined;
}

/**
 * Reads a line, or several, as the shell understands them: words, `''` literal, `""` with `\"` and `\\`, backslash,
 * `;`, `&` and newline between statements, `#` to the end of the line (or `#0` for an id), `!` for bash, `|` into bash, `>` and `>>` into a
 * file. What stands behind `|` ends at a `;`, `&` or newline outside of quotes, parentheses and braces; what stands
 * behind `!` goes to the end, or to a line with a `!` of its own. `*` is a word like any other, and so is a `&` that a letter follows.
 */
export function parse(line: string): Parsed {
  const statements: Statement[] = [];
  let fault: Fault | undefined;
  let at = 0;
  while (at < line.length) {
    at = skipBlank(line, at, true);
    if (at >= line.length) break;
    if (line[at] === ";") {
      at++;
      continue;
    }
    if (line[at] === "!") {
      const { text, to, behind, unfinished } = readBash(line, at + 1, "end");
      statements.push({ kind: "passthrough", line: text, behind, from: at, to });
      if (unfinished !== undefined) return { statements, unfinished, fault };
      at = behind ? to + 1 : to;
      continue;
    }
    const read = readCommand(line, at);
    fault ??= read.fault;
    if (read.statement !== undefined) statements.push(read.statement);
    if (read.unfinished !== undefined) return { statements, unfinished: read.unfinished, fault };
    at = read.to;
  }
  return { statements, unfinished: undefined, fault };
}

/** The words of a line of bash as far as completion needs them: `|`, `;` and `>` stand as words of their own. */
export function bashWords(line: string): readonly Word[] {
  const words: Word[] = [];
  let at = skipBlank(line, 0, true);
  while (at < line.length) {
    const sign = /^(?:\|\|?|&&?|;|>>?|<)/.exec(line.slice(at))?.[0];
    if (sign !== undefined) {
      words.push({
        text: sign,
        from: at,
        to: at + sign.length,
        open: undefined,
        quoted: false,
        isResult: false,
        results: [],
      });
      at += sign.length;
    } else {
      const read = readWord(line, at);
      if (read.word !== undefined) words.push(read.word);
      if (read.unfinished !== undefined || read.to === at) break;
      at = read.to;
    }
    at = skipBlank(line, at, true);
  }
  return words;
}

interface ReadCommand {
  readonly statement: Statement | undefined;
  readonly to: number;
  readonly unfinished: Unfinished | undefined;
  readonly fault: Fault | undefined;
}

/** Words up to `;`, the end of the line, or the `|` behind which bash has the rest. */
function readCommand(line: string, from: number): ReadCommand {
  const words: Word[] = [];
  let output: Destination | undefined;
  let fault: Fault | undefined;
  let at = from;
  let end = from;
  let behind = false;
  let ids = 0;
  const done = (to: number, unfinished?: Unfinished): ReadCommand => {
    const statement: Statement | undefined =
      words.length === 0 ? undefined : { kind: "command", words, output, behind, from, to: end };
    if (statement === undefined && output !== undefined) fault ??= { message: "no command stands before it", at: from };
    return { statement, to, unfinished, fault };
  };
  while (at < line.length && line[at] !== ";" && line[at] !== "\n") {
    fault ??= faultOf(redirectAt(line, at));
    if (line[at] === "|") {
      const pipe = readPipe(line, at);
      if (words.length === 0) fault ??= { message: "no command stands before the |", at };
      else if (output !== undefined) fault ??= { message: "the output goes into the file already", at };
      else if (line[at + 1] === "|") fault ??= { message: "|| is bash's; here ; separates commands", at };
      output ??= pipe.destination;
      end = pipe.to;
      behind = pipe.behind;
      return done(behind ? pipe.to + 1 : pipe.to, pipe.unfinished);
    }
    if (isAmpersand(line, at)) {
      if (line[at + 1] === "&") {
        fault ??= { message: "&& is bash's; here ; separates commands", at };
        return done(at + 2);
      }
      if (words.length === 0) fault ??= { message: "no command stands before the &", at };
      behind = true;
      return done(at + 1);
    }
    if (line[at] === ">") {
      const append = line[at + 1] === ">";
      const sign = at;
      at = skipBlank(line, at + (append ? 2 : 1), false);
      const read = readWord(line, at);
      if (read.unfinished !== undefined) return done(read.to, read.unfinished);
      fault ??= faultOf(redirectAt(line, at) ?? read.sign);
      if (read.word === undefined)
        fault ??= { message: `no file is named behind the ${append ? ">>" : ">"}`, at: sign };
      else if (output !== undefined) fault ??= { message: "the output goes into one file only", at: sign };
      else output = { kind: "file", path: read.word, append };
      end = Math.max(at, read.to);
      at = skipBlank(line, end, false);
      continue;
    }
    const isBehindVerb = words.length - ids === (words[0]?.text === "tsm" ? 2 : 1);
    const id = isBehindVerb ? idAt(line, at) : undefined;
    if (id !== undefined) ids++;
    const read = id ?? readWord(line, at);
    fault ??= faultOf(read.sign);
    if (read.word !== undefined) {
      words.push(read.word);
      end = read.word.to;
    }
    if (read.unfinished !== undefined) {
      end = line.length;
      return done(line.length, read.unfinished);
    }
    at = skipBlank(line, read.to, false);
  }
  return done(at);
}

function faultOf(sign: BashSign | undefined): Fault | undefined {
  return sign && { message: `${sign.sign} is bash's; a line that begins with ! is run by bash`, at: sign.at };
}

/** The line for bash behind a `|`, which stands at `bar`. */
function readPipe(line: string, bar: number): PipeRead {
  const from = bar + 1;
  const { text, to, behind, unfinished } = readBash(line, from, "separator");
  return {
    destination: { kind: "pipe", line: text, from },
    to,
    behind,
    unfinished: unfinished ?? (text === "" ? { because: "pipe", at: bar } : undefined),
  };
}

type PipeRead = Pick<BashPart, "to" | "behind"> & {
  readonly destination: Destination;
  readonly unfinished: Unfinished | undefined;
};

/** Does a `&` stand here that is no letter? One in the middle of a word is: `http://localhost/?a=1&b=2`. */
function isAmpersand(line: string, at: number): boolean {
  return line[at] === "&" && /^(?:[\s;&]|$)/.test(line.slice(at + 1, at + 2));
}

/**
 * The words that dispatch gets: `/list`, `tsm list` and `list` are one thing. A bare `tsm` asks for help, and a
 * leading `~` is the person's home, as in every shell.
 */
export function dispatchWords(words: readonly Word[], userHome: string | undefined): string[] {
  const meant = words[0]?.text === "tsm" ? words.slice(1) : words;
  const first = meant[0];
  if (first === undefined) return ["help"];
  const isSlashed = first.text.startsWith("/") && first.text.length > 1 && !first.quoted;
  return meant.map((word, index) => {
    if (index === 0 && isSlashed) return slashed(word.text.slice(1));
    return withHome(word, userHome);
  });
}

/** The word's text, a leading `~` as the person's home. */
export function withHome(word: Word, userHome: string | undefined): string {
  const tilde = !word.quoted && userHome !== undefined && /^~(?:\/|$)/.test(word.text);
  return tilde ? userHome + word.text.slice(1) : word.text;
}

/** What to say about a line that ends before it is finished. */
export function unfinishedMessage(line: string, unfinished: Unfinished): string {
  const where = placeOf(line, unfinished.at);
  if (unfinished.because === "quote") return `the quote at ${where} is never closed`;
  return `nothing follows the ${unfinished.because === "pipe" ? "|" : "\\"} at ${where}`;
}

/** What to say about a line that cannot be run. */
export function faultMessage(line: string, { message, at }: Fault): string {
  return `${placeOf(line, at)}: ${message}`;
}

function placeOf(line: string, at: number): string {
  const before = line.slice(0, at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return before.length > 1 ? `line ${before.length}, column ${column}` : `column ${column}`;
}

/** The word as it has to be typed so that `parse` reads it back; inside a quote the person opened, in that quote if it can be. */
export function quoteWord(text: string, open: Quote | undefined = undefined): string {
  if (open === "'" || (open === undefined && needsQuotes(text) && !text.includes("'"))) {
    return `'${text.replaceAll("'", `'"'"'`)}'`;
  }
  if (open === '"' || needsQuotes(text)) return `"${text.replaceAll(/["\\]|\$(?=[_\d])/g, "\\$&")}"`;
  return text;
}

function needsQuotes(text: string): boolean {
  return text === "" || /\$[_\d]/.test(text) || /[\s;|>&'"\\`]|\$\(/.test(text) || /^[#!<]/.test(text);
}

interface ReadWord {
  readonly word: Word | undefined;
  readonly to: number;
  readonly unfinished?: Unfinished;
  /** What bash would have made something of. */
  readonly sign?: BashSign | undefined;
}

/** `#0` directly behind a verb, where nothing but its like and flags with their values follow: a process's id, as the shell shows it. */
function idAt(line: string, from: number): ReadWord | undefined {
  const text = idAlone.exec(line.slice(from))?.[1];
  if (text === undefined) return undefined;
  const to = from + 1 + text.length;
  return { word: { text, from, to, open: undefined, quoted: false, isResult: false, results: [] }, to };
}

const idAlone =
  /^#(\d+)(?=(?:[^\S\n]+(?:#\d+|-[^\s#]+(?:[^\S\n]+[^\s#;|>&-][^\s#;|>&]*)?))*(?:[^\S\n]*(?:[\n;|>&]|$)|[^\S\n]+#(?!\d)))/;

function readWord(line: string, from: number): ReadWord {
  if (line[from] === "#") {
    const end = line.indexOf("\n", from);
    return { word: undefined, to: end === -1 ? line.length : end };
  }
  let text = "";
  let quoted = false;
  let begun = false;
  let sign: BashSign | undefined;
  let at = from;
  const results: ResultPart[] = [];
  const word = (to: number, open: Quote | undefined): Word => {
    const [first] = results;
    const isResult =
      first?.from === 0 && first.to === text.length && [text, `"${text}"`].includes(line.slice(from, to));
    return { text, from, to, open, quoted, isResult, results };
  };
  while (at < line.length) {
    const character = line[at];
    if (character === undefined || /[\s;|>]/.test(character) || isAmpersand(line, at)) break;
    if (character === "\\") {
      const next = line[at + 1];
      if (next === undefined) {
        return { word: begun ? word(at, undefined) : undefined, to: at, unfinished: { because: "backslash", at } };
      }
      at += 2;
      if (next === "\n") continue; // The line goes on.
      quoted = true;
      begun = true;
      text += next;
    } else if (character === "'" || character === '"') {
      quoted = true;
      begun = true;
      const inside = readQuoted(line, at + 1, character);
      for (const part of inside.results) results.push({ from: text.length + part.from, to: text.length + part.to });
      text += inside.text;
      if (!inside.closed) {
        return { word: word(line.length, character), to: line.length, unfinished: { because: "quote", at } };
      }
      at = inside.to;
    } else {
      begun = true;
      sign ??= substitutionAt(line, at);
      const part = resultAt(line, at) ?? character;
      if (part !== character) results.push({ from: text.length, to: text.length + part.length });
      text += part;
      at += part.length;
    }
  }
  return { word: begun ? word(at, undefined) : undefined, to: at, sign };
}

function skipBlank(line: string, from: number, newlines: boolean): number {
  let at = from;
  for (;;) {
    const character = line[at];
    if (character === undefined || !/\s/.test(character) || (character === "\n" && !newlines)) return at;
    at++;
  }
}
