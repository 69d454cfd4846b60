import type { Engine } from "../core/engine.ts";
import { exitCodes, isErrno, TsmError } from "../core/errors.ts";
import type { Look } from "../view/look.ts";
import type { Paint } from "../view/paint.ts";
import type { Screen } from "../view/screen.ts";
import type {
  AnyVerb,
  Ask,
  Context,
  Resolving,
  Shell,
  ShellOptions,
  Sourced,
  SourceRequest,
  TakeScreen,
} from "./define.ts";
import { helpFor } from "./help.ts";
import { unknownVerb } from "./lookup.ts";
import { wordsToRun } from "./meant.ts";
import { textOf } from "./output-text.ts";
import { type Parsed, parseWords } from "./parse.ts";
import { findVerb, isVerbName, type Registry } from "./registry.ts";
import type { Rehearsal } from "./rehearsal.ts";

/** Where a command comes from and its answer goes to: the command line or the shell. */
export interface Door {
  /** Text, or bytes that are no text. */
  write(output: string | Uint8Array): void;
  writeError(text: string): void;
  /** Columns of the output's terminal; undefined for a pipe or file. */
  readonly columns: number | undefined;
  /** Rows of the output's terminal, where it is one and says so. */
  readonly rows?: number | undefined;
  readonly terminal: boolean;
  /** A terminal that is to get lines of words, nothing painted. */
  readonly plain?: boolean;
  /** A person sits there and the shell is open. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
  readonly ask: Ask | undefined;
  readonly takeScreen?: TakeScreen | undefined;
  /** Some of the words stand for processes that the person did not name one by one: `$_`. */
  readonly unnamed?: boolean;
  /** Words that stand for `$_`, `$1` and so on. */
  readonly placed?: readonly string[];
  /** It runs behind the prompt of a shell. */
  readonly behind?: boolean;
  /** undefined while there is room for more; else a stream waits for it before it goes on. */
  room?(): Promise<void> | undefined;
  readonly shell: Shell | undefined;
  /** Nothing is run: it is told what would be. */
  readonly rehearsal?: Rehearsal | undefined;
}

/** What all doors share. */
export interface House {
  readonly registry: Registry;
  readonly engine: Engine;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text with its control characters made visible: what a person typed comes back in errors. */
  printable(line: string): string;
  /** Colours for a terminal, or none. */
  paint(terminal: boolean, plain: boolean): Promise<Paint>;
  /** What the place can show. */
  look(plain: boolean): Look;
  readonly openShell: ((options: ShellOptions) => Promise<number>) | undefined;
  /** Runs the commands of a file where there is no shell. */
  source(request: SourceRequest): Promise<Sourced>;
}

/**
 * Runs one command: lookup, parse, resolve, run, render. The only place where an error becomes text.
 * @returns the exit code; never throws.
 */
export async function dispatch(house: House, words: readonly string[], door: Door): Promise<number> {
  let meant = words;
  try {
    try {
      meant = await withoutAlias(house, words);
      return await runVerb(house, meant, door);
    } finally {
      if (door.rehearsal === undefined) await house.engine.keepWatch();
    }
  } catch (error) {
    if (door.signal.aborted) return exitCodes.interrupted;
    return report(error, house, door, meant.includes("--json"));
  }
}

/** The settings are read only for a word that is no verb's own name. */
async function withoutAlias({ registry, engine }: House, words: readonly string[]): Promise<readonly string[]> {
  const [word] = words;
  if (word === undefined || isVerbName(registry, word)) return words;
  return await wordsToRun(words, registry, engine.settings().aliases);
}

async function runVerb(house: House, words: readonly string[], door: Door): Promise<number> {
  const [word = "help", ...rest] = words;
  const entry = findVerb(house.registry, word);
  if (entry === undefined) throw unknownVerb(house.registry, house.engine, word);
  const verb = await entry.load();
  if (verb.scope === "shell" && door.shell === undefined) {
    throw new TsmError("USAGE", `${verb.name} belongs to the shell`, { hint: `tsm repl, then /${verb.name}` });
  }
  if (door.behind === true && verb.owns !== undefined) {
    throw new TsmError("USAGE", `${verb.name} cannot run behind the prompt: it owns the ${verb.owns}`, {
      hint: "Run it without the &",
    });
  }
  const parsed = parseWords(verb, rest);
  const screen = await screenFor(house, door, parsed.colourless);
  const look = house.look(door.plain === true);
  if (parsed.help) {
    print(door, helpFor(verb, entry.aliases, screen), look);
    return exitCodes.done;
  }
  if (verb.leavesHome !== true && door.rehearsal === undefined && house.engine.hasOldLayout()) {
    const { bringOver } = await import("./bring-over.ts");
    await bringOver(house, door, screen, explainSystemError);
  }
  const engine = door.rehearsal?.over(house.engine) ?? house.engine;
  const context: Context = {
    engine,
    registry: house.registry,
    signal: door.signal,
    interactive: door.interactive,
    json: parsed.json,
    screen,
    ask: door.ask,
    // Asked for when it is wanted: whether there are keys to read costs the command line a stream.
    get takeScreen() {
      return door.takeScreen;
    },
    undoable: (name, targets, act) => {
      const by = door.shell === undefined ? "command line" : "shell";
      const names = targets.map((target) => target.name);
      return house.engine.undoable(name, by, names, act);
    },
    run: (inner, write) => dispatch(house, inner, write === undefined ? door : captured(door, write)),
    placed: door.placed ?? [],
    shell: door.shell,
    source: (request) => (door.shell ?? house).source(request),
    openShell: door.shell === undefined ? house.openShell : undefined,
  };
  const values = await valuesOf(verb, parsed, {
    engine,
    effect: verb.effect,
    interactive: door.interactive,
    ask: door.ask,
    verb: verb.name,
    yes: parsed.flags.get("yes") === true,
    inShell: door.shell !== undefined,
    only: namesFrom(parsed.flags.get("only")),
    unnamed: door.unnamed === true,
    jobs: door.shell?.jobs() ?? [],
  });
  const named = namesOf(verb, parsed, values);
  if (named !== undefined) door.shell?.remember(named);
  if (door.rehearsal !== undefined) {
    door.write(`would ${await door.rehearsal.tell(verb, values, context)}\n`);
    return exitCodes.done;
  }
  // The values were made by this verb's own declaration: their type is the one its `run` declares.
  const onlyLooks = verb.onlyLooks?.(values as never) === true || verb.looks?.(rest) === true;
  const changes = verb.effect !== "reads" && verb.scope !== "shell" && !onlyLooks;
  if (changes) {
    const called = "name" in verb.flags && typeof values["name"] === "string" ? [values["name"]] : [];
    const names = named ?? called;
    await engine.noteCommand({ words: [verb.name, ...rest], names, door: door.shell ? "shell" : "command line" });
  }
  // As above.
  const result: unknown = verb.run(values as never, context);
  if (parsed.ignored.length > 0 && !parsed.silent) door.writeError(`tsm: ${ignoredText(parsed.ignored)}\n`);
  const isTold = !parsed.silent || verb.effect === "reads" || onlyLooks;
  const { json, silent } = parsed;
  if (isStream(result)) return await printStream(verb, result, door, screen, { json, look, silent, isTold });
  const done = await result;
  // As above: `names`, `render` and `exitCode` are given what this verb's `run` returned.
  if (verb.names !== undefined) door.shell?.remember(verb.names(done as never));
  if (parsed.json)
    door.write(`${JSON.stringify(verb.json === undefined ? done : verb.json(done as never), null, 2)}\n`);
  else if (isTold) print(door, verb.render?.(done as never, screen) ?? [], look);
  // What failed is told in any case.
  const failed = (verb.exitCode?.(done as never) ?? exitCodes.done) !== exitCodes.done;
  if (!parsed.silent || failed) for (const note of verb.notes?.(done as never) ?? []) door.writeError(`tsm: ${note}\n`);
  const problem = house.engine.settings().problem;
  if (problem !== undefined && verb.name !== "config") door.writeError(`tsm: ${problem}; the defaults are used\n`);
  return verb.exitCode?.(done as never) ?? exitCodes.done;
}

/** `--trace and --no-pmx mean nothing here`: once, however many there are. */
function ignoredText(ignored: readonly string[]): string {
  const flags = [...new Set(ignored)];
  return `${flags.join(", ")} ${flags.length === 1 ? "means" : "mean"} nothing here and changed nothing`;
}

/** The same place with its output taken: as wide, as colourful, but nobody there. */
function captured(door: Door, write: (text: string) => void): Door {
  const { columns, rows, terminal, plain = false, signal, shell, behind = false, rehearsal } = door;
  const output = {
    write: (output: string | Uint8Array): void => write(textOf(output)),
    writeError: write,
    columns,
    rows,
    terminal,
    plain,
  };
  return { ...output, interactive: false, signal, ask: undefined, shell, behind, rehearsal };
}

/** Words to the values that `run` declares. Everything resolves here, before anything is touched. */
async function valuesOf(verb: AnyVerb, parsed: Parsed, resolving: Resolving): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.fromEntries(parsed.flags);
  for (const [name, arg] of Object.entries(verb.args)) {
    if (arg.arity === "command") {
      values[name] = parsed.command;
      continue;
    }
    const words = parsed.args.get(name) ?? [];
    const found =
      arg.type.resolve === undefined
        ? words.map((word) => arg.type.parse(word))
        : await arg.type.resolve(words, resolving);
    const single = arg.arity === "one" || arg.arity === "optional";
    // Of several instances of one app, the one that is called as the app is.
    const called =
      single && found.length > 1 ? found.find((each) => isNamed(each) && each.name === words[0]) : undefined;
    if (single && found.length > 1 && called === undefined) {
      throw new TsmError("AMBIGUOUS", `'${words[0]}' matches ${found.length} processes and ${verb.name} takes one`, {
        hint: "Give an id or a full name",
      });
    }
    if (arg.arity === "one" && found.length === 0)
      throw new TsmError("NOT_FOUND", "there is no process", { hint: "tsm start server.sh" });
    values[name] = single ? (called ?? found[0]) : found;
  }
  return values;
}

/** A flag that is a list of names; undefined where it was not given. */
function namesFrom(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The processes that the person named; undefined when none could be. */
function namesOf(verb: AnyVerb, parsed: Parsed, values: Record<string, unknown>): string[] | undefined {
  const named = Object.entries(verb.args).filter(
    ([name, { type }]) => type.resolve !== undefined && (parsed.args.get(name) ?? []).length > 0,
  );
  if (named.length === 0) return undefined;
  const targets = named.flatMap(([name]) => [values[name]].flat());
  const names = targets.flatMap((value) => (isNamed(value) ? [value.name] : []));
  // Jobs alone: no process was meant.
  return targets.length > 0 && names.length === 0 ? undefined : names;
}

function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

async function printStream(
  verb: AnyVerb,
  stream: AsyncIterable<unknown>,
  door: Door,
  screen: Screen,
  { json, look, silent, isTold }: { json: boolean; look: Look; silent: boolean; isTold: boolean },
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const names: string[] = [];
  // What streams is what others wrote: a pipe gets it as it is.
  const output = new Gathered(door, door.terminal ? look : undefined);
  try {
    for await (const item of stream) {
      if (door.signal.aborted) break;
      // See runVerb: the item is what this verb's own `run` yields.
      if (json) {
        const value = verb.json === undefined ? item : verb.json(item as never);
        for (const each of Array.isArray(value) ? value : [value]) output.add(`${JSON.stringify(each)}\n`);
      } else if (isTold)
        for (const line of verb.render?.(item as never, screen) ?? [])
          output.add(typeof line === "string" ? `${line}\n` : line);
      for (const note of silent ? [] : (verb.notes?.(item as never) ?? [])) {
        output.flush();
        door.writeError(`tsm: ${note}\n`);
      }
      // What it asks next is asked below what it has shown.
      if (door.interactive || door.ask !== undefined) output.flush();
      names.push(...(verb.names?.(item as never) ?? []));
      if (exitCode === exitCodes.done) exitCode = verb.exitCode?.(item as never) ?? exitCodes.done;
      const room = door.room?.();
      if (room !== undefined) await room;
    }
  } finally {
    output.flush();
  }
  if (verb.names !== undefined) door.shell?.remember(names);
  return exitCode;
}

/** What a stream prints goes out in large pieces while it comes fast, and at once when it pauses. */
class Gathered {
  readonly #door: Door;
  readonly #look: Look | undefined;
  #text = "";
  #due: NodeJS.Immediate | undefined;

  /** @param look what the place can show; undefined: it takes everything */
  constructor(door: Door, look: Look | undefined) {
    this.#door = door;
    this.#look = look;
  }

  add(output: string | Uint8Array): void {
    if (typeof output !== "string") {
      this.flush();
      this.#door.write(output);
      return;
    }
    this.#text += output;
    if (this.#text.length >= gatheredAtMost) this.flush();
    else this.#due ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#due !== undefined) clearImmediate(this.#due);
    this.#due = undefined;
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#door.write(this.#look === undefined ? text : this.#look.fit(text));
  }
}

const gatheredAtMost = 64 * 1024;

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function print(door: Door, lines: Iterable<string | Uint8Array>, look: Look | undefined): void {
  let text = "";
  for (const line of lines) text += typeof line === "string" ? `${line}\n` : textOf(line);
  if (text !== "") door.write(look === undefined ? text : look.fit(text));
}

async function screenFor(house: House, door: Door, colourless: boolean): Promise<Screen> {
  const plain = door.plain === true;
  const look = house.look(plain);
  const paint = await house.paint(door.terminal, plain || colourless);
  // A terminal may change its size while a stream goes on.
  return {
    get columns() {
      return door.columns;
    },
    get rows() {
      return door.rows;
    },
    terminal: door.terminal,
    paint,
    plain,
    cut: look.cut,
    inPlace: look.fit,
  };
}

/** The one place where an error becomes text. */
function report(error: unknown, house: House, door: Door, json: boolean): number {
  const known = error instanceof TsmError ? error : explainSystemError(error, house.engine.home.root);
  if (known === undefined) return reportBug(error, house, door);
  if (json) {
    const { code, message, hint, candidates } = known;
    door.writeError(`${JSON.stringify({ error: { code, message, hint: hint ?? null, candidates } })}\n`);
  } else {
    const { fit } = house.look(door.plain === true);
    const lines = (text: string) => text.split("\n").map(house.printable).join("\n");
    const message = lines(known.message);
    door.writeError(fit(`${known.block ? "" : "tsm: "}${message}\n`));
    if (known.hint !== undefined) door.writeError(fit(`  ${lines(known.hint)}\n`));
  }
  return known.exitCode;
}

function reportBug(error: unknown, { env }: House, door: Door): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  door.writeError(`tsm: this is a bug of tsm: ${message}\n`);
  door.writeError(env["TSM_DEBUG"] ? `${stack}\n` : "  TSM_DEBUG=1 shows where it happened\n");
  return exitCodes.bug;
}

/** What the system refuses is no bug of ours: a full disk, a folder that may not be written. */
function explainSystemError(error: unknown, home: string): TsmError | undefined {
  if (
    !isErrno(
      error,
      "ENOSPC",
      "EDQUOT",
      "EROFS",
      "EACCES",
      "EPERM",
      "EMFILE",
      "ENFILE",
      "ENOTDIR",
      "EISDIR",
      "EEXIST",
      "ENAMETOOLONG",
      "E2BIG",
      "EAGAIN",
    )
  )
    return undefined;
  const path = error.path ?? home;
  const what: Readonly<Record<string, readonly [string, string]>> = {
    ENOSPC: ["the disk is full", "Free some space and try again; nothing was lost"],
    EDQUOT: ["your disk quota is used up", "Free some space and try again; nothing was lost"],
    EROFS: ["the disk is mounted read-only", "Set TSM_HOME to a folder that can be written"],
    EACCES: [`${path} may not be accessed`, "Check its owner and permissions, or set TSM_HOME to another folder"],
    EPERM: [`${path} may not be changed`, "Check its owner and permissions, or set TSM_HOME to another folder"],
    ENOTDIR: [`a part of ${path} is a file, not a folder`, "Set TSM_HOME to a folder"],
    EEXIST: [`${path} is a file where a folder should be`, "Move it away and try again"],
    EISDIR: [`${path} is a folder where a file should be`, "Move it away and try again"],
    ENAMETOOLONG: ["a path is too long for this file system", "Use a shorter name or TSM_HOME"],
    E2BIG: ["the command line and environment are too long for this system", "Pass the data in a file"],
  };
  const [message, hint] = what[error.code ?? ""] ?? [
    "the system is out of files or processes",
    "Try again when fewer programs run",
  ];
  return new TsmError("HOME", `${message} (${error.code}: ${path})`, { hint });
}
