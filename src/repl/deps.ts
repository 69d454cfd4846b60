import type { Door } from "../command/dispatch.ts";
import type { Registry } from "../command/registry.ts";
import type { Engine } from "../core/engine.ts";
import type { TerminalStreams } from "./terminal.ts";

/** What the shell stands on. */
export interface ReplDeps extends TerminalStreams {
  readonly registry: Registry;
  readonly engine: Pick<Engine, "summaries" | "summaryOf" | "lastWordsOf" | "follow" | "runs" | "services">;
  /** Runs a command: prints its result or its error through the door; its exit code. */
  dispatch(words: readonly string[], door: Door): Promise<number>;
  readonly stderr: NodeJS.WritableStream;
  /** The folder of TSM. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: ReplSettings;
}

export interface ReplSettings {
  /** The first word of the prompt: `tsm`. */
  readonly prompt: string;
  /** How many lines of history are kept. */
  readonly historySize: number;
  readonly colours: "auto" | "always" | "never";
  readonly notices: "on" | "off";
}
