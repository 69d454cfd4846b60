import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { registry } from "../commands/index.ts";
import type { Ask } from "./command/define.ts";
import { dispatch } from "./command/dispatch.ts";
import type { Door, House } from "./command/door.ts";
import { explainSystemError, report } from "./command/failure.ts";
import { finishing, finishingMs } from "./command/finishing.ts";
import type { TakeScreen } from "./command/full-screen.ts";
import { createEngine } from "./core/create-engine.ts";
import { isErrno, TsmError } from "./core/errors.ts";
import { homeAt, homeRoot } from "./core/home.ts";
import { readSettings, type Settings, settingsSchema, settingTables } from "./core/settings.ts";
import type { World } from "./core/world.ts";
import { detectPlatform } from "./platform/detect.ts";
import { standardOutput } from "./platform/output.ts";
import type { ReplDeps } from "./repl/deps.ts";
import { answerLines, errorLines } from "./view/error-lines.ts";
import { lookFor, wantsPlain } from "./view/look.ts";
import { paintFor, plain as unpainted } from "./view/paint.ts";
import { reflowsIn } from "./view/reflow.ts";
import { sanitize } from "./view/sanitize.ts";

/** Wires platform, engine and doors together. The only reader of `process.argv`, the only writer of the exit code. */
async function main(): Promise<number> {
  const words = commandWords(process.argv.slice(2));
  // A verb on many processes waits on the one signal once for each, and in the shell each line has a signal of its own.
  setMaxListeners(0);
  const interrupt = new Interrupt(words[0] ?? "");
  let house: House;
  try {
    house = build();
  } catch (error) {
    const known = error instanceof TsmError ? error : explainSystemError(error, "the home");
    if (known === undefined) throw error;
    writeError(`tsm: ${known.message}\n${known.hint === undefined ? "" : `  ${known.hint}\n`}`);
    return known.exitCode;
  }
  const settings = house.engine.settings();
  const door = commandLineDoor(house, settings, interrupt);
  const broken = await brokenWord(process.argv.slice(2));
  if (broken !== undefined) return report(broken, house, door, words.includes("--json"));
  return await dispatch(house, words, door, settings);
}

/** Node reads a word that is not UTF-8 as another one: nothing is done with that. */
async function brokenWord(words: readonly string[]): Promise<TsmError | undefined> {
  // Stands for what it could not read; somebody may also have typed it.
  if (!words.some((word) => word.includes("\uFFFD"))) return undefined;
  const { firstNotUtf8 } = await import("./platform/own-words.ts");
  const word = firstNotUtf8(words);
  return word === undefined
    ? undefined
    : new TsmError("BAD_DATA", `the word '${word}' is not UTF-8`, {
        hint: "Give it as UTF-8, or have a script of its own say it to the program",
      });
}

/**
 * The first Ctrl-C ends the command in order; a second one finds the handler gone and ends the program, as does the first
 * where nobody has asked for the signal. It is made when it is asked for: Node needs a millisecond for it.
 */
class Interrupt {
  readonly #verb: string;
  #controller: AbortController | undefined;

  constructor(verb: string) {
    this.#verb = verb;
  }

  get signal(): AbortSignal {
    return this.#made().signal;
  }

  abort(): void {
    this.#made().abort();
  }

  #made(): AbortController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = new AbortController();
    process.once("SIGINT", () => {
      controller.abort();
      if (process.stderr.isTTY) setTimeout(() => writeError(finishing(this.#verb)), finishingMs).unref();
    });
    this.#controller = controller;
    return controller;
  }
}

/** Bare `tsm` is help; `--version` and `--help` are spelled like flags everywhere. What every verb takes may stand before it. */
function commandWords(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first !== undefined && ["-s", "--silent", "--no-color"].includes(first)) {
    const [verb, ...others] = commandWords(rest);
    return verb === undefined ? rest : [verb, first === "-s" ? "--silent" : first, ...others];
  }
  if (first === undefined || first === "--help" || first === "-h") return ["help", ...rest];
  if (first === "--version" || first === "-v" || first === "-V") return ["version", ...rest];
  return argv;
}

function build(): House {
  const platform = detectPlatform();
  const env = definedOnly(process.env);
  const asked = homeRoot(env, env["HOME"] ?? process.getBuiltinModule("node:os").homedir());
  // One spelling for one home: marks in environments are compared as text.
  const home = homeAt(spelledOut(platform, asked), env["TSM_PORTS_FILE"]);
  const world: World = {
    platform,
    home,
    env,
    cwd: currentFolder(),
    programs: {
      runner: join(import.meta.dirname, "runner.bash"),
      ticker: join(import.meta.dirname, "ticker.bash"),
      resume: join(import.meta.dirname, "resume.bash"),
      stamper: join(import.meta.dirname, "stamper.cjs"),
      ecosystem: join(import.meta.dirname, "ecosystem.cjs"),
      saysReady: join(import.meta.dirname, "says-ready.cjs"),
      server: join(import.meta.dirname, "serve.cjs"),
      node: process.execPath,
      tsm: join(import.meta.dirname, "tsm.js"),
    },
    settings: () => readSettings(platform.files, home.settings),
    async saveSetting(name, value) {
      const { saveSetting } = await import("./platform/settings-store.ts");
      // Ours to make: conf would leave it open to others.
      platform.files.makeFolder(`${home.root}/config`);
      saveSetting(`${home.root}/config`, settingsSchema, settingTables, name, value);
    },
  };
  const replDeps = (): ReplDeps => ({
    registry,
    engine: house.engine,
    dispatch: (words, door) => dispatch(house, words, door),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    output: standardOutput,
    home: home.root,
    env: process.env,
    settings: world.settings,
  });
  const house: House = {
    registry,
    engine: createEngine(world),
    env,
    printable: sanitize,
    paint: async (settings, terminal, plain) => (plain ? unpainted : await paintFor(settings, terminal, env)),
    look: (plain) => lookFor(plain, env),
    reflows: reflowsIn(env),
    async openShell(options) {
      const { startRepl } = await import("./repl/index.ts");
      return await startRepl(replDeps(), options);
    },
    async source(request) {
      const { runFile } = await import("./repl/script.ts");
      return await runFile(replDeps(), request);
    },
  };
  return house;
}

function spelledOut({ files }: World["platform"], path: string): string {
  try {
    return files.realPath(path) ?? path;
  } catch (error) {
    // Whatever needs the home says so.
    if (!isErrno(error, "EACCES", "EPERM", "ENOTDIR", "ELOOP", "ENAMETOOLONG")) throw error;
    return path;
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    // It has been deleted. Only `start` needs it, and says so; all else works.
    return process.env["PWD"] ?? "/";
  }
}

function commandLineDoor({ env }: House, { plain }: Settings, interrupt: Interrupt): Door {
  const output = standardOutput(() => interrupt.abort());
  const takeScreen: TakeScreen = async (work) => {
    const { fullScreen } = await import("./repl/full-screen.ts");
    return await fullScreen(process, work);
  };
  return {
    write: (text) => output.write(typeof text === "string" ? answerLines(text, output.columns) : text),
    writeError,
    get columns() {
      return output.columns;
    },
    get rows() {
      return output.rows;
    },
    terminal: output.terminal,
    plain: output.terminal && wantsPlain(plain, env),
    interactive: false,
    get signal() {
      return interrupt.signal;
    },
    ask: output.terminal && process.getBuiltinModule("node:tty").isatty(0) ? askLater(interrupt) : undefined,
    get takeScreen() {
      return output.terminal && !this.plain && process.stdin.isTTY ? takeScreen : undefined;
    },
    shell: undefined,
  };
}

function writeError(text: string): void {
  // Nobody can be told that nobody can be told; the exit code still says it.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => undefined);
  process.stderr.write(errorLines(text, process.stderr.isTTY ? process.stderr.columns : undefined));
}

/** Nothing of it is loaded for the many commands that ask nothing. */
function askLater(interrupt: Interrupt): Ask {
  const loaded = async () => {
    const [{ askPlainly }, { terminalLine }] = await Promise.all([
      import("./repl/ask-plainly.ts"),
      import("./platform/terminal-line.ts"),
    ]);
    return askPlainly(
      (text) => void process.stderr.write(text),
      (question) => terminalLine(question, interrupt.signal),
    );
  };
  return {
    confirm: async (question) => (await loaded()).confirm(question),
    pick: async (question, choices) => (await loaded()).pick(question, choices),
    goOn: async (question) => (await loaded()).goOn(question),
  };
}

// `exitCode` and not `exit`: what is still being written to a pipe gets out.
void main().then((code) => {
  process.exitCode = code;
  // Nothing is left to be done or written: to be taken down piece by piece is a millisecond's work for nobody.
  process.once("beforeExit", () => process.exit());
  // chokidar leaves watches open of a folder that went while it was first read: they would keep a patrol for ever.
  setInterval(() => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  }, 1000).unref();
});
