import { type Buckets, bridged } from "../core/sample-buckets.ts";
import type { Sample } from "../core/sample-lines.ts";

/** Two samples are up to three minutes apart, and their second may slip over one. */
const slipMinutes = 4;

/** What each process has used, minute by minute: what was on record, and what has been seen since. */
export class Histories {
  readonly #minutes: number;
  readonly #sums = new Map<string, Map<number, { cpu: number; memory: number; times: number }>>();

  /** @param minutes so many are kept */
  constructor(minutes: number) {
    this.#minutes = minutes;
  }

  add(samples: Iterable<Sample>): void {
    for (const { at, name, cpu, memory } of samples) {
      const own = this.#sums.get(name) ?? new Map<number, { cpu: number; memory: number; times: number }>();
      this.#sums.set(name, own);
      const minute = Math.floor(at / 60);
      const sum = own.get(minute) ?? { cpu: 0, memory: 0, times: 0 };
      own.set(minute, { cpu: sum.cpu + cpu, memory: sum.memory + memory, times: sum.times + 1 });
      for (const old of own.keys()) {
        if (old > minute - this.#minutes - slipMinutes) break; // in the order in which they came
        own.delete(old);
      }
    }
  }

  /** The last minutes of a process, up to this one. @param nowMs since the epoch */
  of(name: string, nowMs: number): Buckets {
    const own = this.#sums.get(name);
    const last = Math.floor(nowMs / 60_000);
    const means = Array.from({ length: this.#minutes }, (_, index) => own?.get(last - this.#minutes + 1 + index));
    return {
      cpu: bridged(
        means.map((sum) => sum && sum.cpu / sum.times),
        slipMinutes,
      ),
      memory: bridged(
        means.map((sum) => sum && sum.memory / sum.times),
        slipMinutes,
      ),
    };
  }
}
