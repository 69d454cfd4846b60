import { type Locks, LockTimeout } from "../platform/platform.ts";
import { isDiskUnwritable, isErrno, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { type LogShelf, shelfLock } from "./log-shelf.ts";
import type { World } from "./world.ts";

/**
 * Holds what changes this process: starts, stops, restarts and deletes of one name follow each other. On a disk that has
 * not even an inode left nobody can take it, and what filled the disk must be stopped; nothing starts there, as who starts
 * takes the lock of the ids too.
 */
export async function lockProcess(world: World, name: string, signal?: AbortSignal): Promise<() => void> {
  try {
    return await acquire(world, processPaths(world.home, name).lock, `process '${name}'`, signal);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
    return () => undefined;
  }
}

/** As `lockProcess`, without waiting. @returns undefined while another holds it. */
export async function tryLockProcess(world: World, name: string): Promise<(() => void) | undefined> {
  return await tryLock(world, processPaths(world.home, name).lock);
}

/** Holds the logs of a process: rotations, flushes and a delete of one follow each other. What runs goes on writing. */
export function lockLogs(world: World, name: string, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, logsLock(world, name), `the log of '${name}'`, signal);
}

/** As `lockLogs`, without waiting. @returns undefined while another holds it. */
export async function tryLockLogs(world: World, name: string): Promise<(() => void) | undefined> {
  return await tryLock(world, logsLock(world, name));
}

/** Holds a file that a person has named for logs, beside it: whoever shares it, from this home or another, takes turns. */
export function lockNamedLog(world: World, shelf: LogShelf, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, shelfLock(shelf), shelf.live, signal);
}

/** As `lockNamedLog`, without waiting. @returns undefined while another holds it. */
export async function tryLockNamedLog(world: World, shelf: LogShelf): Promise<(() => void) | undefined> {
  return await tryLock(world, shelfLock(shelf));
}

/** No name of a process begins with a dot. */
function logsLock(world: World, name: string): string {
  return `${world.home.locks}/.logs-${name}`;
}

/** Held by whoever is about to start the home's ticker. @returns undefined while another does. */
export async function tryLockTicker(world: World): Promise<(() => void) | undefined> {
  return await tryLock(world, `${world.home.locks}/.ticker`);
}

/** Held by the home's resident patrol for as long as it lives. @returns undefined while another does. */
export async function tryLockPatrol(world: World): Promise<(() => void) | undefined> {
  return await tryLock(world, `${world.home.locks}/.patrol`);
}

/** Held by whoever writes samples down. @returns undefined while another does. */
export async function tryLockSamples(world: World): Promise<(() => void) | undefined> {
  return await tryLock(world, `${world.home.locks}/.samples`);
}

async function tryLock(world: World, path: string): Promise<(() => void) | undefined> {
  try {
    return await acquireInFolder(world, path, { timeoutMs: 0 });
  } catch (error) {
    if (error instanceof LockTimeout) return undefined;
    throw error;
  }
}

/** Held by whoever writes a registry of ports that lies outside of the home. */
export function lockPortsFile(world: World): Promise<() => void> {
  return acquire(world, `${world.home.ports}.lock`, "the registry of ports", undefined);
}

/**
 * Held by a start that was given this port and has not put it on record yet. @returns undefined while another holds it.
 */
export async function tryLockPort(world: World, port: number): Promise<(() => void) | undefined> {
  return await tryLock(world, portLock(world, port));
}

/** Held by a start of something new until it listens: the next one that wants this port is refused before it begins. */
export function lockPort(world: World, port: number, signal: AbortSignal): Promise<() => void> {
  return acquire(world, portLock(world, port), `port ${port}`, signal);
}

function portLock({ home }: World, port: number): string {
  return `${home.locks}/.port-${port}`;
}

/** Held by whoever undoes something or forgets what could be undone: nothing is undone twice, or taken away meanwhile. */
export function lockDeeds(world: World, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, deedsLock(world), "what can be undone", signal);
}

/** Held by whoever changes the rules of notify or tells somebody: nothing is told twice. */
export function lockNotify(world: World, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, `${world.home.locks}/.notify`, "notify", signal);
}

/** As `lockDeeds`, without waiting. @returns undefined while another holds it. */
export async function tryLockDeeds(world: World): Promise<(() => void) | undefined> {
  return await tryLock(world, deedsLock(world));
}

function deedsLock({ home }: World): string {
  return `${home.locks}/.undo`;
}

/** Holds names, ids and the port registry: for the moment in which one is given out or taken back. */
export function lockIds(world: World, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, `${world.home.locks}/.ids`, "the list of ids", signal);
}

/** Held by whoever brings over what an older TSM has left: by one at a time, and by nobody twice. */
export function lockMigration(world: World, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, `${world.home.locks}/.migrate`, "the older layout of the home", signal);
}

/** Holds what is saved: dump.json and the older ones. */
export function lockDump(world: World, signal?: AbortSignal): Promise<() => void> {
  return acquire(world, `${world.home.locks}/.dump`, "the saved list", signal);
}

/** Holds the settings file, for the moment in which it is read and written. */
export function lockSettings(world: World): Promise<() => void> {
  return acquire(world, `${world.home.locks}/.settings`, "the settings file", undefined);
}

async function acquire(world: World, path: string, what: string, signal: AbortSignal | undefined): Promise<() => void> {
  try {
    return await acquireInFolder(world, path, signal === undefined ? {} : { signal });
  } catch (error) {
    // Nobody can take this lock, and nobody can start anything there either: what runs can still be stopped.
    if (isErrno(error, "EROFS")) return () => undefined;
    if (!(error instanceof LockTimeout)) throw error;
    throw new TsmError(
      "LOCKED",
      `${what} is busy: another tsm${error.holder === undefined ? "" : ` (PID ${error.holder.pid})`} is changing it`,
      {
        hint: "Try again when it has finished",
      },
    );
  }
}

/** The folder is made; and once more, where somebody has removed it while this waited. */
async function acquireInFolder(
  { platform: { files, locks }, home }: World,
  path: string,
  options: Parameters<Locks["acquire"]>[1],
): Promise<() => void> {
  files.makeFolder(home.locks);
  try {
    return await locks.acquire(path, options);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    files.makeFolder(home.locks);
    return await locks.acquire(path, options);
  }
}
