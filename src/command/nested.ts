import { TsmError } from "../core/errors.ts";
import { plainWords } from "../core/quote.ts";
import type { AnyVerb, CommandWords, Context } from "./define.ts";
import { unknownVerb } from "./lookup.ts";
import { wordsToRun } from "./meant.ts";
import { parseWords } from "./parse.ts";
import { findVerb } from "./registry.ts";
import { unresolvedValuesOf } from "./values.ts";

/** These have no end or screen of their own to show inside of another command. */
export const outermost = ["watch", "repeat", "repl", "fg"];

/**
 * The words of the command that a verb runs in its turn: several as they are, one as the line that it is.
 * @throws TsmError before anything has run, when that is no command
 */
export async function commandLine(
  { verb: runner, looksOnly }: { readonly verb: string; readonly looksOnly: boolean },
  { words }: CommandWords,
  { registry, engine }: Context,
): Promise<readonly string[]> {
  const [only = ""] = words;
  if (only.startsWith("!")) {
    throw new TsmError("USAGE", `${runner} runs a command of tsm, and ! is bash's`, {
      hint: "!for i in {1..9}; do COMMAND; done repeats one there",
    });
  }
  // As in the shell, a pattern means processes: it stands for no files.
  const split = words.length === 1 ? plainWords(only, "*?[]{}") : words;
  if (split === undefined) {
    throw new TsmError("USAGE", `${runner} takes one command, without pipes, variables or ;`, {
      hint: "Quote what is meant as it stands: ';'",
    });
  }
  const meant = split[0] === "tsm" ? split.slice(1) : split;
  if (meant.length === 0) throw new TsmError("USAGE", `${runner} needs a command`, { hint: `tsm ${runner} --help` });
  const full = await wordsToRun(meant, registry, engine.settings().aliases);
  const [name = ""] = full;
  const entry = findVerb(registry, name);
  if (entry === undefined) throw unknownVerb(registry, engine, name);
  if (outermost.includes(entry.name)) throw new TsmError("USAGE", `${runner} cannot run ${entry.name}`);
  const verb = await entry.load();
  if (looksOnly && !doesOnlyLook(verb, full.slice(1))) {
    throw new TsmError("USAGE", `${runner} runs only what looks, and ${entry.name} does more`, {
      hint: "repeat N COMMAND in the shell runs anything",
    });
  }
  if (looksOnly && "follow" in verb.flags && parseWords(verb, full.slice(1)).flags.get("follow") === true) {
    throw new TsmError("USAGE", `${runner} runs what ends, and this ${entry.name} goes on until Ctrl-C`, {
      hint: "By itself it shows what is new as it comes; here leave its -f out",
    });
  }
  return full;
}

/** Does it change nothing as it stands, or is it to be seen by a word that is still to come? */
export function mayOnlyLook(verb: AnyVerb): boolean {
  if (verb.effect === "reads") return true;
  if (verb.onlyLooks === undefined) return false;
  const [first] = Object.values(verb.args);
  if (first?.type.offers.kind === "words") return true;
  try {
    return doesOnlyLook(verb, []);
  } catch (error) {
    if (error instanceof TsmError) return false; // It takes more than its name.
    throw error;
  }
}

/** @throws TsmError USAGE when it cannot be run in any way. */
function doesOnlyLook(verb: AnyVerb, words: readonly string[]): boolean {
  if (verb.effect === "reads") return true;
  const parsed = parseWords(verb, words);
  // The values were made by this verb's own declaration: their type is the one its `onlyLooks` declares.
  return parsed.help || verb.onlyLooks?.(unresolvedValuesOf(verb, parsed) as never) === true;
}
