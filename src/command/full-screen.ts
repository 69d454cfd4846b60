export type TakeScreen = <T>(work: (screen: FullScreen) => Promise<T>) => Promise<T>;

/** A terminal of which nothing is shown but what is written here: empty at first, and afterwards as it was before. */
export interface FullScreen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** From now on the keys go there, and word that all must be painted anew, as its size is another. */
  listen(events: FullScreenEvents): void;
  /** Stops the program with its job, as Ctrl-Z does, and comes back when it goes on. */
  suspend(): Promise<void>;
  /** Aborted when the terminal is gone, or the program is to end. */
  readonly ended: AbortSignal;
  /** With what the program ends when it was ended so; 0 until then. */
  readonly exitCode: number;
}

export interface FullScreenEvents {
  /** @param text what the key stands for when it is a letter, digit or sign. */
  key(text: string | undefined, key: { readonly name?: string | undefined; readonly ctrl?: boolean | undefined }): void;
  /** What was pasted, whole: it presses no keys. */
  pasted?(text: string): void;
  repaint(): void;
}
