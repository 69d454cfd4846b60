import { TsmError } from "../core/errors.ts";
import type { Each } from "./each.ts";

/** One after the other; one that fails does not stop the others, and its word stands for it. */
export async function eachWord<T extends { readonly results: readonly Each<unknown>[] }>(
  words: readonly string[],
  act: (word: string) => Promise<T>,
  failed: (failure: Each<never>) => T,
): Promise<T[]> {
  const outcomes: T[] = [];
  for (const word of words) {
    try {
      outcomes.push(await act(word));
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      const { code, message, hint, exitCode } = error;
      outcomes.push(failed({ name: word, error: { code, message, hint: hint ?? null, exitCode } }));
    }
  }
  return outcomes;
}
