import { writeSync } from "node:fs";
import { emitKeypressEvents, type Interface } from "node:readline";
import { isErrno } from "../core/errors.ts";
import type { CursorShape } from "./editor/editing.ts";
import type { Key } from "./editor/keymap.ts";
import { gatherKeys, restMs } from "./keys-left-behind.ts";
import { pasteBegins, pasteEnds } from "./pasted.ts";
import {
  cursorOn,
  giveTitleBack,
  healed,
  keepTitle,
  ownShape,
  pasteOff,
  pasteOn,
  shapes,
} from "./terminal-sequences.ts";

/** The two ends of a terminal; tests make their own. */
export interface TerminalStreams {
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean | undefined;
    readonly fd?: number | undefined;
    setRawMode?(raw: boolean): unknown;
  };
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean | undefined;
    readonly fd?: number | undefined;
    readonly columns?: number | undefined;
    readonly rows?: number | undefined;
    /** Node's own: asks the system for the size, as it does by itself only when the signal for it is handled. */
    _refreshSize?(): void;
  };
}

/** A paste that may be cut by who has the keys in between. */
export interface Paste {
  isGoingOn: boolean;
  /** Does who has the keys see the marks of pastes, and keep the other up to date? */
  isWatched: boolean;
}

/** What happens at a terminal. */
export interface TerminalEvents {
  key(text: string | undefined, key: Key): void;
  resized(): void;
  /** SIGINT from elsewhere: Ctrl-C itself arrives as a key. */
  interrupted(): void;
  /** The program is about to be stopped. */
  stopping?(): void;
  /** The program was stopped and goes on; the screen belongs to nobody. */
  continued(): void;
  /** A child or a picker has the terminal now, or has given it back. */
  lent(isLent: boolean): void;
  /** SIGTERM, SIGHUP, or the terminal is gone: the shell ends with this exit code. */
  ended(exitCode: number): void;
  /** An error that nobody caught. */
  bug(error: unknown): void;
}

/** The terminal of the shell: keys come from here, and it is left as it was found, however the shell ends. */
export class Terminal {
  readonly #streams: TerminalStreams;
  readonly #events: TerminalEvents;
  /** Nothing but text may be written: no escape sequence ever. */
  readonly #isPlain: boolean;
  #state: "closed" | "open" | "lent" = "closed";
  /** The modes of the terminal as `stty` prints them, from before the first child. */
  #modes: string | undefined;
  /** What we called the window last. */
  #title: string | undefined;
  #goOn: (() => void) | undefined;
  /** Shows the question that has the keys once more. */
  #showQuestion: (() => void) | undefined;
  #shape: CursorShape | undefined;
  /** Ends the gathering of what was typed while somebody else had the keys. */
  #deliver: (() => void) | undefined;
  /** The beginning of a paste has come as a key, and its end has not. */
  #isPasting = false;
  /** When keys came last. */
  #keysAt = 0;
  #bugTimes: number[] = [];

  constructor(streams: TerminalStreams, events: TerminalEvents, isPlain: boolean) {
    this.#streams = streams;
    this.#events = events;
    this.#isPlain = isPlain;
  }

  // A terminal that does not know its size says 0.
  get columns(): number {
    return Math.max(4, this.#streams.stdout.columns || 80);
  }

  get rows(): number {
    return Math.max(2, this.#streams.stdout.rows || 24);
  }

  /**
   * Learns of a change of the size whose signal is still on its way; `resized` is told of it. A frame for the old size
   * would be painted over rows that the terminal has wrapped anew.
   */
  lookAtSize(): void {
    this.#streams.stdout._refreshSize?.();
  }

  write(text: string): void {
    if (this.#state !== "closed") this.#streams.stdout.write(text);
  }

  /** How the cursor looks until it is said otherwise; nobody else sees it so. */
  shapeCursor(shape: CursorShape | undefined): void {
    if (shape === this.#shape) return;
    this.#shape = shape;
    if (this.#state !== "closed") this.#control(shape === undefined ? ownShape : shapes[shape]);
  }

  /** Takes the keys: raw mode, pastes in brackets, signals. */
  open(): void {
    const { stdin, stdout } = this.#streams;
    this.#state = "open";
    // The second argument is read for `escapeCodeTimeout` only; an Interface would take the keys itself.
    emitKeypressEvents(stdin as NodeJS.ReadableStream, { escapeCodeTimeout: 40 } as unknown as Interface);
    // Before the decoder of the keys, which listens as soon as there is somebody for them.
    stdin.on("data", this.#endPasteWithoutEnd);
    stdin.on("end", this.#gone);
    stdin.on("error", this.#failed);
    stdout.on("error", this.#failed);
    stdout.on("resize", this.#resized);
    for (const [signal, listener] of this.#signals) process.on(signal, listener);
    process.on("exit", this.#restore);
    process.on("uncaughtException", this.#uncaught);
    this.#takeKeys();
  }

  /** Gives the terminal back. */
  close(): void {
    if (this.#state === "closed") return;
    const { stdin, stdout } = this.#streams;
    if (this.#title !== undefined) stdout.write(giveTitleBack);
    if (this.#state === "open") this.#releaseKeys();
    this.#state = "closed";
    stdin.off("data", this.#endPasteWithoutEnd);
    stdin.off("end", this.#gone);
    stdin.off("error", this.#failed);
    stdout.off("resize", this.#resized);
    for (const [signal, listener] of this.#signals) process.off(signal, listener);
    process.off("exit", this.#restore);
    process.off("uncaughtException", this.#uncaught);
    // The listener for errors of stdout stays: writes to a terminal that is gone fail after this.
  }

  /** Calls the window so until the shell ends; undefined: as it was called before. */
  entitle(title: string | undefined): void {
    if (this.#isPlain || this.#state !== "open" || title === this.#title) return;
    const keep = this.#title === undefined ? keepTitle : "";
    this.#title = title;
    if (title === undefined) {
      this.write(giveTitleBack);
      return;
    }
    // A title ends at the first control character.
    this.write(`${keep}\x1b]2;${title.replace(/\p{Cc}/gu, "")}\x07`);
  }

  /**
   * Lends the terminal to a child or a picker: nothing of ours reads keys or writes until `work` is done.
   * @param showAgain shows a question where the cursor is: the program was stopped and goes on. Who has none sees to
   * that by himself.
   */
  async lend<T>(
    to: "child" | "picker",
    work: (paste: Paste) => Promise<T>,
    showAgain?: (() => void) | undefined,
  ): Promise<T> {
    const paste: Paste = { isGoingOn: this.#isPasting, isWatched: false };
    if (this.#state !== "open") return work(paste);
    this.#releaseKeys();
    this.#state = "lent";
    this.#showQuestion = showAgain;
    this.#events.lent(true);
    // Ctrl-Z in a child stops the whole group, this program too, in the system's own way.
    if (showAgain === undefined) process.off("SIGTSTP", this.#stopped);
    if (to === "child") this.#modes ??= await this.#readModes();
    try {
      return await work(paste);
    } finally {
      this.#showQuestion = undefined;
      if (to === "child") await this.#heal();
      if (this.#isLent()) {
        // The child may have called the window by its own name.
        if (to === "child" && this.#title !== undefined) this.#title = "";
        if (showAgain === undefined) process.on("SIGTSTP", this.#stopped);
        this.#state = "open";
        this.#takeKeysLeftBehind(paste.isWatched ? paste.isGoingOn : undefined);
        this.#events.lent(false);
      }
    }
  }

  /** Stops the program (Ctrl-Z) with its whole job; resolves when it goes on. */
  async stop(): Promise<void> {
    this.#events.stopping?.();
    this.#releaseKeys();
    // A picker hides it.
    if (this.#isLent()) this.#control(cursorOn);
    process.off("SIGTSTP", this.#stopped);
    const goesOn = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    process.kill(0, "SIGTSTP");
    // Stopped here. Where no shell could continue us, the system ignores the signal and no SIGCONT comes. A timer that began
    // now would be over before the SIGCONT is heard, which then makes the terminal cooked once more, under the prompt.
    let ignored: NodeJS.Timeout | undefined;
    const turn = setImmediate(() => {
      ignored = setTimeout(() => this.#goOn?.(), 50);
    });
    await goesOn;
    clearImmediate(turn);
    clearTimeout(ignored);
    this.#goOn = undefined;
    process.on("SIGTSTP", this.#stopped);
    if (this.#state === "open") this.#takeKeys();
    else if (this.#isLent()) this.#listen();
  }

  /** The cursor may stand behind what a child printed last: goes to a line of its own, keeping that text. */
  toFreshLine(noNewline: string): void {
    this.write(this.#isPlain ? "\n" : `\x1b[2m${noNewline}\x1b[0m${" ".repeat(this.columns - 1)}\r\x1b[K`);
  }

  #isLent(): boolean {
    return this.#state === "lent";
  }

  #takeKeys(): void {
    const { stdin } = this.#streams;
    stdin.on("keypress", this.#key);
    this.#listen();
  }

  /**
   * As `takeKeys`, when somebody else had the keys until now: what was typed meanwhile and nobody has read is the
   * shell's, as in every shell.
   * @param isPasting whether a paste goes on, where that is known.
   */
  #takeKeysLeftBehind(isPasting: boolean | undefined): void {
    const { stdin } = this.#streams;
    this.#deliver = gatherKeys(stdin, isPasting ?? this.#isPasting, (keys) => {
      this.#deliver = undefined;
      stdin.on("keypress", this.#key);
      // To the decoder of the keys, which listens as long as there is somebody for them.
      if (isPasting !== undefined && isPasting !== this.#isPasting) {
        stdin.emit("data", Buffer.from(isPasting ? pasteBegins : pasteEnds));
      }
      if (keys.length > 0) stdin.emit("data", keys);
      // Somebody else may have read the end of it: every further key would be a part of the paste.
      if (isPasting === undefined && this.#isPasting) stdin.emit("data", Buffer.from(pasteEnds));
    });
    this.#listen();
  }

  /** Ctrl-C by itself, when nothing more has come of a paste for a while, is the person's. */
  readonly #endPasteWithoutEnd = (keys: Buffer | string): void => {
    if (this.#state !== "open") return;
    const isInterrupt = keys.toString() === "\x03";
    const isQuiet = Date.now() - this.#keysAt > restMs;
    if (!isInterrupt) this.#keysAt = Date.now();
    else if (this.#isPasting && isQuiet) this.#streams.stdin.emit("data", Buffer.from(pasteEnds));
  };

  readonly #key = (text: string | undefined, key: Key): void => {
    if (key.name === "paste-start") this.#isPasting = true;
    if (key.name === "paste-end") this.#isPasting = false;
    this.#events.key(text, key);
  };

  #listen(): void {
    this.#setRaw(true);
    this.#streams.stdin.resume();
    this.#control(`${pasteOn}${this.#shape === undefined ? "" : shapes[this.#shape]}`);
  }

  #releaseKeys(): void {
    this.#deliver?.();
    const { stdin } = this.#streams;
    stdin.off("keypress", this.#key);
    stdin.pause();
    this.#setRaw(false);
    this.#control(`${pasteOff}${this.#shape === undefined ? "" : ownShape}`);
  }

  #control(sequences: string): void {
    if (!this.#isPlain) this.#streams.stdout.write(sequences);
  }

  #setRaw(raw: boolean): void {
    try {
      this.#streams.stdin.setRawMode?.(raw);
    } catch (error) {
      if (!isErrno(error, "EIO", "ENOTTY", "EBADF", "ENXIO")) throw error; // The terminal is gone.
    }
  }

  async #readModes(): Promise<string | undefined> {
    const { fd } = this.#streams.stdin;
    if (fd === undefined) return undefined;
    const { spawnSync } = await import("node:child_process");
    const { status, stdout } = spawnSync("stty", ["-g"], { stdio: [fd, "pipe", "ignore"], encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  }

  /** A killed child leaves the terminal as it used it; taken over, that would count as its normal state. */
  async #heal(): Promise<void> {
    const { fd } = this.#streams.stdin;
    if (fd !== undefined && this.#modes !== undefined) {
      const { spawnSync } = await import("node:child_process");
      spawnSync("stty", [this.#modes], { stdio: [fd, "ignore", "ignore"] });
    }
    this.#control(healed);
  }

  /** At the very end, when nothing that waits runs any more. */
  readonly #restore = (): void => {
    if (this.#state === "closed") return;
    this.#setRaw(false);
    const { fd } = this.#streams.stdout;
    if (fd === undefined || this.#isPlain) return;
    try {
      const shape = this.#shape === undefined ? "" : ownShape;
      writeSync(fd, `${pasteOff}${cursorOn}${shape}${this.#title === undefined ? "" : giveTitleBack}`);
    } catch (error) {
      if (!isErrno(error, "EIO", "EBADF", "EAGAIN", "EPIPE")) throw error; // The terminal is gone.
    }
  };

  readonly #resized = (): void => {
    if (this.#state === "open") this.#events.resized();
  };

  readonly #gone = (): void => this.#leave(129);

  readonly #failed = (error: Error): void => {
    if (!isErrno(error, "EIO", "EPIPE", "EBADF")) throw error;
    this.#leave(129);
  };

  readonly #stopped = (): void => {
    this.stop().then(
      () => this.#showAgain(),
      (error: unknown) => this.#events.bug(error),
    );
  };

  readonly #continued = (): void => {
    if (this.#goOn !== undefined) {
      this.#goOn();
      return;
    }
    if (this.#state !== "open" && this.#showQuestion === undefined) return;
    // Raw mode is on as far as Node knows; the shell that continued us has changed it since.
    this.#setRaw(false);
    this.#setRaw(true);
    this.#control(pasteOn);
    this.#showAgain();
  };

  #showAgain(): void {
    if (this.#showQuestion === undefined) this.#events.continued();
    else this.#showQuestion();
  }

  readonly #signals: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ["SIGTERM", () => this.#leave(143)],
    ["SIGHUP", () => this.#leave(129)],
    // While a child has the terminal, its Ctrl-C and Ctrl-\ reach us too and mean the child alone.
    ["SIGINT", () => this.#state === "open" && this.#events.interrupted()],
    ["SIGQUIT", () => undefined],
    ["SIGTSTP", this.#stopped],
    ["SIGCONT", this.#continued],
  ];

  #leave(exitCode: number): void {
    if (this.#state === "closed") return;
    this.#events.ended(exitCode);
    this.close();
    // A shell that loses its own terminal passes the signal on once more, while we still tidy up; and a picker that
    // sees nobody else listen for its signal ends the program on the spot.
    for (const signal of ["SIGHUP", "SIGTERM"] as const) process.on(signal, () => undefined);
  }

  readonly #uncaught = (error: unknown): void => {
    if (isErrno(error, "EIO", "EPIPE")) {
      this.#leave(129); // Somebody wrote to a terminal that is gone.
      return;
    }
    const now = Date.now();
    this.#bugTimes = [...this.#bugTimes.filter((time) => now - time < 1000), now];
    if (this.#bugTimes.length > 5) {
      // It goes on and on: the end is kinder.
      this.close();
      throw error;
    }
    this.#events.bug(error);
  };
}
