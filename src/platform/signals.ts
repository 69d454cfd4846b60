import { isErrno } from "../core/errors.ts";

/**
 * Delivers a signal to one process. The caller has just checked the identity behind the pid.
 * @returns false when nothing has that pid.
 * @throws the system's error (EPERM); EPERM too for pid 1 and below, which are never ours to signal.
 */
export function sendToProcess(pid: number, signal: NodeJS.Signals): boolean {
  return send(pid, pid, signal);
}

/**
 * Delivers a signal to every process of a group. The caller has just checked that the leader lives and leads it.
 * @param ownGroupId the group of this program, which is refused: we would end ourselves halfway.
 * @returns false when the group is empty.
 * @throws as `sendToProcess`.
 */
export function sendToGroup(groupId: number, signal: NodeJS.Signals, ownGroupId: number): boolean {
  if (groupId === ownGroupId) throw refusal(groupId, "the process group that tsm itself runs in");
  return send(-groupId, groupId, signal);
}

function send(target: number, id: number, signal: NodeJS.Signals): boolean {
  // kill(2) reads 0 as "my own group", -1 as "everyone", and 1 is init.
  if (!Number.isSafeInteger(id) || id <= 1) throw refusal(id, "not a process that tsm may signal");
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (isErrno(error, "ESRCH")) return false; // gone since the check, which is an answer
    throw error;
  }
}

function refusal(id: number, why: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`EPERM: ${id} is ${why}`), { code: "EPERM", syscall: "kill" });
}

/**
 * The caller has just checked the identity behind the pid. @returns false when nothing has it.
 * @throws the system's error: EACCES for less nice than it was, EPERM for another user's.
 */
export function setNiceness(pid: number, niceness: number): boolean {
  try {
    process.getBuiltinModule("node:os").setPriority(pid, niceness);
    return true;
  } catch (error) {
    // Node wraps it; the errno is in `info`.
    const code = error instanceof Error && "info" in error ? codeIn(error.info) : undefined;
    if (code === "ESRCH") return false;
    throw code === undefined ? error : Object.assign(new Error(code), { code });
  }
}

function codeIn(info: unknown): string | undefined {
  return typeof info === "object" && info !== null && "code" in info ? String(info.code) : undefined;
}

/** In the place of every handler there is; the function gives them back. */
export function takeSignals(signals: readonly NodeJS.Signals[], handler: () => void): () => void {
  const before = signals.map((signal) => ({ signal, handlers: process.rawListeners(signal) }));
  for (const signal of signals) {
    process.removeAllListeners(signal);
    process.on(signal, handler);
  }
  return () => {
    for (const { signal, handlers } of before) {
      process.off(signal, handler);
      // Node's own type of them says nothing of what they take.
      for (const each of handlers) process.on(signal, each as NodeJS.SignalsListener);
    }
  };
}

export function signalNumber(name: string): number | undefined {
  const { signals } = process.getBuiltinModule("node:os").constants;
  return Object.entries(signals).find(([each]) => each === name)?.[1];
}
