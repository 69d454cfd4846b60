import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Shell, ShellOptions } from "../command/define.ts";
import type { Door } from "../command/dispatch.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import { startBehind } from "./behind.ts";
import type { ReplDeps } from "./deps.ts";
import { Jobs } from "./jobs.ts";
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
  // Ends as without a handler, but not without what it has put behind.
  const end = (signal: NodeJS.Signals): void => {
    script.killJobs();
    for (const each of ends) process.off(each, end);
    process.kill(process.pid, signal);
  };
  for (const signal of ends) process.on(signal, end);
  try {
    return await script.run(options.script === undefined ? pipedLines(deps.stdin) : options.script.split("\n"));
  } finally {
    process.off("SIGINT", stop);
    for (const signal of ends) process.off(signal, end);
  }
}

const ends = ["SIGTERM", "SIGHUP"] as const;
/** Between TERM and KILL when the script ends before what it has put behind. */
const graceMs = 1000;

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
  readonly #jobs = new Jobs({
    taken: () => this.#deps.engine.summaries().map(({ id }) => id),
    begun: () => undefined,
    printed: (_job, text) => this.#deps.stdout.write(text),
    // One that was told to end has not failed; of one in the foreground `fg` says it.
    ended: (_job, { exitCode }, isTold) => {
      if (!isTold && this.#jobFailure === 0) this.#jobFailure = exitCode;
    },
    failed: (error) => this.#deps.stderr.write(`tsm: ${error instanceof Error ? error.message : String(error)}\n`),
  });
  #jobFailure = 0;
  #failure = 0;
  #leaving = false;

  constructor(deps: ReplDeps, options: ShellOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  killJobs(): void {
    this.#jobs.killAll();
  }

  /** Runs the lines, and then waits for what they have put behind; a script that ends early ends that too. */
  async run(lines: Iterable<string> | AsyncIterable<string>): Promise<number> {
    await this.#lines(lines);
    if (!this.#isOver()) {
      const interrupt = (): void => void this.#jobs.endAll(graceMs);
      this.#interrupted.signal.addEventListener("abort", interrupt);
      await this.#jobs.allEnded();
      this.#interrupted.signal.removeEventListener("abort", interrupt);
    } else {
      await this.#jobs.endAll(graceMs);
    }
    this.#fail(this.#jobFailure);
    return this.#failure;
  }

  async #lines(lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
    let pending = "";
    for await (const line of lines) {
      pending = pending === "" ? line : `${pending}\n${line}`;
      if (parse(pending).unfinished !== undefined) continue;
      await this.#line(pending);
      pending = "";
      if (this.#isOver()) return;
    }
    const { unfinished } = parse(pending);
    if (unfinished !== undefined) {
      this.#deps.stderr.write(`tsm: ${unfinishedMessage(pending, unfinished)}\n`);
      this.#fail(exitCodes.usage);
    }
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
      const ready = readied(statement, line, this.#results, this.userHome);
      if (!ready.behind) return await runStatement(ready, this);
      startBehind(ready, {
        repl: this.#deps,
        jobs: this.#jobs,
        plain: false,
        columns: () => undefined,
        shell: () => this.#shell(),
      });
      return exitCodes.done;
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.writeError(errorText(error));
      return error.exitCode;
    }
  }

  get userHome(): string | undefined {
    return this.#deps.env["HOME"];
  }

  async command({ words, placed, behind, text }: ReadyCommand, elsewhere?: Elsewhere): Promise<number> {
    if (elsewhere !== undefined) {
      const { controller, ...output } = elsewhere;
      const signal = AbortSignal.any([this.#interrupted.signal, controller.signal]);
      return await this.#deps.dispatch(words, { ...this.#door(), placed, behind, ...output, signal });
    }
    const keep = this.#outputs.begin(text);
    const code = await this.#deps.dispatch(words, { ...this.#door(keep), placed, behind });
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
      jobs: () => this.#jobs.all(),
      foreground: (number, signal) => this.#jobs.foreground(number, (text) => this.#deps.stdout.write(text), signal),
      endJob: (number, timeoutSeconds) => this.#jobs.end(number, timeoutSeconds * 1000),
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
