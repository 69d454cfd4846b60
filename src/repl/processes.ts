import type { Engine } from "../core/engine.ts";
import type { ProcessSummary } from "../core/process.ts";
import { betweenKeys } from "./between-keys.ts";

/** The processes of the home, by id, as a shell looks at them. */
export class Processes {
  readonly #engine: Pick<Engine, "eachSummary" | "areOneApp">;
  readonly #reportBug: (error: unknown) => void;

  constructor(engine: Pick<Engine, "eachSummary" | "areOneApp">, reportBug: (error: unknown) => void) {
    this.#engine = engine;
    this.#reportBug = reportBug;
  }

  /** None when they cannot be read, which is told. */
  now(): ProcessSummary[] {
    try {
      return [...this.#engine.eachSummary()].sort(byId);
    } catch (error) {
      this.#reportBug(error);
      return [];
    }
  }

  /** Are those that have these letters all the instances of one app? */
  areOneApp(part: string, found: readonly ProcessSummary[], all: readonly ProcessSummary[]): boolean {
    return this.#engine.areOneApp(part, found, all);
  }

  /** As `now`, while keys go on. */
  async look(): Promise<ProcessSummary[]> {
    const found: ProcessSummary[] = [];
    for await (const summary of betweenKeys(this.#engine.eachSummary())) found.push(summary);
    return found.sort(byId);
  }
}

function byId(a: ProcessSummary, b: ProcessSummary): number {
  return a.id - b.id || (a.name < b.name ? -1 : 1);
}
