import { createInterface } from "node:readline";
import type { Shell, ShellOptions } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { exitCodes } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { Outputs } from "./outputs.ts";
import { dispatchWords, parse, unfinishedMessage } from "./parse.ts";
import { runBash } from "./shell.ts";

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

class Script {
  readonly #deps: ReplDeps;
  readonly #options: ShellOptions;
  readonly #outputs = new Outputs();
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
    for (const statement of parse(line).statements) {
      if (statement.kind === "passthrough") {
        if (statement.line !== "") this.#fail(await this.#bash(statement.line));
      } else {
        const words = dispatchWords(statement.words, this.#deps.env["HOME"]);
        this.#fail(await this.#deps.dispatch(words, this.#door(line.slice(statement.from, statement.to))));
      }
      if (this.#isOver()) return;
    }
  }

  #fail(code: number): void {
    if (this.#failure === 0) this.#failure = this.#interrupted.signal.aborted ? exitCodes.interrupted : code;
  }

  #isOver(): boolean {
    return this.#leaving || this.#interrupted.signal.aborted || (this.#failure !== 0 && !this.#options.keepGoing);
  }

  #door(command: string): Door {
    const keep = this.#outputs.begin(command);
    const { stdout, stderr } = this.#deps;
    return {
      write: (text) => {
        keep(text);
        stdout.write(text);
      },
      writeError: (text) => {
        keep(text);
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
      lastOutput: (n) => this.#outputs.nth(n),
      history: () => [],
      notices: () => [],
      clear: () => undefined,
      exit: () => {
        this.#leaving = true;
      },
      passthrough: (line) => this.#bash(line),
    };
  }

  /** The script itself is on our stdin: a child must not read it away. */
  async #bash(line: string): Promise<number> {
    const stdin = this.#options.script === undefined ? "ignore" : "inherit";
    return (await runBash(line, { env: this.#deps.env, stdin, signal: this.#interrupted.signal })).code;
  }
}
