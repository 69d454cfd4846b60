import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import type { FileEntry } from "../command/completing.ts";
import { isErrno, TsmError } from "../core/errors.ts";

/** How bash ended. */
export interface BashExit {
  /** 128 + the signal's number when a signal ended it, as bash itself counts. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
}

/** `exit 2`, `exit 143 (SIGTERM)`. */
export function exitText({ code, signal }: BashExit): string {
  return signal === null ? `exit ${code}` : `exit ${code} (${signal})`;
}

interface BashOptions {
  readonly env: NodeJS.ProcessEnv;
  /** A stream is what bash reads; when bash reads no further, the stream is destroyed and nobody is told of EPIPE. */
  readonly stdin: "inherit" | "ignore" | Readable;
  /** Ends bash with SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs a line in bash on the terminal (or the pipes) that this program has. */
export async function runBash(line: string, { env, stdin, signal: ended }: BashOptions): Promise<BashExit> {
  // execa costs 25 ms to load: here, the first time that somebody types `!`.
  const [{ execa }, { constants: system }] = await Promise.all([import("execa"), import("node:os")]);
  const { exitCode, signal, cause } = await execa("bash", ["-c", line], {
    ...(typeof stdin === "string" ? { stdin } : { input: stdin }),
    stdout: "inherit",
    stderr: "inherit",
    env,
    extendEnv: false,
    reject: false,
    cancelSignal: ended,
    forceKillAfterDelay: false,
  });
  if (exitCode === undefined && signal === undefined) throw cause; // there is no bash
  return { code: exitCode ?? 128 + (signal === undefined ? 0 : system.signals[signal]), signal: signal ?? null };
}

/** A file that takes the output of a command. */
export interface OutputFile {
  write(output: string | Uint8Array): void;
  close(): void;
}

/** Opens the file behind `>` or `>>`. @throws TsmError when it cannot be written. */
export function openOutput(path: string, append: boolean): OutputFile {
  let file: number;
  try {
    file = openSync(path, append ? "a" : "w");
  } catch (error) {
    throw unwritable(path, error);
  }
  return {
    write(output) {
      const bytes = typeof output === "string" ? Buffer.from(output) : output;
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      } catch (error) {
        throw unwritable(path, error);
      }
    },
    close: () => closeSync(file),
  };
}

/** One name for one file. A pipe has none but the one it was given. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return path;
    throw error;
  }
}

/** @throws TsmError when it cannot be read. */
export function fileBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new TsmError("NO_FILE", `there is no file ${file}`, { hint: "Give its path" });
    if (isErrno(error, "EISDIR"))
      throw new TsmError("NO_FILE", `${file} is a folder`, { hint: "Name a file of commands" });
    if (isErrno(error, "EACCES", "EPERM"))
      throw new TsmError("NO_FILE", `${file} may not be read`, { hint: `chmod u+r ${file}` });
    if (isErrno(error, "ELOOP", "ENAMETOOLONG", "EIO", "ENXIO"))
      throw new TsmError("NO_FILE", `${file} cannot be read (${error.code})`, { hint: "Give the path of a file" });
    throw error;
  }
}

/** Anything the system says about somebody's own file is for that person; the rest is a bug. */
function unwritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  // `ENOENT: no such file or directory, open '/x/y'`: the code and the path are for programs.
  const why = error.message.replace(/^[A-Z]+: /, "").replace(/, \w+(?: '.*')?$/s, "");
  return new TsmError("NO_FILE", `'${path}' cannot be written: ${why}`, { exitCode: 1 });
}

/** What is in a folder; nothing when it cannot be read. */
export function filesIn(folder: string): FileEntry[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, ...unreadable)) return []; // Tab has nothing to offer there.
    throw error;
  }
  return entries
    .map((entry) => {
      const path = join(folder, entry.name);
      const leadsToFolder = entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
      const isFolder = entry.isDirectory() || leadsToFolder;
      return { name: entry.name, folder: isFolder, executable: !isFolder && isExecutable(path) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Also false for what may not be looked at. */
export function pathExists(path: string): boolean {
  return existsSync(path);
}

/** The names of the programs in PATH, sorted. */
export function programsIn(path: string | undefined): string[] {
  const names = new Set<string>();
  for (const folder of (path ?? "").split(delimiter)) {
    if (folder === "") continue;
    // Whether each may be run is not asked: thousands of questions for one Tab.
    try {
      for (const name of readdirSync(folder)) names.add(name);
    } catch (error) {
      if (!isErrno(error, ...unreadable)) throw error; // PATH names folders that do not exist; that is common.
    }
  }
  return [...names].sort();
}

const unreadable = ["ENOENT", "EACCES", "EPERM", "ENOTDIR", "ELOOP", "EIO"];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (isErrno(error, ...unreadable)) return false;
    throw error;
  }
}
