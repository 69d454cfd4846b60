import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/errors.ts";
import { append, escapeLine, isKept, newestOf, rewrite, unescapeLine } from "./history.ts";

/** How a line ended. */
export interface LineEnd {
  /** Epoch seconds. */
  readonly at: number;
  readonly exitCode: number;
  readonly durationMs: number;
}

/**
 * How lines ended that were typed in the shells of one home, in the file `repl_exits`: the epoch second, the exit code,
 * the milliseconds and the line, as the history has it. A file of its own: a line of the history is on disk before it
 * runs, and whatever reads the history finds nothing there that it does not know.
 */
export class Exits {
  readonly #path: string;
  readonly #limit: number;
  /** What could not be written is known to this shell alone. */
  readonly #own: Entry[] = [];

  constructor(home: string, limit: number) {
    this.#path = join(home, "repl_exits");
    this.#limit = limit;
  }

  /** Keeps how a line ended, if the history keeps the line. */
  add(line: string, { at, exitCode, durationMs }: LineEnd): void {
    const kept = line.trimEnd();
    if (!isKept(kept)) return;
    try {
      append(this.#path, `${at} ${exitCode} ${Math.round(durationMs)} ${escapeLine(kept)}\n`);
    } catch (error) {
      // The history, which is in the same folder, has said why.
      if (!(error instanceof Error && "syscall" in error)) throw error;
      this.#own.push({ line: kept, exitCode, text: "" });
    }
  }

  /** The lines that failed when they ran last, in whatever shell. */
  failed(): ReadonlySet<string> {
    const entries = [...this.#entries(), ...this.#own];
    if (entries.length > this.#limit * 2) {
      rewrite(this.#path, (text) =>
        newestOf(entriesOf(text), this.#limit)
          .map((entry) => `${entry.text}\n`)
          .join(""),
      );
    }
    const failed = new Set<string>();
    for (const { line, exitCode } of entries) {
      if (exitCode === 0) failed.delete(line);
      else failed.add(line);
    }
    return failed;
  }

  #entries(): Entry[] {
    try {
      return entriesOf(readFileSync(this.#path, "utf8"));
    } catch (error) {
      if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return []; // None yet, or none for us.
      throw error;
    }
  }
}

interface Entry {
  readonly line: string;
  readonly exitCode: number;
  /** As it stands in the file. */
  readonly text: string;
}

/** Not one that is still being written, nor what we cannot read. */
function entriesOf(text: string): Entry[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole.split("\n").flatMap((line) => {
    const [, exitCode, typed] = /^\d+ (\d+) \d+ (.+)$/.exec(line) ?? [];
    return typed === undefined ? [] : [{ line: unescapeLine(typed), exitCode: Number(exitCode), text: line }];
  });
}
