import { runInThisContext } from "node:vm";
import { isErrno } from "./errors.ts";

/** Expressions that somebody typed and nobody can wait for: the shell looks at them again with each key. */
const endless = new Set<string>();

/** Those of the texts that fit. None when finding that out takes longer than a moment: see `tookTooLong`. */
export function fitting(expression: RegExp, texts: readonly string[]): readonly string[] {
  if (!mayBeSlow(expression.source)) return texts.filter((text) => expression.test(text));
  if (endless.has(String(expression))) return [];
  try {
    // Nothing else ends an expression that is under way, not even Ctrl-C.
    const script = `${JSON.stringify(texts)}.map((text) => ${expression}.test(text))`;
    // It is what `test` gave for each.
    const fits = runInThisContext(script, { timeout: patienceMs }) as boolean[];
    return texts.filter((_text, index) => fits[index]);
  } catch (error) {
    if (!isErrno(error, "ERR_SCRIPT_EXECUTION_TIMEOUT")) throw error;
    endless.add(String(expression));
    return [];
  }
}

export function tookTooLong(expression: RegExp): boolean {
  return endless.has(String(expression));
}

const patienceMs = 1000;

/** A group that is repeated, or many repetitions: these alone can be tried in more ways than there is time for. */
function mayBeSlow(source: string): boolean {
  return /\)[*+?{]/.test(source) || (source.match(/[*+{]/g) ?? []).length > 3;
}
