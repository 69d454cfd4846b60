import { fstatSync, type Stats, statSync, writeSync } from "node:fs";
import { isErrno, TsmError } from "../core/errors.ts";

/** Where the answer of a command goes. */
export interface Output {
  write(output: string | Uint8Array): void;
  /** Of the terminal; undefined for a pipe or a file. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly terminal: boolean;
}

/**
 * Standard output. `process.stdout` is made for a terminal alone: the streams and sockets that Node builds for it cost
 * 4 ms, and it would write to a pipe or a file just as we do, at once and to the end.
 * @param gone called when the reader of a pipe has gone (`tsm logs | head`): nobody is left to write for.
 */
export function standardOutput(gone: () => void): Output {
  if (mayBeTerminal(fstatSync(1)) && process.stdout.isTTY) {
    const { stdout } = process;
    return {
      write: (output) => void stdout.write(output),
      get columns() {
        return stdout.columns;
      },
      get rows() {
        return stdout.rows;
      },
      terminal: true,
    };
  }
  const write = (output: string | Uint8Array) => {
    try {
      writeAll(typeof output === "string" ? Buffer.from(output) : output);
    } catch (error) {
      if (!isErrno(error, "EPIPE")) throw notWritten(error);
      gone();
    }
  };
  return { write, columns: undefined, rows: undefined, terminal: false };
}

/** /dev/null is a character device too, and often where the output goes. */
function mayBeTerminal(file: Stats): boolean {
  return file.isCharacterDevice() && file.rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}

/** A full disk there says nothing of the home's. */
function notWritten(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const reason = /^\w+: (.*), write$/.exec(error.message)?.[1] ?? error.message;
  return new TsmError("OUTPUT", `the output could not be written: ${reason} (${error.code})`, {
    hint: "Only the answer is lost: what the command does was done",
  });
}

function writeAll(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      // Full, and another program that shares the pipe has made it non-blocking.
      if (!isErrno(error, "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
