import type { Engine } from "../core/engine.ts";
import type { Settings } from "../core/settings.ts";
import type { Look } from "../view/look.ts";
import type { Paint } from "../view/paint.ts";
import type { Ask } from "./define.ts";
import type { TakeScreen } from "./full-screen.ts";
import { textOf } from "./output-text.ts";
import type { Registry } from "./registry.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Shell, ShellOptions, Sourced, SourceRequest } from "./shell.ts";

/** Where a command comes from and its answer goes to: the command line or the shell. */
export interface Door {
  /** Text, or bytes that are no text. */
  write(output: string | Uint8Array): void;
  writeError(text: string): void;
  /** Columns of the output's terminal; undefined for a pipe or file. */
  readonly columns: number | undefined;
  /** Rows of the output's terminal, where it is one and says so. */
  readonly rows?: number | undefined;
  readonly terminal: boolean;
  /** A terminal that is to get lines of words, nothing painted. */
  readonly plain?: boolean;
  /** A person sits there and the shell is open. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
  readonly ask: Ask | undefined;
  readonly takeScreen?: TakeScreen | undefined;
  /** Some of the words stand for processes that the person did not name one by one: `$_`. */
  readonly unnamed?: boolean;
  /** Words that stand for `$_`, `$1` and so on. */
  readonly placed?: readonly string[];
  /** It runs behind the prompt of a shell. */
  readonly behind?: boolean;
  /** undefined while there is room for more; else a stream waits for it before it goes on. */
  room?(): Promise<void> | undefined;
  readonly shell: Shell | undefined;
  /** Nothing is run: it is told what would be. */
  readonly rehearsal?: Rehearsal | undefined;
}

/** What all doors share. */
export interface House {
  readonly registry: Registry;
  readonly engine: Engine;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text with its control characters made visible: what a person typed comes back in errors. */
  printable(line: string): string;
  /** Colours for a terminal, or none. */
  paint(settings: Settings, terminal: boolean, plain: boolean): Promise<Paint>;
  /** What the place can show. */
  look(plain: boolean): Look;
  /** Does the terminal wrap anew what it shows when its width changes? */
  readonly reflows: boolean;
  readonly openShell: ((options: ShellOptions) => Promise<number>) | undefined;
  /** Runs the commands of a file where there is no shell. */
  source(request: SourceRequest): Promise<Sourced>;
}

/** The same place with its output taken: as wide, as colourful, but nobody there. */
export function captured(door: Door, write: (text: string) => void): Door {
  const { columns, rows, terminal, plain = false, signal, shell, behind = false, rehearsal } = door;
  const output = {
    write: (output: string | Uint8Array): void => write(textOf(output)),
    writeError: write,
    columns,
    rows,
    terminal,
    plain,
  };
  return { ...output, interactive: false, signal, ask: undefined, shell, behind, rehearsal };
}
