import { verbWordOf } from "../command/meant.ts";
import type { Registry } from "../command/registry.ts";
import { findVerb } from "../command/registry.ts";
import type { Meanings } from "../core/settings.ts";
import { parse } from "./parse.ts";

/** The question that a line is which ends in `?`. */
export interface HelpAsked {
  /** The line without it: what the person goes on with. */
  readonly line: string;
  /** The words for dispatch that answer it. */
  readonly words: readonly string[];
}

/**
 * `stop api?` asks for the page of stop, and the line stays. Not so inside quotes, behind `!` and in a comment; a
 * pattern that ends in `?` is typed in quotes or with a blank behind it. `?` alone is a verb like any other.
 */
export function helpAsked(text: string, registry: Registry, aliases: Meanings = new Map()): HelpAsked | undefined {
  if (!text.endsWith("?")) return undefined;
  const statement = parse(text).statements.at(-1);
  if (statement?.kind !== "command") return undefined;
  const last = statement.words.at(-1);
  if (last === undefined || last.quoted || last.to !== text.length) return undefined;
  const words = statement.words.map((word) => word.text);
  const { name = "" } = verbWordOf(words);
  if (name === "?" && statement.from === 0) return undefined;
  const verb = name.replace(/\?$/, "");
  const line = text.slice(0, -1);
  if (findVerb(registry, verb) !== undefined || aliases.has(verb)) return { line, words: ["help", verb] };
  const isBegun = verb !== "" && registry.some((entry) => entry.name.startsWith(verb));
  return { line, words: isBegun ? ["help", "search", verb] : ["help"] };
}
