import { PassThrough, type Readable } from "node:stream";
import type { BashExit } from "./shell.ts";

/** A command whose output bash reads. */
export interface Piped {
  /** Aborted when the person interrupts, and when bash reads no further: then nobody is left to write for. */
  readonly controller: AbortController;
  /** Runs the command; what it prints goes to `write`. Its exit code. */
  run(write: (output: string | Uint8Array) => void): Promise<number>;
  /** Runs bash with this as its standard input. */
  bash(input: Readable): Promise<BashExit>;
}

/** How a pipe ended. */
export interface PipeEnd {
  /** The command's own code when it failed by itself, else that of bash. */
  readonly code: number;
  /** undefined when bash was never started. */
  readonly bash: BashExit | undefined;
}

/**
 * Runs a command into bash. bash has the terminal from the command's first output on, not before: a question is asked
 * and an error is read where the person is. A command that fails without any output starts no bash at all.
 */
export async function intoBash({ controller, run, bash }: Piped): Promise<PipeEnd> {
  const pipe = new PassThrough();
  let left = false;
  let exit: Promise<BashExit> | undefined;
  const leave = (): void => {
    left = true;
    controller.abort();
  };
  // When bash closes its end the stream is destroyed; what is written after that has no reader.
  pipe.on("close", () => {
    if (!pipe.readableEnded) leave();
  });
  pipe.on("error", leave);
  const start = (): Promise<BashExit> => {
    exit ??= bash(pipe).finally(leave);
    return exit;
  };
  const code = await run((output) => {
    if (left || output.length === 0) return;
    pipe.write(output);
    // Its failure is thrown below, where it is awaited.
    start().catch(() => undefined);
  });
  const failed = code !== 0 && !left;
  if (exit === undefined && (failed || controller.signal.aborted)) return { code, bash: undefined };
  pipe.end();
  const ended = await start();
  return { code: failed ? code : ended.code, bash: ended };
}
