import { exitCodes } from "../core/errors.ts";
import { sanitize } from "../view/sanitize.ts";
import { faultMessage, parse, type Statement, unfinishedMessage } from "./parse.ts";

/** Commands that are run one after the other: a pipe, `-c`, a file. */
export interface Script {
  readonly lines: Iterable<string> | AsyncIterable<string>;
  /** As it was named; undefined when it is no file. */
  readonly file: string | undefined;
}

/** What runs the commands of a script: the shell at a terminal or the one without, or a dry run. */
export interface ScriptHost {
  /** @param source what the statement stands in. @param line where it begins in its script. Its exit code. */
  statement(statement: Statement, source: string, line: number): Promise<number>;
  /** Is told of a line that nobody can run, in place of the person. */
  wrong?(message: string, source: string, line: number): void;
  writeError(text: string): void;
  /** Has it been interrupted or left? */
  isOver(): boolean;
  /** Is told when the last has run, or the one that has ended it early; of a file that runs another, twice. */
  ended?(isEarly: boolean): void;
  /** Every line is looked at, whatever comes of the others. */
  readonly looksAtAll: boolean;
}

/** Runs them all, or until the first failure, or for as long as the host goes on. The exit code of the first failure. */
export async function runLines(
  { lines, file }: Script,
  host: ScriptHost,
  { keepGoing }: { readonly keepGoing: boolean },
): Promise<number> {
  let failure: number = exitCodes.done;
  let goesOn = keepGoing || host.looksAtAll;
  let pending = "";
  let begun = 0;
  let count = 0;
  let isStopped = false;
  const fail = (code: number): void => {
    if (failure === exitCodes.done) failure = code;
    isStopped ||= code !== exitCodes.done && !goesOn;
  };
  const isOver = (): boolean => isStopped || host.isOver();

  for await (const line of lines) {
    count += 1;
    if (pending === "") begun = count;
    pending = pending === "" ? line : `${pending}\n${line}`;
    if (parse(pending).unfinished !== undefined) continue;
    await run(pending);
    pending = "";
    if (isOver()) break;
  }
  const { unfinished } = parse(pending);
  if (unfinished !== undefined) wrong(unfinishedMessage(pending, unfinished), pending);
  host.ended?.(isOver());
  return failure;

  function wrong(message: string, source: string): void {
    if (host.wrong !== undefined) host.wrong(message, source, begun);
    else host.writeError(`${sanitize(`${file === undefined ? "tsm" : `${file}:${begun}`}: ${message}`)}\n`);
    fail(exitCodes.usage);
  }

  async function run(source: string): Promise<void> {
    const { statements, fault } = parse(source);
    if (fault !== undefined) {
      wrong(faultMessage(source, fault), source);
      return;
    }
    for (const statement of statements) {
      const stops = stopsAtFailure(statement);
      if (stops !== undefined) {
        goesOn = !stops || host.looksAtAll;
        continue;
      }
      const at = begun + source.slice(0, statement.from).split("\n").length - 1;
      const code = await host.statement(statement, source, at);
      if (code !== exitCodes.done && file !== undefined && !host.looksAtAll)
        host.writeError(`${sanitize(`${file}:${at}: ${statementText(statement, source)}: ${ended(code)}`)}\n`);
      fail(code);
      if (isOver()) return;
    }
  }
}

/** The statement on one line. */
export function statementText({ from, to }: Statement, source: string): string {
  return source
    .slice(from, to)
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
}

function ended(code: number): string {
  return code === exitCodes.interrupted ? "interrupted" : `exit code ${code}`;
}

/** `set -e` and `set +e`, as in every shell; undefined for anything else. */
function stopsAtFailure(statement: Statement): boolean | undefined {
  if (statement.kind !== "command" || statement.output !== undefined) return undefined;
  const [verb, sign, ...more] = statement.words.map(({ text }) => text);
  if (verb !== "set" || more.length > 0) return undefined;
  return sign === "-e" ? true : sign === "+e" ? false : undefined;
}
