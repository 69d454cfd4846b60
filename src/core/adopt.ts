import { startRunner } from "../runner/start-runner.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { runnerRequest, startToken } from "./launch.ts";
import { writeAdoptersSettings } from "./launch-files.ts";
import { defaultPolicy, type Policy, readPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord } from "./records.ts";
import type { World } from "./world.ts";

/**
 * Gives a new runner to what has lost its own: a process that lives is watched (the runner is not its parent and sees that
 * it ends, not how), one that has ended unseen goes on by its policy, and so does a wait. The caller holds the process's lock.
 */
export async function adopt(world: World, record: ProcessRecord): Promise<void> {
  const { files, processes, clock } = world.platform;
  const { launch } = processPaths(world.home, record.name);
  const token = startToken(world);
  writeAdoptersSettings(world, record, policyOf(world, record, launch), token);
  const env = files.readText(`${launch}/env`) ?? "";
  const path = /(?:^|\0)PATH=([^\0]*)/.exec(env)?.[1] ?? "";
  const request = runnerRequest(world, record.name, token, path);
  const runner = await startRunner(world.platform, { ...request, adopt: true });
  // Until it says so in the record: who holds the lock next must not see an unwatched process again.
  while (
    runner !== undefined &&
    processes.isAlive(runner) &&
    goodRecord(world, record.name)?.runner_pid !== runner.pid
  ) {
    await clock.sleep(2);
  }
}

/** Where it cannot be read the process is watched, and not brought back: nobody knows as whom. */
function policyOf({ platform: { files } }: World, record: ProcessRecord, launch: string): Policy {
  try {
    return readPolicy(files, launch, record.restart_policy);
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "BAD_DATA") throw error;
    return { ...defaultPolicy, restart: "no" };
  }
}
