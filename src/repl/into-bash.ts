import { PassThrough, type Readable } from "node:stream";
import type { BashExit } from "./shell.ts";

/** A command whose output bash reads. */
export interface Piped {
  /** Aborted when the person interrupts, and when bash reads no further: then nobody is left to write for. */
  readonly controller: AbortController;
  /** Runs the command; what it prints goes into the pipe. Its exit code. */
  run(pipe: Pipe): Promise<number>;
  /** Runs bash with this as its standard input. */
  bash(input: Readable): Promise<BashExit>;
}

/** What a command prints into. */
export interface Pipe {
  write(output: string | Uint8Array): void;
  /** undefined while bash keeps up; else when it has read what was written, or nobody reads any more. */
  room(): Promise<void> | undefined;
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
  let goOn: (() => void) | undefined;
  let full: Promise<void> | undefined;
  const hasRoom = (): void => {
    full = undefined;
    goOn?.();
  };
  let exit: Promise<BashExit> | undefined;
  const leave = (): void => {
    left = true;
    controller.abort();
    hasRoom();
  };
  // When bash closes its end the stream is destroyed; what is written after that has no reader.
  pipe.on("close", () => {
    if (!pipe.readableEnded) leave();
  });
  pipe.on("error", leave);
  pipe.on("drain", hasRoom);
  controller.signal.addEventListener("abort", hasRoom);
  const start = (): Promise<BashExit> => {
    exit ??= bash(pipe).finally(leave);
    return exit;
  };
  const code = await run({
    write(output) {
      if (left || output.length === 0) return;
      if (!pipe.write(output)) {
        full ??= new Promise((resolve) => {
          goOn = resolve;
        });
      }
      // Its failure is thrown below, where it is awaited.
      start().catch(() => undefined);
    },
    room: () => (controller.signal.aborted ? undefined : full),
  });
  const failed = code !== 0 && !left;
  if (exit === undefined && (failed || controller.signal.aborted)) return { code, bash: undefined };
  pipe.end();
  const ended = await start();
  return { code: failed ? code : ended.code, bash: ended };
}
