export interface ShellOptions {
  /** Commands to run instead of reading any. */
  readonly script: string | undefined;
  readonly keepGoing: boolean;
  /** Lines of words, nothing painted, whatever the setting says. */
  readonly plain: boolean;
}

/** A file of commands that is to be run. */
export interface SourceRequest {
  readonly file: string;
  readonly keepGoing: boolean;
  /** Nothing is run; it is said what would be. */
  readonly dryRun: boolean;
}

export interface Sourced {
  /** That of the first failure. */
  readonly exitCode: number;
  /** What each line would do; of a dry run alone. */
  readonly planned: readonly PlannedLine[] | undefined;
}

/** What a command of a file would do. */
export interface PlannedLine {
  readonly file: string;
  readonly line: number;
  readonly command: string;
  /** `would stop 'api' (#0, online)`; null when it would fail. */
  readonly would: string | null;
  /** Why it would fail. */
  readonly problem: string | null;
  /** What it is known to fail with. */
  readonly exitCode: number;
}

/** The shell as its own verbs see it. */
export interface Shell {
  readonly pid: number;
  /** The n-th last output (1: the last); undefined when there is none. */
  lastOutput(n: number): ShellOutput | undefined;
  /** Every output that is kept, the last first. */
  outputs(): readonly ShellOutput[];
  history(): readonly string[];
  /** What has happened since it was opened that nobody asked for, the oldest first. */
  notices(): readonly ShellNotice[];
  /** The lines that failed when they ran last, in whatever shell of this home; the newest last. */
  failed(): readonly string[];
  /** What runs behind the prompt, by number. */
  jobs(): readonly ShellJob[];
  /** Shows what a job prints until it ends, or undefined when the person puts it back. */
  foreground(number: number, signal: AbortSignal): Promise<JobEnd | undefined>;
  /** TERM, and KILL to what is left of it after so many seconds. */
  endJob(number: number, timeoutSeconds: number): Promise<JobEnd>;
  /** The processes that a command has shown or acted on: `$_` from now on. */
  remember(names: readonly string[]): void;
  clear(): void;
  /** Runs the commands of a file as if they were typed here. */
  source(request: SourceRequest): Promise<Sourced>;
  /** Leaves the shell after this command. */
  exit(): void;
  /** Runs a line in bash with the real terminal. Its exit code. */
  passthrough(line: string): Promise<number>;
}

/** A command behind the prompt. */
export interface ShellJob {
  readonly number: number;
  /** As it was typed, without its `&`. */
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly ageMs: number;
}

/** How a job ended. */
export interface JobEnd {
  readonly job: number;
  readonly command: string;
  readonly exitCode: number;
  /** The signal that ended its bash. */
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
}

/** A crash, a restart, a port that is held. */
export interface ShellNotice {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: "bad" | "good" | "warn";
  readonly text: string;
  /** The last line of its stderr. */
  readonly words: string | undefined;
}

/** What a command printed in the shell. */
export interface ShellOutput {
  readonly command: string;
  /** As it was shown, with its colours. */
  readonly output: string;
  readonly plain: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** null: left behind, it may still be at work. */
  readonly durationMs: number | null;
  readonly exitCode: number | null;
}
