import type { Engine } from "../core/engine.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { DamagedRecord } from "../core/records.ts";
import type { Settings } from "../core/settings.ts";
import type { Screen } from "../view/screen.ts";
import { isStream, linesOf, print, printStream } from "./answer.ts";
import type { Context } from "./define.ts";
import { captured, type Door, type House } from "./door.ts";
import { damagedLines } from "./each.ts";
import { printableLines, report } from "./failure.ts";
import { unknownVerb } from "./lookup.ts";
import { wordsToRun } from "./meant.ts";
import { parseWords } from "./parse.ts";
import { findVerb, isVerbName, type Registry } from "./registry.ts";
import { namesFrom, namesOf, valuesOf } from "./values.ts";

/**
 * Runs one command: lookup, parse, resolve, run, render; and what goes wrong on the way is told here.
 * @param settings where they were read for this very command; else it reads them, once.
 * @returns the exit code; never throws.
 */
export async function dispatch(
  house: House,
  words: readonly string[],
  door: Door,
  settings?: Settings,
): Promise<number> {
  let meant = words;
  try {
    try {
      const known = settings ?? house.engine.settings();
      meant = await withoutAlias(house.registry, words, known);
      return await runVerb(house, meant, door, known);
    } finally {
      if (door.rehearsal === undefined) await house.engine.keepWatch();
    }
  } catch (error) {
    const isTold = error instanceof TsmError && error.code === "INTERRUPTED";
    if (door.signal.aborted && !isTold) return exitCodes.interrupted;
    return report(error, house, door, meant.includes("--json"));
  }
}

async function withoutAlias(
  registry: Registry,
  words: readonly string[],
  { aliases }: Settings,
): Promise<readonly string[]> {
  const [word] = words;
  if (word === undefined || isVerbName(registry, word)) return words;
  return await wordsToRun(words, registry, aliases);
}

async function runVerb(house: House, words: readonly string[], door: Door, settings: Settings): Promise<number> {
  const [word = "help", ...rest] = words;
  const entry = findVerb(house.registry, word);
  if (entry === undefined) throw unknownVerb(house.registry, house.engine, word, door.shell !== undefined);
  const verb = await entry.load();
  if (verb.scope === "shell" && door.shell === undefined) {
    throw new TsmError("USAGE", `${verb.name} belongs to the shell`, { hint: `tsm repl, then /${verb.name}` });
  }
  if (door.behind === true && verb.owns !== undefined) {
    throw new TsmError("USAGE", `${verb.name} cannot run behind the prompt: it owns the ${verb.owns}`, {
      hint: "Run it without the &",
    });
  }
  // Ctrl-C in the middle of a change is heard, and the change done; who only reads may as well be killed.
  if (verb.effect !== "reads") void door.signal;
  const parsed = parseWords(verb, rest);
  const screen = await screenFor(house, door, settings, parsed.colourless);
  const look = house.look(door.plain === true);
  if (parsed.help) {
    const { helpFor } = await import("./help.ts");
    print(door, helpFor(verb, entry.aliases, screen), look);
    return exitCodes.done;
  }
  if (verb.leavesHome !== true && door.rehearsal === undefined && house.engine.hasOldLayout()) {
    const { bringOver } = await import("./bring-over.ts");
    await bringOver(house, door, screen);
  }
  const engine = door.rehearsal?.over(house.engine) ?? house.engine;
  const context = contextFor(house, door, engine, screen, parsed.json);
  const damaged = new Map<string, DamagedRecord>();
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
    leaveOut: (each) => void damaged.set(each.name, each),
  });
  const named = namesOf(verb, parsed, values);
  if (named !== undefined) door.shell?.remember(named);
  if (door.rehearsal !== undefined) {
    door.write(`would ${await door.rehearsal.tell(verb, values, context)}\n`);
    return exitCodes.done;
  }
  // The values were made by this verb's own declaration: their type is the one its `run` declares.
  const isUnnoted = verb.onlyLooks?.(values as never) === true || verb.unnoted?.(values as never) === true;
  const changes = verb.effect !== "reads" && verb.scope !== "shell" && !isUnnoted;
  if (changes) {
    const called = "name" in verb.flags && typeof values["name"] === "string" ? [values["name"]] : [];
    const names = named ?? called;
    await engine.noteCommand({ words: [verb.name, ...rest], names, door: door.shell ? "shell" : "command line" });
    const owner = door.shell ? undefined : await engine.foreignOwner();
    if (owner !== undefined && !parsed.silent)
      door.writeError(
        `tsm: this home is ${owner}'s, and what root writes in it ${owner} cannot change: sudo -u ${owner} tsm …\n`,
      );
  }
  // As above.
  const result: unknown = verb.run(values as never, context);
  if (parsed.ignored.length > 0 && !parsed.silent) door.writeError(`tsm: ${ignoredText(parsed.ignored)}\n`);
  const isTold = !parsed.silent || verb.effect === "reads" || isUnnoted;
  const { json, silent } = parsed;
  if (isStream(result)) return await printStream(verb, result, door, screen, { json, look, silent, isTold, house });
  const done = await result;
  // As above: `names`, `render` and `exitCode` are given what this verb's `run` returned.
  if (verb.names !== undefined) door.shell?.remember(verb.names(done as never));
  if (parsed.json)
    door.write(`${JSON.stringify(verb.json === undefined ? done : verb.json(done as never), null, 2)}\n`);
  else if (isTold) print(door, linesOf(verb, done, screen), look);
  // What failed is told in any case.
  const failed = (verb.exitCode?.(done as never) ?? exitCodes.done) !== exitCodes.done;
  if (!parsed.silent || failed)
    for (const note of verb.notes?.(done as never) ?? []) door.writeError(`tsm: ${printableLines(note, house)}\n`);
  // The command may have mended them.
  const problem = settings.problem === undefined ? undefined : house.engine.settings().problem;
  if (problem !== undefined && verb.name !== "config") door.writeError(`tsm: ${problem}; the defaults are used\n`);
  const exitCode = verb.exitCode?.(done as never) ?? exitCodes.done;
  if (verb.effect === "reads" || damaged.size === 0) return exitCode;
  for (const note of damagedLines(damaged.values())) door.writeError(`tsm: ${note}\n`);
  return exitCode === exitCodes.done ? exitCodes.badData : exitCode;
}

/** @param engine the house's own, or one that only rehearses. */
function contextFor(house: House, door: Door, engine: Engine, screen: Screen, json: boolean): Context {
  return {
    engine,
    registry: house.registry,
    // Asked for when it is wanted, as on the command line it costs a millisecond.
    get signal() {
      return door.signal;
    },
    interactive: door.interactive,
    json,
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
}

/** `--trace and --no-pmx mean nothing here`: once, however many there are. */
function ignoredText(ignored: readonly string[]): string {
  const flags = [...new Set(ignored)];
  return `${flags.join(", ")} ${flags.length === 1 ? "means" : "mean"} nothing here and changed nothing`;
}

async function screenFor(house: House, door: Door, settings: Settings, colourless: boolean): Promise<Screen> {
  const plain = door.plain === true;
  const look = house.look(plain);
  const paint = await house.paint(settings, door.terminal, plain || colourless);
  // A terminal may change its size while a stream goes on.
  return {
    get columns() {
      return door.columns;
    },
    get rows() {
      return door.rows;
    },
    terminal: door.terminal,
    typed: door.terminal || door.interactive,
    reflows: house.reflows,
    paint,
    plain,
    cut: look.cut,
    inPlace: look.fit,
  };
}
