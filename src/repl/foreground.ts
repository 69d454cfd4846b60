import type { Readable } from "node:stream";
import type { Ask } from "../command/define.ts";
import type { Door } from "../command/door.ts";
import { finishing, finishingMs } from "../command/finishing.ts";
import type { FullScreen } from "../command/full-screen.ts";
import { textOf } from "../command/output-text.ts";
import type { VerbEntry } from "../command/registry.ts";
import type { Shell, Sourced, SourceRequest } from "../command/shell.ts";
import { exitCodes } from "../core/errors.ts";
import { answerLines, errorLines } from "../view/error-lines.ts";
import type { Look } from "../view/look.ts";
import type { ReplDeps } from "./deps.ts";
import { type Keeping, notKept, type Outputs } from "./outputs.ts";
import { Pace } from "./pace.ts";
import type { Printer } from "./printer.ts";
import { type BashExit, exitText, runBash } from "./shell.ts";
import { type Elsewhere, type ReadyCommand, type Stage, within } from "./statement.ts";
import type { Terminal } from "./terminal.ts";

export interface ForegroundDeps {
  readonly repl: ReplDeps;
  readonly terminal: Terminal;
  readonly printer: Printer;
  readonly outputs: Outputs;
  /** The shell as a command sees it that prints there, and that may have the commands of a file run in its place. */
  shell(write: (text: string) => void, source: Shell["source"]): Shell;
  source(request: SourceRequest, place: ForegroundPlace): Promise<Sourced>;
  /** What the terminal can show. */
  readonly look: Look;
  /** The verb that the words run, also by an alias. */
  entryOf(words: readonly string[]): VerbEntry | undefined;
  ask(signal: AbortSignal): Ask;
  /** A command begins or has ended that starts processes and tells itself what becomes of them. */
  starting(isStarting: boolean): void;
  /** A command that paints the whole screen begins or has ended. */
  ownsScreen(isOwned: boolean): void;
  reportBug(error: unknown): void;
}

type Meant = Pick<Door, "unnamed" | "placed" | "behind">;

/** What a command of the foreground stands in. */
interface DoorPlace {
  readonly controller: AbortController;
  write(text: string): void;
  writeError(text: string): void;
  room(): Promise<void> | undefined;
  readonly elsewhere: Elsewhere | undefined;
}

/** Where a command of the foreground has others run. */
export interface ForegroundPlace {
  readonly stage: Stage;
  readonly signal: AbortSignal;
  door(): Door;
  writeError(text: string): void;
}

/** What starts processes and tells itself what becomes of them. */
const starting = "start restart reload apply scale resurrect stack startup serve undo repeat".split(" ");

interface Running {
  readonly verb: string;
  readonly controller: AbortController;
  abandon(): void;
  /** The command that runs it, as a line of a file. */
  readonly outer: Running | undefined;
}

/** Runs one statement after the other with the terminal of the person. */
export class Foreground implements Stage {
  readonly #deps: ForegroundDeps;
  /** What runs now: Ctrl-C aborts it; a second Ctrl-C leaves it behind. */
  #running: Running | undefined;
  /** Aborted when the shell itself is ended: a child in the foreground goes with it. */
  readonly #childrenEnd = new AbortController();
  /** What goes wrong while a program has the screen is said when it has ended. */
  #heldErrors: string | undefined;

  constructor(deps: ForegroundDeps) {
    this.#deps = deps;
  }

  get userHome(): string | undefined {
    return this.#deps.repl.env["HOME"];
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Runs a command to its end, or until the person leaves it behind. */
  async command(command: ReadyCommand, elsewhere?: Elsewhere): Promise<number> {
    // `last` shows an output; it is none itself, or asking twice would show something else.
    const isOutput = elsewhere === undefined && this.#deps.entryOf(command.words)?.name !== "last";
    return await this.run(command, isOutput ? this.#deps.outputs.begin(command.text) : notKept, elsewhere);
  }

  /** The same with a say in what becomes of its output. */
  async run(
    { words, spread, placed, behind }: Pick<ReadyCommand, "words" | "spread" | "placed" | "behind">,
    keep: Keeping,
    elsewhere?: Elsewhere,
  ): Promise<number> {
    const { repl, printer, terminal } = this.#deps;
    const controller = elsewhere?.controller ?? new AbortController();
    const pace = new Pace(1);
    let left = false;
    const write = (text: string, shown = answerLines(text, terminal.columns)): void => {
      if (left) return;
      keep.print(text);
      pace.printed(text);
      printer.write(shown);
    };
    const writeError = (text: string): void => write(text, errorLines(text, terminal.columns));
    // A command that runs others, of a file, goes on when they have ended.
    const outer = this.#running;
    const abandoned = new Promise<number>((resolve) => {
      this.#running = { verb: words[0] ?? "", controller, abandon: () => resolve(exitCodes.interrupted), outer };
    });
    const place = { controller, write, writeError, room: () => pace.room(), elsewhere };
    const door = this.#door(place, { unnamed: spread, placed, behind });
    const entry = this.#deps.entryOf(words);
    const starts = starting.includes(entry?.name ?? "");
    if (starts) this.#deps.starting(true);
    const ownsScreen = elsewhere === undefined && (await entry?.load())?.owns === "screen";
    if (ownsScreen) this.#deps.ownsScreen(true);
    try {
      const code = await Promise.race([repl.dispatch(words, door), abandoned]);
      keep.ended(code);
      return code;
    } catch (error) {
      this.#deps.reportBug(error);
      return exitCodes.bug;
    } finally {
      left = true;
      if (starts) this.#deps.starting(false);
      this.#running = outer;
      printer.finishRow();
      if (ownsScreen) this.#deps.ownsScreen(false);
    }
  }

  // Made in one piece: a copy would have the size that the terminal has now.
  #door(at: DoorPlace, meant: Meant = {}): Door {
    const { terminal, look, ask, shell, source } = this.#deps;
    const { controller, write, room, elsewhere } = at;
    const writeError = elsewhere === undefined ? at.writeError : (text: string) => this.writeError(text);
    const place: ForegroundPlace = {
      stage: elsewhere === undefined ? this : within(this, elsewhere),
      signal: controller.signal,
      door: () => this.#door(at),
      // A reader that has seen enough is no failure of the line that it has ended.
      writeError: (text) => (elsewhere?.controller.signal.aborted === true ? undefined : writeError(text)),
    };
    const print = elsewhere?.write ?? ((output: string | Uint8Array) => write(textOf(output)));
    return {
      ...meant,
      write: print,
      writeError,
      get columns() {
        return elsewhere === undefined ? terminal.columns : undefined;
      },
      get rows() {
        return elsewhere === undefined ? terminal.rows : undefined;
      },
      terminal: elsewhere === undefined,
      plain: elsewhere === undefined && look.plain,
      interactive: true,
      signal: controller.signal,
      ask: ask(controller.signal),
      takeScreen: elsewhere === undefined && !look.plain ? (work) => this.#lendScreen(work) : undefined,
      room: elsewhere?.room === undefined ? room : () => elsewhere.room?.(),
      shell: shell(print, (request) => source(request, place)),
    };
  }

  async #lendScreen<T>(work: (screen: FullScreen) => Promise<T>): Promise<T> {
    const { repl, terminal } = this.#deps;
    const { fullScreen } = await import("./full-screen.ts");
    return await terminal.lend("picker", (paste) => fullScreen(repl, work, paste));
  }

  async bash(line: string, input?: Readable): Promise<BashExit> {
    const { repl, terminal, printer, look } = this.#deps;
    const options = { env: repl.env, stdin: input ?? ("inherit" as const), signal: this.#childrenEnd.signal };
    // A line of a file whose output a program reads: that has the screen already.
    if (this.#heldErrors !== undefined) return await runBash(line, options);
    this.#heldErrors = "";
    try {
      const exit = await terminal.lend("child", () => runBash(line, options));
      terminal.toFreshLine(look.fit("⏎"));
      printer.isOnFreshRow();
      return exit;
    } finally {
      const errors = this.#heldErrors;
      this.#heldErrors = undefined;
      printer.write(errors);
    }
  }

  writeError(text: string): void {
    const { printer, terminal } = this.#deps;
    const shown = errorLines(text, terminal.columns);
    if (this.#heldErrors === undefined) printer.write(shown);
    else this.#heldErrors += shown;
  }

  exited(exit: BashExit): void {
    const { printer } = this.#deps;
    if (exit.code !== 0) printer.write(`${printer.faint(exitText(exit))}\n`);
  }

  /** @returns whether there was a command to interrupt. */
  interrupt(): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    if (running.controller.signal.aborted) {
      this.#deps.printer.finishRow();
      this.#deps.printer.write("tsm: left behind, it may still be at work\n");
      running.abandon();
      return true;
    }
    this.#deps.printer.write("^C\n");
    for (const each of this.#allRunning()) each.controller.abort();
    setTimeout(() => {
      if (this.#running === running) this.writeError(finishing(running.verb));
    }, finishingMs).unref();
    return true;
  }

  /** The shell ends: so does what runs. */
  end(): void {
    for (const each of this.#allRunning()) {
      each.controller.abort();
      each.abandon();
    }
    this.#childrenEnd.abort();
  }

  *#allRunning(): Generator<Running> {
    for (let each = this.#running; each !== undefined; each = each.outer) yield each;
  }
}
