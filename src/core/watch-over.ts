import type { Clock } from "../platform/platform.ts";
import { TsmError } from "./errors.ts";
import { Guard, longestPaceMs } from "./guard.ts";
import { processPaths } from "./home.ts";
import { takesResident } from "./oversight.ts";
import { type PatrolReport, patrol } from "./patrol.ts";
import { knownPolicy, type Policy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { tryLockPatrol } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { residentPid, wantResident } from "./resident.ts";
import { tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * The resident patrol: one pass, then a guard for each process that takes one, until none does any more. One per home.
 * @returns what the pass found. @throws TsmError LOCKED while another lives.
 */
export async function watchOver(world: World, signal: AbortSignal): Promise<PatrolReport> {
  const { files, processes } = world.platform;
  const release = await tryLockPatrol(world);
  if (release === undefined) {
    const pid = residentPid(world);
    throw new TsmError("LOCKED", `a patrol watches already${pid === undefined ? "" : ` (PID ${pid})`}`, {
      hint: "One is enough: tsm patrol looks after everything once",
    });
  }
  try {
    const self = processes.self();
    files.writeWhole(world.home.patrol, `${self.pid} ${self.startMark} ${self.bootId}\n`);
    files.writeWhole(world.home.runnersChanged, "");
    const report = await patrol(world, { orphans: false });
    await guardAll(world, signal);
    files.remove(world.home.patrol);
    return report;
  } finally {
    release();
  }
}

async function guardAll(world: World, signal: AbortSignal): Promise<void> {
  const { processes } = world.platform;
  const guards = new Map<string, Guard>();
  const bell = new Bell(world.platform.clock);
  const own = new AbortController();
  const stop = () => {
    own.abort();
    bell.ring();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!signal.aborted) {
      const found = guardedNow(world);
      const isBusy = [...guards.values()].some((guard) => guard.isBusy);
      if (found.length === 0 && !isBusy && !isWantedStill(world)) break;
      const names = new Set(found.map(({ record }) => record.name));
      for (const [name, guard] of guards) {
        // What it restarts is stopped for a moment.
        if (names.has(name) || guard.isBusy) continue;
        guards.delete(name);
        await guard.end();
      }
      // The whole table, once for all who ask in this round.
      let known: ReturnType<typeof tableOf> | undefined;
      const table = () => (known ??= tableOf(processes.table()));
      for (const { record, policy } of found) {
        const guard =
          guards.get(record.name) ?? new Guard(world, record.name, { signal: own.signal, wake: () => bell.ring() });
        guards.set(record.name, guard);
        guard.look(record, policy, table);
      }
      await bell.wait(Math.min(longestPaceMs, ...[...guards.values()].map(({ paceMs }) => paceMs)));
    }
  } finally {
    signal.removeEventListener("abort", stop);
    own.abort();
    for (const guard of guards.values()) await guard.end();
  }
}

/** The note goes first: who asks for a patrol from then on leaves a new one. */
function isWantedStill(world: World): boolean {
  world.platform.files.remove(world.home.patrolWanted);
  if (guardedNow(world).length === 0) return false;
  wantResident(world);
  return true;
}

function guardedNow(world: World): { readonly record: ProcessRecord; readonly policy: Policy }[] {
  return readRecords(world).records.flatMap((record) => {
    const { launch, rests } = processPaths(world.home, record.name);
    const { files } = world.platform;
    const atRest = record.status === "stopped" || record.status === "crashed";
    if (atRest && files.kind(rests) !== "missing") return [];
    const policy = knownPolicy(files, launch, record.restart_policy);
    return takesResident(policy, record.status) ? [{ record, policy }] : [];
  });
}

/** A wait that can be cut short. A ring while nobody waits counts for the next wait. */
class Bell {
  readonly #clock: Clock;
  #rung = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung.abort();
  }

  async wait(ms: number): Promise<void> {
    const { signal } = this.#rung;
    try {
      await this.#clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#rung = new AbortController();
    }
  }
}
