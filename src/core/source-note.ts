import { isErrno } from "./errors.ts";
import { gitHead } from "./git-head.ts";
import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** Puts on record which commit a process is started from, when it is another than the last time. */
export function noteSource(world: World, { tsm_id: id, name, cwd }: ProcessRecord): void {
  const { files } = world.platform;
  const found = gitHead(files, cwd);
  if (found === undefined) return;
  const kept = `${processPaths(world.home, name).folder}/git-head`;
  try {
    const before = files.readText(kept)?.trim() || null;
    if (before === found.head) return;
    files.writeWhole(kept, `${found.head}\n`);
    const { head, branch } = found;
    writeEvent(world, { event: "source", id, name, head, ...(branch === undefined ? {} : { branch }), before });
  } catch (error) {
    // What is lost here is history: the process starts without it.
    if (!isErrno(error, "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EISDIR")) throw error;
  }
}
