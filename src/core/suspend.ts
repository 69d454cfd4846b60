import type { Identity } from "../platform/platform.ts";
import { startResume } from "../runner/start-resume.ts";
import { TsmError } from "./errors.ts";
import { identityOf, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { stamperOf } from "./stamper.ts";
import { belongings, marksOf, sightOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * While the action runs nobody writes to the process's logs: all that belongs to it is stopped, its runner, which
 * could begin another, and its stamper. Whoever was stopped before stays so. If this program is killed meanwhile, they go on all the same.
 * @throws TsmError SIGNAL_FAILED when somebody cannot be stopped within 2 s.
 */
export async function whileSuspended<T>(world: World, record: ProcessRecord, action: () => Promise<T>): Promise<T> {
  const { platform } = world;
  const resume = startResume(platform, world.programs.resume);
  try {
    await suspend(world, record, (identity) => {
      resume.name(identity);
      platform.processes.signal(identity, "SIGSTOP");
    });
    return await action();
  } finally {
    await resume.end();
  }
}

/** Until a look finds nobody that runs: whoever forks is found by the next one, and its child by the one after it. */
async function suspend(world: World, record: ProcessRecord, stop: (identity: Identity) => void): Promise<void> {
  const { platform } = world;
  const { clock } = platform;
  const deadline = clock.monotonicMs() + 2000;
  const stopped = new Set<string>();
  const runner = runnerOf(record);
  while (true) {
    const sight = sightOf(platform);
    const leader = identityOf(record);
    const members = belongings(world, marksOf(world.home, record), leader, false, sight).map(
      ({ identity }) => identity,
    );
    if (runner !== undefined) members.unshift(runner);
    const stamper = stamperOf(world, record.name);
    if (stamper !== undefined) members.push(stamper);
    const running = members.filter(({ pid, startMark }) => {
      const entry = sight.table.byPid.get(pid);
      return entry?.startMark === startMark && !entry.suspended;
    });
    if (running.length === 0) return;
    for (const identity of running) {
      const key = `${identity.pid} ${identity.startMark}`;
      if (!stopped.has(key)) stop(identity);
      stopped.add(key);
    }
    if (clock.monotonicMs() > deadline) {
      throw new TsmError("SIGNAL_FAILED", `'${record.name}' cannot be held still for a rotation`, {
        hint: "Its log was left as it is; it is tried again",
      });
    }
    await clock.sleep(1);
  }
}
