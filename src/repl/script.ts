import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Shell, ShellOptions } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import { faultMessage, parse, type Statement, unfinishedMessage } from "./parse.ts";
import { ResultSet } from "./result-set.ts";
import { type BashExit, runBash } from "./shell.ts";
import {
  type Elsewhere,
  errorText,
  type ReadyCommand,
  readied,
  runLine,
  runStatement,
  type Stage,
} from "./statement.ts";

/** Runs commands from `-c` or from a pipe: no prompt, no colour. The exit code of the first that fails, which ends it. */
export async function runScript(deps: ReplDeps, options: ShellOptions): Promise<number> {
  const script = new Script(deps, options);
  const stop = (): void => script.interrupt();
  process.on("SIGINT", stop);
  try {
    return await script.run(options.script === undefined ? pipedLines(deps.stdin) : options.script.split("\n"));
  } finally {
    process.off("SIGINT", stop);
  }
}

// Read at once and in one loop: a listener, or any await before the loop, loses lines.
function pipedLines(input: NodeJS.ReadableStream): AsyncIterable<string> {
  return createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
}

class Script implements Stage {
  readonly #deps: ReplDeps;
  readonly #options: ShellOptions;
  readonly #outputs = new Outputs(Date.now);
  readonly #results = new ResultSet();
  readonly #interrupted = new AbortController();
  #failure = 0;
  #leaving = false;

  constructor(deps: ReplDeps, options: ShellOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  async run(lines: Iterable<string> | AsyncIterable<string>): Promise<number> {
    let pending = "";
    for await (const line of lines) {
      pending = pending === "" ? line : `${pending}\n${line}`;
      if (parse(pending).unfinished !== undefined) continue;
      await this.#line(pending);
      pending = "";
      if (this.#isOver()) return this.#failure;
    }
    const { unfinished } = parse(pending);
    if (unfinished !== undefined) {
      this.#deps.stderr.write(`tsm: ${unfinishedMessage(pending, unfinished)}\n`);
      this.#fail(exitCodes.usage);
    }
    return this.#failure;
  }

  async #line(line: string): Promise<void> {
    const { statements, fault } = parse(line);
    if (fault !== undefined) {
      this.#deps.stderr.write(`tsm: ${faultMessage(line, fault)}\n`);
      this.#fail(exitCodes.usage);
      return;
    }
    for (const statement of statements) {
      this.#fail(await this.#statement(line, statement));
      if (this.#isOver()) return;
    }
  }

  async #statement(line: string, statement: Statement): Promise<number> {
    try {
      return await runStatement(readied(statement, line, this.#results, this.userHome), this);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.writeError(errorText(error));
      return error.exitCode;
    }
  }

  get userHome(): string | undefined {
    return this.#deps.env["HOME"];
  }

  async command({ words, text }: ReadyCommand, elsewhere?: Elsewhere): Promise<number> {
    if (elsewhere !== undefined) {
      const signal = AbortSignal.any([this.#interrupted.signal, elsewhere.controller.signal]);
      return await this.#deps.dispatch(words, { ...this.#door(), write: elsewhere.write, signal });
    }
    const keep = this.#outputs.begin(text);
    const code = await this.#deps.dispatch(words, this.#door(keep));
    keep.ended(code);
    return code;
  }

  writeError(text: string): void {
    this.#deps.stderr.write(text);
  }

  #fail(code: number): void {
    if (this.#failure === 0) this.#failure = this.#interrupted.signal.aborted ? exitCodes.interrupted : code;
  }

  #isOver(): boolean {
    return this.#leaving || this.#interrupted.signal.aborted || (this.#failure !== 0 && !this.#options.keepGoing);
  }

  #door(keep: Keeping = notKept): Door {
    const { stdout, stderr } = this.#deps;
    return {
      write: (text) => {
        keep.print(text);
        stdout.write(text);
      },
      writeError: (text) => {
        keep.print(text);
        stderr.write(text);
      },
      columns: undefined,
      terminal: false,
      interactive: false,
      signal: this.#interrupted.signal,
      ask: undefined,
      shell: this.#shell(),
    };
  }

  #shell(): Shell {
    return {
      outputs: () => this.#outputs.all(),
      lastOutput: (n) => this.#outputs.nth(n),
      remember: (names) => this.#results.remember(names),
      failed: () => [],
      history: () => [],
      notices: () => [],
      clear: () => undefined,
      exit: () => {
        this.#leaving = true;
      },
      passthrough: (line) => runLine(line, this),
    };
  }

  /** The script itself is on our stdin: a child must not read it away. */
  bash(line: string, input?: Readable): Promise<BashExit> {
    const stdin = input ?? (this.#options.script === undefined ? "ignore" : "inherit");
    return runBash(line, { env: this.#deps.env, stdin, signal: this.#interrupted.signal });
  }
}
