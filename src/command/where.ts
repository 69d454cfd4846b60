import { millisecondsIn } from "../core/amounts.ts";
import { TsmError } from "../core/errors.ts";
import { inTime, mayBeSlow, TookTooLong } from "../core/patience.ts";
import { type ProcessSummary, recordedStatuses } from "../core/process.ts";
import { type FieldName, fieldNames } from "./field-names.ts";

/**
 * Reads an expression such as `mem > 200M and (status = crashed or not name ~ '^api')`: does it hold for a process?
 * `and` binds closer than `or`, `not` closer than both. What a process does not have (the pid of one that is stopped)
 * is `none`: it is equal to `none` only, and neither less nor more than anything.
 * @throws TsmError USAGE with the column where it went wrong
 */
export function parseWhere(source: string): (process: ProcessSummary) => boolean {
  const tokens = tokensOf(source);
  let next = 0;
  const peek = (): Token => tokens[next] ?? { kind: "end", text: "", column: source.length + 1 };
  const take = (): Token => {
    const token = peek();
    next++;
    return token;
  };
  const isWord = (word: string): boolean => peek().kind === "word" && peek().text.toLowerCase() === word;

  const either = (): Condition => {
    let left = both();
    while (isWord("or")) {
      take();
      const [one, other] = [left, both()];
      left = (process) => one(process) || other(process);
    }
    return left;
  };
  const both = (): Condition => {
    let left = negated();
    while (isWord("and")) {
      take();
      const [one, other] = [left, negated()];
      left = (process) => one(process) && other(process);
    }
    return left;
  };
  const negated = (): Condition => {
    if (!isWord("not")) return single();
    take();
    const meant = negated();
    return (process) => !meant(process);
  };
  const single = (): Condition => {
    if (peek().kind !== "open") return comparison(take(), take(), amount(take()));
    take();
    const inside = either();
    if (peek().kind !== "close") throw wrong(peek(), "a ) is missing");
    take();
    return inside;
  };

  /** `21.5 MB` and `2h 5m`, as lists show them, are one value. */
  const amount = (begun: Token): Token =>
    begun.kind === "word" && /^\d/.test(begun.text) && peek().kind === "word" && goesOn.test(peek().text)
      ? amount({ ...begun, text: begun.text + take().text })
      : begun;

  const condition = either();
  const rest = peek();
  if (rest.kind === "close") throw wrong(rest, "this ) closes nothing");
  if (rest.kind !== "end") throw wrong(rest, `'and' or 'or' is missing before '${rest.text}'`);
  return condition;
}

/** By the names that people use: what a process has there, null for nothing. */
export const ofProcess: Readonly<Record<FieldName, Field>> = {
  id: { kind: "number", of: ({ id }) => id },
  name: { kind: "text", of: ({ name }) => name },
  status: { kind: "text", of: ({ status }) => status, words: recordedStatuses },
  port: { kind: "number", of: ({ port }) => (port === "none" ? null : port) },
  pid: { kind: "number", of: ({ pid }) => pid },
  mem: { kind: "size", of: ({ memory }) => memory },
  cpu: { kind: "number", of: ({ cpu }) => cpu },
  restarts: { kind: "number", of: ({ restarts }) => restarts },
  uptime: { kind: "duration", of: ({ uptimeMs }) => uptimeMs },
  type: { kind: "text", of: ({ type }) => type },
  namespace: { kind: "text", of: ({ namespace }) => namespace },
};
const fields: Readonly<Record<string, Field>> = ofProcess;

interface Field {
  readonly kind: "text" | "number" | "size" | "duration";
  of(process: ProcessSummary): string | number | null;
  /** The only texts that can be there. */
  readonly words?: readonly string[];
}

/** A unit, or a smaller part of a length of time. */
const goesOn = /^(?:[kmgt]i?b?|b|\d+(?:ms|[smhdw]))$/i;

type Condition = (process: ProcessSummary) => boolean;

interface Token {
  readonly kind: "word" | "quoted" | "operator" | "open" | "close" | "end";
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|(!=|<=|>=|[=<>~])|(\()|(\))|'([^']*)'|"([^"]*)"|([^\s()=<>~!'"]+)|./gsu;
  for (const { 0: all, 1: operator, 2: open, 3: close, 4: single, 5: double, 6: word, index } of source.matchAll(
    pattern,
  )) {
    const column = index + 1;
    const quoted = single ?? double;
    if (operator !== undefined) tokens.push({ kind: "operator", text: operator, column });
    else if (open !== undefined) tokens.push({ kind: "open", text: open, column });
    else if (close !== undefined) tokens.push({ kind: "close", text: close, column });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted, column });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, column });
    else if (/^['"]/.test(all)) throw wrong({ column }, "this quote is never closed");
    else if (all.trim() !== "") throw wrong({ column }, `'${all}' means nothing here`);
  }
  return tokens;
}

function comparison(subject: Token, operator: Token, object: Token): Condition {
  if (subject.kind === "end") throw wrong(subject, "a condition is missing");
  const name = subject.text.toLowerCase();
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (subject.kind !== "word" || field === undefined) throw wrong(subject, `'${subject.text}' is not a field`);
  if (operator.kind !== "operator") throw wrong(operator, `an operator is missing after '${subject.text}'`);
  if (object.kind !== "word" && object.kind !== "quoted")
    throw wrong(object, `a value is missing after '${operator.text}'`);
  const { text } = operator;
  if (text === "~") return matching(field, subject, object);
  if (field.kind === "text" && text !== "=" && text !== "!=")
    throw wrong(operator, `'${name}' is text: it takes = != ~ and not ${text}`);
  const value = operandOf(field, name, object);
  if (text === "=") return (process) => field.of(process) === value;
  if (text === "!=") return (process) => field.of(process) !== value;
  const holds = orders[text];
  if (holds === undefined || typeof value !== "number")
    throw wrong(object, `'none' is neither less nor more than anything: it takes = and !=`);
  return (process) => {
    const found = field.of(process);
    return typeof found === "number" && holds(found, value);
  };
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function matching(field: Field, subject: Token, object: Token): Condition {
  if (field.kind !== "text")
    throw wrong(subject, `'${subject.text}' is not text: ~ is for name, status, type and namespace`);
  try {
    const pattern = new RegExp(object.text, "u");
    const isSlow = mayBeSlow(object.text);
    return (process) => {
      const fits = () => pattern.test(String(field.of(process)));
      return isSlow ? withPatience(object, fits) : fits();
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(object, `'${object.text}' is not a regular expression`);
  }
}

/** @throws TsmError where no text that a process has is worth the wait */
function withPatience<T>(pattern: Token, act: () => T): T {
  try {
    return inTime(patienceMs, act);
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    throw wrong(pattern, `'${pattern.text}' takes too long: a group that is repeated is to repeat nothing itself`);
  }
}

const patienceMs = 1000;

function operandOf({ kind, words }: Field, name: string, { text, ...at }: Token): string | number | null {
  if (kind === "text") {
    if (words === undefined) return text;
    const word = text.toLowerCase();
    if (words.includes(word)) return word;
    throw wrong(at, `'${text}' is not a ${name}: it is one of ${words.join(", ")}`);
  }
  if (text.toLowerCase() === "none") return null;
  if (kind === "duration") {
    const length = millisecondsIn(text, "s");
    if (length !== undefined) return length;
    throw wrong(at, `'${text}' is not a ${wanted[kind]}`);
  }
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([a-z%]*)$/i.exec(text) ?? [];
  const factor = units[kind](unit);
  if (digits !== undefined && factor !== undefined) return Number(digits) * factor;
  throw wrong(at, `'${text}' is not a ${wanted[kind]}`);
}

const wanted = {
  number: "number",
  size: "size, such as 200M or 1.5G",
  duration: "length of time, such as 90s or 1h30m",
};

/** What a unit multiplies by; undefined when there is no such unit. */
const units: Readonly<Record<Exclude<Field["kind"], "text" | "duration">, (unit: string) => number | undefined>> = {
  number: (unit) => (unit === "" || unit === "%" ? 1 : undefined),
  size(unit) {
    const letter = /^([KMGT]?)(?:i?B)?$/i.exec(unit)?.[1];
    // As `--max-memory` counts.
    return letter === undefined ? undefined : 1024 ** Math.max(0, " KMGT".indexOf(letter.toUpperCase() || " "));
  },
};

/** In which column an expression is wrong, counted from 1; undefined where it is not. */
export function wrongColumn(source: string): number | undefined {
  try {
    parseWhere(source);
    return undefined;
  } catch (error) {
    if (error instanceof WrongCondition) return error.column;
    throw error;
  }
}

class WrongCondition extends TsmError {
  readonly column: number;

  constructor(column: number, message: string) {
    super("USAGE", `--where, column ${column}: ${message}`, {
      hint: `Fields: ${Object.keys(fieldNames).join(", ")}. Operators: = != < <= > >= and ~ for a regular expression; and, or, not, ( )`,
    });
    this.column = column;
  }
}

function wrong({ column }: { readonly column: number }, message: string): TsmError {
  return new WrongCondition(column, message);
}
