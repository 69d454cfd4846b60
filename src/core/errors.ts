/** Exit codes of the command line (sysexits where one fits). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  bug: 70,
  interrupted: 130,
} as const;

const exitCodeOf = {
  USAGE: exitCodes.usage,
  UNKNOWN_VERB: exitCodes.usage,
  NOT_FOUND: exitCodes.failed,
  AMBIGUOUS: exitCodes.failed,
  NOT_CERTAIN: exitCodes.failed,
  NOT_PERMITTED: exitCodes.failed,
  ALREADY_RUNNING: exitCodes.failed,
  NAME_TAKEN: exitCodes.failed,
  BAD_NAME: exitCodes.usage,
  PORT_TAKEN: exitCodes.failed,
  PORT_PROMISED: exitCodes.failed,
  START_FAILED: exitCodes.failed,
  SIGNAL_FAILED: exitCodes.failed,
  LOCKED: exitCodes.failed,
  HOME: exitCodes.failed,
  OUTPUT: exitCodes.failed,
  BAD_DATA: exitCodes.badData,
  NO_FILE: exitCodes.noInput,
  CANCELLED: exitCodes.failed,
  TIMED_OUT: exitCodes.failed,
  UNREACHABLE: exitCodes.failed,
  CANNOT_UNDO: exitCodes.failed,
  INTERRUPTED: exitCodes.interrupted,
} as const;

export type ErrorCode = keyof typeof exitCodeOf;

/** A candidate that an ambiguous or nearly-right word could have meant. */
export interface ErrorCandidate {
  readonly id: number;
  readonly name: string;
}

interface ErrorDetails {
  /** What to do next, a full sentence or a command. */
  readonly hint?: string;
  readonly candidates?: readonly ErrorCandidate[];
  /** The message is a block of its own and is printed without `tsm: ` before it. */
  readonly block?: boolean;
  /** Overrides the exit code that belongs to the error's code. */
  readonly exitCode?: number;
}

/** An error whose reader is a person: what happened, then what to do. Anything else that is thrown is a bug of ours. */
export class TsmError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly candidates: readonly ErrorCandidate[];
  readonly block: boolean;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "TsmError";
    this.code = code;
    this.hint = details.hint;
    this.candidates = details.candidates ?? [];
    this.block = details.block ?? false;
    this.exitCode = details.exitCode ?? exitCodeOf[code];
  }
}

/** A disk on which nothing can be written down now: full, over quota, read-only. */
export function isDiskUnwritable(error: unknown): boolean {
  return isErrno(error, "ENOSPC", "EDQUOT", "EROFS");
}

/** Is it the system's error with this code (`ENOENT`, `ESRCH`, …)? */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
