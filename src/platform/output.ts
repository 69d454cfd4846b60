import { fstatSync, writeSync } from "node:fs";
import { isErrno } from "../core/errors.ts";

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
  if (fstatSync(1).isCharacterDevice() && process.stdout.isTTY) {
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
      if (!isErrno(error, "EPIPE")) throw named(error);
      gone();
    }
  };
  return { write, columns: undefined, rows: undefined, terminal: false };
}

/** The system names no file that was open before: without a name it would be taken for one of the home. */
function named(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { path: "standard output" }) : error;
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
