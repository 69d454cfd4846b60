import { type Context, createContext, Script } from "node:vm";

/** What was given up. */
export class TookTooLong extends Error {}

const timedOut = "ERR_SCRIPT_EXECUTION_TIMEOUT";

let runner: { readonly script: Script; readonly context: Context } | undefined;

/**
 * Does it within that time. Some expressions take twice as long for each more character, and nothing else runs meanwhile,
 * not even Ctrl-C.
 * @throws TookTooLong
 */
export function inTime<T>(patienceMs: number, act: () => T): T {
  runner ??= { script: new Script("act()"), context: createContext({}) };
  const { script, context } = runner;
  context["act"] = act;
  try {
    // What the script comes to is what `act` gives.
    return script.runInContext(context, { timeout: patienceMs }) as T;
  } catch (error) {
    // It is an Error of the context's own.
    const isTimeout = typeof error === "object" && error !== null && "code" in error && error.code === timedOut;
    if (!isTimeout) throw error;
    throw new TookTooLong();
  }
}

/** Are there texts for which the expression takes for ever? Only where two of these meet is there more than one way through one. */
export function mayBeSlow(source: string): boolean {
  return (source.match(/[*+?}|]/g) ?? []).length > 1;
}
