import { processPaths } from "./home.ts";
import { type LaunchSpec, startToken } from "./launch.ts";
import { healLaunchFiles, putAwayLaunchFiles, replaceLaunchFiles, writeLaunchFiles } from "./launch-files.ts";
import { cronStarts } from "./oversight.ts";
import type { ProcessRecord } from "./process.ts";
import { lockProcess } from "./process-lock.ts";
import { writeRecord } from "./records.ts";
import { reserve, undo } from "./reserve.ts";
import { wantResident } from "./resident.ts";
import type { World } from "./world.ts";

/** All of a start but the start: name, id and launch files are there, and it rests until somebody starts it. */
export async function putOnRecord(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<ProcessRecord> {
  const release = await lockProcess(world, spec.name, signal);
  try {
    const { previous, record, madeFolder } = await reserve(world, spec, signal);
    const paths = processPaths(world.home, spec.name);
    const resting: ProcessRecord = { ...record, status: "stopped", runner_pid: 0, runner_mark: "0" };
    try {
      if (previous !== undefined) healLaunchFiles(world, previous);
      writeLaunchFiles(world, spec, record, startToken(world), previous);
      replaceLaunchFiles(world, paths);
      writeRecord(world, resting);
      if (cronStarts(spec.policy.oversight)) wantResident(world);
    } catch (error) {
      undo(world, record, previous, madeFolder);
      throw error;
    }
    putAwayLaunchFiles(world, paths);
    return resting;
  } finally {
    release();
  }
}
