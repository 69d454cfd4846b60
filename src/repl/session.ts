import type { Shell, ShellNotice } from "../command/define.ts";
import { exitCodes } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";
import { canvasAt } from "./canvas.ts";
import type { ReplDeps } from "./deps.ts";
import { Editor, type Input } from "./editor/editor.ts";
import type { Completion } from "./editor/menu.ts";
import type { Span } from "./editor/painter.ts";
import { type Styles, styles } from "./editor/styles.ts";
import { Exits } from "./exits.ts";
import { Foreground } from "./foreground.ts";
import { helpAsked } from "./help-asked.ts";
import { History } from "./history.ts";
import { noticeLines } from "./notice-lines.ts";
import { Notices } from "./notices.ts";
import { notKept, Outputs } from "./outputs.ts";
import { parse } from "./parse.ts";
import { Printer } from "./printer.ts";
import { promptFor, whatKeepsRunning } from "./prompt.ts";
import type { PromptJobs } from "./prompt-jobs.ts";
import { ResultSet } from "./result-set.ts";
import { runLine } from "./statement.ts";
import { Terminal } from "./terminal.ts";
import { TypedLines } from "./typed-lines.ts";
import type { Typing } from "./typing.ts";

/** A second Ctrl-C on an empty line within this time leaves the shell. */
const twiceWithinMs = 2000;
const promptPaceMs = 1000;

/** The shell at a terminal: reads a line, runs it, and again, until the person leaves. Its exit code. */
export function runSession(deps: ReplDeps): Promise<number> {
  return new Session(deps).run();
}

class Session {
  readonly #deps: ReplDeps;
  readonly #terminal: Terminal;
  readonly #editor: Editor;
  readonly #history: History;
  readonly #outputs = new Outputs(Date.now);
  readonly #results = new ResultSet();
  readonly #exits: Exits;
  readonly #styles: Styles;
  #typing: Typing | undefined;
  readonly #printer: Printer;
  readonly #foreground: Foreground;
  readonly #lines: TypedLines;
  /** undefined until something was put behind the prompt. */
  #jobs: PromptJobs | undefined;
  #jobsEnd: Promise<void> | undefined;
  readonly #notices: Notices;
  #promptDue: NodeJS.Timeout | undefined;
  #promptAt = Number.NEGATIVE_INFINITY;
  /** What stays on the next line: a `?` was behind it. */
  #begun = "";
  #exitCode: number | undefined;
  #lastEmptyInterrupt = Number.NEGATIVE_INFINITY;

  constructor(deps: ReplDeps) {
    this.#deps = deps;
    this.#styles = styles(wantsColour(deps));
    this.#history = new History(deps.home, deps.settings.historySize);
    this.#exits = new Exits(deps.home, deps.settings.historySize);
    this.#terminal = new Terminal(deps, {
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
    });
    this.#notices = new Notices({
      summaryOf: (name) => deps.engine.summaryOf(name),
      lastWordsOf: (name) => deps.engine.lastWordsOf(name),
      show: (notices, leftOut) => this.#tell(notices, leftOut),
    });
    const terminal = this.#terminal;
    this.#printer = new Printer((text) => this.#editor.print(text), this.#styles);
    this.#foreground = new Foreground({
      repl: deps,
      terminal,
      printer: this.#printer,
      outputs: this.#outputs,
      shell: (write) => this.#shell(write),
      starting: (isStarting) => this.#notices.starting(isStarting),
      ownsScreen: (isOwned) => this.#hold(isOwned),
      reportBug: (error) => this.#reportBug(error),
    });
    this.#lines = new TypedLines({
      registry: deps.registry,
      results: this.#results,
      foreground: this.#foreground,
      startBehind: async (ready) => (await this.#openJobs()).start(ready),
      isOver: () => this.#exitCode !== undefined,
      ended: (line, exitCode, durationMs) =>
        this.#exits.add(line, { at: Math.floor(Date.now() / 1000), exitCode, durationMs }),
    });
    this.#editor = new Editor({
      canvas: canvasAt(terminal, deps.env),
      styles: this.#styles,
      recent: () => this.#history.recent(),
      everything: () => this.#history.everything(),
      complete: (text, cursor) => this.#complete(text, cursor),
      isUnfinished: (text) => parse(text).unfinished !== undefined,
      typing: () => this.#typing,
      // What `fg` has brought to the foreground goes back behind the prompt.
      suspend: () => (this.#jobs?.putBack() === true ? Promise.resolve() : terminal.stop()),
      interruptCommand: () => this.#foreground.interrupt(),
      reportBug: (error) => this.#reportBug(error),
    });
  }

  async run(): Promise<number> {
    this.#terminal.open();
    let unfollow = (): void => undefined;
    try {
      await this.#command(["list"]);
      // The first line may need what was typed before; the prompt does not wait for it.
      setImmediate(() => {
        this.#loadHistory();
        unfollow = this.#follow();
        void this.#openTyping();
      });
      while (this.#exitCode === undefined) {
        const begun = this.#begun;
        this.#begun = "";
        const input = await this.#editor.read(this.#prompt(), this.#hint(), begun);
        await this.#take(input);
      }
      return this.#exitCode;
    } finally {
      unfollow();
      this.#notices.end();
      clearTimeout(this.#promptDue);
      await this.#jobsEnd;
      this.#terminal.close();
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
    if (this.#deps.settings.notices === "off") return;
    this.#printer.finishRow();
    const { columns } = this.#terminal;
    const lines = noticeLines(notices, leftOut, { printer: this.#printer, styles: this.#styles, columns });
    this.#printer.write(`${lines.join("\n")}\n`);
  }

  async #take(input: Input): Promise<void> {
    if (this.#exitCode !== undefined) return;
    switch (input.kind) {
      case "line":
        return this.#line(input.text);
      case "end":
        return this.#sayGoodbye(exitCodes.done);
      case "interrupt":
        if (input.empty && Date.now() - this.#lastEmptyInterrupt < twiceWithinMs)
          return this.#sayGoodbye(exitCodes.interrupted);
        this.#lastEmptyInterrupt = input.empty ? Date.now() : Number.NEGATIVE_INFINITY;
        return;
    }
  }

  #hint(): string | undefined {
    return Date.now() - this.#lastEmptyInterrupt < twiceWithinMs
      ? "Ctrl-C again, or Ctrl-D, leaves the shell"
      : undefined;
  }

  async #line(text: string): Promise<void> {
    const asked = helpAsked(text, this.#deps.registry);
    if (asked !== undefined) {
      this.#begun = asked.line;
      await this.#command(asked.words);
      return;
    }
    const parsed = parse(text);
    if (parsed.statements.length === 0 && parsed.fault === undefined) {
      // Enter alone shows the list; a line that is only a comment shows nothing.
      if (text.trim() === "") await this.#command(["list"]);
      return;
    }
    this.#history.add(text, Math.floor(Date.now() / 1000));
    const trouble = this.#history.takeTrouble();
    if (trouble !== undefined) this.#printer.write(`tsm: ${trouble}\n`);
    await this.#lines.run(text, parsed);
  }

  /** A command that is no line of the person's. */
  #command(words: readonly string[]): Promise<number> {
    return this.#foreground.run({ words, spread: false, placed: [], behind: false }, notKept);
  }

  async #openJobs(): Promise<PromptJobs> {
    const { PromptJobs } = await import("./prompt-jobs.ts");
    this.#jobs ??= new PromptJobs({
      repl: this.#deps,
      printer: this.#printer,
      styles: this.#styles,
      columns: () => this.#terminal.columns,
      ids: () => (this.#summaries() ?? []).map(({ id }) => id),
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

  #shell(write: (text: string) => void): Shell {
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
      history: () => [...this.#history.everything()].reverse(),
      notices: () => this.#notices.all(),
      clear: () => this.#editor.clear(),
      exit: () => this.#sayGoodbye(exitCodes.done),
      passthrough: (line) => runLine(line, this.#foreground),
    };
  }

  async #complete(text: string, cursor: number): Promise<Completion> {
    const { completeLine } = await import("./completion.ts");
    return completeLine(text, cursor, {
      registry: this.#deps.registry,
      summaries: () => this.#summaries() ?? [],
      env: this.#deps.env,
      outputs: this.#outputs.commands(),
      jobs: this.#jobs?.all() ?? [],
    });
  }

  #prompt(): Span[] {
    const summaries = this.#summaries() ?? [];
    this.#promptAt = Date.now();
    this.#typing?.begin(summaries);
    return promptFor(this.#deps.settings.prompt, summaries, this.#styles);
  }

  /** What helps while a line is typed is loaded behind the first prompt. */
  async #openTyping(): Promise<void> {
    try {
      const { Typing } = await import("./typing.ts");
      const typing = new Typing({
        registry: this.#deps.registry,
        styles: this.#styles,
        colour: wantsColour(this.#deps),
        userHome: this.#deps.env["HOME"],
        summaries: () => this.#summaries(),
        jobs: () => this.#jobs?.all() ?? [],
        newest: (begun, isWanted) => this.#history.newest(begun, isWanted),
        changed: () => this.#editor.paintNow(),
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
    this.#printer.write(`tsm: ${whatKeepsRunning(this.#summaries() ?? [])}\n`);
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

function wantsColour({ settings, env }: ReplDeps): boolean {
  if (settings.colours !== "auto") return settings.colours === "always";
  return env["NO_COLOR"] === undefined || env["NO_COLOR"] === "";
}
