import { startTicker } from "../runner/start-ticker.ts";
import { deedIds, isOld } from "./deed-ids.ts";
import { isErrno, TsmError } from "./errors.ts";
import { interrupted } from "./interrupted.ts";
import { noteHomeLimit } from "./log-limits.ts";
import { needsCare } from "./needs-care.ts";
import { tryLockTicker } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { keepResident } from "./resident.ts";
import type { World } from "./world.ts";

/**
 * After a command, and whatever came of it: somebody must be watching while something runs. With a ticker alive there is
 * nothing to do; without one, what lost its runner gets a new one now, and a ticker is started if any process is wanted.
 * What keeps it from that is no failure of the command: the next one tries again.
 */
export async function keepWatch(world: World): Promise<void> {
  try {
    if (interrupted(world).length > 0) await pass(world);
    await keepResident(world);
    if (tickerPid(world) === undefined) await watchAgain(world);
    if (deedIds(world).some((id) => isOld(world, id))) await forgetOld(world);
  } catch (error) {
    if (!(error instanceof TsmError) && !isErrno(error, ...refusals)) throw error;
  }
}

/** What a full, read-only or foreign disk and a machine without room say. */
const refusals = [
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EACCES",
  "EPERM",
  "ENOTDIR",
  "EISDIR",
  "EEXIST",
  "ENOENT",
  "EAGAIN",
].concat(["ENOMEM", "EMFILE", "ENFILE", "ENAMETOOLONG", "ELOOP", "EIO"]);

async function watchAgain(world: World): Promise<void> {
  const { records } = readRecords(world);
  const wanted = records.filter(({ status }) => status !== "stopped" && status !== "crashed");
  if (wanted.length === 0 && !isToTell(world)) return;
  if (wanted.some((record) => needsCare(world, record))) await pass(world);
  const release = await tryLockTicker(world);
  if (release === undefined) return;
  try {
    if (tickerPid(world) === undefined) await beginTicker(world);
  } finally {
    release();
  }
}

/** Is there news that somebody wants to be told? What failed to start leaves nothing to be watched, and is news. */
function isToTell({ platform: { files }, home }: World): boolean {
  if (files.kind(`${home.root}/config/notify.json`) !== "file") return false;
  const day = files.list(home.events).sort().at(-1);
  const written = day === undefined ? undefined : files.stat(`${home.events}/${day}`)?.modifiedMs;
  return written !== undefined && written > (files.stat(`${home.root}/runtime/.told`)?.modifiedMs ?? 0);
}

async function pass(world: World): Promise<void> {
  const { patrol } = await import("./patrol.ts");
  await patrol(world, { orphans: false });
}

async function forgetOld(world: World): Promise<void> {
  const { forgetOldDeeds } = await import("./deeds.ts");
  await forgetOldDeeds(world);
}

/** Comes back when it has announced itself: who asks next finds it. */
async function beginTicker(world: World): Promise<void> {
  const { programs, home, platform, env } = world;
  noteHomeLimit(platform.files, home, world.settings());
  const { ticker: tickerFile, node, tsm } = programs;
  const ticker = await startTicker(platform, { tickerFile, home: home.root, node, tsm, env });
  while (ticker !== undefined && platform.processes.isAlive(ticker) && tickerPid(world) !== ticker.pid) {
    await platform.clock.sleep(2);
  }
}

/** undefined when no ticker lives. */
function tickerPid({ platform: { files, processes }, home }: World): number | undefined {
  let text: string | undefined;
  try {
    text = files.readText(home.ticker);
  } catch (error) {
    if (!isErrno(error, ...refusals)) throw error;
  }
  const [pid, startMark, bootId] = (text ?? "").trim().split(" ");
  if (pid === undefined || startMark === undefined || bootId === undefined) return undefined;
  return processes.isAlive({ pid: Number(pid), startMark, bootId }) ? Number(pid) : undefined;
}
