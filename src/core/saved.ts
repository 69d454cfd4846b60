import { type BootFinding, checkBoot, plansInPlace } from "./boot-check.ts";
import { type BootKind, type BootPlace, type BootRequest, bootPlace } from "./boot-place.ts";
import { type BootChange, type BootPlan, carryOut, takeBack } from "./boot-plan.ts";
import type { SetAside } from "./dump-store.ts";
import type { Started } from "./engine.ts";
import { isDiskUnwritable } from "./errors.ts";
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
  /** What a unit says of this machine. */
  bootPlace(request: BootRequest, signal: AbortSignal): Promise<BootPlace>;
  /** What this kind of machine boots with. */
  bootKindHere(): BootKind;
  /** @param madeBy what is written into all that we write: anything else there is somebody's own. */
  writeBoot(plan: BootPlan, madeBy: string, signal: AbortSignal): Promise<BootChange>;
  removeBoot(plan: BootPlan, madeBy: string, signal: AbortSignal): Promise<BootChange>;
  checkBoot(plans: readonly BootPlan[], place: BootPlace, signal: AbortSignal): Promise<BootFinding[]>;
  /** Those of which something is there. */
  bootInPlace(plans: readonly BootPlan[], signal: AbortSignal): Promise<BootPlan[]>;
  /** Adds what came of a boot to its log. */
  logBoot(lines: readonly string[]): void;
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
    bootPlace: (request, signal) => bootPlace(world, request, signal),
    bootKindHere: () => (world.platform.name === "darwin" ? "launchd" : "systemd"),
    writeBoot: (plan, madeBy, signal) => carryOut(world, plan, madeBy, signal),
    removeBoot: (plan, madeBy, signal) => takeBack(world, plan, madeBy, signal),
    checkBoot: (plans, place, signal) => checkBoot(world, plans, place, signal),
    bootInPlace: (plans, signal) => plansInPlace(world, plans, signal),
    logBoot: (lines) => logBoot(world, lines),
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

/** Two files at most: one that is long becomes the older one. On a full disk the boot goes on without. */
function logBoot({ platform: { files, clock }, home }: World, lines: readonly string[]): void {
  const { bootLog } = home;
  const time = new Date(clock.nowMs()).toISOString();
  try {
    files.makeFolder(bootLog.slice(0, bootLog.lastIndexOf("/")));
    if ((files.stat(bootLog)?.size ?? 0) > mostLogBytes) files.rename(bootLog, `${bootLog}.1`);
    for (const line of lines) files.appendLine(bootLog, `${time} ${line}`);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

const mostLogBytes = 256 * 1024;
