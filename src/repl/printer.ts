import type { Styles } from "./editor/styles.ts";

/** What the shell says, above the prompt or where a command's output has got to. */
export class Printer {
  readonly #print: (text: string) => void;
  readonly #styles: Styles;
  /** Does what was printed last end in the middle of a row? */
  #midRow = false;

  /** @param print puts text on the screen, above the prompt when there is one. */
  constructor(print: (text: string) => void, styles: Styles) {
    this.#print = print;
    this.#styles = styles;
  }

  write(text: string): void {
    if (text === "") return;
    this.#midRow = !text.endsWith("\n");
    this.#print(text);
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
    return this.painted(this.#styles.faint, text);
  }

  painted(style: string | undefined, text: string): string {
    return style === undefined ? text : `\x1b[${style}m${text}\x1b[0m`;
  }
}
