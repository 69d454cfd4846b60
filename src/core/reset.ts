import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import { isLive, observe, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { recordMeant, writeRecord } from "./records.ts";
import type { World } from "./world.ts";

/** Zeroes `restarts` and `unstable_restarts`: by the runner while it lives, for it alone writes the record then. */
export async function resetCounters(world: World, meant: ProcessRecord, signal: AbortSignal): Promise<void> {
  const { name } = meant;
  const { files, processes, clock } = world.platform;
  const release = await lockProcess(world, name, signal);
  try {
    const record = recordMeant(world, name, meant);
    const runner = runnerOf(record);
    const asked = processPaths(world.home, name).reset;
    if (runner !== undefined && isLive(observe(record, processes)) && processes.isAlive(runner)) {
      files.writeWhole(asked, "");
      processes.signal(runner, "SIGUSR1");
      // It may have been stopped, and then hears only when it goes on.
      processes.signal(runner, "SIGCONT");
      // It removes the request when it has written the record.
      while (processes.isAlive(runner) && files.kind(asked) === "file") await clock.sleep(2, signal);
    } else {
      writeRecord(world, { ...record, restarts: 0, unstable_restarts: 0 });
    }
    writeEvent(world, { event: "reset", id: record.tsm_id, name });
  } finally {
    release();
  }
}
