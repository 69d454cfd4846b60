import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { isErrno } from "../core/errors.ts";
import { type Clock, type Identity, type Locks, LockTimeout } from "./platform.ts";
import type { Processes } from "./processes.ts";

/**
 * Locks that are symbolic links to nothing, whose text names the holder. Such a link is there whole or not at all, symlink(2)
 * fails when the place is taken, and it takes one system call and, on most file systems, no block of the disk: on a full one
 * a process must still be stopped and deleted.
 *
 * Nobody removes a lock but its holder, and, when that is dead, whoever holds the guard `LOCK.NONCE`, a lock of the
 * same kind whose name is made of the dead holder's nonce. A nonce is never used twice, so once the guarded lock is
 * gone the guard guards nothing, and a latecomer who gets it finds another nonce and leaves.
 *
 * The holder must be visible from here: one home shared by two machines or two pid namespaces is not protected.
 */
export function fileLocks(processes: Pick<Processes, "self" | "identify" | "isAlive">, clock: Clock): Locks {
  return {
    look(path) {
      const held = read(path);
      return held && { holder: held.holder, stale: isStale(held) };
    },
    async acquire(path, options = {}) {
      const { timeoutMs = 30_000, signal } = options;
      return acquire(path);

      async function acquire(lock: string): Promise<() => void> {
        const nonce = newNonce(processes.self());
        let until = clock.monotonicMs() + timeoutMs;
        let seen = "";
        let judgedAt = 0;
        for (let tries = 0; ; tries++) {
          signal?.throwIfAborted();
          if (place(lock, { ...processes.self(), nonce })) return () => release(lock, nonce);
          const held = read(lock);
          if (!held) continue; // released since
          const now = clock.monotonicMs();
          // On macOS the question costs a `ps`, so it is not asked at every look.
          if (held.token !== seen || now - judgedAt > judgeEveryMs) {
            // A hundred starts at once take the lock of the ids in turn: who waits for them does not wait for one that hangs.
            if (seen !== "" && held.token !== seen) until = now + timeoutMs;
            seen = held.token;
            judgedAt = now;
            if (isStale(held)) {
              await removeStale(lock, held.token);
              continue;
            }
          }
          if (now >= until) throw new LockTimeout(path, held.holder);
          await clock.sleep(Math.min(waitMs(tries), Math.max(1, until - now)), signal);
        }
      }

      async function removeStale(lock: string, token: string): Promise<void> {
        const releaseGuard = await acquire(`${lock}.${token}`);
        try {
          if (read(lock)?.token === token) removeIfThere(lock);
        } finally {
          releaseGuard();
        }
        sweep(path);
      }
    },
  };

  function isStale(held: Held): boolean {
    if (held.holder) return !processes.isAlive(held.holder);
    // Its maker could be between open and write, where links are not supported; or the machine lost power.
    return Math.abs(clock.nowMs() - held.modifiedMs) > unreadableMs;
  }

  /** Removes the guards of locks that are gone, which killed processes left beside a lock. */
  function sweep(lock: string): void {
    for (const name of fs.readdirSync(dirname(lock))) {
      if (!name.startsWith(`${basename(lock)}.`)) continue;
      const words = name.slice(basename(lock).length + 1).split(".");
      if (!words.every((word) => tokenShape.test(word))) continue; // another lock, `api.v2` beside `api`
      const path = join(dirname(lock), name);
      if (isGuardOfNothing(path)) removeIfThere(path);
    }
  }
}

const unreadableMs = 5000;
const judgeEveryMs = 50;

/** What a nonce and the token of an unreadable lock look like. Without a dot: dots part the names of guards. */
const tokenShape = /^(?:\d+-\d+|unreadable-\d+)-[0-9a-z]+$/;

interface Held {
  /** Names this holding of this lock and no other. */
  readonly token: string;
  /** undefined when the content cannot be understood. */
  readonly holder: Identity | undefined;
  readonly modifiedMs: number;
}

type Content = Identity & { readonly nonce: string };

let nonces = 0;

function newNonce(self: Identity): string {
  const random = Math.floor(Math.random() * 36 ** 6).toString(36);
  return `${self.pid}-${self.startMark}-${(nonces++).toString(36)}z${random}`;
}

/** Grows from 2 to 15 ms, with jitter so that those who wait do not move in step. */
function waitMs(tries: number): number {
  return Math.min(2 + tries, 15) * (0.5 + Math.random() / 2);
}

/** True when the lock is now ours. */
function place(lock: string, content: Content): boolean {
  try {
    fs.symlinkSync(`${content.nonce} ${content.bootId}`, lock);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (isErrno(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) return placeAsFile(lock, content);
    // Of a link the system names what it leads to, which is no path here.
    throw error instanceof Error ? Object.assign(error, { path: lock }) : error;
  }
}

/** For file systems without symbolic links (exFAT, some network and FUSE ones): the file is empty for a moment. */
function placeAsFile(lock: string, content: Content): boolean {
  try {
    fs.writeFileSync(lock, JSON.stringify(content), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    // Made but not filled (ENOSPC): it is still ours to remove, as others respect an unreadable lock for seconds.
    if (error instanceof Error && "syscall" in error && error.syscall === "write") removeIfThere(lock);
    throw error;
  }
  // Stopped for seconds between the two, we were taken for dead and another has it.
  return read(lock)?.token === content.nonce;
}

function release(lock: string, nonce: string): void {
  if (read(lock)?.token === nonce) removeIfThere(lock);
}

function read(lock: string): Held | undefined {
  try {
    return readLink(lock) ?? readFile(lock);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** @returns undefined for what is no link. @throws ENOENT */
function readLink(lock: string): Held | undefined {
  let text: string;
  try {
    text = fs.readlinkSync(lock);
  } catch (error) {
    if (isErrno(error, "EINVAL")) return undefined;
    throw error;
  }
  const [nonce = "", bootId = ""] = text.split(" ");
  const [pid = "", startMark = ""] = nonce.split("-");
  const isOurs = tokenShape.test(nonce) && !nonce.startsWith("unreadable-");
  return held(fs.lstatSync(lock), isOurs ? { pid: Number(pid), startMark, bootId, nonce } : undefined);
}

/** @throws ENOENT, also where it has become a link since; EISDIR for a folder. */
function readFile(lock: string): Held {
  // Not blocking: somebody's fifo in its place would hold us for ever.
  const fd = fs.openSync(lock, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const stats = fs.fstatSync(fd);
    return held(stats, stats.isFIFO() ? undefined : parseContent(fs.readFileSync(fd, "utf8")));
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path: lock }) : error; // reading what is open names nothing
  } finally {
    fs.closeSync(fd);
  }
}

function held({ ino, mtimeMs }: fs.Stats, content: Content | undefined): Held {
  const token = content?.nonce ?? `unreadable-${ino}-${Math.floor(mtimeMs).toString(36)}`;
  return { token, holder: content, modifiedMs: mtimeMs };
}

function parseContent(text: string): Content | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("pid" in value && "startMark" in value && "bootId" in value && "nonce" in value)) return undefined;
  const { pid, startMark, bootId, nonce } = value;
  if (typeof pid !== "number" || typeof startMark !== "string" || typeof bootId !== "string") return undefined;
  if (typeof nonce !== "string" || !tokenShape.test(nonce)) return undefined; // it becomes part of a file name
  return { pid, startMark, bootId, nonce };
}

/** A guard is of use only while the lock that it is named after still holds the nonce that it is named after. */
function isGuardOfNothing(guard: string): boolean {
  const dot = guard.lastIndexOf(".");
  return read(guard.slice(0, dot))?.token !== guard.slice(dot + 1);
}

function removeIfThere(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
