import { TsmError } from "./errors.ts";
import type { LogPattern } from "./log-pattern.ts";
import { inTime, TookTooLong } from "./patience.ts";

/** A batch of lines takes milliseconds; an expression that has not gone through one by now may do so tomorrow. */
const patienceMs = 3000;

/**
 * Goes through a batch of lines.
 * @throws TsmError USAGE when the expression takes too long
 */
export function withPatience<T>(pattern: LogPattern | undefined, batch: () => T): T {
  if (pattern?.mayBeSlow !== true) return batch();
  try {
    return inTime(patienceMs, batch);
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    throw new TsmError(
      "USAGE",
      `'${pattern.line.source}' takes too long: it was given up after ${patienceMs / 1000} s`,
      {
        hint: "Repetitions within or behind each other are slow: a+$ finds what (a+)+$ finds",
      },
    );
  }
}
