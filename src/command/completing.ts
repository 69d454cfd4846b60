import type { ProcessSummary } from "../core/process.ts";
import type { Meanings } from "../core/settings.ts";
import type { Registry } from "./registry.ts";
import type { ShellJob } from "./shell.ts";

/** A line that is being typed, up to the cursor, and the world it speaks of. */
export interface Completing {
  /** The finished words before the cursor: `["stop"]`, also `["/stop"]` and `["tsm", "stop"]`. */
  readonly words: readonly string[];
  /** The word at the cursor, as far as it is typed. */
  readonly current: string;
  readonly registry: Registry;
  /** The person's own names for commands; none unless they are given. */
  readonly aliases?: Meanings;
  /** What the person's own keys do; likewise. */
  readonly keys?: Meanings;
  /** Verbs of the shell alone are offered in the shell alone. */
  readonly scope: "everywhere" | "shell";
  /** So many processes that begin so are enough: a proposal asks with each key whether there are two. */
  readonly most?: number;
  summaries(): readonly ProcessSummary[];
  /** What is said about a process beside its name. */
  describe(process: ProcessSummary): string;
  /** What a folder holds; nothing when it cannot be read. */
  files(folder: string): readonly FileEntry[];
  /** The programs in PATH. */
  programs(): readonly string[];
  /** The commands whose outputs are kept, the last first. */
  outputs(): readonly string[];
  /** What runs behind the prompt. */
  jobs(): readonly ShellJob[];
  /** The runs of a process, by its exact name, the oldest first. */
  runs(name: string): readonly Offered[];
  /** Every service, read when it is asked for. */
  services(): Promise<readonly OfferedService[]>;
}

/** What is known at once. */
export type Line = Omit<Completing, "services">;

/** A service, and what is said beside it. */
export interface OfferedService extends Offered {
  readonly enabled: boolean;
  /** No service, but a stack of them. */
  readonly isStack?: boolean;
}

/** An entry of a folder. */
export interface FileEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly executable: boolean;
}

/** A word, and what is said beside it. */
export interface Offered {
  readonly value: string;
  readonly summary: string;
}

/** A word that can stand at the cursor. */
export interface Candidate extends Offered {
  /** The word is whole: a blank follows it. Not so for a folder or `--flag=`. */
  readonly whole: boolean;
}

/** A line, and the services that may stand in it. */
export interface Known extends Line {
  readonly known: readonly OfferedService[];
}

const noAliases: Meanings = new Map();

export function aliasesOf({ aliases = noAliases }: Line): Meanings {
  return aliases;
}

export function offeredValue({ value }: Offered): string {
  return value;
}

export function whole(value: string, summary: string): Candidate {
  return { value, summary, whole: true };
}
