import type { LogLine } from "./log-line.ts";
import type { TimelineMoment } from "./timeline.ts";

/** So many lines at least, none of them later than so many seconds after the one before. */
const leastLines = 5;
const gapSeconds = 10;
const mostBursts = 2000;
const longestText = 200;

interface Burst {
  readonly name: string;
  readonly from: number;
  to: number;
  readonly text: string;
  count: number;
}

/** Finds where error lines come close together. What has no time is in none. */
export class ErrorBursts {
  readonly #from: number;
  readonly #open = new Map<string, Burst>();
  readonly #found: Burst[] = [];

  /** @param from epoch seconds: what is older does not count */
  constructor(from: number) {
    this.#from = from;
  }

  add({ name, time, level, text }: Pick<LogLine, "name" | "time" | "level" | "text">): void {
    if (time === null || time < this.#from || level !== "error") return;
    const open = this.#open.get(name);
    if (open !== undefined && time - open.to <= gapSeconds) {
      open.to = Math.max(open.to, time);
      open.count += 1;
      return;
    }
    if (open !== undefined) this.#close(open);
    this.#open.set(name, { name, from: time, to: time, text: text.trim().slice(0, longestText), count: 1 });
  }

  all(): TimelineMoment[] {
    return [...this.#found, ...[...this.#open.values()].filter(isBurst)].map(({ name, from, to, text, count }) => ({
      at: from * 1000,
      until: to * 1000,
      kind: "errors",
      names: [name],
      text: `${count} error lines${to > from ? ` in ${to - from} s` : ""}, the first: ${text}`,
      count,
    }));
  }

  #close(burst: Burst): void {
    if (isBurst(burst) && this.#found.length < mostBursts) this.#found.push(burst);
  }
}

function isBurst({ count }: Burst): boolean {
  return count >= leastLines;
}
