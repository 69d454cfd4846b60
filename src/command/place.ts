import type { AnyVerb, Arg, Flag } from "./define.ts";
import {
  findFlag,
  ignoredFlag,
  isFlag,
  isNeedlessYes,
  isProgramsOwn,
  isSaidAlready,
  isValueOf,
  silences,
  standsAlone,
  uncolours,
} from "./parse.ts";

/** What a word is in a verb's declaration. */
export type Role =
  /** One of the verb's own; undefined: one that every verb has, or that means nothing. */
  | { readonly kind: "flag"; readonly flag: Flag<unknown> | undefined }
  | { readonly kind: "unknown-flag" }
  | { readonly kind: "value"; readonly flag: Flag<unknown> }
  /** The n-th word of this argument, counted from 0. */
  | { readonly kind: "argument"; readonly arg: Arg<unknown>; readonly nth: number }
  | { readonly kind: "dashes" }
  /** No argument is left for it. */
  | { readonly kind: "superfluous" };

/** The place that a line has reached in a verb's declaration. */
export interface Place {
  /** What each word is. */
  readonly roles: readonly Role[];
  /** Words already given to the argument that comes next. */
  readonly taken: readonly string[];
  /** undefined: no further argument. */
  readonly arg: Arg<unknown> | undefined;
  /** The arguments that were not begun yet. */
  readonly argsLeft: readonly Arg<unknown>[];
  /** The flag whose value comes next. */
  readonly openFlag: Flag<unknown> | undefined;
  readonly flagsGiven: ReadonlySet<string>;
  /** After `--`, or after the first flag of a program: no flag of ours. */
  readonly flagsOver: boolean;
}

/** Reads words as far as they go, also those of a line that is still being typed: nothing is an error here. */
export function placeIn(verb: AnyVerb, given: readonly string[]): Place {
  const args = Object.values(verb.args);
  const roles: Role[] = [];
  const flagsGiven = new Set<string>();
  const ahead = new Set<string>();
  let flagsOver = false;
  let openFlag: Flag<unknown> | undefined;
  let index = 0;
  let taken: string[] = [];
  let mayHaveValue: Flag<unknown> | undefined;
  for (const word of given) {
    const before = mayHaveValue;
    mayHaveValue = undefined;
    if (before !== undefined && isValueOf(before, word, taken)) {
      roles.push({ kind: "value", flag: before });
      continue;
    }
    if (openFlag !== undefined) {
      roles.push({ kind: "value", flag: openFlag });
      openFlag = undefined;
      continue;
    }
    flagsOver ||= args[index]?.isBegun?.(taken) === true;
    if (!flagsOver && word === "--") {
      flagsOver = true;
      roles.push({ kind: "dashes" });
      continue;
    }
    if (!flagsOver && isFlag(word)) {
      const spelled = word.startsWith("--") ? (word.split("=", 1)[0] ?? word) : word;
      // Behind the name of a program, a flag that is not ours is the program's, and so is all that follows.
      const behindProgram = args[index]?.arity === "command" && taken.length > 0;
      const isWhole = !behindProgram || standsAlone(taken);
      // A command that is one word in quotes is whole: what stands behind it is ours.
      const isOurs = !behindProgram || (taken.length === 1 && /\s/.test(taken[0] ?? ""));
      if (!behindProgram) ahead.add(findFlag(verb, spelled)?.[0] ?? spelled);
      const isTheirs = !isOurs && isSaidAlready(verb, spelled, ahead);
      const named = behindProgram && isProgramsOwn(spelled, taken) ? undefined : flagNamed(verb, spelled);
      const nothing = isWhole && named === undefined ? ignoredFlag(verb, spelled) : undefined;
      const common =
        spelled === "--json" ||
        ((spelled === "--help" || spelled === "-h") && !behindProgram) ||
        (isWhole && (silences.includes(spelled) || spelled === uncolours)) ||
        (named === undefined && isNeedlessYes(spelled, behindProgram ? taken : [])) ||
        nothing !== undefined;
      if (!isTheirs && (named !== undefined || common)) {
        roles.push({ kind: "flag", flag: named?.flag });
        if (nothing?.takesValue === true && !word.includes("=")) openFlag = ofNoMeaning;
        if (named === undefined) continue;
        flagsGiven.add(named.name);
        const takesNext = named.flag.type !== undefined && named.flag.bare === undefined && !word.includes("=");
        if (takesNext) openFlag = named.flag;
        else if (!word.includes("=")) mayHaveValue = named.flag;
        continue;
      }
      if (isOurs) {
        roles.push({ kind: "unknown-flag" });
        continue;
      }
      flagsOver = true;
    }
    const arg = args[index];
    roles.push(arg === undefined ? { kind: "superfluous" } : { kind: "argument", arg, nth: taken.length });
    taken = [...taken, word];
    if (arg?.arity === "one" || arg?.arity === "optional") {
      index++;
      taken = [];
    }
  }
  const argsLeft = args.slice(taken.length > 0 ? index + 1 : index);
  return { roles, taken, arg: args[index], argsLeft, openFlag, flagsGiven, flagsOver };
}

/** What takes a value and means nothing. */
const ofNoMeaning: Flag<unknown> = {
  summary: "",
  type: { label: "VALUE", offers: { kind: "nothing" }, parse: (word) => word },
  fallback: undefined,
};

/** The flag that `--keep-logs` or `-s` names. */
export function flagNamed(verb: AnyVerb, word: string): { name: string; flag: Flag<unknown> } | undefined {
  const [name, flag] = findFlag(verb, word) ?? [];
  return name === undefined || flag === undefined ? undefined : { name, flag };
}
