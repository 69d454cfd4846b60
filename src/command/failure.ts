import { exitCodes, isErrno, TsmError } from "../core/errors.ts";
import type { Door, House } from "./door.ts";

/** The one place where an error becomes text. */
export function report(error: unknown, house: House, door: Door, json: boolean): number {
  const known = error instanceof TsmError ? error : explainSystemError(error, house.engine.home.root);
  if (known === undefined) return reportBug(error, house, door);
  if (json) {
    const { code, message, hint, candidates } = known;
    door.writeError(`${JSON.stringify({ error: { code, message, hint: hint ?? null, candidates } })}\n`);
  } else {
    const { fit } = house.look(door.plain === true);
    const message = printableLines(known.message, house);
    door.writeError(fit(`${known.block ? "" : "tsm: "}${message}\n`));
    if (known.hint !== undefined) door.writeError(fit(`  ${printableLines(known.hint, house)}\n`));
  }
  return known.exitCode;
}

/** The ends of its lines are ours, whatever else stands in it. */
export function printableLines(text: string, { printable }: Pick<House, "printable">): string {
  return text.split("\n").map(printable).join("\n");
}

function reportBug(error: unknown, { env }: House, door: Door): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  door.writeError(`tsm: this is a bug of tsm: ${message}\n`);
  door.writeError(env["TSM_DEBUG"] ? `${stack}\n` : "  TSM_DEBUG=1 shows where it happened\n");
  return exitCodes.bug;
}

/** What the system refuses is no bug of ours: a full disk, a folder that may not be written. */
export function explainSystemError(error: unknown, home: string): TsmError | undefined {
  if (
    !isErrno(
      error,
      "ENOSPC",
      "EDQUOT",
      "EROFS",
      "EACCES",
      "EPERM",
      "EMFILE",
      "ENFILE",
      "ENOTDIR",
      "EISDIR",
      "EEXIST",
      "ENAMETOOLONG",
      "ELOOP",
      "E2BIG",
      "EAGAIN",
    )
  )
    return undefined;
  const path = error.path ?? home;
  const what: Readonly<Record<string, readonly [string, string]>> = {
    ENOSPC: ["the disk is full", "Free some space and try again; nothing was lost"],
    EDQUOT: ["your disk quota is used up", "Free some space and try again; nothing was lost"],
    EROFS: ["the disk is mounted read-only", "Set TSM_HOME to a folder that can be written"],
    EACCES: [`${path} may not be accessed`, "Check its owner and permissions, or set TSM_HOME to another folder"],
    EPERM: [`${path} may not be changed`, "Check its owner and permissions, or set TSM_HOME to another folder"],
    ENOTDIR: [`a part of ${path} is a file, not a folder`, "Set TSM_HOME to a folder"],
    EEXIST: [`${path} is a file where a folder should be`, "Move it away and try again"],
    EISDIR: [`${path} is a folder where a file should be`, "Move it away and try again"],
    ENAMETOOLONG: ["a path is too long for this file system", "Use a shorter name or TSM_HOME"],
    ELOOP: [`a link on the way to ${path} leads to itself`, "Make it lead to a file or folder"],
    E2BIG: ["the command line and environment are too long for this system", "Pass the data in a file"],
  };
  const [message, hint] = what[error.code ?? ""] ?? [
    "the system is out of files or processes",
    "Try again when fewer programs run",
  ];
  return new TsmError("HOME", `${message} (${error.code}: ${path})`, { hint });
}
