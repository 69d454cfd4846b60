import type { Buffer } from "./engine.ts";

/** The lines that begin like the one being typed, newest first and each once: looked for as far back as somebody goes. */
export class Recall {
  /** The line that was being typed. */
  readonly typed: Buffer;
  readonly #begun: string;
  readonly #lines: Iterator<string>;
  readonly #found: string[] = [];
  readonly #seen: Set<string>;
  /** -1: the line that was being typed. */
  #at = -1;

  /** @param begun what they begin with: what stands left of the cursor, unless it is said. */
  constructor(typed: Buffer, lines: Iterable<string>, begun = typed.text.slice(0, typed.cursor)) {
    this.typed = typed;
    this.#begun = begun;
    this.#lines = lines[Symbol.iterator]();
    this.#seen = new Set([typed.text]);
  }

  /** So many lines further back, stopping at both ends. @returns undefined for the line that was being typed. */
  go(by: number): string | undefined {
    const wanted = this.#at + by;
    while (this.#found.length <= wanted && this.#findNext());
    this.#at = Math.max(-1, Math.min(this.#found.length - 1, wanted));
    return this.#found[this.#at];
  }

  #findNext(): boolean {
    for (let next = this.#lines.next(); next.done !== true; next = this.#lines.next()) {
      const line = next.value;
      if (!beginsWith(line, this.#begun) || this.#seen.has(line)) continue;
      this.#seen.add(line);
      this.#found.push(line);
      return true;
    }
    return false;
  }
}

/** As `startsWith`, which takes 7 ms for 50,000 lines: from the end, as most lines begin alike. */
export function beginsWith(line: string, begun: string): boolean {
  for (let at = begun.length - 1; at >= 0; at--) if (line.charCodeAt(at) !== begun.charCodeAt(at)) return false;
  return true;
}
