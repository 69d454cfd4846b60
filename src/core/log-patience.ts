import { type Context, createContext, Script } from "node:vm";
import { TsmError } from "./errors.ts";
import type { LogPattern } from "./log-pattern.ts";

/** A batch of lines takes milliseconds; an expression that has not gone through one by now may do so tomorrow. */
const patienceMs = 3000;

const timedOut = "ERR_SCRIPT_EXECUTION_TIMEOUT";

let runner: { readonly script: Script; readonly context: Context } | undefined;

/**
 * Goes through a batch of lines. Some expressions take twice as long for each more character, and nothing else runs
 * meanwhile, not even Ctrl-C: those are given up.
 * @throws TsmError USAGE when the expression takes too long
 */
export function inTime<T>(pattern: LogPattern | undefined, batch: () => T): T {
  if (pattern?.mayBeSlow !== true) return batch();
  runner ??= { script: new Script("batch()"), context: createContext({}) };
  const { script, context } = runner;
  context["batch"] = batch;
  try {
    // What the script comes to is what the batch does.
    return script.runInContext(context, { timeout: patienceMs }) as T;
  } catch (error) {
    // It is an Error of the context's own.
    const isTimeout = typeof error === "object" && error !== null && "code" in error && error.code === timedOut;
    if (!isTimeout) throw error;
    throw new TsmError(
      "USAGE",
      `'${pattern.line.source}' takes too long: it was given up after ${patienceMs / 1000} s`,
      {
        hint: "Repetitions within or behind each other are slow: a+$ finds what (a+)+$ finds",
      },
    );
  }
}
