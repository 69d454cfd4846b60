import type { JobEnd, ShellJob } from "../command/shell.ts";
import { TsmError } from "../core/errors.ts";
import { sanitize } from "../view/sanitize.ts";
import { Job } from "./job.ts";

export interface JobsDeps {
  /** Numbers that mean something else at this moment. */
  taken(): readonly number[];
  begun(job: Job): void;
  printed(job: Job, text: string): void;
  /** @param isTold somebody has asked for its end, or sees it in the foreground: it need not be told. */
  ended(job: Job, end: JobEnd, isTold: boolean): void;
  failed(error: unknown): void;
}

/** The job that is in the foreground, and who shows it. */
interface Shown {
  readonly job: Job;
  write(text: string): void;
  putBack(): void;
}

/** What runs behind the prompt of one shell, by number. */
export class Jobs {
  readonly #deps: JobsDeps;
  readonly #jobs = new Map<number, Job>();
  #shown: Shown | undefined;

  constructor(deps: JobsDeps) {
    this.#deps = deps;
  }

  all(): readonly ShellJob[] {
    const now = Date.now();
    return [...this.#jobs.values()]
      .sort((a, b) => a.number - b.number)
      .map(({ number, command, startedAt }) => ({ number, command, startedAt, ageMs: now - startedAt }));
  }

  /** Begins a job. It goes on by itself. */
  start(command: string, work: (job: Job) => Promise<number>): Job {
    // However the shell goes: a child without a terminal would not notice.
    if (this.#jobs.size === 0) process.once("exit", this.#killAll);
    const job = new Job(this.#freeNumber(), sanitize(command));
    this.#jobs.set(job.number, job);
    this.#deps.begun(job);
    job.follow(work(job), this.#deps.failed);
    void job.ended.then((end) => {
      this.#jobs.delete(job.number);
      if (this.#jobs.size === 0) process.off("exit", this.#killAll);
      const isShown = this.#shown?.job === job;
      job.lines.end();
      if (isShown) job.lines.shift(0);
      this.#deps.ended(job, end, isShown || job.isAskedToEnd);
    });
    return job;
  }

  /** A job has printed something. */
  print(job: Job, text: string): void {
    job.pace.printed(text);
    job.lines.take(text);
    if (this.#shown?.job !== job) {
      this.#deps.printed(job, text);
      return;
    }
    // Seen as it comes.
    job.lines.shift(0);
    this.#shown.write(text);
  }

  /** Shows a job in the foreground to its end; undefined when it was put back before. */
  async foreground(number: number, write: (text: string) => void, signal: AbortSignal): Promise<JobEnd | undefined> {
    const job = this.#named(number);
    write(begunText(job));
    let putBack = (): void => undefined;
    const back = new Promise<undefined>((resolve) => {
      putBack = () => resolve(undefined);
    });
    const shown: Shown = { job, write, putBack };
    const interrupt = (): void => void job.end("SIGINT", interruptGraceMs);
    signal.addEventListener("abort", interrupt);
    this.#shown = shown;
    try {
      return await Promise.race([job.ended, back]);
    } finally {
      signal.removeEventListener("abort", interrupt);
      if (this.#shown === shown) this.#shown = undefined;
    }
  }

  /** Puts what `foreground` shows behind the prompt again. @returns whether there was something. */
  putBack(): boolean {
    this.#shown?.putBack();
    return this.#shown !== undefined;
  }

  async end(number: number, graceMs: number): Promise<JobEnd> {
    return await this.#named(number).end("SIGTERM", graceMs);
  }

  /** Tells all to end, at once; resolves when none is left. */
  async endAll(graceMs: number): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.end("SIGTERM", graceMs)));
  }

  killAll(): void {
    this.#killAll();
  }

  /** Resolves when all have ended by themselves. */
  async allEnded(): Promise<readonly JobEnd[]> {
    return await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
  }

  readonly #killAll = (): void => {
    for (const job of this.#jobs.values()) job.kill();
  };

  #named(number: number): Job {
    const job = this.#jobs.get(number);
    if (job !== undefined) return job;
    throw new TsmError("NOT_FOUND", `job %${number} has ended meanwhile`);
  }

  /** The lowest that names neither a job nor a process. */
  #freeNumber(): number {
    const taken = new Set([...this.#jobs.keys(), ...this.#deps.taken()]);
    for (let number = 1; ; number++) if (!taken.has(number)) return number;
  }
}

const interruptGraceMs = 5000;

/** What the foreground shows first: of bash all that is kept; of our own commands what nobody has seen. */
function begunText(job: Job): string {
  const unseen = job.lines.shift(job.printsBash ? 0 : Number.POSITIVE_INFINITY);
  const { text, leftOut } = job.printsBash
    ? job.lines.past()
    : { text: unseen.lines.map((line) => `${line}\n`).join(""), leftOut: unseen.leftOut };
  return leftOut === 0 ? text : `… ${leftOut} lines before are not kept\n${text}`;
}
