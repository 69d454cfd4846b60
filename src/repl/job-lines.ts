/** So much of what a job printed is kept for `fg`. */
const charactersKept = 256 * 1024;
/** So much waits to be shown. */
const charactersWaiting = 256 * 1024;
/** A line that does not end is cut there. */
const longestLine = 16 * 1024;

/** What a job prints, as lines: the last of them are kept, and those that nobody has seen yet wait. Both have an end. */
export class JobLines {
  #rest = "";
  readonly #kept = new LineQueue(charactersKept);
  readonly #waiting = new LineQueue(charactersWaiting);
  #dropped = 0;

  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > longestLine) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#add(line);
  }

  /** What stands behind the last newline is a line too: no more will come. */
  end(): void {
    if (this.#rest !== "") this.#add(this.#rest);
    this.#rest = "";
  }

  get waiting(): number {
    return this.#waiting.length + this.#dropped;
  }

  /** The newest that wait, as many as asked for, and how many before them will not be shown. None waits after that. */
  shift(most: number): { readonly lines: readonly string[]; readonly leftOut: number } {
    const lines = this.#waiting.clear();
    const shown = most <= 0 ? [] : lines.slice(-most);
    const leftOut = this.#dropped + lines.length - shown.length;
    this.#dropped = 0;
    return { lines: shown, leftOut };
  }

  /** All that is kept, also what was seen, and the line that is still being written. */
  past(): { readonly text: string; readonly leftOut: number } {
    const text =
      this.#kept
        .lines()
        .map((line) => `${line}\n`)
        .join("") + this.#rest;
    return { text, leftOut: this.#kept.dropped };
  }

  #add(line: string): void {
    this.#kept.push(line);
    const before = this.#waiting.dropped;
    this.#waiting.push(line);
    this.#dropped += this.#waiting.dropped - before;
  }
}

/** The newest lines, as many as so many characters hold. */
class LineQueue {
  readonly #most: number;
  #lines: string[] = [];
  /** Where the first line stands in `#lines`: what is before it has been dropped. */
  #first = 0;
  #characters = 0;
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#lines.length - this.#first;
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    while (this.#characters > this.#most && this.length > 1) {
      this.#characters -= (this.#lines[this.#first] ?? "").length + 1;
      this.#lines[this.#first++] = "";
      this.dropped++;
    }
    // Now and then, not for each line: a storm would move all of them each time.
    if (this.#first > 1000 && this.#first > this.#lines.length / 2) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  lines(): readonly string[] {
    return this.#lines.slice(this.#first);
  }

  clear(): readonly string[] {
    const lines = this.lines();
    this.#lines = [];
    this.#first = 0;
    this.#characters = 0;
    return lines;
  }
}
