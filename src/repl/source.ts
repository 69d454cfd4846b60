import type { Door } from "../command/door.ts";
import { Rehearsal } from "../command/rehearsal.ts";
import type { Sourced, SourceRequest } from "../command/shell.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import type { ReplDeps } from "./deps.ts";
import { DryRun } from "./dry-run.ts";
import type { ResultSet } from "./result-set.ts";
import { runLines, type ScriptHost } from "./run-lines.ts";
import { fileBytes, realPathOf } from "./shell.ts";

const deepest = 16;

/** Where the commands of a file are run. */
export interface SourceHost extends ScriptHost {
  /** What a command typed here would be given. */
  door(): Door;
  readonly results: ResultSet;
}

/** Where a command of a shell asks for the commands of a file. */
export interface SourcePlace extends Pick<SourceHost, "door" | "results" | "statement" | "writeError"> {
  /** Of the command that asks. */
  readonly signal: AbortSignal;
  /** Is the shell about to end? */
  isLeaving(): boolean;
}

/** The commands of a file as if they were typed in that place: Ctrl-C ends them all. */
export function hostAt({ signal, isLeaving, statement, ...place }: SourcePlace): SourceHost {
  let isInterrupted = false;
  return {
    ...place,
    looksAtAll: false,
    statement: async (...asked) => {
      const code = await statement(...asked);
      if (isLeaving()) return exitCodes.done;
      isInterrupted ||= code === exitCodes.interrupted || signal.aborted;
      return isInterrupted ? exitCodes.interrupted : code;
    },
    isOver: () => isInterrupted || isLeaving(),
  };
}

/** Runs the commands of files, for one shell. */
export class Sourcing {
  readonly #deps: Pick<ReplDeps, "dispatch" | "env">;
  /** Those that are being run, each by the one before it. */
  readonly #files: string[] = [];
  #dry: DryRun | undefined;

  constructor(deps: Pick<ReplDeps, "dispatch" | "env">) {
    this.#deps = deps;
  }

  /** @throws TsmError when the file cannot be read as one of commands */
  async source({ file, keepGoing, dryRun }: SourceRequest, host: SourceHost): Promise<Sourced> {
    const lines = scriptLines(file);
    const path = realPathOf(file);
    // Nothing in a file could keep it from going on for ever.
    if (this.#files.includes(path))
      throw new TsmError("BAD_DATA", `${file} runs itself${path === this.#files.at(-1) ? "" : ", by way of others"}`, {
        hint: "It would never end: take that line out",
      });
    if (this.#files.length >= deepest)
      throw new TsmError("BAD_DATA", `files run one another more than ${deepest} deep`, {
        hint: "Put their commands into fewer files",
      });
    this.#files.push(path);
    try {
      if (dryRun || this.#dry !== undefined) return await this.#plan({ file, lines }, host);
      return { exitCode: await runLines({ file, lines }, host, { keepGoing }), planned: undefined };
    } finally {
      this.#files.pop();
    }
  }

  async #plan(
    script: { readonly file: string; readonly lines: readonly string[] },
    host: SourceHost,
  ): Promise<Sourced> {
    const outer = this.#dry;
    const dry =
      outer ??
      new DryRun(this.#deps, host.door(), new Rehearsal(), host.results.copy(), (request) =>
        this.source({ ...request, dryRun: true }, host),
      );
    this.#dry = dry;
    try {
      await runLines(
        script,
        dry.of(script.file, () => host.isOver()),
        { keepGoing: true },
      );
    } finally {
      this.#dry = outer;
    }
    const exitCode = dry.planned.find((each) => each.exitCode !== 0)?.exitCode ?? 0;
    return { exitCode, planned: dry.planned };
  }
}

/** @throws TsmError NO_FILE when there is none that can be read, BAD_DATA when it is no text. */
function scriptLines(file: string): readonly string[] {
  const bytes = fileBytes(file);
  if (bytes.includes(0))
    throw new TsmError("BAD_DATA", `${file} is not text: there is a NUL in it`, { hint: "Name a file of commands" });
  let text: string;
  try {
    // A byte order mark is no part of the first command: the decoder takes it away.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TsmError("BAD_DATA", `${file} is not UTF-8`, { hint: "Save it as UTF-8" });
  }
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
