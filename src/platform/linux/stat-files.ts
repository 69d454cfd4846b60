import { closeSync, openSync, readSync } from "node:fs";
import { isErrno } from "../../core/errors.ts";

/** Of the descriptors that a program may have, a quarter where it has the fewest. */
const mostOpen = 256;
/** What a command reads on its way is not worth it; a shell or a patrol goes on. */
const tablesBefore = 4;

/**
 * The files /proc/PID/stat, for a table of all processes that is read again and again: after the first tables they stay open,
 * and each is read by one call of the system instead of three. An open one is tied to its process: when that is gone the
 * kernel says so, whoever has the pid by then.
 */
export class StatFiles {
  readonly #open = new Map<number, number>();
  #most = mostOpen;
  #tables = 0;

  /** Another table begins. @param names of everybody there is: the files of others are closed. */
  begin(names: readonly string[]): void {
    this.#tables += 1;
    if (this.#open.size === 0) return;
    const there = new Set(names);
    for (const pid of this.#open.keys()) if (!there.has(String(pid))) this.#close(pid);
  }

  /** Reads the line of a process. @returns how many bytes; undefined when it is gone. */
  read(pid: number, into: Buffer): number | undefined {
    const known = this.#open.get(pid);
    if (known !== undefined) {
      const length = readFrom(known, into);
      if (length !== undefined) return length;
      // It is gone, and somebody else may have its pid.
      this.#close(pid);
    }
    const file = this.#openStat(pid);
    if (file === undefined) return undefined;
    if (this.#tables > tablesBefore && this.#open.size < this.#most) {
      this.#open.set(pid, file);
      return readFrom(file, into);
    }
    try {
      return readFrom(file, into);
    } finally {
      closeSync(file);
    }
  }

  #openStat(pid: number): number | undefined {
    try {
      return openStat(pid);
    } catch (error) {
      if (!isErrno(error, "EMFILE") || this.#open.size === 0) throw error;
      // Where so few are allowed they are others' to have.
      for (const each of this.#open.keys()) this.#close(each);
      this.#most = 0;
      return openStat(pid);
    }
  }

  #close(pid: number): void {
    const file = this.#open.get(pid);
    if (file !== undefined) closeSync(file);
    this.#open.delete(pid);
  }
}

function openStat(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

function readFrom(file: number, into: Buffer): number | undefined {
  try {
    return readSync(file, into, 0, into.length, 0);
  } catch (error) {
    if (isErrno(error, "ESRCH")) return undefined; // it ended between open and read, or since
    throw error;
  }
}
