import type { Shell } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { findVerb } from "../command/registry.ts";
import { exitCodes } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";
import { askAt } from "./ask.ts";
import type { ReplDeps } from "./deps.ts";
import { Editor, type Input } from "./editor/editor.ts";
import type { Completion } from "./editor/menu.ts";
import type { Span } from "./editor/painter.ts";
import { type Styles, styles } from "./editor/styles.ts";
import { helpAsked } from "./help-asked.ts";
import { History } from "./history.ts";
import { Outputs } from "./outputs.ts";
import { dispatchWords, parse, type Statement } from "./parse.ts";
import { promptFor } from "./prompt.ts";
import { runBash } from "./shell.ts";
import { Terminal } from "./terminal.ts";
import type { Typing } from "./typing.ts";

/** A second Ctrl-C on an empty line within this time leaves the shell. */
const twiceWithinMs = 2000;

/** The shell at a terminal: reads a line, runs it, and again, until the person leaves. Its exit code. */
export function runSession(deps: ReplDeps): Promise<number> {
  return new Session(deps).run();
}

class Session {
  readonly #deps: ReplDeps;
  readonly #terminal: Terminal;
  readonly #editor: Editor;
  readonly #history: History;
  readonly #outputs = new Outputs();
  readonly #styles: Styles;
  #typing: Typing | undefined;
  /** What runs now: Ctrl-C aborts it; a second Ctrl-C leaves it behind. */
  #running: { readonly controller: AbortController; abandon(): void } | undefined;
  /** Aborted when the shell itself is ended: a child in the foreground goes with it. */
  readonly #childrenEnd = new AbortController();
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
      ended: (exitCode) => this.#end(exitCode),
      bug: (error) => this.#reportBug(error),
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
    try {
      await this.#command(["list"], () => undefined);
      // The first line may need what was typed before; the prompt does not wait for it.
      setImmediate(() => {
        this.#loadHistory();
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
      this.#terminal.close();
    }
  }

  async #take(input: Input): Promise<void> {
    if (this.#exitCode !== undefined) return;
    switch (input.kind) {
      case "line":
        return this.#line(input.text);
      case "end":
        return this.#sayGoodbye();
      case "interrupt":
        if (input.empty && Date.now() - this.#lastEmptyInterrupt < twiceWithinMs) this.#end(exitCodes.interrupted);
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
      await this.#command(asked.words, () => undefined);
      return;
    }
    const { statements } = parse(text);
    if (statements.length === 0) {
      // Enter alone shows the list; a line that is only a comment shows nothing.
      if (text.trim() === "") await this.#command(["list"], () => undefined);
      return;
    }
    this.#history.add(text, Math.floor(Date.now() / 1000));
    const trouble = this.#history.takeTrouble();
    if (trouble !== undefined) this.#write(`tsm: ${trouble}\n`);
    for (const statement of statements) {
      const code = await this.#statement(text, statement);
      if (this.#exitCode !== undefined || code === exitCodes.interrupted) return;
    }
  }

  async #statement(line: string, statement: Statement): Promise<number> {
    if (statement.kind === "passthrough") return statement.line === "" ? 0 : this.#passthrough(statement.line);
    const words = dispatchWords(statement.words, this.#deps.env["HOME"]);
    const isLast = findVerb(this.#deps.registry, words[0] ?? "")?.name === "last";
    // `last` shows an output; it is none itself, or asking twice would show something else.
    const keep = isLast ? () => undefined : this.#outputs.begin(line.slice(statement.from, statement.to));
    return this.#command(words, keep);
  }

  /** Runs a command to its end, or until the person leaves it behind. */
  async #command(words: readonly string[], keep: (text: string) => void): Promise<number> {
    const controller = new AbortController();
    let left = false;
    const write = (text: string): void => {
      if (left) return;
      keep(text);
      this.#write(text);
    };
    const abandoned = new Promise<number>((resolve) => {
      this.#running = { controller, abandon: () => resolve(exitCodes.interrupted) };
    });
    const door: Door = {
      write,
      writeError: write,
      columns: this.#terminal.columns,
      terminal: true,
      interactive: true,
      signal: controller.signal,
      ask: askAt(this.#terminal, this.#deps, controller.signal),
      shell: this.#shell(),
    };
    try {
      return await Promise.race([this.#deps.dispatch(words, door), abandoned]);
    } catch (error) {
      this.#reportBug(error);
      return exitCodes.bug;
    } finally {
      left = true;
      this.#running = undefined;
      this.#finishRow();
    }
  }

  #interruptCommand(): void {
    const running = this.#running;
    if (running === undefined) return;
    if (running.controller.signal.aborted) {
      this.#write("\ntsm: left behind, it may still be at work\n");
      running.abandon();
      return;
    }
    this.#write("^C\n");
    running.controller.abort();
  }

  async #passthrough(line: string): Promise<number> {
    const ended = this.#childrenEnd.signal;
    const { code, signal } = await this.#terminal.lend("child", () =>
      runBash(line, { env: this.#deps.env, stdin: "inherit", signal: ended }),
    );
    this.#terminal.toFreshLine();
    this.#midRow = false;
    if (code !== 0) {
      const how = signal === null ? `exit ${code}` : `exit ${code} (${signal})`;
      this.#write(`${this.#faint(how)}\n`);
    }
    return code;
  }

  #shell(): Shell {
    return {
      lastOutput: (n) => this.#outputs.nth(n),
      history: () => [...this.#history.everything()].reverse(),
      clear: () => this.#editor.clear(),
      exit: () => this.#end(exitCodes.done),
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
    });
  }

  #prompt(): Span[] {
    const summaries = this.#summaries() ?? [];
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
      typing.begin(this.#summaries() ?? []);
      this.#typing = typing;
      this.#editor.paintNow();
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

  #sayGoodbye(): void {
    const running = (this.#summaries() ?? []).filter(
      ({ status }) => status !== "stopped" && status !== "crashed",
    ).length;
    const what = running === 1 ? "1 process keeps running" : `${running === 0 ? "no" : running} processes keep running`;
    this.#write(`tsm: ${running === 0 ? "no process is running" : what}\n`);
    this.#end(exitCodes.done);
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
    return `\x1b[2m${text}\x1b[0m`;
  }
}

function wantsColour({ settings, env }: ReplDeps): boolean {
  if (settings.colours !== "auto") return settings.colours === "always";
  return env["NO_COLOR"] === undefined || env["NO_COLOR"] === "";
}
