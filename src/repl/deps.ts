import type { Door } from "../command/door.ts";
import type { Registry } from "../command/registry.ts";
import type { Engine } from "../core/engine.ts";
import type { Meanings } from "../core/settings.ts";
import type { Wanted } from "../view/theme.ts";
import type { TerminalStreams } from "./terminal.ts";

/** What the shell stands on. */
export interface ReplDeps extends TerminalStreams {
  readonly registry: Registry;
  readonly engine: Pick<
    Engine,
    | "eachSummary"
    | "areOneApp"
    | "unrecorded"
    | "summaryOf"
    | "lastWordsOf"
    | "memoryExcess"
    | "portHolder"
    | "follow"
    | "isFirstShell"
    | "runs"
    | "services"
    | "stacks"
  >;
  /** Runs a command: prints its result or its error through the door; its exit code. */
  dispatch(words: readonly string[], door: Door): Promise<number>;
  readonly stderr: NodeJS.WritableStream;
  /** Where a script's output goes. @param gone called when nobody reads it any more */
  output(gone: () => void): { write(output: string | Uint8Array): void };
  /** The folder of TSM. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** The settings in force: read anew, as other shells and the command line change them. */
  settings(): ReplSettings;
}

export interface ReplSettings extends Wanted {
  /** The first word of the prompt: `tsm`. */
  readonly prompt: string;
  /** How many lines of history are kept. */
  readonly historySize: number;
  readonly notices: "on" | "off";
  readonly editingMode: "emacs" | "vi";
  /** The person's own names for commands. */
  readonly aliases: Meanings;
  /** The person's own keys. */
  readonly keys: Meanings;
  readonly plain: "on" | "off";
  readonly promptMarks: "auto" | "on" | "off";
  readonly windowTitle: "on" | "off";
  /** Why the file's values are not used, when they are not. */
  readonly problem: string | undefined;
}
