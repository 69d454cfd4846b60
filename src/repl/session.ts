import type { Ask } from "../command/define.ts";
import { wrap } from "../command/help.ts";
import { meantBy } from "../command/meant.ts";
import { findVerb, type VerbEntry } from "../command/registry.ts";
import { runsOffered } from "../command/runs-offered.ts";
import { servicesOffered } from "../command/services-offered.ts";
import type { Shell, ShellNotice, Sourced, SourceRequest } from "../command/shell.ts";
import { exitCodes } from "../core/errors.ts";
import { type Look, lookFor } from "../view/look.ts";
import { reflowsIn } from "../view/reflow.ts";
import { sanitize } from "../view/sanitize.ts";
import { Appearance } from "./appearance.ts";
import { askAt } from "./ask.ts";
import { askPlainly } from "./ask-plainly.ts";
import { canvasAt } from "./canvas.ts";
import type { ReplDeps, ReplSettings } from "./deps.ts";
import type { EditorDeps, Input } from "./editor/editing.ts";
import { Editor } from "./editor/editor.ts";
import { keyboardOf } from "./editor/keyboard.ts";
import { Exits } from "./exits.ts";
import { Foreground, type ForegroundPlace } from "./foreground.ts";
import { helpAsked } from "./help-asked.ts";
import { hiddenAliases } from "./hidden-aliases.ts";
import { History } from "./history.ts";
import { lastWordOf } from "./last-word.ts";
import { LineHelp } from "./line-help.ts";
import type { LineReader } from "./line-reader.ts";
import { LivePrompt } from "./live-prompt.ts";
import { noticeLines } from "./notice-lines.ts";
import { Notices } from "./notices.ts";
import { notKept, Outputs } from "./outputs.ts";
import { parse } from "./parse.ts";
import { Printer } from "./printer.ts";
import { Processes } from "./processes.ts";
import { whatKeepsRunning } from "./prompt.ts";
import type { PromptJobs } from "./prompt-jobs.ts";
import { ResultSet } from "./result-set.ts";
import { runAgain } from "./run-again.ts";
import { SecondInterrupt } from "./second-interrupt.ts";
import type { Sourcing } from "./source.ts";
import { runLine } from "./statement.ts";
import { Terminal, type TerminalEvents } from "./terminal.ts";
import { TypedLines } from "./typed-lines.ts";
import { welcome } from "./welcome.ts";

/** The shell at a terminal: reads a line, runs it, and again, until the person leaves. Its exit code. */
export async function runSession(deps: ReplDeps, isPlain: boolean): Promise<number> {
  const look = lookFor(isPlain, deps.env);
  if (!isPlain) return new Session(deps, look, (editing) => new Editor(editing)).run();
  const { PlainReader } = await import("./plain-reader.ts");
  // A buffer of Emacs shows what is typed by itself.
  const echoes = !/comint/.test(deps.env["INSIDE_EMACS"] ?? "");
  return new Session(deps, look, (editing) => new PlainReader(editing, echoes)).run();
}

class Session {
  readonly #deps: ReplDeps;
  readonly #terminal: Terminal;
  readonly #editor: LineReader;
  readonly #history: History;
  readonly #outputs = new Outputs(Date.now);
  readonly #results = new ResultSet();
  readonly #exits: Exits;
  #settings: ReplSettings;
  readonly #appearance: Appearance;
  #sourcing: Sourcing | undefined;
  readonly #help: LineHelp;
  readonly #printer: Printer;
  readonly #foreground: Foreground;
  readonly #lines: TypedLines;
  /** undefined until something was put behind the prompt. */
  #jobs: PromptJobs | undefined;
  #jobsEnd: Promise<void> | undefined;
  readonly #notices: Notices;
  readonly #processes: Processes;
  readonly #prompt: LivePrompt;
  readonly #interrupts = new SecondInterrupt();
  /** What stays on the next line: a `?` was behind it. */
  #begun = "";
  /** The line that was typed last: the one that asks for the history is none of its finds. */
  #typed = "";
  #exitCode: number | undefined;

  constructor(deps: ReplDeps, look: Look, reader: (editing: EditorDeps) => LineReader) {
    this.#deps = deps;
    this.#settings = deps.settings();
    this.#appearance = new Appearance(look, this.#settings, deps.env);
    this.#history = new History(deps.home, this.#settings.historySize);
    this.#exits = new Exits(deps.home, this.#settings.historySize);
    this.#terminal = new Terminal(deps, this.#terminalEvents(), look.plain);
    this.#notices = new Notices({
      summaryOf: (name) => deps.engine.summaryOf(name),
      lastWordsOf: (name) => deps.engine.lastWordsOf(name),
      portHolder: (port) => deps.engine.portHolder(port),
      memoryExcess: (name) => deps.engine.memoryExcess(name),
      show: (notices, leftOut) => this.#tell(notices, leftOut),
    });
    this.#printer = new Printer((text) => this.#editor.print(text), this.#appearance);
    this.#foreground = new Foreground({
      repl: deps,
      terminal: this.#terminal,
      printer: this.#printer,
      outputs: this.#outputs,
      look,
      entryOf: (words) => this.#entryOf(words),
      ask: (signal) => this.#ask(signal),
      shell: (write, source) => ({ ...this.#shell(write), source }),
      source: (request, place) => this.#source(request, place),
      starting: (isStarting) => this.#notices.starting(isStarting),
      ownsScreen: (isOwned) => this.#hold(isOwned),
      reportBug: (error) => this.#reportBug(error),
    });
    this.#lines = new TypedLines({
      registry: deps.registry,
      results: this.#results,
      foreground: this.#foreground,
      entryOf: (words) => this.#entryOf(words),
      startBehind: async (ready) => (await this.#openJobs()).start(ready),
      isOver: () => this.#exitCode !== undefined,
      ended: (line, exitCode, durationMs) =>
        this.#exits.add(line, { at: Math.floor(Date.now() / 1000), exitCode, durationMs }),
    });
    this.#processes = new Processes(deps.engine, (error) => this.#reportBug(error));
    this.#help = new LineHelp({
      registry: deps.registry,
      env: deps.env,
      appearance: this.#appearance,
      processes: this.#processes,
      history: this.#history,
      outputs: this.#outputs,
      results: this.#results,
      aliases: () => this.#settings.aliases,
      keys: () => this.#settings.keys,
      jobs: () => this.#jobs?.all() ?? [],
      runs: (name) => runsOffered(deps.engine, name),
      services: () => servicesOffered(deps.engine),
      changed: () => this.#editor.paintSoon(),
      reportBug: (error) => this.#reportBug(error),
    });
    this.#prompt = new LivePrompt({
      processes: this.#processes,
      appearance: this.#appearance,
      settings: () => this.#settings,
      looked: (summaries) => this.#help.looked(summaries),
      entitle: (title) => this.#terminal.entitle(title),
      show: (prompt) => this.#editor.setPrompt(prompt),
      reportBug: (error) => this.#reportBug(error),
    });
    this.#editor = reader(this.#editing());
  }

  #terminalEvents(): TerminalEvents {
    return {
      key: (text, key) => this.#editor.strike(text, key),
      resized: () => this.#editor.paintNow(),
      // At the prompt it means nothing: npm sends one more after a Ctrl-C that was for a child.
      interrupted: () => {
        if (this.#foreground.isRunning) this.#editor.strike("\x03", { sequence: "\x03", name: "c", ctrl: true });
      },
      continued: () => this.#editor.repaint(),
      lent: (isLent) => this.#hold(isLent),
      ended: (exitCode) => this.#end(exitCode),
      bug: (error) => this.#reportBug(error),
    };
  }

  #editing(): EditorDeps {
    const appearance = this.#appearance;
    const terminal = this.#terminal;
    return {
      look: appearance.look,
      canvas: canvasAt(terminal, this.#deps.env),
      get styles() {
        return appearance.styles;
      },
      recent: () => this.#history.recent(),
      lines: () => this.#history.lines(),
      complete: (text, cursor) => this.#help.complete(text, cursor),
      isUnfinished: (text) => parse(text).unfinished !== undefined,
      typing: () => this.#help.typing,
      keyboard: () => keyboardOf(this.#settings.editingMode, this.#settings.keys),
      lastWordOf,
      shapeCursor: (shape) => terminal.shapeCursor(shape),
      // What `fg` has brought to the foreground goes back behind the prompt.
      suspend: () => (this.#jobs?.putBack() === true ? Promise.resolve() : terminal.stop()),
      interruptCommand: () => this.#foreground.interrupt(),
      reportBug: (error) => this.#reportBug(error),
    };
  }

  async run(): Promise<number> {
    this.#terminal.open();
    let unfollow = (): void => undefined;
    try {
      this.#welcome();
      await this.#command(["list"]);
      this.#readSettings();
      this.#sayHiddenAliases();
      // Before the prompt: what happens once it is seen must not be missed.
      unfollow = this.#follow();
      // The first line may need what was typed before; the prompt does not wait for it.
      setImmediate(() => {
        this.#loadHistory();
        void this.#openHelp();
      });
      while (this.#exitCode === undefined) {
        const begun = this.#begun;
        this.#begun = "";
        this.#readSettings();
        const input = await this.#editor.read(this.#prompt.now(), this.#interrupts.hint(), begun);
        if (input.kind === "line" || input.kind === "bound") this.#terminal.write(this.#appearance.marks.output);
        const exitCode = await this.#take(input);
        this.#terminal.write(this.#appearance.marks.done(exitCode));
      }
      return this.#exitCode;
    } finally {
      unfollow();
      this.#notices.end();
      this.#prompt.end();
      await this.#jobsEnd;
      this.#terminal.close();
    }
  }

  /** Another shell or the command line may have changed them. A file that is broken now changes nothing here. */
  #readSettings(): void {
    const settings = this.#deps.settings();
    if (settings.problem !== undefined) return;
    this.#settings = settings;
    this.#appearance.take(settings);
  }

  #welcome(): void {
    try {
      if (!this.#deps.engine.isFirstShell()) return;
      const lines = welcome.flatMap((line) => [...wrap(line, this.#terminal.columns, "")]);
      this.#printer.write(`${lines.map((line) => `${line}\n`).join("")}\n`);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #sayHiddenAliases(): void {
    const { registry } = this.#deps;
    const lines = hiddenAliases(registry, this.#settings.aliases).flatMap((line) => [
      ...wrap(line, this.#terminal.columns, ""),
    ]);
    this.#printer.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** What goes on record from now on: the prompt counts it, and what nobody asked for is told. */
  #follow(): () => void {
    try {
      return this.#deps.engine.follow((happenings) => {
        this.#notices.take(happenings);
        this.#prompt.changed();
      });
    } catch (error) {
      this.#reportBug(error);
      return () => undefined;
    }
  }

  #tell(notices: readonly ShellNotice[], leftOut: number): void {
    if (this.#settings.notices === "off") return;
    const { look, styles } = this.#appearance;
    this.#printer.finishRow();
    this.#printer.write(noticeLines(notices, leftOut, { look, styles, columns: this.#terminal.columns }));
  }

  /** @returns the exit code of what was run; undefined when nothing was. */
  async #take(input: Input): Promise<number | undefined> {
    try {
      return this.#exitCode === undefined ? await this.#taken(input) : undefined;
    } catch (error) {
      this.#reportBug(error);
      return exitCodes.bug;
    }
  }

  async #taken(input: Input): Promise<number | undefined> {
    if (input.kind !== "interrupt") this.#interrupts.forget();
    switch (input.kind) {
      case "line":
        return this.#line(input.text);
      case "bound":
        this.#begun = input.begun;
        return this.#lines.runBound(input.text);
      case "end":
        this.#sayGoodbye(exitCodes.done);
        return undefined;
      case "interrupt":
        if (this.#interrupts.take(input.empty)) this.#sayGoodbye(exitCodes.interrupted);
        return undefined;
    }
  }

  async #line(typed: string): Promise<number> {
    const text = this.#withoutBangs(typed);
    if (text === undefined) return exitCodes.failed;
    const asked = helpAsked(text, this.#deps.registry, this.#settings.aliases);
    if (asked !== undefined) {
      this.#begun = asked.line;
      return this.#command(asked.words);
    }
    const parsed = parse(text);
    if (parsed.statements.length === 0 && parsed.fault === undefined) {
      // Enter alone shows the list; a line that is only a comment shows nothing.
      return text.trim() === "" ? this.#command(["list"]) : exitCodes.done;
    }
    this.#typed = text.trimEnd();
    this.#history.add(text, Math.floor(Date.now() / 1000));
    const trouble = this.#history.takeTrouble();
    if (trouble !== undefined) this.#printer.write(`tsm: ${trouble}\n`);
    return this.#lines.run(text, parsed);
  }

  /** The line that `!!` stands for, shown before it runs; undefined, and told, when there is none. */
  #withoutBangs(typed: string): string | undefined {
    const again = runAgain(typed);
    if (again === undefined) return typed;
    const last = this.#history.last();
    if (last === undefined) {
      this.#printer.write("tsm: there is no line to run again\n");
      return undefined;
    }
    const text = last + again.added;
    this.#printer.write(`${sanitize(text)}\n`);
    return text;
  }

  /** A command that is no line of the person's. */
  #command(words: readonly string[]): Promise<number> {
    return this.#foreground.run({ words, spread: false, placed: [], behind: false }, notKept);
  }

  #entryOf(words: readonly string[]): VerbEntry | undefined {
    const { registry } = this.#deps;
    return findVerb(registry, meantBy(words, registry, this.#settings.aliases).name ?? "");
  }

  #ask(signal: AbortSignal): Ask {
    const { look, styles } = this.#appearance;
    const { ask } = this.#editor;
    const reflows = reflowsIn(this.#deps.env);
    if (ask === undefined) return askAt(this.#terminal, this.#deps, { signal, look, styles, reflows });
    const write = (text: string): void => this.#printer.write(text);
    return askPlainly(write, (question) => ask.call(this.#editor, look.fit(question)));
  }

  async #openJobs(): Promise<PromptJobs> {
    const { PromptJobs } = await import("./prompt-jobs.ts");
    this.#jobs ??= new PromptJobs({
      repl: this.#deps,
      printer: this.#printer,
      appearance: this.#appearance,
      results: this.#results,
      columns: () => this.#terminal.columns,
      ids: () => this.#processes.now().map(({ id }) => id),
      shell: () => this.#shell((text) => this.#printer.write(text)),
      reportBug: (error) => this.#reportBug(error),
    });
    return this.#jobs;
  }

  /** Something else has the screen, or has given it back. */
  #hold(isHeld: boolean): void {
    this.#notices.hold(isHeld);
    this.#jobs?.hold(isHeld);
  }

  /** Runs the commands of a file as if they were typed, where the command prints that asks for it. */
  async #source(request: SourceRequest, { stage, ...place }: ForegroundPlace): Promise<Sourced> {
    const { Sourcing, hostAt } = await import("./source.ts");
    this.#sourcing ??= new Sourcing(this.#deps);
    const host = hostAt({
      ...place,
      results: this.#results,
      statement: (statement, source) => this.#lines.sourced(source, statement, stage),
      isLeaving: () => this.#exitCode !== undefined,
    });
    return await this.#sourcing.source(request, host);
  }

  #shell(write: (text: string) => void): Omit<Shell, "source"> {
    return {
      jobs: () => this.#jobs?.all() ?? [],
      foreground: async (number, signal) => (await this.#openJobs()).foreground(number, write, signal),
      endJob: async (number, timeoutSeconds) => (await this.#openJobs()).end(number, timeoutSeconds),
      outputs: () => this.#outputs.all(),
      lastOutput: (n) => this.#outputs.nth(n),
      remember: (names) => this.#results.remember(names),
      failed: () => {
        const failed = this.#exits.failed();
        return [...this.#history.everything()].reverse().filter((line) => failed.has(line));
      },
      history: () => [...this.#history.everything()].reverse().filter((line) => line !== this.#typed),
      notices: () => this.#notices.all(),
      clear: () => this.#editor.clear(),
      exit: () => this.#sayGoodbye(exitCodes.done),
      pid: process.pid,
      passthrough: (line) => runLine(line, this.#foreground),
    };
  }

  /** The look that it needs is also the one that tells what happened before the journal was followed. */
  async #openHelp(): Promise<void> {
    try {
      await this.#help.open();
      this.#editor.setPrompt(this.#prompt.now());
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #loadHistory(): void {
    try {
      this.#history.load();
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #sayGoodbye(exitCode: number): void {
    this.#printer.write(`tsm: ${whatKeepsRunning(this.#processes.now())}\n`);
    this.#end(exitCode);
  }

  #end(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#foreground.end();
    this.#jobsEnd ??= this.#jobs?.endAll();
    this.#editor.end();
  }

  /** A bug of ours is told and the shell stays. */
  #reportBug(error: unknown): void {
    const stack = error instanceof Error && this.#deps.env["TSM_DEBUG"] === "1" ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const hint = stack === undefined ? "this is a bug of TSM; TSM_DEBUG=1 shows where" : stack;
    this.#printer.finishRow();
    this.#printer.write(`tsm: ${message}\n  ${hint}\n`);
  }
}
