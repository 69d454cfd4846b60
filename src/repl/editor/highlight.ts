import type { AnyVerb, ParamType } from "../../command/define.ts";
import type { SummaryMatch } from "../../command/match-summary.ts";
import type { Meant } from "../../command/meant.ts";
import { placeIn, type Role } from "../../command/place.ts";
import { TsmError } from "../../core/errors.ts";
import type { Unrecorded } from "../../core/lost-record.ts";
import type { ProcessSummary, Status } from "../../core/process.ts";
import { parse, type Statement, type Word } from "../parse.ts";
import type { Span } from "./painter.ts";
import type { Styles } from "./styles.ts";

/** What is known of the world while a line is typed: nothing here reads a disk, but for `pathExists`. */
export interface Sight {
  /** Is it a verb, or an alias of one? */
  isVerb(word: string): boolean;
  /** The words of a command with the verb in the place of an alias. */
  meant(words: readonly string[]): Meant;
  /** The declaration of a verb; undefined also while it is still being loaded. */
  verb(word: string): AnyVerb | undefined;
  match(word: string): SummaryMatch;
  /** The processes that `$_`, `$1` and so on stand for. */
  placed(word: string): readonly ProcessSummary[];
  /** Does it name a process, or a part of one's name? Scattered letters do not count: many lines of the history ask. */
  exists(word: string): boolean;
  pathExists(path: string): boolean;
  /** In which column conditions on processes are wrong, counted from 1. */
  wrongColumn(conditions: string): number | undefined;
  /** Does a job behind the prompt have this number? */
  isJob(number: number): boolean;
}

/** Beyond this a text is no line that somebody types. */
const longest = 4000;

/** The text in the styles of what its words mean. */
export function highlight(text: string, sight: Sight, styles: Styles): readonly Span[] {
  if (text.length > longest) return [{ text }];
  const { statements, unfinished, fault } = parse(text);
  const marks: Mark[] = [];
  const wrong: number[] = [];
  for (const statement of statements) {
    if (statement.kind === "passthrough") marks.push({ from: statement.from, to: statement.to, style: styles.bash });
    else {
      const roles = rolesOf(statement, sight);
      const known = { roles, isFirst: statement === statements[0] };
      marks.push(...marksOf(statement, known, sight, styles), ...outputMarks(text, statement, sight, styles));
      wrong.push(...wrongIn(statement, roles, sight));
    }
  }
  const quote = unfinished?.because === "quote" ? unfinished.at : fault?.at;
  if (quote !== undefined) wrong.push(quote);
  const all = wrong.reduce((known, at) => withMark(known, { from: at, to: at + 1, style: styles.wrong }), marks);
  return spansOf(text, all, styles);
}

/** A part of the text in one style. Marks never overlap and stand in order. */
interface Mark {
  readonly from: number;
  readonly to: number;
  readonly style: string | undefined;
}

type Command = Statement & { readonly kind: "command" };

/** What each word behind the verb is; nothing while the verb is unknown. */
function rolesOf({ words }: Command, sight: Sight): readonly (Role | undefined)[] {
  const { name = "", given, added } = sight.meant(words.map(({ text }) => text));
  const verb = sight.verb(name);
  const bare = words[0]?.text === "tsm" ? 2 : 1;
  return [...Array<undefined>(bare), ...(verb === undefined ? [] : placeIn(verb, given).roles.slice(added))];
}

/** The places of what is wrong within a value, where they can be told. */
function wrongIn({ words }: Command, roles: readonly (Role | undefined)[], sight: Sight): number[] {
  return words.flatMap((word, index) => {
    const role = roles[index];
    return role?.kind === "value" ? (wrongAt(word, role.flag.type, sight) ?? []) : [];
  });
}

/** What is missing at the end of an open quote may yet come. */
function wrongAt(word: Word, type: ParamType<unknown> | undefined, sight: Sight): number | undefined {
  const quotes = word.open === undefined ? 2 : 1;
  const isAsTyped = word.quoted && word.to - word.from - quotes === word.text.length;
  if (type?.offers.kind !== "conditions" || !isAsTyped) return undefined;
  const column = sight.wrongColumn(word.text);
  const mayCome = column !== undefined && word.open !== undefined && column > word.text.length;
  return column === undefined || mayCome ? undefined : word.from + column;
}

/** @param known.isFirst no command before it may show other processes, which `$1` would mean then. */
function marksOf(
  { words }: Command,
  { roles, isFirst }: { readonly roles: readonly (Role | undefined)[]; readonly isFirst: boolean },
  sight: Sight,
  styles: Styles,
): Mark[] {
  const bare = words[0]?.text === "tsm" ? 1 : 0;
  const { word: verbWord = "" } = sight.meant(words.map(({ text }) => text));
  return words.map((word, index): Mark => {
    const mark = (style: string | undefined): Mark => ({ from: word.from, to: word.to, style });
    if (index < bare) return mark(styles.good);
    if (index === bare) return mark(sight.isVerb(verbWord) ? styles.good : styles.bad);
    const role = roles[index];
    if (word.isResult && role?.kind === "argument")
      return mark(isFirst ? placedStyle(sight.placed(word.text), styles) : styles.strong);
    return mark(role === undefined ? plainStyle(word, sight, styles) : styleOf(word, role, sight, styles));
  });
}

/** Where the output goes: a line for bash, or a file. */
function outputMarks(
  text: string,
  { output, to }: Statement & { kind: "command" },
  sight: Sight,
  styles: Styles,
): Mark[] {
  if (output === undefined) return [];
  if (output.kind === "pipe") return [{ from: text.lastIndexOf("|", output.from), to, style: styles.bash }];
  const { path } = output;
  const style = sight.pathExists(path.text) ? styles.match : path.quoted ? styles.quoted : undefined;
  return path.text === "" ? [] : [{ from: path.from, to: path.to, style }];
}

function styleOf(word: Word, role: Role, sight: Sight, styles: Styles): string | undefined {
  switch (role.kind) {
    case "flag":
      return isAllowed(role.flag?.type, inlineValue(word.text), sight) ? styles.flag : styles.bad;
    case "dashes":
      return styles.flag;
    case "unknown-flag":
    case "superfluous":
      return styles.bad;
    case "value":
      return typedStyle(word, role.flag.type, sight, styles);
    case "argument":
      return argumentStyle(word, role, sight, styles);
  }
}

function argumentStyle(
  word: Word,
  role: Role & { kind: "argument" },
  sight: Sight,
  styles: Styles,
): string | undefined {
  const { type, arity } = role.arg;
  // A word with a / in it may be a service: nobody has looked.
  const isPerhapsService = type.offers.kind === "processes" && type.offers.services && word.text.includes("/");
  if (type.offers.kind === "jobs") return jobStyle(word, sight, styles);
  if (type.offers.kind === "processes" && !isPerhapsService) {
    const match = sight.match(word.text);
    if (type.offers.orWords === true && !match.records.some(({ name }) => name === word.text))
      return plainStyle(word, sight, styles);
    if (match.unrecorded !== undefined) return unrecordedStyle(word, match.unrecorded, type, styles);
    const takesOne = arity === "one" || arity === "optional";
    if (takesOne && match.records.length > 1 && !match.records.some(({ name }) => name === word.text))
      return styles.warn;
    if (type.offers.jobs !== true || !/^%?\d+$/.test(word.text)) return targetStyle(match, styles);
    if (match.records.length === 0) return jobStyle(word, sight, styles);
    return sight.isJob(Number(word.text)) ? styles.warn : targetStyle(match, styles);
  }
  if (type.offers.kind === "verbs") return sight.isVerb(word.text) ? styles.good : plainStyle(word, sight, styles);
  if (arity === "command") {
    const plain = plainStyle(word, sight, styles);
    if (role.nth > 0 || plain !== undefined) return plain;
    // `start NAME` starts a process that is there already; a part of a name does not.
    const match = sight.match(word.text);
    const [only] = match.records;
    return match.kind === "exact" && only?.name === word.text ? targetStyle(match, styles) : undefined;
  }
  return typedStyle(word, type, sight, styles);
}

function placedStyle([first, second]: readonly ProcessSummary[], styles: Styles): string | undefined {
  if (first === undefined) return styles.bad;
  return second === undefined ? statusStyle(first.status, styles) : styles.strong;
}

/** Only a verb that takes what is damaged takes one, by its whole name. */
function unrecordedStyle(
  word: Word,
  unrecorded: Unrecorded,
  { offers }: ParamType<unknown>,
  styles: Styles,
): string | undefined {
  const isTaken = offers.kind === "processes" && offers.damaged === true && "problem" in unrecorded;
  return isTaken && unrecorded.name === word.text ? styles.strong : styles.bad;
}

function jobStyle(word: Word, sight: Sight, styles: Styles): string | undefined {
  const number = /^%?(\d+)$/.exec(word.text)?.[1];
  return number !== undefined && sight.isJob(Number(number)) ? styles.good : styles.bad;
}

/** What the declaration's own type says of the word. */
function typedStyle(
  word: Word,
  type: ParamType<unknown> | undefined,
  sight: Sight,
  styles: Styles,
): string | undefined {
  const isOpen = type?.offers.kind === "conditions" && word.open !== undefined;
  const isMarked = isOpen || wrongAt(word, type, sight) !== undefined;
  if (!isMarked && !isAllowed(type, word.text, sight)) return styles.bad;
  const isPath = type !== undefined && ["files", "folders", "env-files"].includes(type.offers.kind);
  return isPath && word.text !== "" && sight.pathExists(word.text) ? styles.match : plainStyle(word, sight, styles);
}

/** In the colour of the one process it means; several that are meant by a pattern, as an app or a namespace, are no doubt. */
function targetStyle(match: SummaryMatch, styles: Styles): string | undefined {
  const [first, second] = match.records;
  if (match.isPattern) return first === undefined && !match.isEveryone ? styles.bad : styles.strong;
  if (first === undefined) return styles.bad;
  if (second === undefined) return statusStyle(first.status, styles);
  return match.kind === "exact" ? styles.strong : styles.warn;
}

export function statusStyle(status: Status, styles: Styles): string | undefined {
  if (status === "online") return styles.good;
  if (status === "crashed") return styles.bad;
  return status === "stopped" ? styles.faint : styles.warn;
}

function plainStyle(word: Word, sight: Sight, styles: Styles): string | undefined {
  const looksLikePath = /[/.~]/.test(word.text) && word.text.length > 1;
  if (looksLikePath && sight.pathExists(word.text)) return styles.match;
  return word.quoted ? styles.quoted : undefined;
}

/** Would the verb take what the word gives to it? Targets are not looked at. */
export function isTaken(word: string, role: Role, sight: Sight): boolean {
  if (role.kind === "value") return isAllowed(role.flag.type, word, sight);
  if (role.kind === "flag") return isAllowed(role.flag?.type, inlineValue(word), sight);
  if (role.kind === "argument") return role.arg.arity === "command" || isAllowed(role.arg.type, word, sight);
  return role.kind === "dashes";
}

/** Would the verb take this word? What it says when it would not is for later. */
function isAllowed(type: ParamType<unknown> | undefined, word: string | undefined, sight: Sight): boolean {
  if (type === undefined || type.resolve !== undefined || word === undefined) return true;
  if (type.offers.kind === "conditions") return sight.wrongColumn(word) === undefined;
  try {
    type.parse(word);
    return true;
  } catch (error) {
    if (error instanceof TsmError) return false;
    throw error;
  }
}

function inlineValue(word: string): string | undefined {
  const at = word.indexOf("=");
  return at === -1 ? undefined : word.slice(at + 1);
}

/** The marks with one more, which takes its place out of whatever stood there. */
function withMark(marks: readonly Mark[], mark: Mark): Mark[] {
  const around = marks.flatMap((each) => [
    { ...each, to: Math.min(each.to, mark.from) },
    { ...each, from: Math.max(each.from, mark.to) },
  ]);
  return [...around.filter(({ from, to }) => from < to), mark].sort((a, b) => a.from - b.from);
}

function spansOf(text: string, marks: readonly Mark[], styles: Styles): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { from, to, style } of marks) {
    if (from > at) spans.push(...between(text.slice(at, from), styles));
    spans.push({ text: text.slice(from, to), style });
    at = to;
  }
  if (at < text.length) spans.push(...between(text.slice(at), styles));
  return spans;
}

/** Blanks, `;` and comments. */
function between(text: string, styles: Styles): Span[] {
  const spans: Span[] = [];
  for (const part of text.split(/(#[^\n]*)/)) {
    if (part !== "") spans.push({ text: part, style: part.startsWith("#") ? styles.faint : undefined });
  }
  return spans;
}
