import type { Readable } from "node:stream";
import type { Ask, Shell, ShellNotice } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { wrap } from "../command/help.ts";
import { meantBy, saysYes } from "../command/meant.ts";
import { findVerb } from "../command/registry.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";
import { type Look, lookFor } from "../view/look.ts";
import { sanitize } from "../view/sanitize.ts";
import { type Appearance, appearanceFor } from "./appearance.ts";
import { askAt } from "./ask.ts";
import { askPlainly } from "./ask-plainly.ts";
import type { ReplDeps, ReplSettings } from "./deps.ts";
import { Editor, type EditorDeps, type Input } from "./editor/editor.ts";
import { keyboardOf } from "./editor/keyboard.ts";
import type { Completion } from "./editor/menu.ts";
import type { Span } from "./editor/painter.ts";
import { painted } from "./editor/styles.ts";
import { helpAsked } from "./help-asked.ts";
import { History } from "./history.ts";
import { intoBash } from "./into-bash.ts";
import { lastWordOf } from "./last-word.ts";
import type { LineReader } from "./line-reader.ts";
import { noticeLines } from "./notice-lines.ts";
import { Notices } from "./notices.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import {
  type Destination,
  dispatchWords,
  faultMessage,
  parse,
  type Statement,
  unfinishedMessage,
  type Word,
  withHome,
} from "./parse.ts";
import { promptFor, titleFor } from "./prompt.ts";
import { ResultSet } from "./result-set.ts";
import { runAgain } from "./run-again.ts";
import { type BashExit, openOutput, runBash } from "./shell.ts";
import { Terminal, type TerminalEvents } from "./terminal.ts";
import type { Typing } from "./typing.ts";
import { welcome } from "./welcome.ts";

/** A second Ctrl-C on an empty line within this time leaves the shell. */
const twiceWithinMs = 2000;
const promptPaceMs = 1000;

/** Where a command prints instead of on the screen. */
interface Elsewhere {
  readonly controller: AbortController;
  write(text: string): void;
  writeError(text: string): void;
}

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
  readonly #look: Look;
  readonly #history: History;
  readonly #outputs = new Outputs(Date.now);
  readonly #results = new ResultSet();
  /** Lines that failed when they ran last. */
  readonly #failed = new Set<string>();
  #settings: ReplSettings;
  #appearance: Appearance;
  #typing: Typing | undefined;
  /** What runs now: Ctrl-C aborts it; a second Ctrl-C leaves it behind. */
  #running: { readonly controller: AbortController; abandon(): void } | undefined;
  /** Aborted when the shell itself is ended: a child in the foreground goes with it. */
  readonly #childrenEnd = new AbortController();
  readonly #notices: Notices;
  #promptDue: NodeJS.Timeout | undefined;
  #promptAt = Number.NEGATIVE_INFINITY;
  /** What stays on the next line: a `?` was behind it. */
  #begun = "";
  #exitCode: number | undefined;
  #lastEmptyInterrupt = Number.NEGATIVE_INFINITY;
  /** Does what was printed last end in the middle of a row? */
  #midRow = false;

  constructor(deps: ReplDeps, look: Look, reader: (editing: EditorDeps) => LineReader) {
    this.#deps = deps;
    this.#look = look;
    this.#settings = deps.settings();
    this.#appearance = appearanceFor(this.#settings, look, deps.env);
    this.#history = new History(deps.home, this.#settings.historySize);
    const events: TerminalEvents = {
      key: (text, key) => this.#editor.strike(text, key),
      resized: () => this.#editor.paintNow(),
      // At the prompt it means nothing: npm sends one more after a Ctrl-C that was for a child.
      interrupted: () => {
        if (this.#running !== undefined) this.#editor.strike("\x03", { sequence: "\x03", name: "c", ctrl: true });
      },
      continued: () => this.#editor.repaint(),
      lent: (isLent) => this.#notices.hold(isLent),
      ended: (exitCode) => this.#end(exitCode),
      bug: (error) => this.#reportBug(error),
    };
    this.#terminal = new Terminal(deps, events, look.plain);
    this.#notices = new Notices({
      summaryOf: (name) => deps.engine.summaryOf(name),
      lastWordsOf: (name) => deps.engine.lastWordsOf(name),
      show: (notices, leftOut) => this.#tell(notices, leftOut),
    });
    const terminal = this.#terminal;
    const appearance = () => this.#appearance;
    this.#editor = reader({
      look,
      canvas: {
        get columns() {
          return terminal.columns;
        },
        get rows() {
          return terminal.rows;
        },
        // The terminal of VS Code leaves the line with the cursor as it is when its width changes.
        reflows: deps.env["TERM_PROGRAM"] !== "vscode",
        lookAtSize: () => terminal.lookAtSize(),
        write: (text) => terminal.write(text),
      },
      get styles() {
        return appearance().styles;
      },
      recent: () => this.#history.recent(),
      everything: () => this.#history.everything(),
      complete: (text, cursor) => this.#complete(text, cursor),
      isUnfinished: (text) => parse(text).unfinished !== undefined,
      typing: () => this.#typing,
      keyboard: () => keyboardOf(this.#settings.editingMode, this.#settings.keys),
      lastWordOf,
      shapeCursor: (shape) => terminal.shapeCursor(shape),
      suspend: () => terminal.stop(),
      interruptCommand: () => this.#interruptCommand(),
      reportBug: (error) => this.#reportBug(error),
    });
  }

  async run(): Promise<number> {
    this.#terminal.open();
    let unfollow = (): void => undefined;
    try {
      this.#welcome();
      await this.#command(["list"], notKept);
      // Before the prompt: what happens once it is seen must not be missed.
      unfollow = this.#follow();
      // The first line may need what was typed before; the prompt does not wait for it.
      setImmediate(() => {
        this.#loadHistory();
        void this.#openTyping();
      });
      while (this.#exitCode === undefined) {
        const begun = this.#begun;
        this.#begun = "";
        this.#readSettings();
        const input = await this.#editor.read(this.#prompt(), this.#hint(), begun);
        if (input.kind === "line") this.#terminal.write(this.#appearance.marks.output);
        const exitCode = await this.#take(input);
        this.#terminal.write(this.#appearance.marks.done(exitCode));
      }
      return this.#exitCode;
    } finally {
      unfollow();
      this.#notices.end();
      clearTimeout(this.#promptDue);
      this.#terminal.close();
    }
  }

  /** Another shell or the command line may have changed them. A file that is broken now changes nothing here. */
  #readSettings(): void {
    const settings = this.#deps.settings();
    if (settings.problem !== undefined) return;
    this.#settings = settings;
    this.#appearance = appearanceFor(settings, this.#look, this.#deps.env);
  }

  #welcome(): void {
    try {
      if (!this.#deps.engine.isFirstShell()) return;
      const lines = welcome.flatMap((line) => [...wrap(line, this.#terminal.columns, "")]);
      this.#write(`${lines.map((line) => `${line}\n`).join("")}\n`);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  /** What goes on record from now on: the prompt counts it, and what nobody asked for is told. */
  #follow(): () => void {
    try {
      return this.#deps.engine.follow((happenings) => {
        this.#notices.take(happenings);
        // Once a second at most: with a thousand processes the counts take as long as many keys.
        const pause = Math.max(0, this.#promptAt + promptPaceMs - Date.now());
        this.#promptDue ??= setTimeout(() => {
          this.#promptDue = undefined;
          if (this.#exitCode === undefined) this.#editor.setPrompt(this.#prompt());
        }, pause).unref();
      });
    } catch (error) {
      this.#reportBug(error);
      return () => undefined;
    }
  }

  #tell(notices: readonly ShellNotice[], leftOut: number): void {
    if (this.#settings.notices === "off") return;
    this.#finishRow();
    const { columns } = this.#terminal;
    this.#write(noticeLines(notices, leftOut, { look: this.#look, styles: this.#appearance.styles, columns }));
  }

  /** @returns the exit code of what was run; undefined when nothing was. */
  async #take(input: Input): Promise<number | undefined> {
    if (this.#exitCode !== undefined) return undefined;
    switch (input.kind) {
      case "line":
        return this.#line(input.text);
      case "bound":
        this.#begun = input.begun;
        return this.#bound(input.text);
      case "end":
        this.#sayGoodbye(exitCodes.done);
        return undefined;
      case "interrupt":
        if (input.empty && Date.now() - this.#lastEmptyInterrupt < twiceWithinMs)
          this.#sayGoodbye(exitCodes.interrupted);
        else this.#lastEmptyInterrupt = input.empty ? Date.now() : Number.NEGATIVE_INFINITY;
        return undefined;
    }
  }

  #hint(): string | undefined {
    return Date.now() - this.#lastEmptyInterrupt < twiceWithinMs
      ? "Ctrl-C again, or Ctrl-D, leaves the shell"
      : undefined;
  }

  async #line(typed: string): Promise<number> {
    const text = this.#withoutBangs(typed);
    if (text === undefined) return exitCodes.failed;
    const asked = helpAsked(text, this.#deps.registry, this.#settings.aliases);
    if (asked !== undefined) {
      this.#begun = asked.line;
      return this.#command(asked.words, notKept);
    }
    const { statements, fault } = parse(text);
    if (statements.length === 0 && fault === undefined) {
      // Enter alone shows the list; a line that is only a comment shows nothing.
      return text.trim() === "" ? this.#command(["list"], notKept) : exitCodes.done;
    }
    this.#history.add(text, Math.floor(Date.now() / 1000));
    const trouble = this.#history.takeTrouble();
    if (trouble !== undefined) this.#write(`tsm: ${trouble}\n`);
    const line = text.trimEnd();
    this.#failed.delete(line);
    if (fault !== undefined) {
      this.#failed.add(line);
      this.#write(`tsm: ${faultMessage(text, fault)}\n`);
      return exitCodes.usage;
    }
    const code = await this.#statements(text, statements);
    if (code !== exitCodes.done) this.#failed.add(line);
    return code;
  }

  /** The exit code of the last one that failed. */
  async #statements(text: string, statements: readonly Statement[]): Promise<number> {
    let failure: number = exitCodes.done;
    for (const statement of statements) {
      const code = await this.#statement(text, statement);
      if (code !== exitCodes.done) failure = code;
      if (this.#exitCode !== undefined || code === exitCodes.interrupted) break;
    }
    return failure;
  }

  /** The line that `!!` stands for, shown before it runs; undefined, and told, when there is none. */
  #withoutBangs(typed: string): string | undefined {
    const again = runAgain(typed);
    if (again === undefined) return typed;
    const last = this.#lastLine();
    if (last === undefined) {
      this.#write("tsm: there is no line to run again\n");
      return undefined;
    }
    const text = last + again.added;
    this.#write(`${sanitize(text)}\n`);
    return text;
  }

  #lastLine(): string | undefined {
    return this.#history.recent()[0];
  }

  /** What a key runs. It is no part of the history, and nobody has typed what it would answer. */
  async #bound(text: string): Promise<number> {
    const { statements, unfinished, fault } = parse(text);
    if (fault !== undefined || unfinished !== undefined) {
      const why = fault === undefined ? unfinished && unfinishedMessage(text, unfinished) : faultMessage(text, fault);
      this.#write(`tsm: ${why}\n`);
      return exitCodes.usage;
    }
    for (const statement of statements) {
      if (statement.kind === "command" && (await saysYes(plainTexts(statement.words), this.#deps.registry))) {
        this.#write(
          "tsm: a key must not answer a question before it is asked\n  bind it to the command without --yes\n",
        );
        return exitCodes.usage;
      }
    }
    return this.#statements(text, statements);
  }

  async #statement(line: string, statement: Statement): Promise<number> {
    if (statement.kind === "passthrough") return statement.line === "" ? 0 : this.#passthrough(statement.line);
    const words = this.#words(statement.words);
    if (words === undefined) return exitCodes.failed;
    const { output } = statement;
    if (output?.kind === "pipe") return this.#pipe(words, output.line);
    if (output?.kind === "file") return this.#file(words, output);
    const isLast = this.#verbOf(words) === "last";
    // `last` shows an output; it is none itself, or asking twice would show something else.
    const keep = isLast ? notKept : this.#outputs.begin(line.slice(statement.from, statement.to));
    return this.#command(words, keep);
  }

  /** The words for dispatch; undefined, and told, when `$_` stands for nothing. */
  #words(words: readonly Word[]): readonly string[] | undefined {
    try {
      return dispatchWords(this.#results.expand(words), this.#deps.env["HOME"]);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.#write(errorText(error));
      return undefined;
    }
  }

  /** Runs a command to its end, or until the person leaves it behind. */
  async #command(
    words: readonly string[],
    keep: Keeping,
    elsewhere: Elsewhere | undefined = undefined,
  ): Promise<number> {
    const controller = elsewhere?.controller ?? new AbortController();
    const terminal = this.#terminal;
    let left = false;
    const write = (text: string): void => {
      if (left) return;
      keep.print(text);
      this.#write(text);
    };
    const abandoned = new Promise<number>((resolve) => {
      this.#running = { controller, abandon: () => resolve(exitCodes.interrupted) };
    });
    const door: Door = {
      write: elsewhere?.write ?? write,
      writeError: elsewhere?.writeError ?? write,
      get columns() {
        return elsewhere === undefined ? terminal.columns : undefined;
      },
      get rows() {
        return elsewhere === undefined ? terminal.rows : undefined;
      },
      terminal: elsewhere === undefined,
      plain: elsewhere === undefined && this.#look.plain,
      interactive: true,
      signal: controller.signal,
      ask: this.#ask(controller.signal),
      unnamed: this.#results.spread,
      shell: this.#shell(),
    };
    const starts = ["start", "restart"].includes(this.#verbOf(words) ?? "");
    if (starts) this.#notices.starting(true);
    try {
      const code = await Promise.race([this.#deps.dispatch(words, door), abandoned]);
      keep.ended(code);
      return code;
    } catch (error) {
      this.#reportBug(error);
      return exitCodes.bug;
    } finally {
      left = true;
      if (starts) this.#notices.starting(false);
      this.#running = undefined;
      this.#finishRow();
    }
  }

  /** The verb that the words run, also by an alias. */
  #verbOf(words: readonly string[]): string | undefined {
    const { registry } = this.#deps;
    return findVerb(registry, meantBy(words, registry, this.#settings.aliases).name ?? "")?.name;
  }

  #ask(signal: AbortSignal): Ask {
    const { ask } = this.#editor;
    const { styles } = this.#appearance;
    if (ask === undefined) return askAt(this.#terminal, this.#deps, { signal, look: this.#look, styles });
    const write = (text: string): void => this.#write(text);
    return askPlainly(write, (question) => ask.call(this.#editor, this.#look.fit(question)));
  }

  /** Runs a command whose output bash reads. */
  async #pipe(words: readonly string[], line: string): Promise<number> {
    const controller = new AbortController();
    // The screen is that of the program which reads: what goes wrong is said when it has ended.
    let lent = false;
    let errors = "";
    const writeError = (text: string): void => {
      if (lent) errors += text;
      else this.#write(text);
    };
    const { code, bash } = await intoBash({
      controller,
      run: (write) => this.#command(words, notKept, { controller, write, writeError }),
      bash: async (input) => {
        lent = true;
        try {
          return await this.#bash(line, input);
        } finally {
          lent = false;
        }
      },
    });
    this.#write(errors);
    if (bash !== undefined) this.#sayExit(bash);
    return code;
  }

  async #file(words: readonly string[], { path, append }: Destination & { readonly kind: "file" }): Promise<number> {
    const writeError = (text: string): void => this.#write(text);
    try {
      const file = openOutput(withHome(path, this.#deps.env["HOME"]), append);
      try {
        const { write } = file;
        return await this.#command(words, notKept, { controller: new AbortController(), write, writeError });
      } finally {
        file.close();
      }
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.#write(errorText(error));
      return error.exitCode;
    }
  }

  /** @returns whether there was a command to interrupt. */
  #interruptCommand(): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    if (running.controller.signal.aborted) {
      this.#write("\ntsm: left behind, it may still be at work\n");
      running.abandon();
      return true;
    }
    this.#write("^C\n");
    running.controller.abort();
    return true;
  }

  async #passthrough(line: string): Promise<number> {
    const exit = await this.#bash(line, "inherit");
    this.#sayExit(exit);
    return exit.code;
  }

  async #bash(line: string, stdin: "inherit" | Readable): Promise<BashExit> {
    const ended = this.#childrenEnd.signal;
    const exit = await this.#terminal.lend("child", () => runBash(line, { env: this.#deps.env, stdin, signal: ended }));
    this.#terminal.toFreshLine(this.#look.fit("⏎"));
    this.#midRow = false;
    return exit;
  }

  #sayExit({ code, signal }: BashExit): void {
    if (code === 0) return;
    this.#write(`${this.#faint(signal === null ? `exit ${code}` : `exit ${code} (${signal})`)}\n`);
  }

  #shell(): Shell {
    return {
      outputs: () => this.#outputs.all(),
      lastOutput: (n) => this.#outputs.nth(n),
      remember: (names) => this.#results.remember(names),
      // Only what the history keeps: no secret, nothing behind a blank.
      failed: () => [...this.#history.everything()].reverse().filter((line) => this.#failed.has(line)),
      history: () => [...this.#history.everything()].reverse(),
      notices: () => this.#notices.all(),
      clear: () => this.#editor.clear(),
      exit: () => this.#sayGoodbye(exitCodes.done),
      passthrough: (line) => this.#passthrough(line),
    };
  }

  async #complete(text: string, cursor: number): Promise<Completion> {
    const { completeLine } = await import("./completion.ts");
    return completeLine(text, cursor, {
      registry: this.#deps.registry,
      aliases: this.#settings.aliases,
      summaries: () => this.#summaries() ?? [],
      env: this.#deps.env,
      outputs: this.#outputs.commands(),
    });
  }

  #prompt(): Span[] {
    const summaries = this.#summaries() ?? [];
    this.#promptAt = Date.now();
    this.#typing?.begin(summaries);
    const { styles, marks } = this.#appearance;
    const { prompt, windowTitle } = this.#settings;
    this.#terminal.entitle(windowTitle === "on" ? titleFor(prompt, summaries) : undefined);
    return marks.around(promptFor(prompt, summaries, styles, this.#look));
  }

  /** What helps while a line is typed is loaded behind the first prompt. */
  async #openTyping(): Promise<void> {
    if (this.#look.plain) return;
    try {
      const { Typing } = await import("./typing.ts");
      const appearance = () => this.#appearance;
      const typing = new Typing({
        registry: this.#deps.registry,
        get styles() {
          return appearance().styles;
        },
        get colour() {
          return appearance().colour;
        },
        userHome: this.#deps.env["HOME"],
        aliases: () => this.#settings.aliases,
        lastLine: () => this.#lastLine(),
        summaries: () => this.#summaries(),
        newest: (begun, isWanted) => this.#history.newest(begun, isWanted),
        changed: () => this.#editor.paintSoon(),
        reportBug: (error) => this.#reportBug(error),
      });
      this.#typing = typing;
      // The look that it needs is also the one that tells what happened before the journal was followed.
      this.#editor.setPrompt(this.#prompt());
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #summaries(): ProcessSummary[] | undefined {
    try {
      return this.#deps.engine.summaries();
    } catch (error) {
      this.#reportBug(error);
      return undefined;
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
    const running = (this.#summaries() ?? []).filter(
      ({ status }) => status !== "stopped" && status !== "crashed",
    ).length;
    const what = running === 1 ? "1 process keeps running" : `${running === 0 ? "no" : running} processes keep running`;
    this.#write(`tsm: ${running === 0 ? "no process is running" : what}\n`);
    this.#end(exitCode);
  }

  #end(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#running?.controller.abort();
    this.#running?.abandon();
    this.#childrenEnd.abort();
    this.#editor.end();
  }

  /** A bug of ours is told and the shell stays. */
  #reportBug(error: unknown): void {
    const stack = error instanceof Error && this.#deps.env["TSM_DEBUG"] === "1" ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const hint = stack === undefined ? "this is a bug of TSM; TSM_DEBUG=1 shows where" : stack;
    this.#finishRow();
    this.#write(`tsm: ${message}\n  ${hint}\n`);
  }

  #write(text: string): void {
    if (text === "") return;
    this.#midRow = !text.endsWith("\n");
    this.#editor.print(this.#look.fit(text));
  }

  #finishRow(): void {
    if (this.#midRow) this.#write("\n");
  }

  #faint(text: string): string {
    return painted(this.#appearance.styles.faint, text);
  }
}

function errorText({ message, hint }: TsmError): string {
  return `tsm: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`;
}

/** As they stand after a `tsm` that may be before them. */
function plainTexts(words: readonly Word[]): string[] {
  return words.map(({ text }) => text);
}
