import type { ShellOutput } from "../command/shell.ts";
import { csi, stripEscapes } from "../view/escapes.ts";

const outputsKept = 50;
const charactersKept = 1_000_000;

/** An output that is being kept. */
export interface Keeping {
  print(text: string): void;
  ended(exitCode: number): void;
}

/** Of what is not to be asked for again. */
export const notKept: Keeping = { print: () => undefined, ended: () => undefined };

/** What the last commands printed, for `last`. Of a very long output the end is kept. */
export class Outputs {
  readonly #kept: Entry[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Begins the output of a command. */
  begin(command: string): Keeping {
    const startedAt = this.#nowMs();
    const entry: Entry = { command, output: "", startedAt, durationMs: null, exitCode: null };
    return {
      print: (text) => {
        // A command that prints nothing is no output to ask for.
        if (entry.output === "" && text !== "") {
          this.#kept.push(entry);
          if (this.#kept.length > outputsKept) this.#kept.shift();
        }
        const output = joined(entry.output, text);
        // Cut now and then only: `logs -f` prints for days.
        entry.output = output.length > charactersKept * 2 ? output.slice(-charactersKept) : output;
      },
      ended: (exitCode) => {
        entry.durationMs = this.#nowMs() - startedAt;
        entry.exitCode = exitCode;
      },
    };
  }

  /** The last first. */
  all(): ShellOutput[] {
    return this.#kept.map((entry) => ({ ...entry, plain: stripEscapes(entry.output) })).reverse();
  }

  /** The n-th last. */
  nth(n: number): ShellOutput | undefined {
    const entry = this.#kept.at(-n);
    if (n < 1 || entry === undefined) return undefined;
    return { ...entry, plain: stripEscapes(entry.output) };
  }

  /** The commands whose outputs are kept, the last first. */
  commands(): string[] {
    return this.#kept.map(({ command }) => command).reverse();
  }
}

/** How a text of `watch` begins that takes the place of so many rows before it. */
const takesPlace = new RegExp(`^${csi}\\?2026h${csi}(\\d+)A\\r${csi}K${csi}C${csi}J\\r`);

/** What is on the screen at the end, and not each time that it has changed there. */
function joined(output: string, text: string): string {
  const [begin, rows] = takesPlace.exec(text) ?? [];
  if (begin === undefined) return output + text;
  const before = output.split("\n").slice(0, -1 - Number(rows));
  return before.map((row) => `${row}\n`).join("") + text.slice(begin.length);
}

interface Entry {
  readonly command: string;
  output: string;
  readonly startedAt: number;
  durationMs: number | null;
  exitCode: number | null;
}
