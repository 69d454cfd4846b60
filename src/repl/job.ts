import type { Readable } from "node:stream";
import type { JobEnd } from "../command/shell.ts";
import { exitCodes } from "../core/errors.ts";
import { type BashBehind, startBash } from "./bash-behind.ts";
import { JobLines } from "./job-lines.ts";
import { Pace } from "./pace.ts";
import type { BashExit } from "./shell.ts";

/** A statement that runs behind the prompt. */
export class Job {
  readonly number: number;
  readonly command: string;
  readonly startedAt = Date.now();
  readonly lines = new JobLines();
  readonly pace = new Pace(5);
  readonly ended: Promise<JobEnd>;
  readonly #controller = new AbortController();
  readonly #bashes = new Set<BashBehind>();
  readonly #settle: (end: Pick<JobEnd, "exitCode" | "signal">) => void;
  /** Does a line of bash print what it prints? */
  #printsBash = false;
  /** The signal that ended the last bash. */
  #signal: NodeJS.Signals | null = null;
  #isAskedToEnd = false;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(number: number, command: string) {
    this.number = number;
    this.command = command;
    let settle: (end: Pick<JobEnd, "exitCode" | "signal">) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = (end) => resolve({ job: number, command, ...end, durationMs: Date.now() - this.startedAt });
    });
    this.#settle = settle;
  }

  /** Aborted when it is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isAskedToEnd(): boolean {
    return this.#isAskedToEnd;
  }

  get printsBash(): boolean {
    return this.#printsBash;
  }

  /** Follows the work to its end. */
  follow(work: Promise<number>, failed: (error: unknown) => void): void {
    work.then(
      (exitCode) => this.#finish({ exitCode, signal: this.#signal }),
      (error: unknown) => {
        failed(error);
        this.#finish({ exitCode: exitCodes.bug, signal: null });
      },
    );
  }

  /** Runs a line of bash as a part of it. */
  async bash(
    line: string,
    options: { readonly env: NodeJS.ProcessEnv; readonly input: Readable | undefined; print(text: string): void },
  ): Promise<BashExit> {
    this.#printsBash = true;
    const bash = await startBash(line, { ...options, room: () => this.pace.room() });
    this.#bashes.add(bash);
    // It may have been told to end while bash was being loaded.
    if (this.#isAskedToEnd) bash.signal("SIGTERM");
    try {
      const exit = await bash.exit;
      this.#signal = exit.signal;
      return exit;
    } finally {
      this.#bashes.delete(bash);
    }
  }

  /** Asks it to end with this signal; what is left of it after so long gets KILL. */
  async end(first: NodeJS.Signals, graceMs: number): Promise<JobEnd> {
    this.#isAskedToEnd = true;
    this.#controller.abort();
    for (const bash of this.#bashes) bash.signal(first);
    clearTimeout(this.#giveUp);
    this.#giveUp = setTimeout(() => this.kill(), graceMs);
    return await this.ended;
  }

  kill(): void {
    this.#isAskedToEnd = true;
    this.#controller.abort();
    for (const bash of this.#bashes) bash.signal("SIGKILL");
    // A command of ours that does not hear its signal is left behind, as in the foreground.
    const leave = (): void => this.#finish({ exitCode: exitCodes.interrupted, signal: null });
    if (this.#bashes.size === 0) leave();
    else this.#giveUp = setTimeout(leave, afterKillMs);
  }

  #finish(end: Pick<JobEnd, "exitCode" | "signal">): void {
    clearTimeout(this.#giveUp);
    this.#settle(end);
  }
}

/** The kernel ends what got KILL long before that. */
const afterKillMs = 2000;
