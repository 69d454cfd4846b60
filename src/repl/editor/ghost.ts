import type { Candidate } from "../../command/completing.ts";
import { meansSeveral } from "../../command/match-summary.ts";
import { verbWordOf } from "../../command/meant.ts";
import { usageOf, usageOfArg } from "../../command/parse.ts";
import { type Place, placeIn } from "../../command/place.ts";
import { parse } from "../parse.ts";
import { typedForm, type WordsBefore, wordsBefore } from "../words-before.ts";
import { nextBoundary, previousBoundary } from "./graphemes.ts";
import { isTaken, type Sight } from "./highlight.ts";

/** What stands faint behind the cursor. */
export type Ghost =
  /** The rest of a line: one key takes it. */
  | { readonly kind: "text"; readonly text: string }
  /** Something to know, which no key takes. */
  | { readonly kind: "note"; readonly text: string };

/** What a proposal may ask; all of it is in memory. */
export interface GhostSight extends Sight {
  /** The newest line that begins so, goes on, and is still true. */
  remembered(begun: string): string | undefined;
  /** What can stand at the cursor, but for files. */
  candidates(words: readonly string[], current: string): readonly Candidate[];
}

/** Beyond this a line is not typed any more. */
const longest = 200;

/**
 * What is proposed behind a line whose cursor is at its end: how it went on before, else the only word that can stand
 * there, else what is known of it. Nothing that means everything (`*`) is ever proposed.
 */
export function ghostFor(text: string, sight: GhostSight): Ghost | undefined {
  if (text.trim() === "" || text.length > longest || text.includes("\n")) return undefined;
  const before = sight.remembered(text);
  if (before !== undefined && isBoundary(before, text.length)) return { kind: "text", text: before.slice(text.length) };
  const line = wordsBefore(text, text.length);
  if (line.kind === "passthrough" || /(?:^|\s)#(?!\d+$)/.test(text)) return undefined;
  const { name, given } = sight.meant(line.words);
  const verb = name === undefined ? undefined : sight.verb(name);
  if (name === undefined) return verbGhost(line, text, sight);
  if (verb === undefined) return undefined;
  const place = placeIn(verb, given);
  const only = onlyCompletion(line, place, text, sight);
  if (only !== undefined) return { kind: "text", text: only };
  const note =
    line.word.text === ""
      ? signature(place, given, usageOf(verb).slice(verb.name.length))
      : meant(line, place, text, sight);
  return note === undefined ? undefined : { kind: "note", text: note };
}

function verbGhost(line: WordsBefore, text: string, sight: GhostSight): Ghost | undefined {
  const { name = "", added, given } = sight.meant([line.word.text]);
  const verb = sight.verb(name);
  if (verb !== undefined) {
    const usage = usageOf(verb).slice(verb.name.length);
    const left = added === 0 ? usage : behind(signature(placeIn(verb, given), given, usage));
    return left === "" ? undefined : { kind: "note", text: left };
  }
  const rest = line.word.text === "" ? undefined : restOfOnly(line, text, sight);
  if (rest === undefined) return undefined;
  const word = line.word.text + rest;
  const isAlias = sight.meant([word]).name !== verbWordOf([word]).name;
  return isAlias && !isStillTrue(word, sight) ? undefined : { kind: "text", text: rest };
}

function onlyCompletion(line: WordsBefore, place: Place, text: string, sight: GhostSight): string | undefined {
  const type = place.openFlag?.type ?? place.arg?.type;
  const isFlag = place.openFlag === undefined && line.word.text.startsWith("-");
  // Files were not looked at: what seems to be the only word may be one of many.
  const mayBeFile = type !== undefined && ["files", "folders", "env-files", "programs"].includes(type.offers.kind);
  if (mayBeFile && !isFlag) return undefined;
  if (line.word.text === "" && place.taken.length > 0) return undefined;
  // Who is named so is meant, and nobody whose name goes on.
  if (type?.offers.kind === "processes" && sight.match(line.word.text).unrecorded !== undefined) return undefined;
  return restOfOnly(line, text, sight);
}

/** What is missing of the only word that can stand at the cursor, when it begins with what is typed there. */
function restOfOnly({ words, word }: WordsBefore, text: string, sight: GhostSight): string | undefined {
  const [only, second] = sight.candidates(words, word.text);
  if (only === undefined || second !== undefined) return undefined;
  const typed = text.slice(word.from);
  const form = typedForm(only.value, word.open, true).trimEnd();
  if (!form.startsWith(typed) || form.length === typed.length || !isBoundary(form, typed.length)) return undefined;
  return form.slice(typed.length);
}

/** ` → server-3000 (#0, online)`: the one process that the letters mean. */
function meant({ word }: WordsBefore, { openFlag, arg }: Place, text: string, sight: GhostSight): string | undefined {
  if (openFlag !== undefined || arg?.type.offers.kind !== "processes") return undefined;
  const { records, isPattern } = endsPlaced(text)
    ? { records: sight.placed(word.text), isPattern: false }
    : sight.match(word.text);
  const [only, second] = records;
  if (isPattern || only === undefined || second !== undefined || only.name === word.text) return undefined;
  return ` → ${only.name} (#${only.id}, ${only.status})`;
}

/** Is the last word `$_`, `$1` or so, and no command before it, which may show others? */
function endsPlaced(text: string): boolean {
  const [statement, second] = parse(text).statements;
  return second === undefined && statement?.kind === "command" && statement.words.at(-1)?.isResult === true;
}

/** What the verb still takes. */
function signature(place: Place, given: readonly string[], usage: string): string | undefined {
  if (place.openFlag?.type !== undefined) return place.openFlag.type.label;
  const left = given.length === 0 ? usage.trimStart() : place.argsLeft.map(usageOfArg).join(" ");
  return left === "" ? undefined : left;
}

function behind(text: string | undefined): string {
  return text === undefined ? "" : ` ${text}`;
}

/** Is a line that was typed before still one to propose? Its verb is known and takes it, its processes exist, and it means none but those. */
export function isStillTrue(entry: string, sight: Sight): boolean {
  if (entry.includes("*") || entry.includes("\n")) return false;
  const { statements, unfinished, fault } = parse(entry);
  if (unfinished !== undefined || fault !== undefined) return false;
  return statements.every((statement) => {
    if (statement.kind === "passthrough") return true;
    const words = statement.words.map(({ text }) => text);
    const { name, given } = sight.meant(words);
    const verb = name === undefined ? undefined : sight.verb(name);
    if (verb === undefined) return false;
    return placeIn(verb, given).roles.every((role, index) => {
      const word = given[index] ?? "";
      if (!isTaken(word, role, sight)) return false;
      if (role.kind !== "argument") return true;
      const actsOnAll = verb.effect !== "reads" && (word === "all" || meansSeveral(word));
      // A job's number is another job's by now.
      if (role.arg.type.offers.kind === "jobs" || /^%\d+$/.test(word)) return false;
      if (role.arg.type.offers.kind !== "processes") return !(word === "all" && actsOnAll);
      return !actsOnAll && sight.exists(word);
    });
  });
}

function isBoundary(text: string, at: number): boolean {
  return nextBoundary(text, previousBoundary(text, at)) === at;
}
