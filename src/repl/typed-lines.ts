import type { JobEnd } from "../command/define.ts";
import { findVerb, type Registry } from "../command/registry.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import { faultMessage, type Parsed, type Statement } from "./parse.ts";
import type { ResultSet } from "./result-set.ts";
import { errorText, type Ready, readied, runStatement, type Stage } from "./statement.ts";

export interface TypedLinesDeps {
  readonly registry: Registry;
  readonly results: ResultSet;
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

  async run(line: string, { statements, fault }: Parsed): Promise<void> {
    const { foreground, isOver, ended } = this.#deps;
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
    } else {
      for (const statement of statements) {
        const code = await this.#statement(line, statement, failedBehind);
        codes.push(code);
        if (isOver() || code === exitCodes.interrupted) break;
      }
    }
    isRecorded = true;
    ended(line, codes.find((code) => code !== 0) ?? exitCodes.done, Date.now() - startedAt);
  }

  async #statement(line: string, statement: Statement, failedBehind: (end: JobEnd) => void): Promise<number> {
    const { results, foreground, startBehind } = this.#deps;
    try {
      const ready = readied(statement, line, results, foreground.userHome);
      if (!ready.behind || (await this.#isRefused(ready))) return await runStatement(ready, foreground);
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
    const verb = await findVerb(this.#deps.registry, ready.words[0] ?? "")?.load();
    return verb === undefined || verb.owns !== undefined;
  }
}
