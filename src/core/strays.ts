import { TsmError } from "./errors.ts";
import { isLive, observe, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { belongings, type Marks, runnersOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * Was whoever wrote this record killed before it could say what became of the process? Then a runner or a process may
 * live that no record names.
 */
export function isUnsettled(world: World, record: ProcessRecord): boolean {
  const settled = record.status === "stopped" || record.status === "crashed";
  return !settled && !isLive(observe(record, world.platform.processes));
}

/**
 * Ends the runners of this name when the one on record is dead: a `tsm` that was killed while it gave the process a new
 * runner has left one that no record names, and that would bring back what is now ended or watched by another. The
 * caller holds the process's lock.
 */
export async function endStrayRunners(world: World, record: ProcessRecord): Promise<void> {
  const { processes, clock } = world.platform;
  if (record.status === "stopped" || record.status === "crashed") return;
  const known = runnerOf(record);
  if (known !== undefined && processes.isAlive(known)) return;
  const { runners: strays } = runnersOf(world, record.name);
  for (const runner of strays) processes.signal(runner, "SIGKILL");
  while (strays.some((runner) => processes.isAlive(runner))) await clock.sleep(2);
}

/**
 * Ends what no record names: the runners of this name, then whatever carries the marks. TERM, a second, KILL.
 * The caller holds the process's lock.
 */
export async function endStrays(world: World, name: string, marks: Marks): Promise<void> {
  const { processes, clock } = world.platform;
  const deadline = clock.monotonicMs() + 10_000;
  for (let round = 0; ; round += 1) {
    // First of all those who would start another.
    const { runners, isCertain } = runnersOf(world, name);
    for (const runner of runners) processes.signal(runner, "SIGKILL");
    const found = belongings(world, marks, undefined, false);
    if (found.length === 0 && isCertain) return;
    if (clock.monotonicMs() >= deadline) {
      const pids = found.map(({ identity }) => identity.pid).join(", ");
      throw new TsmError("SIGNAL_FAILED", `processes of '${name}' do not end: PID ${pids}`, {
        hint: "End them, then try again",
      });
    }
    for (const { identity } of found) {
      processes.signal(identity, round < termRounds ? "SIGTERM" : "SIGKILL");
      processes.signal(identity, "SIGCONT");
    }
    await clock.sleep(roundMs);
  }
}

const roundMs = 20;
/** A second of patience. */
const termRounds = 50;
