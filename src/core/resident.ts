import { startResident } from "../runner/start-resident.ts";
import { isErrno } from "./errors.ts";
import type { World } from "./world.ts";

/** From now on the ticker and each command see to it that one is there. */
export function wantResident({ platform: { files }, home }: World): void {
  files.writeWhole(home.patrolWanted, "");
}

/** After a command: one file is looked for, and nothing else done, where no process asks for a resident patrol. */
export async function keepResident(world: World): Promise<void> {
  const { platform, home, programs, env } = world;
  if (platform.files.kind(home.patrolWanted) !== "file" || residentPid(world) !== undefined) return;
  // Two at once: one of them finds the other and goes.
  await startResident(platform, { home: home.root, node: programs.node, tsm: programs.tsm, env });
}

/** undefined when none lives. */
export function residentPid({ platform: { files, processes }, home }: World): number | undefined {
  let text: string | undefined;
  try {
    text = files.readText(home.patrol);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR")) throw error;
  }
  const [pid, startMark, bootId] = (text ?? "").trim().split(" ");
  if (pid === undefined || startMark === undefined || bootId === undefined) return undefined;
  return processes.isAlive({ pid: Number(pid), startMark, bootId }) ? Number(pid) : undefined;
}
