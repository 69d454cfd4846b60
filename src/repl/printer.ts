import type { Appearance } from "./appearance.ts";
import { painted } from "./editor/styles.ts";

/** What the shell says, above the prompt or where a command's output has got to. */
export class Printer {
  readonly #print: (text: string) => void;
  readonly #appearance: Appearance;
  /** Does what was printed last end in the middle of a row? */
  #midRow = false;

  /** @param print puts text on the screen, above the prompt when there is one. */
  constructor(print: (text: string) => void, appearance: Appearance) {
    this.#print = print;
    this.#appearance = appearance;
  }

  write(text: string): void {
    if (text === "") return;
    this.#midRow = !text.endsWith("\n");
    this.#print(this.#appearance.look.fit(text));
  }

  /** What comes next begins a row. */
  finishRow(): void {
    if (this.#midRow) this.write("\n");
  }

  /** Somebody else has seen to it that the cursor is at the beginning of a row. */
  isOnFreshRow(): void {
    this.#midRow = false;
  }

  faint(text: string): string {
    return painted(this.#appearance.styles.faint, text);
  }
}
