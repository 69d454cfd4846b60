import type { ShellOutput } from "../command/define.ts";
import { stripEscapes } from "../view/width.ts";

const outputsKept = 50;
const charactersKept = 1_000_000;

/** What the last commands printed, for `last`. Of a very long output the end is kept. */
export class Outputs {
  readonly #kept: { command: string; output: string }[] = [];

  /** Begins the output of a command; what it prints is handed to the function that comes back. */
  begin(command: string): (text: string) => void {
    const entry = { command, output: "" };
    return (text) => {
      // A command that prints nothing is no output to ask for.
      if (entry.output === "" && text !== "") {
        this.#kept.push(entry);
        if (this.#kept.length > outputsKept) this.#kept.shift();
      }
      const output = entry.output + text;
      // Cut now and then only: `logs -f` prints for days.
      entry.output = output.length > charactersKept * 2 ? output.slice(-charactersKept) : output;
    };
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
