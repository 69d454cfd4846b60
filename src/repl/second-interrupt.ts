/** The second Ctrl-C must come within this time. */
const withinMs = 2000;

/** Ctrl-C on an empty line leaves the shell when it is the second in a row. */
export class SecondInterrupt {
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @returns whether this one leaves. */
  take(isLineEmpty: boolean): boolean {
    if (isLineEmpty && this.#isDue()) return true;
    this.#lastAt = isLineEmpty ? Date.now() : Number.NEGATIVE_INFINITY;
    return false;
  }

  /** Something else was done: the next one is the first again. */
  forget(): void {
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  /** What the line says while one more would leave. */
  hint(): string | undefined {
    return this.#isDue() ? "Ctrl-C again, or Ctrl-D, leaves the shell" : undefined;
  }

  #isDue(): boolean {
    return Date.now() - this.#lastAt < withinMs;
  }
}
