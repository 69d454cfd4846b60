import type { Readable } from "node:stream";
import type { Shell, ShellNotice } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { textOf } from "../command/output-text.ts";
import { findVerb } from "../command/registry.ts";
import { runsOffered } from "../command/runs-offered.ts";
import { servicesOffered } from "../command/services-offered.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";
import { sanitize } from "../view/sanitize.ts";
import { clip } from "../view/width.ts";
import { askAt } from "./ask.ts";
import type { ReplDeps } from "./deps.ts";
import { Editor, type Input } from "./editor/editor.ts";
import type { Completion } from "./editor/menu.ts";
import type { Span } from "./editor/painter.ts";
import { type Styles, styles } from "./editor/styles.ts";
import { helpAsked } from "./help-asked.ts";
import { History } from "./history.ts";
import { intoBash } from "./into-bash.ts";
import { Notices } from "./notices.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import { type Destination, dispatchWords, faultMessage, parse, type Statement, type Word, withHome } from "./parse.ts";
import { promptFor } from "./prompt.ts";
import { ResultSet } from "./result-set.ts";
import { type BashExit, openOutput, runBash } from "./shell.ts";
import { Terminal } from "./terminal.ts";
import type { Typing } from "./typing.ts";

/** A second Ctrl-C on an empty line within this time leaves the shell. */
const twiceWithinMs = 2000;
const promptPaceMs = 1000;

/** Where a command prints instead of on the screen. */
interface Elsewhere {
  readonly controller: AbortController;
  write(output: string | Uint8Array): void;
  writeError(text: string): void;
}

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
  /** Lines that failed when they ran last. */
  readonly #failed = new Set<string>();
  readonly #styles: Styles;
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

  constructor(deps: ReplDeps) {
    this.#deps = deps;
    this.#styles = styles(wantsColour(deps));
    this.#history = new History(deps.home, deps.settings.historySize);
    this.#terminal = new Terminal(deps, {
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
    });
    this.#notices = new Notices({
      summaryOf: (name) => deps.engine.summaryOf(name),
      lastWordsOf: (name) => deps.engine.lastWordsOf(name),
      show: (notices, leftOut) => this.#tell(notices, leftOut),
    });
    const terminal = this.#terminal;
    this.#editor = new Editor({
      canvas: {
        get columns() {
          return terminal.columns;
        },
        get rows() {
          return terminal.rows;
        },
        // The terminal of VS Code leaves the line with the cursor as it is when its width changes.
        reflows: deps.env["TERM_PROGRAM"] !== "vscode",
        write: (text) => terminal.write(text),
      },
      styles: this.#styles,
      recent: () => this.#history.recent(),
      everything: () => this.#history.everything(),
      complete: (text, cursor) => this.#complete(text, cursor),
      isUnfinished: (text) => parse(text).unfinished !== undefined,
      typing: () => this.#typing,
      suspend: () => terminal.stop(),
      interruptCommand: () => this.#interruptCommand(),
      reportBug: (error) => this.#reportBug(error),
    });
  }

  async run(): Promise<number> {
    this.#terminal.open();
    let unfollow = (): void => undefined;
    try {
      await this.#command(["list"], notKept);
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
    this.#finishRow();
    const marks = { bad: "✗", good: "●", warn: "!" };
    const lines = notices.flatMap(({ kind, text, words }) => [
      this.#painted(this.#styles[kind], clip(`${marks[kind]} ${sanitize(text)}`, this.#terminal.columns - 1)),
      ...(words === undefined ? [] : [this.#faint(clip(`  ${sanitize(words)}`, this.#terminal.columns - 1))]),
    ]);
    if (leftOut > 0) lines.push(this.#faint(`  and ${leftOut} more: /notices`));
    this.#write(`${lines.join("\n")}\n`);
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
      await this.#command(asked.words, notKept);
      return;
    }
    const { statements, fault } = parse(text);
    if (statements.length === 0 && fault === undefined) {
      // Enter alone shows the list; a line that is only a comment shows nothing.
      if (text.trim() === "") await this.#command(["list"], notKept);
      return;
    }
    this.#history.add(text, Math.floor(Date.now() / 1000));
    const trouble = this.#history.takeTrouble();
    if (trouble !== undefined) this.#write(`tsm: ${trouble}\n`);
    const line = text.trimEnd();
    this.#failed.delete(line);
    if (fault !== undefined) {
      this.#failed.add(line);
      this.#write(`tsm: ${faultMessage(text, fault)}\n`);
      return;
    }
    for (const statement of statements) {
      const code = await this.#statement(text, statement);
      if (code !== 0) this.#failed.add(line);
      if (this.#exitCode !== undefined || code === exitCodes.interrupted) return;
    }
  }

  async #statement(line: string, statement: Statement): Promise<number> {
    if (statement.kind === "passthrough") return statement.line === "" ? 0 : this.#passthrough(statement.line);
    const words = this.#words(statement.words);
    if (words === undefined) return exitCodes.failed;
    const { output } = statement;
    if (output?.kind === "pipe") return this.#pipe(words, output.line);
    if (output?.kind === "file") return this.#file(words, output);
    const isLast = findVerb(this.#deps.registry, words[0] ?? "")?.name === "last";
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
    const write = (output: string | Uint8Array): void => {
      if (left) return;
      const text = textOf(output);
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
      interactive: true,
      signal: controller.signal,
      ask: askAt(this.#terminal, this.#deps, controller.signal),
      unnamed: this.#results.spread,
      shell: this.#shell(),
    };
    const starts = ["start", "restart"].includes(findVerb(this.#deps.registry, words[0] ?? "")?.name ?? "");
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
    this.#terminal.toFreshLine();
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
      summaries: () => this.#summaries() ?? [],
      env: this.#deps.env,
      outputs: this.#outputs.commands(),
      runs: (name) => runsOffered(this.#deps.engine, name),
      services: () => servicesOffered(this.#deps.engine),
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
    this.#editor.print(text);
  }

  #finishRow(): void {
    if (this.#midRow) this.#write("\n");
  }

  #faint(text: string): string {
    return this.#painted("2", text);
  }

  #painted(style: string | undefined, text: string): string {
    return style === undefined ? text : `\x1b[${style}m${text}\x1b[0m`;
  }
}

function errorText({ message, hint }: TsmError): string {
  return `tsm: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`;
}

function wantsColour({ settings, env }: ReplDeps): boolean {
  if (settings.colours !== "auto") return settings.colours === "always";
  return env["NO_COLOR"] === undefined || env["NO_COLOR"] === "";
}
