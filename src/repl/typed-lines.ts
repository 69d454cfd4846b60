import { saysYes } from "../command/meant.ts";
import type { Registry, VerbEntry } from "../command/registry.ts";
import type { JobEnd } from "../command/shell.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import { faultMessage, type Parsed, parse, type Statement, unfinishedMessage } from "./parse.ts";
import type { ResultSet } from "./result-set.ts";
import { errorText, type Ready, readied, runStatement, type Stage } from "./statement.ts";

export interface TypedLinesDeps {
  readonly registry: Registry;
  readonly results: ResultSet;
  /** The verb that the words run, also by an alias. */
  entryOf(words: readonly string[]): VerbEntry | undefined;
  readonly foreground: Stage;
  /** Puts a statement behind the prompt. */
  startBehind(ready: Ready): Promise<Begun>;
  /** Is the shell about to end? */
  isOver(): boolean;
  /** A line has ended, or a part of it that was behind the prompt has failed since. */
  ended(line: string, exitCode: number, durationMs: number): void;
}

/** A statement that has begun behind the prompt. */
export interface Begun {
  /** undefined when somebody has ended it. */
  readonly ended: Promise<JobEnd | undefined>;
}

/** Runs the lines that a person types: each statement in the foreground or, with a `&`, behind the prompt. */
export class TypedLines {
  readonly #deps: TypedLinesDeps;

  constructor(deps: TypedLinesDeps) {
    this.#deps = deps;
  }

  /** @returns the exit code of the first statement that failed. */
  async run(line: string, { statements, fault }: Parsed): Promise<number> {
    const { foreground, ended } = this.#deps;
    const startedAt = Date.now();
    const codes: number[] = [];
    let isRecorded = false;
    const failedBehind = ({ exitCode, durationMs }: JobEnd): void => {
      if (isRecorded) ended(line, exitCode, durationMs);
      else codes.push(exitCode);
    };
    if (fault !== undefined) {
      codes.push(exitCodes.usage);
      foreground.writeError(`tsm: ${faultMessage(line, fault)}\n`);
    } else codes.push(await this.#statements(line, statements, failedBehind));
    isRecorded = true;
    const exitCode = codes.find((code) => code !== 0) ?? exitCodes.done;
    ended(line, exitCode, Date.now() - startedAt);
    return exitCode;
  }

  /** What a key runs. It is no part of the history, and nobody has typed what it would answer. */
  async runBound(line: string): Promise<number> {
    const { foreground, registry } = this.#deps;
    const { statements, unfinished, fault } = parse(line);
    if (fault !== undefined || unfinished !== undefined) {
      const why = fault === undefined ? unfinished && unfinishedMessage(line, unfinished) : faultMessage(line, fault);
      foreground.writeError(`tsm: ${why}\n`);
      return exitCodes.usage;
    }
    for (const statement of statements) {
      const words = statement.kind === "command" ? statement.words.map(({ text }) => text) : [];
      if (!(await saysYes(words, registry))) continue;
      foreground.writeError("tsm: a key must not answer a question before it is asked\n");
      foreground.writeError("  bind it to the command without --yes\n");
      return exitCodes.usage;
    }
    return await this.#statements(line, statements, () => undefined);
  }

  async #statements(
    line: string,
    statements: readonly Statement[],
    failedBehind: (end: JobEnd) => void,
  ): Promise<number> {
    let failure: number = exitCodes.done;
    for (const statement of statements) {
      const code = await this.#statement(line, statement, failedBehind);
      if (failure === exitCodes.done) failure = code;
      if (this.#deps.isOver() || code === exitCodes.interrupted) break;
    }
    return failure;
  }

  /** A statement of a file, with its output where that of the command goes which has it run. */
  sourced(source: string, statement: Statement, stage: Stage): Promise<number> {
    return this.#statement(source, statement, () => undefined, stage);
  }

  async #statement(
    line: string,
    statement: Statement,
    failedBehind: (end: JobEnd) => void,
    stage = this.#deps.foreground,
  ): Promise<number> {
    const { results, foreground, startBehind } = this.#deps;
    try {
      const ready = readied(statement, line, results, foreground.userHome);
      if (!ready.behind || (await this.#isRefused(ready))) return await runStatement(ready, stage);
      const begun = await startBehind(ready);
      void begun.ended.then((end) => {
        if (end !== undefined && end.exitCode !== 0) failedBehind(end);
      });
      return exitCodes.done;
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      foreground.writeError(errorText(error));
      return error.exitCode;
    }
  }

  /** What cannot run behind the prompt is told by dispatch, and becomes no job. */
  async #isRefused(ready: Ready): Promise<boolean> {
    if (ready.kind === "bash") return false;
    const verb = await this.#deps.entryOf(ready.words)?.load();
    return verb === undefined || verb.owns !== undefined;
  }
}
