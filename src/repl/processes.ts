import type { Engine } from "../core/engine.ts";
import type { Unrecorded } from "../core/lost-record.ts";
import type { ProcessSummary } from "../core/process.ts";
import { betweenKeys } from "./between-keys.ts";

type Looked = Pick<Engine, "eachSummary" | "areOneApp" | "unrecorded">;

/** The processes of the home, by id, as a shell looks at them. */
export class Processes {
  readonly #engine: Looked;
  readonly #reportBug: (error: unknown) => void;

  constructor(engine: Looked, reportBug: (error: unknown) => void) {
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

  /** Those beside these of which no record tells. */
  unrecorded(summaries: readonly ProcessSummary[]): readonly Unrecorded[] {
    return this.#engine.unrecorded(new Set(summaries.map(({ name }) => name)));
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
