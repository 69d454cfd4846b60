import { TsmError } from "./errors.ts";
import type { PreHook } from "./pre-hook.ts";
import { findProgram, type Program, type ProgramRequest } from "./program.ts";

/** What would run, and why it could not now: a pre-hook may bring it. */
export interface FoundProgram {
  readonly program: Program;
  /** undefined: it is there. */
  readonly missing: TsmError | undefined;
}

/** @throws TsmError NO_FILE when no pre-hook could help. */
export function programNowOrToCome(request: ProgramRequest): FoundProgram {
  try {
    return { program: findProgram(request), missing: undefined };
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "NO_FILE") throw error;
    try {
      return { program: findProgram({ ...request, toCome: true }), missing: error };
    } catch (another) {
      throw another instanceof TsmError ? error : another;
    }
  }
}

/**
 * May this hook bring what is missing? The one of a type (pyenv, nvm) is for all of that type: it puts a name into PATH,
 * and makes no file. The one of a name is for who was given this name; a slip has its own name too.
 * @throws TsmError as it was without it.
 */
export function refuseMissing(
  { program, missing }: FoundProgram,
  { file, asked }: PreHook,
  chosenName: string | undefined,
): void {
  if (missing === undefined) return;
  const isOfType = file.endsWith(`/${program.type}.sh`);
  const isPath = program.argv[0]?.startsWith("/") ?? false;
  const brings = asked || (isOfType ? !isPath : chosenName !== undefined);
  if (file === "" || !brings) throw missing;
}
