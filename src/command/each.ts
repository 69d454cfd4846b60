import type { Engine, Started } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import { type DamagedRecord, damageAdvice } from "../core/records.ts";

/** What became of one of several targets: `done`, or why not. */
export interface Each<T> {
  readonly name: string;
  readonly done?: T;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly exitCode: number;
  };
}

/**
 * Does it to each, all at once; one that fails does not stop the others. A single target's error is thrown as it is.
 * @throws TsmError of a single target; anything that is a bug.
 */
export async function eachOf<T>(
  records: readonly ProcessRecord[],
  act: (record: ProcessRecord) => Promise<T>,
): Promise<Each<T>[]> {
  const [only] = records;
  if (only !== undefined && records.length === 1) return [{ name: only.name, done: await act(only) }];
  return await Promise.all(
    records.map(async (record) => {
      try {
        return { name: record.name, done: await act(record) };
      } catch (error) {
        if (!(error instanceof TsmError)) throw error;
        const { code, message, hint, exitCode } = error;
        return { name: record.name, error: { code, message, hint: hint ?? null, exitCode } };
      }
    }),
  );
}

/** One of several targets that could not be ended, signalled or reset. */
export interface Failed {
  readonly name: string;
  readonly error: NonNullable<Each<never>["error"]>;
}

/**
 * Ends each: behind those that need it, the others side by side; one that fails does not hide what became of the others.
 * A single target's error is thrown as it is.
 */
export async function inStopOrder<T extends { readonly name: string }, R>(
  engine: Pick<Engine, "inStopOrder">,
  targets: readonly T[],
  end: (target: T) => Promise<R>,
): Promise<(R | Failed)[]> {
  const byName = new Map(targets.map((target) => [target.name, target]));
  return await engine.inStopOrder([...byName.keys()], async (name) => {
    const target = byName.get(name);
    if (target === undefined) throw new Error("what ends was named");
    return await orFailed(target, byName.size === 1, end);
  });
}

/** Does it to each, all at once; otherwise as `inStopOrder`. */
export async function sideBySide<T extends { readonly name: string }, R>(
  targets: readonly T[],
  act: (target: T) => Promise<R>,
): Promise<(R | Failed)[]> {
  return await Promise.all(targets.map((target) => orFailed(target, targets.length === 1, act)));
}

async function orFailed<T extends { readonly name: string }, R>(
  target: T,
  isOnly: boolean,
  act: (target: T) => Promise<R>,
): Promise<R | Failed> {
  try {
    return await act(target);
  } catch (error) {
    if (isOnly || !(error instanceof TsmError)) throw error;
    const { code, message, hint, exitCode } = error;
    return { name: target.name, error: { code, message, hint: hint ?? null, exitCode } };
  }
}

export function isFailed(result: object): result is Failed {
  return "error" in result;
}

/** Of starts: who listens on another port than it declares. */
export function* mismatchLines(results: readonly Each<Pick<Started, "port" | "actualPort">>[]): Iterable<string> {
  for (const { name, done } of results) {
    if (done === undefined || done.actualPort === null) continue;
    yield `⚠️  Warning: '${name}': Port mismatch (declared=${done.port}, actual=${done.actualPort})`;
  }
}

export function* failureLines(results: readonly Each<unknown>[]): Iterable<string> {
  for (const { error } of results) if (error !== undefined) yield error.message;
}

/** The first failure's exit code. */
export function exitCodeOf(results: readonly Each<unknown>[]): number {
  return results.find(({ error }) => error !== undefined)?.error?.exitCode ?? 0;
}

export function* damagedLines(damaged: Iterable<DamagedRecord>): Iterable<string> {
  for (const { name, problem } of damaged)
    yield `the record of '${name}' is damaged: ${problem}; ${damageAdvice(name)}`;
}
