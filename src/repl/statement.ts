import type { Readable } from "node:stream";
import { staysInFolder } from "../command/lookup.ts";
import { TsmError } from "../core/errors.ts";
import { sanitize } from "../view/sanitize.ts";
import { intoBash } from "./into-bash.ts";
import { type Destination, dispatchWords, type Statement, withHome } from "./parse.ts";
import type { ResultSet } from "./result-set.ts";
import { type BashExit, openOutput } from "./shell.ts";

/** A statement whose words stand for what they mean at this moment. */
export type Ready = ReadyCommand | ReadyBash;

export interface ReadyCommand {
  readonly kind: "command";
  /** For dispatch. */
  readonly words: readonly string[];
  /** Does `$_`, which is as many as there happen to be, stand among them? */
  readonly spread: boolean;
  /** The words that stand for it and for `$1` and so on. */
  readonly placed: readonly string[];
  readonly output: Destination | undefined;
  /** Is it to run behind the prompt? */
  readonly behind: boolean;
  /** As it was typed. */
  readonly text: string;
}

export interface ReadyBash {
  readonly kind: "bash";
  readonly line: string;
  readonly behind: boolean;
  readonly text: string;
}

/** Where a command prints instead of where its stage prints. */
export interface Elsewhere {
  readonly controller: AbortController;
  write(output: string | Uint8Array): void;
  /** As of a door. */
  room?(): Promise<void> | undefined;
}

/** Where statements run: at the terminal, behind its prompt, or in a script. */
export interface Stage {
  readonly userHome: string | undefined;
  /** Runs a command of TSM to its end. Its exit code. */
  command(command: ReadyCommand, elsewhere?: Elsewhere): Promise<number>;
  /** Runs a line in bash; without an input it reads what the stage has for it. */
  bash(line: string, input?: Readable): Promise<BashExit>;
  writeError(text: string): void;
  /** Says how bash ended, where somebody reads it. */
  exited?(exit: BashExit): void;
}

/**
 * Puts in what `$_` and the like stand for.
 * @throws TsmError when that is nothing
 */
export function readied(statement: Statement, typed: string, results: ResultSet, userHome: string | undefined): Ready {
  const text = typed.slice(statement.from, statement.to).trimEnd();
  if (statement.kind === "passthrough") return { kind: "bash", line: statement.line, behind: statement.behind, text };
  const { behind } = statement;
  const { words, placed, spread } = results.expand(statement.words);
  const output = filled(statement.output, results);
  return { kind: "command", words: dispatchWords(words, userHome), spread, placed, output, behind, text };
}

function filled(output: Destination | undefined, results: ResultSet): Destination | undefined {
  if (output?.kind !== "file") return output;
  return { ...output, path: { ...output.path, text: results.textOf(output.path), results: [] } };
}

/** Runs a statement where it belongs. Its exit code. */
export async function runStatement(ready: Ready, stage: Stage): Promise<number> {
  if (ready.kind === "bash") return ready.line === "" ? 0 : await runLine(ready.line, stage);
  try {
    if (ready.output?.kind === "pipe") return await runPipe(ready, ready.output.line, stage);
    if (ready.output?.kind === "file") return await runIntoFile(ready, ready.output, stage);
    return await stage.command(ready);
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    stage.writeError(errorText(error));
    return error.exitCode;
  }
}

/** The same stage with its commands printing elsewhere, unless they are told where themselves. */
export function within(stage: Stage, elsewhere: Elsewhere): Stage {
  return {
    userHome: stage.userHome,
    command: (command, inner) => stage.command(command, inner ?? elsewhere),
    bash: (line, input) => stage.bash(line, input),
    writeError: (text) => stage.writeError(text),
    exited: (exit) => stage.exited?.(exit),
  };
}

/** Runs a line of bash and says how it ended. */
export async function runLine(line: string, stage: Stage): Promise<number> {
  const exit = await stage.bash(line);
  stage.exited?.(exit);
  if (exit.code === 0 && folderAlone.test(line)) stage.writeError(`tsm: nothing has changed\n  ${staysInFolder}\n`);
  return exit.code;
}

/** Each line has a bash of its own: in the next one it is as if this had never been. */
const folderAlone = /^\s*(?:cd|pushd|popd)\b[^;&|()\n]*$/;

async function runPipe(command: ReadyCommand, line: string, stage: Stage): Promise<number> {
  const controller = new AbortController();
  const { code, bash } = await intoBash({
    controller,
    run: (pipe) => stage.command(command, { controller, ...pipe }),
    bash: (input) => stage.bash(line, input),
  });
  if (bash !== undefined) stage.exited?.(bash);
  return code;
}

async function runIntoFile(
  command: ReadyCommand,
  { path, append }: Destination & { readonly kind: "file" },
  stage: Stage,
): Promise<number> {
  const file = openOutput(withHome(path, stage.userHome), append);
  try {
    return await stage.command(command, { controller: new AbortController(), write: file.write });
  } finally {
    file.close();
  }
}

export function errorText({ message, hint }: TsmError): string {
  const lines = (text: string) => text.split("\n").map(sanitize).join("\n");
  return `tsm: ${lines(message)}\n${hint === undefined ? "" : `  ${lines(hint)}\n`}`;
}
