import { isEcosystemWord } from "../core/ecosystem-word.ts";
import { TsmError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { endingOf } from "../core/script-endings.ts";
import { type AnyVerb, type Arg, type CommandWords, type Flag, isOwnWord } from "./define.ts";

/** The words of one command, told apart by the verb's declaration. Values that name processes are still words. */
export interface Parsed {
  /** Each positional argument's words, by the argument's name. */
  readonly args: ReadonlyMap<string, readonly string[]>;
  /** For the argument that takes a whole command. */
  readonly command: CommandWords | undefined;
  readonly flags: ReadonlyMap<string, unknown>;
  readonly json: boolean;
  readonly help: boolean;
  /** What is done is not told; what is asked for is. */
  readonly silent: boolean;
  readonly colourless: boolean;
  /** Flags that mean nothing here, as they were typed. */
  readonly ignored: readonly string[];
}

/** @throws TsmError USAGE */
export function parseWords(verb: AnyVerb, words: readonly string[]): Parsed {
  const takesCommand = Object.values(verb.args).find((arg) => arg.arity === "command");
  const split = splitFlags(verb, words, takesCommand);
  const flags = new Map<string, unknown>();
  for (const [name, spec] of Object.entries(verb.flags)) flags.set(name, split.flags.get(name) ?? spec.fallback);
  const { json, help, silent, colourless, ignored } = split;
  const common = { flags, json, help, silent, colourless, ignored };
  if (help) return { ...common, args: new Map(), command: undefined };
  if (takesCommand !== undefined) {
    // Arguments that stand before the command take their words first.
    const leading = Object.values(verb.args).indexOf(takesCommand);
    const args = assign(
      { ...verb, args: Object.fromEntries(Object.entries(verb.args).slice(0, leading)) },
      split.words.slice(0, leading),
    );
    const { beforeDashes } = split;
    const command: CommandWords = {
      words: split.words.slice(leading),
      beforeDashes: beforeDashes === undefined ? undefined : Math.max(0, beforeDashes - leading),
    };
    return { ...common, args, command };
  }
  return { ...common, args: assign(verb, split.words), command: undefined };
}

interface Split extends Pick<Parsed, "json" | "help" | "silent" | "colourless" | "ignored"> {
  readonly words: string[];
  readonly beforeDashes: number | undefined;
  readonly flags: Map<string, unknown>;
}

/**
 * Flags may stand anywhere before `--`. In a verb that takes a command they are ours only until the program's own
 * first flag (one that is not ours, or that stood before the program already), unless the command is one quoted word: then
 * nothing behind it is the program's.
 * A `--` behind several words of it, with no flag of ours and no script among them, is its own too (`npm run dev -- -x`).
 */
function splitFlags(verb: AnyVerb, input: readonly string[], command: Arg<unknown> | undefined): Split {
  const takesCommand = command !== undefined;
  const leading = command === undefined ? 0 : Object.values(verb.args).indexOf(command);
  const words: string[] = [];
  let isMixed = false;
  const flags = new Map<string, unknown>();
  const ignored: string[] = [];
  const ahead = new Set<string>();
  const common = { json: false, help: false, silent: false, colourless: false };
  const over = (rest: readonly string[], beforeDashes?: number): Split => ({
    ...common,
    words: [...words, ...rest],
    beforeDashes,
    flags,
    ignored,
  });
  for (let index = 0; index < input.length; index += 1) {
    const word = input[index] ?? "";
    if (command?.isBegun?.(words) === true) return over(input.slice(index));
    if (word === "--") {
      const taker = words.length === 0 ? undefined : takerOfRest(verb);
      if (taker !== undefined && index + 1 < input.length) {
        flags.set(taker, input.slice(index + 1));
        return over([], words.length);
      }
      const isOwn = takesCommand && !isMixed && isOneOfSeveral(words.slice(leading));
      return over(input.slice(isOwn ? index : index + 1), words.length);
    }
    if (!isFlag(word)) {
      words.push(word);
      continue;
    }
    const { name, inline } = partsOf(word);
    const quoted = words.length === 1 && /\s/.test(words[0] ?? "");
    if (words.length === 0) ahead.add(findFlag(verb, name)?.[0] ?? name);
    else if (takesCommand && !quoted && isSaidAlready(verb, name, ahead)) return over(input.slice(index));
    const found = takesCommand && isProgramsOwn(name, words) ? undefined : findFlag(verb, name);
    const isWhole = !takesCommand || words.length === 0 || standsAlone(words);
    const nothing = found === undefined && isWhole ? ignoredFlag(verb, name) : undefined;
    if (found === undefined && name === "--json") common.json = true;
    else if (found === undefined && (name === "--help" || name === "-h") && (!takesCommand || words.length === 0))
      common.help = true;
    else if (found === undefined && isWhole && silences.includes(name)) common.silent = true;
    else if (found === undefined && isWhole && name === uncolours) common.colourless = true;
    else if (found === undefined && isNeedlessYes(name, takesCommand ? words : [])) continue;
    else if (nothing !== undefined) {
      ignored.push(name);
      if (nothing.takesValue && inline === undefined) index += 1;
    } else if (found === undefined) {
      if (takesCommand && words.length > 0 && !quoted) return over(input.slice(index));
      throw unknownFlag(verb, word);
    } else {
      isMixed ||= words.length > leading;
      const [key, spec] = found;
      if (spec.type === undefined) {
        if (inline !== undefined)
          throw new TsmError("USAGE", `${name} takes no value`, { hint: `tsm ${verb.name} --help` });
        flags.set(key, true);
        continue;
      }
      if (inline === undefined && spec.bare !== undefined && !isValueOf(spec, input[index + 1], words)) {
        flags.set(key, spec.bare);
        continue;
      }
      const value = inline ?? input[index + 1];
      if (value === undefined)
        throw new TsmError("USAGE", `${name} needs a value`, { hint: `${name} ${spec.type.label}: ${spec.summary}` });
      if (inline === undefined) index += 1;
      const parsed = parseValue(name, spec, value);
      if (inline === undefined) refuseBlanks(`${name} ${value}`, spec, input.slice(index + 1), words.length > 0);
      flags.set(key, spec.gather !== undefined && flags.has(key) ? spec.gather(flags.get(key), parsed) : parsed);
    }
  }
  return over([]);
}

/** What a program means by `--` is known to it alone; a script's is there to keep its flags from us. */
function isOneOfSeveral(words: readonly string[]): boolean {
  return words.length > 1 && words.every((word) => endingOf(word) === undefined && !/\s/.test(word));
}

function takerOfRest({ flags }: AnyVerb): string | undefined {
  return Object.entries(flags).find(([, { behindDashes }]) => behindDashes === true)?.[0];
}

/** Every verb has them, but where it has one of that name itself. */
export const silences: readonly string[] = ["-s", "--silent"];
export const uncolours = "--no-color";

/**
 * Short flags are few and mean something else to most programs: behind a program (`node -e CODE`, `bash -l`) they are
 * its own; behind a script that stands alone (`app.js -o FILE`) they are ours, as people type it. `--yes` would change
 * nothing here and much there (`npx --yes serve`, `upgrade.sh --yes`).
 */
export function isProgramsOwn(name: string, words: readonly string[]): boolean {
  const [first] = words;
  if (first === undefined) return false;
  if (yeses.includes(name)) return !/\s/.test(first);
  return !name.startsWith("--") && !standsAlone(words);
}

/** What has been said before a program is not said again behind it: there it is the first of the program's own flags. */
export function isSaidAlready(verb: AnyVerb, name: string, ahead: ReadonlySet<string>): boolean {
  const [key, spec] = findFlag(verb, name) ?? [name];
  return spec?.gather === undefined && ahead.has(key);
}

export const yeses: readonly string[] = ["-y", "--yes"];

/** Typed out of habit where nothing is asked, behind these words of a command: it is taken, and changes nothing. */
export function isNeedlessYes(name: string, words: readonly string[]): boolean {
  return yeses.includes(name) && !isProgramsOwn(name, words);
}

/** A shell string, a script, or a file of apps: behind them flags are ours unless they say otherwise. */
export function standsAlone([first = ""]: readonly string[]): boolean {
  return /\s/.test(first) || endingOf(first) !== undefined || isEcosystemWord(first);
}

/** Is the word behind a flag that may stand alone its value, where these words of a command stand before it? */
export function isValueOf(spec: Flag<unknown>, word: string | undefined, words: readonly string[]): boolean {
  if (isOwnWord(spec, word)) return true;
  if (spec.bareBefore === undefined || word === undefined) return false;
  return standsAlone(words) && word !== "--" && !isFlag(word);
}

function parseValue(name: string, spec: Flag<unknown>, value: string): unknown {
  try {
    return spec.type?.parse(value);
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    throw new TsmError(error.code, `${name}: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}

/** `--codes 0 1 app.js`: the 1 would be a process, or a word of the program's. @param isBehind what the flag is said of. */
function refuseBlanks(said: string, { type }: Flag<unknown>, [word, next]: readonly string[], isBehind: boolean): void {
  if (word === undefined || type?.goesOn?.(word) !== true) return;
  // Alone it is what the flag is said of: `start --codes 0 1` starts the process 1 again.
  if (!isBehind && (next === undefined || isFlag(next) || type.goesOn(next))) return;
  throw new TsmError("USAGE", `${said} ${word}: its values are parted by commas: ${said},${word}`, {
    hint: `A ${word} that is not one of them stands before the flag, or behind --`,
  });
}

/** `-` alone is a word (standard input, by custom), and so is a negative number. */
export function isFlag(word: string): boolean {
  return /^--?[A-Za-z]/.test(word);
}

function partsOf(word: string): { name: string; inline: string | undefined } {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at === -1 ? { name: word, inline: undefined } : { name: word.slice(0, at), inline: word.slice(at + 1) };
}

/** The flag that `--keep-logs` or `-s` names, and its key in the declaration. */
export function findFlag(verb: AnyVerb, name: string): [string, Flag<unknown>] | undefined {
  return Object.entries(verb.flags).find(
    ([key, { short, also = [] }]) => name === flagName(key) || name === `-${short}` || also.includes(name),
  );
}

/** A flag that the verb takes and that means nothing. */
export function ignoredFlag({ ignores = [] }: AnyVerb, name: string): { readonly takesValue: boolean } | undefined {
  const found = ignores.find((each) => each.split(" ", 1)[0] === name);
  return found === undefined ? undefined : { takesValue: found.includes(" ") };
}

/** `keepLogs` is typed `--keep-logs`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function unknownFlag(verb: AnyVerb, word: string): TsmError {
  const instead = verb.refuses?.[partsOf(word).name];
  if (instead !== undefined) return new TsmError("USAGE", `${verb.name} takes no ${word}`, { hint: instead });
  const known = [...Object.keys(verb.flags).map(flagName), "--json", "--help"];
  const bare = (flag: string) => flag.replace(/^-+/, "");
  const near = nearest(bare(partsOf(word).name).toLowerCase(), known.map(bare));
  if (near.length > 0) {
    const hint = `Did you mean ${near.map((each) => `'--${each}'`).join(" or ")}?`;
    return new TsmError("USAGE", `${verb.name} has no flag '${word}'`, { hint });
  }
  const hint = verb.beyond ?? `It has ${known.join(", ")}`;
  return new TsmError("USAGE", `${verb.name} has no flag '${word}'`, { hint });
}

/** Words to positional arguments, in the order of their declaration. */
function assign(verb: AnyVerb, words: readonly string[]): Map<string, readonly string[]> {
  const args = new Map<string, readonly string[]>();
  let rest = words;
  for (const [name, arg] of Object.entries(verb.args)) {
    const taken = arg.arity === "any" || arg.arity === "many" ? rest : rest.slice(0, 1);
    if (taken.length === 0 && (arg.arity === "one" || arg.arity === "many")) {
      throw new TsmError("USAGE", `${verb.name} needs ${wanted(arg)}`, { hint: `Usage: tsm ${usageOf(verb)}` });
    }
    args.set(name, taken);
    rest = rest.slice(taken.length);
  }
  if (rest.length > 0) {
    throw new TsmError("USAGE", `${verb.name} does not know what to do with '${rest[0]}'`, {
      hint: verb.beyond ?? `Usage: tsm ${usageOf(verb)}`,
    });
  }
  return args;
}

/** In a sentence: `an N`, `a FILE or COMMAND`, `one of online, stopped, port:N`. */
function wanted({ arity, type: { label } }: Arg<unknown>): string {
  const words = label.split("|");
  if (/^[a-z]/.test(label)) return `one of ${words.join(", ")}`;
  const article = /^(?:[AEIO]|N\b|MS\b)/.test(label) ? "an" : "a";
  return `${arity === "many" ? "at least one" : article} ${words.join(" or ")}`;
}

/** `kill [flags] PROCESS…`: the line that help begins with. */
export function usageOf(verb: AnyVerb): string {
  const args = Object.values(verb.args).map(usageOfArg);
  return [verb.name, ...(Object.keys(verb.flags).length > 0 ? ["[flags]"] : []), ...args].join(" ");
}

/** `PROCESS…`, `[N]`. */
export function usageOfArg({ arity, type: { label } }: Arg<unknown>): string {
  return {
    one: label,
    optional: `[${label}]`,
    any: `[${label}…]`,
    many: `${label}…`,
    command: `${label} [ARGUMENT…]`,
  }[arity];
}
