import type { JobEnd, Shell, ShellJob } from "../command/shell.ts";
import { answerLines } from "../view/error-lines.ts";
import type { Appearance } from "./appearance.ts";
import { startBehind } from "./behind.ts";
import type { ReplDeps } from "./deps.ts";
import { painted } from "./editor/styles.ts";
import { JobScreen } from "./job-screen.ts";
import { Jobs } from "./jobs.ts";
import type { Printer } from "./printer.ts";
import type { ResultSet } from "./result-set.ts";
import { type BashExit, exitText } from "./shell.ts";
import type { Ready } from "./statement.ts";
import type { Begun } from "./typed-lines.ts";

export interface PromptJobsDeps {
  readonly repl: ReplDeps;
  readonly printer: Printer;
  readonly appearance: Appearance;
  readonly results: ResultSet;
  columns(): number;
  /** The ids of the processes: a job's number is none of them when it begins. */
  ids(): readonly number[];
  shell(): Omit<Shell, "source">;
  reportBug(error: unknown): void;
}

/** Between TERM and KILL when the shell ends. */
const leavingMs = 1000;

/** The jobs of a shell at a terminal: what they print and how they end is told above the prompt. */
export class PromptJobs {
  readonly #deps: PromptJobsDeps;
  readonly #screen: JobScreen;
  readonly #jobs: Jobs;

  constructor(deps: PromptJobsDeps) {
    this.#deps = deps;
    const { printer } = deps;
    this.#screen = new JobScreen({
      print: (text) => {
        printer.finishRow();
        printer.write(text);
      },
      prefix: (number) => this.#prefix(number),
      faint: (text) => printer.faint(text),
    });
    this.#jobs = new Jobs({
      taken: deps.ids,
      begun: ({ number, command }) => printer.write(`${this.#prefix(number)} ${command}\n`),
      printed: (job) => this.#screen.changed(job),
      ended: (job, end, isTold) => this.#screen.ended(job, isTold ? "" : this.#endLine(end)),
      failed: deps.reportBug,
    });
  }

  start(ready: Ready): Begun {
    const { repl, appearance, results, columns, shell } = this.#deps;
    const { plain } = appearance.look;
    const job = startBehind(ready, { repl, jobs: this.#jobs, results, plain, columns, shell });
    return { ended: job.ended.then((end) => (job.isAskedToEnd ? undefined : end)) };
  }

  all(): readonly ShellJob[] {
    return this.#jobs.all();
  }

  hold(isHeld: boolean): void {
    this.#screen.hold(isHeld);
  }

  async foreground(number: number, write: (text: string) => void, signal: AbortSignal): Promise<JobEnd | undefined> {
    const end = await this.#jobs.foreground(number, write, signal);
    const { printer } = this.#deps;
    printer.finishRow();
    const back = this.all().find((job) => job.number === number);
    if (end === undefined && back !== undefined) printer.write(`${this.#prefix(number)} ${back.command}\n`);
    if (end !== undefined && end.exitCode !== 0) write(`${printer.faint(exitText(exitOf(end)))}\n`);
    return end;
  }

  putBack(): boolean {
    return this.#jobs.putBack();
  }

  end(number: number, timeoutSeconds: number): Promise<JobEnd> {
    return this.#jobs.end(number, timeoutSeconds * 1000);
  }

  /** The shell ends, and they with it: says so and resolves when none is left. Whoever is in a hurry has them killed. */
  async endAll(): Promise<void> {
    const jobs = this.all();
    if (jobs.length === 0) return;
    const { printer } = this.#deps;
    printer.finishRow();
    const names = jobs.map(({ number, command }) => `[${number}] ${command}`).join(", ");
    const said = `tsm: ${jobs.length === 1 ? "1 job is" : `${jobs.length} jobs are`} ended: ${names}\n`;
    printer.write(answerLines(said, this.#deps.columns()));
    const hurry = (): void => this.#jobs.killAll();
    for (const signal of hurries) process.on(signal, hurry);
    try {
      await this.#jobs.endAll(leavingMs);
    } finally {
      for (const signal of hurries) process.off(signal, hurry);
    }
  }

  #endLine(end: JobEnd): string {
    const { styles } = this.#deps.appearance;
    const isDone = end.exitCode === 0;
    const how = painted(isDone ? styles.good : styles.bad, isDone ? "done" : exitText(exitOf(end)));
    return `${this.#prefix(end.job)} ${how}  ${end.command}`;
  }

  #prefix(number: number): string {
    const { accent, bash, quoted, warn, good } = this.#deps.appearance.styles;
    const hues = [accent, bash, quoted, warn, good];
    return painted(hues[number % hues.length], `[${number}]`);
  }
}

function exitOf({ exitCode, signal }: JobEnd): BashExit {
  return { code: exitCode, signal };
}

const hurries = ["SIGTERM", "SIGHUP", "SIGINT"] as const;
