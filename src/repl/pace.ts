const charactersAtOnce = 64 * 1024;

/** Lets what prints without end wait a moment after so much: keys come first. */
export class Pace {
  readonly #breathMs: number;
  #printed = 0;
  #room: Promise<void> | undefined;

  constructor(breathMs: number) {
    this.#breathMs = breathMs;
  }

  printed(text: string): void {
    this.#printed += text.length;
  }

  /** undefined while there is room for more. */
  room(): Promise<void> | undefined {
    if (this.#printed < charactersAtOnce) return undefined;
    this.#room ??= new Promise((resolve) =>
      setTimeout(() => {
        this.#room = undefined;
        this.#printed = 0;
        resolve();
      }, this.#breathMs),
    );
    return this.#room;
  }
}
