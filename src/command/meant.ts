import { TsmError } from "../core/errors.ts";
import { plainWords } from "../core/quote.ts";
import type { Meanings } from "../core/settings.ts";
import { placeIn } from "./place.ts";
import { behindSlash, findVerb, isVerbName, type Registry } from "./registry.ts";

/** A command as it is meant: with the verb in the place of an alias. */
export interface Meant {
  /** The word that stands where a verb does; undefined: none does yet. */
  readonly word: string | undefined;
  /** The verb that it names, unless it is none. */
  readonly name: string | undefined;
  /** What stands behind the verb. */
  readonly given: readonly string[];
  /** How many of these the alias brought along. */
  readonly added: number;
}

/**
 * A command's words, also of a line that is still being typed. An alias is expanded once. It goes before another word for a
 * verb (`l`, `log`), and never hides a verb's own name.
 */
export function meantBy(words: readonly string[], registry: Registry, aliases: Meanings): Meant {
  const { name: word, given } = verbWordOf(words);
  const meaning = word === undefined || isVerbName(registry, word) ? undefined : aliases.get(word);
  const full = meaning === undefined ? undefined : aliasWords(meaning);
  if (full === undefined) return { word, name: word, given, added: 0 };
  const { name, given: brought } = verbWordOf(full);
  return { word, name, given: [...brought, ...given], added: brought.length };
}

/**
 * The words to run, with the verb first.
 * @throws TsmError when the alias stands for what is no command, or would answer a question before it is asked
 */
export async function wordsToRun(
  words: readonly string[],
  registry: Registry,
  aliases: Meanings,
): Promise<readonly string[]> {
  const [word = "", ...given] = words;
  const meaning = isVerbName(registry, word) ? undefined : aliases.get(word);
  if (meaning === undefined) return words;
  return [...(await aliasCommand(word, meaning, registry)), ...given];
}

/** What an alias stands for, its verb first. @throws TsmError when that is not allowed */
export async function aliasCommand(alias: string, meaning: string, registry: Registry): Promise<readonly string[]> {
  const full = aliasWords(meaning);
  if (full === undefined) {
    throw new TsmError("USAGE", `'${meaning}' is more than one command, and an alias stands for one`, {
      hint: "Pipes, variables, ; and ! do not belong there; quote what is meant as it stands",
    });
  }
  const { name = "", given } = verbWordOf(full);
  const verb = await findVerb(registry, name)?.load();
  if (verb === undefined) {
    throw new TsmError("UNKNOWN_VERB", `the alias '${alias}' stands for '${name}', which is not a command`, {
      hint: "An alias stands for a verb and what is behind it, not for another alias",
    });
  }
  const unknown = placeIn(verb, given).roles.findIndex(({ kind }) => kind === "unknown-flag");
  if (unknown !== -1) {
    throw new TsmError("USAGE", `${verb.name} has no flag ${given[unknown]}`, { hint: `tsm ${verb.name} --help` });
  }
  if (await saysYes(full, registry)) {
    throw new TsmError("USAGE", `the alias '${alias}' would answer a question before it is asked`, {
      hint: `Leave --yes out of it, and type it behind ${alias} when you mean it`,
    });
  }
  return [name, ...given];
}

/** Do the words answer what a verb would ask, themselves or in a command that they have run? */
export async function saysYes(words: readonly string[], registry: Registry): Promise<boolean> {
  const { name = "", given } = verbWordOf(words);
  const verb = await findVerb(registry, name)?.load();
  if (verb === undefined) return false;
  const { roles } = placeIn(verb, given);
  const yes = verb.flags["yes"];
  if (yes !== undefined && roles.some((role) => role.kind === "flag" && role.flag === yes)) return true;
  const inner = given.filter((_word, index) => {
    const role = roles[index];
    return role?.kind === "argument" && role.arg.arity === "command" && role.arg.type.offers.kind === "verbs";
  });
  const [only = ""] = inner;
  const command = inner.length === 1 ? (aliasWords(only) ?? []) : inner;
  return command.length > 0 && (await saysYes(command, registry));
}

/** The verb that the words of a line begin with, as people write it, and the words behind it. */
export function verbWordOf(words: readonly string[]): { name: string | undefined; given: readonly string[] } {
  const [first, ...given] = words[0] === "tsm" ? words.slice(1) : words;
  return { name: first?.startsWith("/") && first.length > 1 ? slashed(first.slice(1)) : first, given };
}

/** The verb that a word behind a `/` names. */
export function slashed(word: string): string {
  return behindSlash.get(word) ?? word;
}

/** Patterns stand as they are, as in the shell. */
function aliasWords(meaning: string): readonly string[] | undefined {
  const words = plainWords(meaning, "*?[]{}");
  return words?.length === 0 ? undefined : words;
}
