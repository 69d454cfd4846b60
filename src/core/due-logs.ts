import { bytesIn } from "./amounts.ts";
import { isDiskUnwritable, isErrno } from "./errors.ts";
import { noteHomeLimit } from "./log-limits.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/**
 * For the ticker's pass, which is not to wait for a rotation: notes for the ticker whether one is due, and the
 * limit that it holds the sizes against each second. What has grown past its limit the ticker has seen by itself. What is
 * left is rare, and to look for it in every log is most of what an idle home costs: logs whose folder has changed of late,
 * and every so often all of them.
 */
export async function noteDueLogs(world: World, records: readonly ProcessRecord[]): Promise<void> {
  const { home, platform } = world;
  if (records.length === 0) return;
  const settings = world.settings();
  try {
    noteHomeLimit(platform.files, home, settings);
    const isLow = platform.files.freeBytes(home.root) < (bytesIn(settings.diskFloor) ?? 0);
    const all = mustLookAtAll(world);
    const { processes } = home;
    const some = all ? records : records.filter(({ name }) => isYounger(world, `${processes}/${name}`, lateMs));
    // On a low disk there is something to do in any case: archives may give space back.
    if (isLow || (await areDue(world, some))) platform.files.writeWhole(home.logsDue, "");
    if (all) platform.files.writeWhole(home.logsLooked, "");
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR")) throw error;
  }
}

/** Two passes of an idle home and more: who moves or begins a log changes its folder. */
const lateMs = 400_000;

/** How late a log may be rotated that has only grown old. */
const allEveryMs = 600_000;

async function areDue(world: World, records: readonly ProcessRecord[]): Promise<boolean> {
  return records.length > 0 && (await (await import("./rotate-logs.ts")).areLogsDue(world, records));
}

function mustLookAtAll(world: World): boolean {
  const { home, platform } = world;
  if (!isYounger(world, home.logsLooked, allEveryMs)) return true;
  const modified = (path: string) => platform.files.stat(path)?.modifiedMs ?? 0;
  return modified(home.settings) >= modified(home.logsLooked);
}

/** Written to since then. Of what the clock says is to come nothing is known: it has been set back. */
function isYounger({ platform }: World, path: string, ageMs: number): boolean {
  const modified = platform.files.stat(path)?.modifiedMs;
  if (modified === undefined) return false;
  const age = platform.clock.nowMs() - modified;
  return age >= 0 && age < ageMs;
}
