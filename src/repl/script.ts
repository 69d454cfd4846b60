import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Shell, ShellOptions, Sourced, SourceRequest } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { intoBash } from "./into-bash.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import { type Destination, dispatchWords, type Statement, withHome } from "./parse.ts";
import { ResultSet } from "./result-set.ts";
import { runLines } from "./run-lines.ts";
import { type BashExit, openOutput, runBash } from "./shell.ts";
import { type SourceHost, Sourcing } from "./source.ts";

/** Runs commands from `-c` or from a pipe: no prompt, no colour. The exit code of the first that fails, which ends it. */
export function runScript(deps: ReplDeps, options: ShellOptions): Promise<number> {
  const script = new ScriptShell(deps, options.script === undefined ? "ignore" : "inherit");
  const lines = options.script === undefined ? pipedLines(deps.stdin) : options.script.split("\n");
  return interruptible(script, () => runLines({ lines, file: undefined }, script, options));
}

/** The same from a file. */
export function runFile(deps: ReplDeps, request: SourceRequest): Promise<Sourced> {
  const script = new ScriptShell(deps, "inherit");
  return interruptible(script, () => script.source(request));
}

async function interruptible<T>(script: ScriptShell, run: () => Promise<T>): Promise<T> {
  const stop = (): void => script.interrupt();
  process.on("SIGINT", stop);
  try {
    return await run();
  } finally {
    process.off("SIGINT", stop);
  }
}

// Read at once and in one loop: a listener, or any await before the loop, loses lines.
function pipedLines(input: NodeJS.ReadableStream): AsyncIterable<string> {
  return createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
}

type Command = Statement & { readonly kind: "command" };

/** The shell without a terminal. */
class ScriptShell implements SourceHost {
  readonly looksAtAll = false;
  readonly results = new ResultSet();
  readonly #deps: ReplDeps;
  /** Of a child: where the script itself is on our stdin, that must not be read away. */
  readonly #stdin: "inherit" | "ignore";
  readonly #outputs = new Outputs(Date.now);
  readonly #interrupted = new AbortController();
  readonly #sourcing: Sourcing;
  #leaving = false;

  constructor(deps: ReplDeps, stdin: "inherit" | "ignore") {
    this.#deps = deps;
    this.#stdin = stdin;
    this.#sourcing = new Sourcing(deps);
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  source(request: SourceRequest): Promise<Sourced> {
    return this.#sourcing.source(request, this);
  }

  async statement(statement: Statement, source: string): Promise<number> {
    const code = await this.#statement(statement, source);
    return this.#interrupted.signal.aborted ? exitCodes.interrupted : code;
  }

  writeError(text: string): void {
    this.#deps.stderr.write(text);
  }

  isOver(): boolean {
    return this.#leaving || this.#interrupted.signal.aborted;
  }

  door(): Door {
    return this.#door();
  }

  async #statement(statement: Statement, source: string): Promise<number> {
    if (statement.kind === "command") return this.#command(statement, source);
    return statement.line === "" ? exitCodes.done : (await this.#bash(statement.line)).code;
  }

  async #command({ words: typed, output, from, to }: Command, line: string): Promise<number> {
    try {
      const words = dispatchWords(this.results.expand(typed), this.#deps.env["HOME"]);
      if (output?.kind === "pipe") return await this.#pipe(words, output.line);
      if (output?.kind === "file") return await this.#file(words, output);
      const keep = this.#outputs.begin(line.slice(from, to));
      const code = await this.#deps.dispatch(words, this.#door(keep));
      keep.ended(code);
      return code;
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.#deps.stderr.write(`tsm: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
      return error.exitCode;
    }
  }

  async #pipe(words: readonly string[], line: string): Promise<number> {
    const controller = new AbortController();
    const interrupt = (): void => controller.abort();
    this.#interrupted.signal.addEventListener("abort", interrupt);
    const door = this.#door();
    const run = (write: (text: string) => void) =>
      this.#deps.dispatch(words, { ...door, write, signal: controller.signal });
    try {
      return (await intoBash({ controller, run, bash: (input) => this.#bash(line, input) })).code;
    } finally {
      this.#interrupted.signal.removeEventListener("abort", interrupt);
    }
  }

  async #file(words: readonly string[], { path, append }: Destination & { readonly kind: "file" }): Promise<number> {
    const file = openOutput(withHome(path, this.#deps.env["HOME"]), append);
    try {
      return await this.#deps.dispatch(words, { ...this.#door(), write: file.write });
    } finally {
      file.close();
    }
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
      remember: (names) => this.results.remember(names),
      failed: () => [],
      history: () => [],
      notices: () => [],
      clear: () => undefined,
      exit: () => {
        this.#leaving = true;
      },
      source: (request) => this.source(request),
      passthrough: async (line) => (await this.#bash(line)).code,
    };
  }

  #bash(line: string, stdin: Readable | "inherit" | "ignore" = this.#stdin): Promise<BashExit> {
    return runBash(line, { env: this.#deps.env, stdin, signal: this.#interrupted.signal });
  }
}
