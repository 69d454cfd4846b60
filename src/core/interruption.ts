import { TsmError } from "./errors.ts";

/**
 * The work; and where the person has lost patience with it, what is left as it is.
 * @throws TsmError INTERRUPTED where the signal is aborted.
 */
export async function orSaying<T>(work: Promise<T>, signal: AbortSignal | undefined, left: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted !== true || error instanceof TsmError) throw error;
    throw new TsmError("INTERRUPTED", left);
  }
}

/** What a start is told whose wait ends before it is over. */
export function notWaitedFor(name: string, done: "started" | "restarted"): string {
  return `'${name}' was ${done}; whether it stays up was not waited for`;
}
