import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Shell, ShellOptions } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { textOf } from "../command/output-text.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { intoBash } from "./into-bash.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import {
  type Destination,
  dispatchWords,
  faultMessage,
  parse,
  type Statement,
  unfinishedMessage,
  withHome,
} from "./parse.ts";
import { ResultSet } from "./result-set.ts";
import { type BashExit, openOutput, runBash } from "./shell.ts";

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

type Command = Statement & { readonly kind: "command" };

class Script {
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
      if (statement.kind === "passthrough") {
        if (statement.line !== "") this.#fail((await this.#bash(statement.line)).code);
      } else {
        this.#fail(await this.#command(statement, line));
      }
      if (this.#isOver()) return;
    }
  }

  async #command({ words: typed, output, from, to }: Command, line: string): Promise<number> {
    try {
      const words = dispatchWords(this.#results.expand(typed), this.#deps.env["HOME"]);
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
    const run = (write: (output: string | Uint8Array) => void) =>
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

  #fail(code: number): void {
    if (this.#failure === 0) this.#failure = this.#interrupted.signal.aborted ? exitCodes.interrupted : code;
  }

  #isOver(): boolean {
    return this.#leaving || this.#interrupted.signal.aborted || (this.#failure !== 0 && !this.#options.keepGoing);
  }

  #door(keep: Keeping = notKept): Door {
    const { stdout, stderr } = this.#deps;
    return {
      write: (output) => {
        keep.print(textOf(output));
        stdout.write(output);
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
      passthrough: async (line) => (await this.#bash(line)).code,
    };
  }

  /** The script itself is on our stdin: a child must not read it away. */
  #bash(line: string, input: Readable | undefined = undefined): Promise<BashExit> {
    const stdin = input ?? (this.#options.script === undefined ? "ignore" : "inherit");
    return runBash(line, { env: this.#deps.env, stdin, signal: this.#interrupted.signal });
  }
}
