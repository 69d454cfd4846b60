import { sanitizeButColours } from "../view/sanitize.ts";
import type { JobLines } from "./job-lines.ts";

/** A job as its output is shown. */
export interface ShownJob {
  readonly number: number;
  readonly lines: JobLines;
}

export interface JobScreenDeps {
  /** Whole lines, above the prompt. */
  print(text: string): void;
  /** What stands before each line of a job. */
  prefix(number: number): string;
  faint(text: string): string;
}

/** Lines that come together are shown together. */
const paceMs = 60;
/** In a storm so many lines are shown at once before some are left out, and so many more in a second. */
const burst = 1000;
const linesPerSecond = 40;
/** Fewer are not worth a number of those that were left out. */
const leastShown = 20;

/**
 * What jobs print, above the prompt with their numbers before it. A storm is told as some lines and a number, so that a
 * person can read and type. While something else has the screen it waits.
 */
export class JobScreen {
  readonly #deps: JobScreenDeps;
  /** Jobs of which something waits to be shown, and of those that are over, how they ended. */
  readonly #due = new Map<ShownJob, { readonly how: string } | undefined>();
  readonly #allowances = new WeakMap<ShownJob, { lines: number; at: number }>();
  #timer: NodeJS.Timeout | undefined;
  #isHeld = false;

  constructor(deps: JobScreenDeps) {
    this.#deps = deps;
  }

  /** A child, a picker or a verb that paints the whole screen has it, or has given it back. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#show();
  }

  /** It has printed something. */
  changed(job: ShownJob): void {
    if (!this.#due.has(job)) this.#due.set(job, undefined);
    this.#showSoon(paceMs);
  }

  /** It is over: what is left of its output is shown, and `how`, unless that is told elsewhere (""). */
  ended(job: ShownJob, how: string): void {
    job.lines.end();
    this.#due.set(job, { how });
    this.#show();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #showSoon(ms: number): void {
    this.#timer ??= setTimeout(() => this.#show(), ms).unref();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld) return;
    let text = "";
    for (const [job, over] of this.#due) {
      const allowed = this.#allowed(job);
      if (over === undefined && allowed < leastShown && job.lines.waiting > allowed) continue; // later, and more of it
      this.#due.delete(job);
      text += this.#textOf(job, over === undefined ? allowed : Math.max(allowed, leastShown), over !== undefined);
      if (over !== undefined && over.how !== "") text += `${over.how}\n`;
    }
    if (text !== "") this.#deps.print(text);
    if (this.#due.size > 0) this.#showSoon((leastShown * 1000) / linesPerSecond);
  }

  #textOf(job: ShownJob, most: number, isOver: boolean): string {
    const { lines, leftOut } = job.lines.shift(most);
    const allowance = this.#allowances.get(job);
    if (allowance !== undefined) allowance.lines -= lines.length;
    const prefix = this.#deps.prefix(job.number);
    const count = `… ${leftOut} ${leftOut === 1 ? "line" : "lines"} left out`;
    const note = isOver ? count : `${count}: fg %${job.number}`;
    return (
      (leftOut === 0 ? "" : `${prefix} ${this.#deps.faint(note)}\n`) +
      lines.map((line) => `${prefix} ${shown(line)}\n`).join("")
    );
  }

  /** How many lines may be shown now. */
  #allowed(job: ShownJob): number {
    const now = Date.now();
    const { lines, at } = this.#allowances.get(job) ?? { lines: burst, at: now };
    const grown = Math.min(burst, lines + ((now - at) * linesPerSecond) / 1000);
    this.#allowances.set(job, { lines: grown, at: now });
    return Math.floor(grown);
  }
}

/** A line as a terminal would leave it standing: what was written over is gone, and no colour goes on behind it. */
function shown(line: string): string {
  const last = line.split("\r").findLast((part) => part !== "") ?? "";
  const harmless = sanitizeButColours(last);
  return harmless.includes("\x1b") ? `${harmless}\x1b[0m` : harmless;
}
