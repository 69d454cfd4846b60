import { setImmediate as afterKeys } from "node:timers/promises";

/** A key that comes while something is worked through waits for so long at most, and for one step. */
const stepMs = 0.5;

/** Hands over one after the other, with room for keys between them: for what takes longer than a key may wait. */
export async function* betweenKeys<T>(each: Iterable<T>): AsyncGenerator<T> {
  let until = performance.now() + stepMs;
  for (const one of each) {
    yield one;
    if (performance.now() < until) continue;
    await afterKeys();
    until = performance.now() + stepMs;
  }
}
