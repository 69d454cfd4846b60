import type { SetAside } from "./dump-store.ts";
import type { Started } from "./engine.ts";
import type { MovedProgram } from "./moved-program.ts";
import type { ProcessRecord } from "./process.ts";
import { type Resurrected, resurrect } from "./resurrect.ts";
import { clearList, type SavedList, saveList } from "./save-list.ts";
import type { World } from "./world.ts";

/** What is saved, as verbs see it. */
export interface Saved {
  /** @throws TsmError when there is nothing to save, unless it is forced. */
  save(force: boolean, signal: AbortSignal): Promise<SavedList>;
  /** An empty list; what was saved becomes the first of the older ones. */
  clear(signal: AbortSignal): Promise<SavedList>;
  /** @returns undefined when nothing was ever saved. See core/resurrect.ts. */
  resurrect(
    generation: number | undefined,
    settleMs: number,
    signal: AbortSignal,
  ): Promise<ResurrectedList | undefined>;
}

export interface ResurrectedList {
  readonly file: string;
  readonly savedAt: string;
  /** Newer ones that could not be read. */
  readonly setAside: readonly SetAside[];
  readonly processes: readonly ResurrectedRow[];
}

/** What became of one saved process. */
export interface ResurrectedRow {
  readonly name: string;
  readonly outcome: Resurrected["outcome"];
  readonly process: Started | null;
  readonly moved: MovedProgram | null;
  readonly problem: string | null;
  readonly hint: string | null;
}

export function createSaved(world: World, startedAs: (record: ProcessRecord) => Started): Saved {
  return {
    save: (force, signal) => saveList(world, force, signal),
    clear: (signal) => clearList(world, signal),
    async resurrect(generation, settleMs, signal) {
      const done = await resurrect(world, generation, settleMs, signal);
      if (done === undefined) return undefined;
      return { ...done, processes: done.processes.map((each) => rowOf(each, startedAs)) };
    },
  };
}

function rowOf({ name, outcome, record, moved, error }: Resurrected, startedAs: (record: ProcessRecord) => Started) {
  return {
    name,
    outcome,
    process: record === undefined ? null : startedAs(record),
    moved: moved ?? null,
    problem: error?.message ?? null,
    hint: error?.hint ?? null,
  };
}
