import type { Identity } from "../platform/platform.ts";
import { startResume } from "../runner/start-resume.ts";
import { TsmError } from "./errors.ts";
import { identityOf, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { stamperOf } from "./stamper.ts";
import { belongings, marksOf, type Sight, sightOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * While the action runs nobody writes to this log of these processes: all that belongs to them is stopped, their runners,
 * which could begin others, their stampers, and whoever else has the log for its stdout or stderr. Whoever was stopped before stays so. If
 * this program is killed meanwhile, they go on all the same.
 * @throws TsmError SIGNAL_FAILED when somebody cannot be stopped within 2 s.
 */
export async function whileSuspended<T>(
  world: World,
  writers: readonly ProcessRecord[],
  path: string,
  action: () => Promise<T>,
): Promise<T> {
  const { platform } = world;
  const resume = startResume(platform, world.programs.resume);
  try {
    await suspend(world, writers, path, (identity) => {
      resume.name(identity);
      platform.processes.signal(identity, "SIGSTOP");
    });
    return await action();
  } finally {
    await resume.end();
  }
}

/** Until a look finds nobody that runs: whoever forks is found by the next one, and its child by the one after it. */
async function suspend(
  world: World,
  writers: readonly ProcessRecord[],
  path: string,
  stop: (identity: Identity) => void,
): Promise<void> {
  const { platform } = world;
  const { clock } = platform;
  const deadline = clock.monotonicMs() + 2000;
  const stopped = new Set<string>();
  while (true) {
    const sight = sightOf(platform);
    const members = writers.flatMap((record) => membersOf(world, record, sight));
    members.push(...strangersOn(world, path, new Set(members.map(({ pid }) => pid)), sight));
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
      throw new TsmError("SIGNAL_FAILED", `${path} cannot be held still for a rotation`, {
        hint: "Its log was left as it is; it is tried again",
      });
    }
    await clock.sleep(1);
  }
}

function membersOf(world: World, record: ProcessRecord, sight: Sight): Identity[] {
  const family = belongings(world, marksOf(world.home, record), identityOf(record), false, sight);
  const around = [runnerOf(record), stamperOf(world, record.name)].filter((each) => each !== undefined);
  return [...around, ...family.map(({ identity }) => identity)];
}

/** They came of the process and carry nothing of it any more (`env -i setsid …`), or were led to the log by a person. */
function strangersOn(
  { platform: { files, processes } }: World,
  path: string,
  known: ReadonlySet<number>,
  { table }: Sight,
): Identity[] {
  const inode = files.stat(path)?.inode;
  const real = files.realPath(path);
  const self = processes.self();
  return [...table.byPid.values()]
    .filter(({ pid }) => pid !== self.pid && !known.has(pid))
    .map(({ pid, startMark }) => ({ pid, startMark, bootId: self.bootId }))
    .filter((identity) =>
      [1, 2].some((descriptor) => {
        const open = processes.openFile(identity, descriptor);
        // The number of an inode says nothing on another disk.
        return open !== undefined && open.inode === inode && open.path === real;
      }),
    );
}
