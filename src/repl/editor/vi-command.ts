import { motions } from "./vi-motions.ts";

/** A whole command of the normal mode. */
export interface Command {
  readonly count: number | undefined;
  readonly operator: Operator | undefined;
  /** The command, motion or text object; the operator itself again means lines. */
  readonly name: string;
  /** What `r`, `f` and the like are followed by. */
  readonly character: string | undefined;
  /** Where what is cut goes, and what is put comes from: a letter, `_` for nowhere, `0` for what was copied last. */
  readonly register: string | undefined;
}

/** Cut, change, copy; swap, lower and raise the case; every character another one. */
export type Operator = "d" | "c" | "y" | "g~" | "gu" | "gU" | "r";

/** Keys that are the same as a letter. */
const sameKeys: Readonly<Record<string, string>> = {
  left: "h",
  backspace: "h",
  right: "l",
  " ": "l",
  down: "j",
  "+": "j",
  up: "k",
  "-": "k",
  home: "0",
  end: "$",
  delete: "x",
  _: "^",
};

/** What is short for an operator and a motion. */
const short: ReadonlyMap<string, { readonly operator: Operator; readonly name: string }> = new Map([
  ["x", { operator: "d", name: "l" }],
  ["X", { operator: "d", name: "h" }],
  ["D", { operator: "d", name: "$" }],
  ["C", { operator: "c", name: "$" }],
  ["s", { operator: "c", name: "l" }],
  ["S", { operator: "c", name: "c" }],
  ["Y", { operator: "y", name: "y" }],
]);

/** Commands that are no motions: what vi-run.ts runs. */
const commandNames = new Set([..."iIaAoORpPr~u.jkGnN/?vV", "gg", "C-r"]);

/** Does the command mode take this key? All others do there what they do in emacs. */
export function takesKey(key: string): boolean {
  return key === "escape" || key === "C-r" || key in sameKeys || [...key].length === 1;
}

export function sameKey(key: string): string {
  return sameKeys[key] ?? key;
}

/** Reads a command key by key. */
export class KeyReader {
  readonly #struck: readonly string[];
  #at = 0;

  constructor(struck: readonly string[]) {
    this.#struck = struck;
  }

  /** The next key; undefined when it has not been struck yet. */
  next(): string | undefined {
    return this.#struck[this.#at++];
  }

  peek(): string | undefined {
    return this.#struck[this.#at];
  }

  /** The keys that have not been taken. */
  rest(): readonly string[] {
    return this.#struck.slice(this.#at);
  }

  /** A count; a 0 alone is none. */
  number(): number | undefined {
    let digits = "";
    while (/^\d$/.test(this.peek() ?? "") && !(digits === "" && this.peek() === "0")) digits += this.next();
    return digits === "" ? undefined : Math.min(Number(digits), mostTimes);
  }

  /** What stands before a command: counts and `"a`, in any order; "begun" behind a `"` alone. */
  before(): { count: number | undefined; register: string | undefined } | "begun" {
    let count: number | undefined;
    let register: string | undefined;
    while (true) {
      count = timesOf(count, this.number());
      if (this.peek() !== '"') return { count, register };
      this.next();
      const name = this.next();
      if (name === undefined) return "begun";
      register = /^[a-zA-Z0_]$/.test(name) ? name : undefined;
    }
  }
}

/** The command that keys stand for; "begun" when it needs more of them, undefined when there is none. */
export function readCommand(struck: readonly string[]): Command | "begun" | undefined {
  const keys = new KeyReader(struck);
  const before = keys.before();
  if (before === "begun") return "begun";
  const { register } = before;
  let { count } = before;
  let operator = operatorAt(keys);
  if (operator === "begun") return "begun";
  if (operator !== undefined) count = timesOf(count, keys.number());
  const key = keys.next();
  if (key === undefined) return "begun";
  const name = sameKey(key);
  const isPrefix = name === "g" || (operator !== undefined && (name === "i" || name === "a"));
  const takesCharacter = "fFtT".includes(name) || (name === "r" && operator === undefined);
  if (isPrefix || takesCharacter) {
    const next = keys.next();
    if (next === undefined) return "begun";
    if ([...next].length !== 1) return undefined;
    return takesCharacter
      ? { count, operator, name, character: next, register }
      : checked({ count, operator, name: name + next, character: undefined, register });
  }
  const long = operator === undefined ? short.get(name) : undefined;
  operator = long?.operator ?? operator;
  return checked({ count, operator, name: long?.name ?? name, character: undefined, register });
}

function operatorAt(keys: KeyReader): Operator | "begun" | undefined {
  const first = keys.peek();
  if (first === "d" || first === "c" || first === "y") {
    keys.next();
    return first;
  }
  if (first !== "g") return undefined;
  const ahead = new KeyReader(keys.rest());
  ahead.next();
  const second = ahead.next();
  if (second === undefined) return "begun";
  if (second !== "~" && second !== "u" && second !== "U") return undefined;
  keys.next();
  keys.next();
  return `g${second}`;
}

function timesOf(count: number | undefined, times: number | undefined): number | undefined {
  return times === undefined ? count : Math.min(mostTimes, times * (count ?? 1));
}

/** A slip of the fingers on the digits must not keep the shell busy, nor fill its memory. */
const mostTimes = 999;

function checked(command: Command): Command | undefined {
  const { operator, name } = command;
  const moves = motions.has(name) || name === ";" || name === ",";
  if (operator === undefined) return moves || commandNames.has(name) ? command : undefined;
  return moves || isLines(operator, name) || isTextObject(name) ? command : undefined;
}

/** `dd`, `guu` or `gugu`. */
export function isLines(operator: Operator, name: string): boolean {
  return name === operator || (operator.length === 2 && name === operator.slice(1));
}

export function isTextObject(name: string): boolean {
  return /^[ia][wW"'`()b[\]{}B]$/.test(name);
}
