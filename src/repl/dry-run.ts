import type { Ask } from "../command/define.ts";
import type { Door } from "../command/door.ts";
import type { Rehearsal } from "../command/rehearsal.ts";
import type { PlannedLine, Sourced, SourceRequest } from "../command/shell.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { type Destination, dispatchWords, type Statement } from "./parse.ts";
import type { Expanded, ResultSet } from "./result-set.ts";
import { type ScriptHost, statementText } from "./run-lines.ts";

/** Says of each command of a file, and of the files that it runs, what it would do. */
export class DryRun {
  readonly planned: PlannedLine[] = [];
  readonly #deps: Pick<ReplDeps, "dispatch" | "env">;
  readonly #door: Door;
  readonly #rehearsal: Rehearsal;
  readonly #results: ResultSet;
  readonly #source: (request: SourceRequest) => Promise<Sourced>;

  /**
   * @param results is changed by it, as the commands would change those of the shell.
   * @param source for a file that runs another: what that would do is said here too.
   */
  constructor(
    deps: Pick<ReplDeps, "dispatch" | "env">,
    door: Door,
    rehearsal: Rehearsal,
    results: ResultSet,
    source: (request: SourceRequest) => Promise<Sourced>,
  ) {
    this.#deps = deps;
    this.#door = door;
    this.#rehearsal = rehearsal;
    this.#results = results;
    this.#source = source;
  }

  /** What stands in for the shell that would run one file. */
  of(file: string, isOver: () => boolean): ScriptHost {
    const add = (at: number, line: number, command: string, said: Said): void => {
      this.planned.splice(at, 0, { file, line, command, ...said });
    };
    return {
      looksAtAll: true,
      isOver,
      writeError: () => undefined,
      wrong: (message, source, line) => {
        const said = { would: null, problem: message, exitCode: exitCodes.usage };
        add(this.planned.length, line, source.trim().replaceAll(/\s*\n\s*/g, " "), said);
      },
      statement: async (statement, source, line) => {
        // Before those of a file that it runs.
        const at = this.planned.length;
        const said = await this.#said(statement);
        add(at, line, statementText(statement, source), said);
        return said.exitCode;
      },
    };
  }

  async #said(statement: Statement): Promise<Said> {
    if (statement.kind === "passthrough")
      return willDo(`would run it in bash${statement.behind ? "; behind the prompt" : ""}`);
    if (this.#rehearsal.unknownSet !== undefined && statement.words.some(({ results }) => results.length > 0))
      return willDo(`would do it to what '${this.#rehearsal.unknownSet}' shows by then`);
    let expanded: Expanded;
    try {
      expanded = this.#results.expand(statement.words);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      return { would: null, problem: error.message, exitCode: error.exitCode };
    }
    const asked: string[] = [];
    let told = "";
    let problem = "";
    const words = dispatchWords(expanded.words, this.#deps.env["HOME"]);
    const exitCode = await this.#deps.dispatch(words, {
      ...this.#door,
      write: (text) => {
        told += text;
      },
      writeError: (text) => {
        problem += text;
      },
      columns: undefined,
      terminal: false,
      ask: this.#door.ask === undefined ? undefined : askingInto(asked),
      unnamed: expanded.spread,
      placed: expanded.placed,
      behind: statement.behind,
      rehearsal: this.#rehearsal,
      shell: this.#door.shell && {
        ...this.#door.shell,
        remember: (names) => this.#results.remember(names),
        source: this.#source,
      },
    });
    if (exitCode !== exitCodes.done) return { would: null, problem: onOneLine(problem), exitCode };
    const first = asked.map((question) => `; it asks first: ${question}`).join("");
    return willDo(
      `${onOneLine(told)}${first}${whereTo(statement.output)}${statement.behind ? "; behind the prompt" : ""}`,
    );
  }
}

interface Said {
  readonly would: string | null;
  readonly problem: string | null;
  readonly exitCode: number;
}

function willDo(would: string): Said {
  return { would, problem: null, exitCode: exitCodes.done };
}

function whereTo(output: Destination | undefined): string {
  if (output === undefined) return "";
  if (output.kind === "pipe") return `; its output is read by bash: ${output.line}`;
  return `; its output goes ${output.append ? "to the end of" : "into"} ${output.path.text}`;
}

/** Nobody is asked: yes is what the line was written for, and which of several is not known before. */
function askingInto(asked: string[]): Ask {
  return {
    confirm: (question) => {
      asked.push(onOneLine(question));
      return Promise.resolve(true);
    },
    goOn: () => Promise.resolve(true),
    pick: (question) => Promise.reject(new TsmError("AMBIGUOUS", `it would ask: ${question}`)),
  };
}

/** As `tsm: ` and a hint below it are written for a person. */
function onOneLine(text: string): string {
  return text
    .trim()
    .replace(/^tsm: /, "")
    .split("\n")
    .map((line) => line.trim())
    .join("; ");
}
