import type { Readable } from "node:stream";
import type { Ask } from "../command/define.ts";
import type { Door } from "../command/door.ts";
import { textOf } from "../command/output-text.ts";
import type { Shell, Sourced, SourceRequest } from "../command/shell.ts";
import { TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import type { Job } from "./job.ts";
import type { Jobs } from "./jobs.ts";
import type { ResultSet } from "./result-set.ts";
import type { BashExit } from "./shell.ts";
import type { Sourcing } from "./source.ts";
import {
  type Elsewhere,
  errorText,
  type Ready,
  type ReadyCommand,
  readied,
  runLine,
  runStatement,
  type Stage,
  within,
} from "./statement.ts";

export interface BehindDeps {
  readonly repl: Pick<ReplDeps, "dispatch" | "env">;
  readonly jobs: Jobs;
  /** Of the foreground: a file that runs behind the prompt goes on from it, and changes nothing there. */
  readonly results: ResultSet;
  /** Lines of words, nothing painted. */
  readonly plain: boolean;
  /** Of the terminal above whose prompt the output comes; undefined where it goes into a pipe. */
  columns(): number | undefined;
  shell(): Omit<Shell, "source">;
}

/** Starts a statement behind the prompt. */
export function startBehind(ready: Ready, deps: BehindDeps): Job {
  return deps.jobs.start(ready.text, (job) => runStatement(ready, new Behind(job, deps)));
}

/** Where the statement of a job runs: no keys, no questions, and the result set stays that of the foreground. */
class Behind implements Stage {
  readonly #job: Job;
  readonly #deps: BehindDeps;
  #sourcing: Sourcing | undefined;
  /** Of the files that it runs. */
  #results: ResultSet | undefined;

  constructor(job: Job, deps: BehindDeps) {
    this.#job = job;
    this.#deps = deps;
  }

  get userHome(): string | undefined {
    return this.#deps.repl.env["HOME"];
  }

  async command({ words, spread, placed }: ReadyCommand, elsewhere?: Elsewhere): Promise<number> {
    return await this.#deps.repl.dispatch(words, this.#door(elsewhere, { unnamed: spread, placed }));
  }

  #door(elsewhere?: Elsewhere, meant: Pick<Door, "unnamed" | "placed"> = {}): Door {
    const { plain, columns } = this.#deps;
    const job = this.#job;
    const print = (output: string | Uint8Array): void => this.#print(textOf(output));
    const prefix = `[${job.number}] `.length;
    const width = (): number | undefined => {
      const all = elsewhere === undefined ? columns() : undefined;
      return all === undefined ? undefined : Math.max(1, all - prefix);
    };
    return {
      ...meant,
      write: elsewhere?.write ?? print,
      writeError: print,
      get columns() {
        return width();
      },
      terminal: width() !== undefined,
      plain: plain && width() !== undefined,
      interactive: width() !== undefined,
      signal: elsewhere === undefined ? job.signal : AbortSignal.any([job.signal, elsewhere.controller.signal]),
      ask: unanswered,
      behind: true,
      room: () => elsewhere?.room?.() ?? job.pace.room(),
      shell: this.#shell(elsewhere),
    };
  }

  async bash(line: string, input?: Readable): Promise<BashExit> {
    return await this.#job.bash(line, {
      env: this.#deps.repl.env,
      input,
      print: (text) => this.#print(text),
    });
  }

  writeError(text: string): void {
    this.#print(text);
  }

  #print(text: string): void {
    this.#deps.jobs.print(this.#job, text);
  }

  /** The commands of a file, in the job that it is. */
  async #source(request: SourceRequest, elsewhere: Elsewhere | undefined): Promise<Sourced> {
    const { Sourcing, hostAt } = await import("./source.ts");
    this.#sourcing ??= new Sourcing(this.#deps.repl);
    this.#results ??= this.#deps.results.copy();
    const results = this.#results;
    const stage = elsewhere === undefined ? this : within(this, elsewhere);
    const host = hostAt({
      results,
      door: () => this.#door(elsewhere),
      statement: async (statement, source) => {
        try {
          // A job has no jobs of its own.
          return await runStatement(readied(statement, source, results, this.userHome), stage);
        } catch (error) {
          if (!(error instanceof TsmError)) throw error;
          this.writeError(errorText(error));
          return error.exitCode;
        }
      },
      writeError: (text) => this.writeError(text),
      signal: this.#job.signal,
      isLeaving: () => false,
    });
    return await this.#sourcing.source(request, host);
  }

  #shell(elsewhere: Elsewhere | undefined): Shell {
    const shell = this.#deps.shell();
    return {
      ...shell,
      // `$_` is what the person saw last, whatever happens behind the prompt.
      remember: (names) => this.#results?.remember(names),
      source: (request) => this.#source(request, elsewhere),
      // Not itself: it would wait for its own end.
      jobs: () => shell.jobs().filter(({ number }) => number !== this.#job.number),
      pid: process.pid,
      passthrough: (line) => runLine(line, this),
    };
  }
}

/** Keys are for the prompt. */
const unanswered: Ask = {
  goOn: (question) => Promise.reject(unanswerable(question, "Run it without the &")),
  confirm: (question) => Promise.reject(unanswerable(question, "Give --yes, or run it without the &")),
  pick: (question, choices) =>
    Promise.reject(
      unanswerable(question, `Give an id or a full name: ${choices.map(({ label }) => label).join(", ")}`),
    ),
};

function unanswerable(question: string, hint: string): TsmError {
  return new TsmError("USAGE", `nobody is asked behind the prompt: ${question}`, { hint });
}
