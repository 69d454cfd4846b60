import { setTimeout as sleep } from "node:timers/promises";

type Falsy = false | 0 | "" | null | undefined;

/**
 * Waits until the look gives something truthy, and returns that. A look that throws counts as "not yet".
 * @throws what was waited for and the last thing seen (or thrown), when the time is up.
 */
export async function until<T>(
  waitedFor: string,
  look: () => T | Falsy | Promise<T | Falsy>,
  { timeoutMs = 30_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const seen = await look();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${timeoutMs} ms until ${waitedFor}; last saw: ${describe(last)}`, {
        cause: last,
      });
    }
    await sleep(everyMs);
  }
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}
