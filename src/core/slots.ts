/** So many at the same time: who comes first is first. */
export class Slots {
  readonly #most: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#free = most;
  }

  /** How many places are taken. */
  get held(): number {
    return this.#most - this.#free;
  }

  /** Does it in a place of its own, as soon as there is one. */
  async hold<R>(act: () => Promise<R>): Promise<R> {
    await this.#take();
    try {
      return await act();
    } finally {
      this.#give();
    }
  }

  /** Gives the place away for as long as this takes. */
  async without<R>(act: () => Promise<R>): Promise<R> {
    this.#give();
    try {
      return await act();
    } finally {
      await this.#take();
    }
  }

  #take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
