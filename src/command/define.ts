import type { DeedVerb } from "../core/deeds.ts";
import type { Engine } from "../core/engine.ts";
import type { DamagedRecord } from "../core/records.ts";
import type { Screen } from "../view/screen.ts";
import type { TakeScreen } from "./full-screen.ts";
import type { Registry } from "./registry.ts";
import type { Shell, ShellJob, ShellOptions, Sourced, SourceRequest } from "./shell.ts";

/**
 * What a verb is. From one declaration come the command line, the shell's three spellings of it, Tab,
 * shell completion, `--help`, `/help`, `--json` and the README's table.
 */
export interface Verb<A extends Args = Args, F extends Flags = Flags, R = unknown> {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs for `help VERB`, each a line to be wrapped. */
  readonly details?: readonly string[];
  /** Confirmation, fuzzy targets and later doors rest on it. */
  readonly effect: Effect;
  /** "shell": only inside `tsm repl`. Default: everywhere. */
  readonly scope?: "everywhere" | "shell";
  /** It has nothing to do with the home, or sees to that itself: what an older TSM has left there is not brought over before it. */
  readonly leavesHome?: true;
  /** It paints over the whole screen, or moves the shell itself: no `&` puts it behind the prompt. */
  readonly owns?: "screen" | "shell";
  readonly args: A;
  readonly flags: F;
  /** What another tool has and we need not, so that old scripts run: `--no-pmx`; `--parallel N` takes a value. */
  readonly ignores?: readonly string[];
  /** What another tool has and cannot mean anything here, by flag: what to do instead. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** What to do instead of giving words or flags that it has no place for. */
  readonly beyond?: string;
  /** As typed after `tsm `. Each must parse. */
  readonly examples: readonly string[];
  /** Returns data, or yields it (a stream: Ctrl-C aborts `context.signal`). Never prints. */
  run(values: Values<A, F>, context: Context): R | Promise<R> | AsyncIterable<R>;
  /**
   * What `run` would do, in words that follow "would ", and nothing is done: for dry runs. Without it that is told from
   * the targets and the effect.
   */
  rehearse?(values: Values<A, F>, rehearsing: Rehearsing): string | Promise<string>;
  /**
   * In this form it only looks, whatever its effect otherwise: `watch` runs it, and the journal does not say that it was
   * typed. Which processes are meant may not be known where this is asked.
   */
  onlyLooks?(values: Unresolved<A, F>): boolean;
  /** In this form it does something, and yet the journal is not to say that it was typed. */
  unnoted?(values: Values<A, F>): boolean;
  /** What its targets are when it is over: a dry run goes on from there. */
  readonly leaves?: Left | ((values: Values<A, F>) => Left);
  /**
   * Data to lines; bytes go out as they are, without a newline behind them. For a stream it, and all that follows, is
   * called with each item. Without it the verb has nothing to say.
   */
  render?(result: NoInfer<R>, screen: Screen): Iterable<string | Uint8Array>;
  /** For lines that are words of ours, and data in them: what a line longer than the terminal is wide becomes. */
  readonly fold?: (line: string, columns: number | undefined) => string;
  /** What `--json` prints instead of the whole result. For a stream an array stands for so many lines. */
  json?(result: NoInfer<R>): unknown;
  /** Said on stderr beside the result (or item), each behind `tsm: `: it is no part of the answer. */
  notes?(result: NoInfer<R>): Iterable<string>;
  /** The exit code that the result stands for, when it is not 0. */
  exitCode?(result: NoInfer<R>): number;
  /** The names of the processes in the result: `$_` in the shell. Without it they are those of the arguments. */
  names?(result: NoInfer<R>): readonly string[];
}

/** What a process is after a verb: "signalled" is what it was, if it runs at all. */
export type Left = "online" | "stopped" | "gone" | "signalled";

/** `reads` looks, `changes` starts or alters, `destroys` ends or removes. */
export type Effect = "reads" | "changes" | "destroys";

/** A verb whose types are forgotten: what the registry hands out. */
// `never` for the parameters: only dispatch calls `run`, with values made by this verb's own declaration.
export interface AnyVerb
  extends Omit<
    Verb,
    "run" | "rehearse" | "onlyLooks" | "unnoted" | "leaves" | "render" | "json" | "notes" | "exitCode" | "names"
  > {
  run(values: never, context: Context): unknown;
  rehearse?(values: never, rehearsing: Rehearsing): string | Promise<string>;
  onlyLooks?(values: never): boolean;
  unnoted?(values: never): boolean;
  readonly leaves?: Left | ((values: never) => Left);
  render?(result: never, screen: Screen): Iterable<string | Uint8Array>;
  json?(result: never): unknown;
  notes?(result: never): Iterable<string>;
  exitCode?(result: never): number;
  names?(result: never): readonly string[];
}

export function defineCommand<const A extends Args, const F extends Flags, R>(verb: Verb<A, F, R>): Verb<A, F, R> {
  return verb;
}

/** What a handler may use. */
export interface Context {
  readonly engine: Engine;
  readonly registry: Registry;
  /** Aborted by Ctrl-C; also when the reader of the output is gone. */
  readonly signal: AbortSignal;
  /** True at a person's terminal in `tsm repl`. */
  readonly interactive: boolean;
  /** The answer is wanted as data. */
  readonly json: boolean;
  /** Is the output a terminal? (`logs` follows only when told to; `list` adds columns.) */
  readonly screen: Screen;
  /** Questions; undefined where nobody can answer. */
  readonly ask: Ask | undefined;
  /** Gives the whole terminal to the work until that is done; undefined where there is none, or nothing may be painted. */
  readonly takeScreen: TakeScreen | undefined;
  /**
   * Does to processes what can be undone, and puts it on record before. What `act` is handed is for `delete` to keep
   * things for; undefined when nothing can be kept.
   */
  undoable<T>(
    verb: DeedVerb,
    targets: readonly { readonly name: string }[],
    act: (deed: string | undefined) => Promise<T>,
  ): Promise<T>;
  /**
   * Runs another command from the same place, its output to `write` (which nobody can answer a question from) or to
   * where this one's goes. Its exit code.
   */
  run(words: readonly string[], write?: (text: string) => void): Promise<number>;
  /** Words that the shell has put in for `$_`, `$1` and so on: each means the process of this name. */
  readonly placed: readonly string[];
  /** What only the shell has; undefined on the command line. */
  readonly shell: Shell | undefined;
  /** Runs the commands of a file: in this shell where there is one. Only `run` uses it. */
  source(request: SourceRequest): Promise<Sourced>;
  /** Opens the shell: only `repl` uses it; undefined inside the shell. */
  readonly openShell: ((options: ShellOptions) => Promise<number>) | undefined;
}

/** What a verb may use to say what it would do. */
export interface Rehearsing extends Context {
  /**
   * From now on, a process of this name is taken to run. @returns its id.
   * @throws TsmError when it runs, unless it is to be started again.
   */
  wouldStart(name: string, port: number | "none", again?: boolean): number;
}

export interface Ask {
  /** Default answer: no. */
  confirm(question: string): Promise<boolean>;
  /** One of the choices; undefined when the person cancels. */
  pick<T>(question: string, choices: readonly { readonly value: T; readonly label: string }[]): Promise<T | undefined>;
  /** Waits for Enter; false when the person leaves. */
  goOn(question: string): Promise<boolean>;
}

export type Args = Readonly<Record<string, Arg<unknown>>>;
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type Values<A extends Args, F extends Flags> = { [K in keyof A]: ArgValue<A[K]> } & FlagValues<F>;

/** The same where nothing was looked up: of an argument that names processes nothing is known. */
export type Unresolved<A extends Args, F extends Flags> = {
  [K in keyof A]: ArgValue<A[K]> | undefined;
} & FlagValues<F>;

type ArgValue<T> = T extends Arg<infer V> ? V : never;
type FlagValues<F extends Flags> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** How one word becomes a value, what stands for it in help, and what Tab offers for it. */
export interface ParamType<T> {
  /** In help: `N`, `FILE`, `PROCESS`. */
  readonly label: string;
  readonly offers: Offers;
  /** @throws TsmError USAGE when the word is no such value. */
  parse(word: string): T;
  /** Behind a flag that may stand alone: is this word its value, and not the next argument? Beside the words it offers. */
  readonly owns?: (word: string) => boolean;
  /** Of a list with commas: would such a word behind it be one more of it? */
  readonly goesOn?: (word: string) => boolean;
  /** Types that name processes: all words at once to values, before anything is touched. */
  readonly resolve?: (words: readonly string[], resolving: Resolving) => Promise<T[]>;
}

/** What a type may ask while it resolves its words. */
export interface Resolving {
  readonly engine: Engine;
  readonly effect: Effect;
  readonly interactive: boolean;
  readonly ask: Ask | undefined;
  readonly verb: string;
  /** `--yes`: nothing is asked that can be answered so. */
  readonly yes: boolean;
  readonly inShell: boolean;
  /** `--only`: of a file of apps these alone. */
  readonly only: readonly string[] | undefined;
  /** Some words stand for processes that the person did not name one by one: `$_`. */
  readonly unnamed: boolean;
  /** What runs behind the prompt of this shell. */
  readonly jobs: readonly ShellJob[];
  /** A record that is meant too, and is damaged: the others are done without it, and it is told. */
  leaveOut(damaged: DamagedRecord): void;
}

/** What Tab offers in a place. */
export type Offers =
  | { readonly kind: "nothing" }
  | {
      readonly kind: "words";
      readonly words: readonly { readonly value: string; readonly summary: string }[];
      /** The namespaces of processes too. */
      readonly namespaces?: true;
    }
  | {
      readonly kind: "processes";
      readonly which: "all" | "running" | "stopped";
      /** Jobs of the shell too, as `%1`. */
      readonly jobs?: boolean;
      /** Services too. */
      readonly services?: true;
      /** Any other word means something too. */
      readonly orWords?: true;
      /** Those whose record is damaged too. */
      readonly damaged?: true;
    }
  | { readonly kind: "jobs" }
  | { readonly kind: "services"; readonly which: "all" | "enabled" | "disabled" }
  | { readonly kind: "stacks" }
  /** Orgs, services and processes. */
  | { readonly kind: "savable" }
  | { readonly kind: "files"; readonly endings?: readonly string[] }
  | { readonly kind: "folders" }
  | { readonly kind: "env-files" }
  /** Programs in PATH, then scripts and files. */
  | { readonly kind: "programs" }
  | {
      readonly kind: "verbs";
      /** Those that another command can run; `looks`: that change nothing. */
      readonly inside?: "any" | "looks";
    }
  | { readonly kind: "settings" }
  /** Of the setting named before. */
  | { readonly kind: "setting-values" }
  | { readonly kind: "aliases" }
  /** The keys that the person has given another meaning. */
  | { readonly kind: "bound-keys" }
  | { readonly kind: "outputs" }
  /** The runs of the process that the line names. */
  | { readonly kind: "runs" }
  /** The same; and processes where it names none yet. */
  | { readonly kind: "process-runs" }
  /** What processes can be put in order by, and conditions on the same. */
  | { readonly kind: "order" }
  | { readonly kind: "conditions" };

/** A positional argument. `any` is none or more, `many` one or more, `command` the rest of the line. */
export interface Arg<T> {
  readonly arity: "one" | "optional" | "any" | "many" | "command";
  readonly summary: string;
  readonly type: ParamType<unknown>;
  /** Of a command: behind these words no flag and no `--` is ours. */
  readonly isBegun?: (words: readonly string[]) => boolean;
  /** Carries the value's type; never set. */
  readonly value?: T;
}

export function one<T>(type: ParamType<T>, summary: string): Arg<T> {
  return { arity: "one", type, summary };
}
export function optional<T>(type: ParamType<T>, summary: string): Arg<T | undefined> {
  return { arity: "optional", type, summary };
}
export function anyNumber<T>(type: ParamType<T>, summary: string): Arg<T[]> {
  return { arity: "any", type, summary };
}
export function many<T>(type: ParamType<T>, summary: string): Arg<T[]> {
  return { arity: "many", type, summary };
}

/** A program and its arguments as typed: TSM's own flags are taken out only before the program's first flag or `--`. */
export interface CommandWords {
  readonly words: readonly string[];
  /** How many words stood before an explicit `--`; undefined without one. */
  readonly beforeDashes: number | undefined;
}
export function command(
  type: ParamType<string>,
  summary: string,
  more: Pick<Arg<CommandWords>, "isBegun"> = {},
): Arg<CommandWords> {
  return { arity: "command", type, summary, ...more };
}

/** A flag: `--name VALUE`, `--name=VALUE`, or a switch when it has no type. */
export interface Flag<T> {
  readonly summary: string;
  readonly short?: string;
  /** How another tool spells it: `--max-memory-restart`. */
  readonly also?: readonly string[];
  /** undefined: a switch. */
  readonly type: ParamType<unknown> | undefined;
  readonly fallback: T | undefined;
  /**
   * What the flag stands for without a value: then one is given as `--name=VALUE`, and behind a blank only where it is
   * one of the few words that the type has.
   */
  readonly bare?: T;
  /** And behind a blank too where the command, a script or a shell string, stands before it: `app.js --watch src`. */
  readonly bareBefore?: "command";
  /** All that stands behind `--` is its value as well: it reads a list of words. */
  readonly behindDashes?: true;
  readonly value?: T;
  /** What it stands for when it is given again; without it the last one counts. */
  gather?(before: T, next: T): T;
}

interface FlagOptions {
  readonly summary: string;
  readonly short?: string;
  readonly also?: readonly string[];
}

export function flag<T>(
  type: ParamType<T>,
  options: FlagOptions & { readonly fallback: NoInfer<T>; readonly gather?: (before: T, next: T) => NoInfer<T> },
): Flag<T>;
export function flag<T>(
  type: ParamType<T>,
  options: FlagOptions & {
    readonly bare?: NoInfer<T>;
    readonly bareBefore?: "command";
    readonly behindDashes?: true;
  },
): Flag<T | undefined>;
export function flag<T>(
  type: ParamType<T>,
  options: FlagOptions & {
    readonly fallback?: T;
    readonly bare?: T;
    readonly bareBefore?: "command";
    readonly behindDashes?: true;
    readonly gather?: (before: T, next: T) => T;
  },
): Flag<T | undefined> {
  return { fallback: undefined, ...options, type };
}

/** Is the word behind a flag that may stand alone its value? */
export function isOwnWord({ bare, type }: Flag<unknown>, word: string | undefined): boolean {
  if (bare === undefined || word === undefined || type === undefined) return false;
  const isOffered = type.offers.kind === "words" && type.offers.words.some(({ value }) => value === word);
  return isOffered || type.owns?.(word) === true;
}

/** A flag without a value: false unless given. */
export function toggle(summary: string, short?: string): Flag<boolean> {
  return { summary, type: undefined, fallback: false, ...(short === undefined ? {} : { short }) };
}
