import { isUtf8 } from "node:buffer";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Door } from "../command/door.ts";
import { textOf } from "../command/output-text.ts";
import type { Shell, ShellOptions, Sourced, SourceRequest } from "../command/shell.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import { startBehind } from "./behind.ts";
import type { ReplDeps } from "./deps.ts";
import { Jobs } from "./jobs.ts";
import { type Keeping, notKept, Outputs } from "./outputs.ts";
import type { Statement } from "./parse.ts";
import { ResultSet } from "./result-set.ts";
import { runLines } from "./run-lines.ts";
import { type BashExit, runBash } from "./shell.ts";
import { type SourceHost, Sourcing } from "./source.ts";
import {
  type Elsewhere,
  errorText,
  type ReadyCommand,
  readied,
  runLine,
  runStatement,
  type Stage,
  within,
} from "./statement.ts";

/** Runs commands from `-c` or from a pipe: no prompt, no colour. The exit code of the first that fails, which ends it. */
export async function runScript(deps: ReplDeps, options: ShellOptions): Promise<number> {
  const script = new ScriptShell(deps, options.script === undefined ? "ignore" : "inherit");
  const lines = options.script === undefined ? pipedLines(deps.stdin) : options.script.split("\n");
  return await interruptible(script, async () =>
    script.withJobs(await runLines({ lines, file: undefined }, script, options)),
  );
}

/** The same from a file. */
export async function runFile(deps: ReplDeps, request: SourceRequest): Promise<Sourced> {
  const script = new ScriptShell(deps, "inherit");
  return await interruptible(script, async () => {
    const sourced = await script.source(request);
    return { ...sourced, exitCode: await script.withJobs(sourced.exitCode) };
  });
}

async function interruptible<T>(script: ScriptShell, run: () => Promise<T>): Promise<T> {
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
    return await run();
  } finally {
    process.off("SIGINT", stop);
    for (const signal of ends) process.off(signal, end);
  }
}

const ends = ["SIGTERM", "SIGHUP"] as const;
/** Between TERM and KILL when the script ends before what it has put behind. */
const graceMs = 1000;

/** @throws TsmError BAD_DATA at a line that is not UTF-8: it would be run with other words. */
async function* pipedLines(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  // A character for each byte.
  input.setEncoding("latin1");
  let count = 0;
  // Read at once and in one loop: a listener, or any await before the loop, loses lines.
  for await (const line of createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY })) {
    count += 1;
    const bytes = Buffer.from(line, "latin1");
    if (!isUtf8(bytes)) throw new TsmError("BAD_DATA", `line ${count} is not UTF-8`, { hint: "Write it as UTF-8" });
    yield bytes.toString();
  }
}

/** The shell without a terminal. */
class ScriptShell implements SourceHost, Stage {
  readonly looksAtAll = false;
  readonly results = new ResultSet();
  readonly #deps: ReplDeps;
  /** Of a child: where the script itself is on our stdin, that must not be read away. */
  readonly #stdin: "inherit" | "ignore";
  readonly #outputs = new Outputs(Date.now);
  readonly #output: ReturnType<ReplDeps["output"]>;
  readonly #interrupted = new AbortController();
  readonly #sourcing: Sourcing;
  readonly #jobs = new Jobs({
    taken: () => Array.from(this.#deps.engine.eachSummary(), ({ id }) => id),
    begun: () => undefined,
    printed: (_job, text) => this.#print(text),
    // One that was told to end has not failed; of one in the foreground `fg` says it.
    ended: (_job, { exitCode }, isTold) => {
      if (!isTold && this.#jobFailure === exitCodes.done) this.#jobFailure = exitCode;
    },
    failed: (error) => this.#deps.stderr.write(`tsm: ${error instanceof Error ? error.message : String(error)}\n`),
  });
  #jobFailure: number = exitCodes.done;
  #endedEarly = false;
  #leaving = false;

  constructor(deps: ReplDeps, stdin: "inherit" | "ignore") {
    this.#deps = deps;
    this.#stdin = stdin;
    this.#output = deps.output(() => this.interrupt());
    this.#sourcing = new Sourcing(deps);
  }

  interrupt(): void {
    this.#interrupted.abort();
  }

  killJobs(): void {
    this.#jobs.killAll();
  }

  /** Waits for what was put behind; a script that ended early ends that too. The exit code of all. */
  async withJobs(failure: number): Promise<number> {
    if (this.#endedEarly) await this.#jobs.endAll(graceMs);
    else {
      const interrupt = (): void => void this.#jobs.endAll(graceMs);
      this.#interrupted.signal.addEventListener("abort", interrupt);
      await this.#jobs.allEnded();
      this.#interrupted.signal.removeEventListener("abort", interrupt);
    }
    if (failure !== exitCodes.done) return failure;
    return this.#interrupted.signal.aborted ? exitCodes.interrupted : this.#jobFailure;
  }

  source(request: SourceRequest): Promise<Sourced> {
    return this.#sourcing.source(request, this);
  }

  statement(statement: Statement, source: string): Promise<number> {
    return this.#statement(statement, source, this);
  }

  isOver(): boolean {
    return this.#leaving || this.#interrupted.signal.aborted;
  }

  ended(isEarly: boolean): void {
    this.#endedEarly = isEarly;
  }

  door(): Door {
    return this.#door();
  }

  get userHome(): string | undefined {
    return this.#deps.env["HOME"];
  }

  async command({ words, placed, behind, text }: ReadyCommand, elsewhere?: Elsewhere): Promise<number> {
    const meant = { placed, behind };
    if (elsewhere !== undefined) {
      const { controller, ...output } = elsewhere;
      const signal = AbortSignal.any([this.#interrupted.signal, controller.signal]);
      return await this.#deps.dispatch(words, { ...this.#door(notKept, elsewhere), ...meant, ...output, signal });
    }
    const keep = this.#outputs.begin(text);
    const code = await this.#deps.dispatch(words, { ...this.#door(keep), ...meant });
    keep.ended(code);
    return code;
  }

  bash(line: string, input?: Readable): Promise<BashExit> {
    return runBash(line, { env: this.#deps.env, stdin: input ?? this.#stdin, signal: this.#interrupted.signal });
  }

  writeError(text: string): void {
    this.#deps.stderr.write(text);
  }

  /** The host of a file whose output goes elsewhere. */
  #printingTo(elsewhere: Elsewhere): SourceHost {
    const stage = within(this, elsewhere);
    return {
      looksAtAll: false,
      results: this.results,
      door: () => this.#door(),
      statement: (statement, source) => this.#statement(statement, source, stage),
      // A reader that has seen enough is no failure of the line that it has ended.
      writeError: (text) => (elsewhere.controller.signal.aborted ? undefined : this.writeError(text)),
      isOver: () => this.isOver() || elsewhere.controller.signal.aborted,
    };
  }

  async #statement(statement: Statement, source: string, stage: Stage): Promise<number> {
    try {
      const ready = readied(statement, source, this.results, this.userHome);
      if (!ready.behind) {
        const code = await runStatement(ready, stage);
        return this.#interrupted.signal.aborted ? exitCodes.interrupted : code;
      }
      startBehind(ready, {
        repl: this.#deps,
        jobs: this.#jobs,
        results: this.results,
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

  #door(keep: Keeping = notKept, elsewhere?: Elsewhere): Door {
    const { stderr } = this.#deps;
    return {
      write: (output) => {
        keep.print(textOf(output));
        this.#output.write(output);
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
      shell: this.#shell(elsewhere),
    };
  }

  /** Of a job, which no command waits for to tell what went wrong. */
  #print(text: string): void {
    try {
      this.#output.write(text);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      this.writeError(errorText(error));
      if (this.#jobFailure === exitCodes.done) this.#jobFailure = error.exitCode;
    }
  }

  #shell(elsewhere?: Elsewhere): Shell {
    return {
      jobs: () => this.#jobs.all(),
      foreground: (number, signal) => this.#jobs.foreground(number, (text) => this.#print(text), signal),
      endJob: (number, timeoutSeconds) => this.#jobs.end(number, timeoutSeconds * 1000),
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
      source: (request) => this.#sourcing.source(request, elsewhere === undefined ? this : this.#printingTo(elsewhere)),
      pid: process.pid,
      passthrough: (line) => runLine(line, this),
    };
  }
}
