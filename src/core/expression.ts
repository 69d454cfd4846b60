import { inTime, mayBeSlow, TookTooLong } from "./patience.ts";

/** Expressions that somebody typed and nobody can wait for: the shell looks at them again with each key. */
const endless = new Set<string>();

/** Those of the texts that fit. None when finding that out takes longer than a moment: see `tookTooLong`. */
export function fitting(expression: RegExp, texts: readonly string[]): readonly string[] {
  const find = () => texts.filter((text) => expression.test(text));
  if (!mayBeSlow(expression.source)) return find();
  if (tookTooLong(expression)) return [];
  try {
    return inTime(patienceMs, find);
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    endless.add(String(expression));
    return [];
  }
}

export function tookTooLong(expression: RegExp): boolean {
  return endless.has(String(expression));
}

const patienceMs = 1000;
