import { isDiskUnwritable, isErrno } from "./errors.ts";
import type { World } from "./world.ts";

/** What TSM was asked to do to a process. The runner writes `start` and `exit` itself. */
export interface JournalEvent {
  readonly event:
    | "stop"
    | "restart"
    | "delete"
    | "kill"
    | "reset"
    | "undo"
    | "start-failed"
    | "unseen-exit"
    | "flush"
    | "rotation-failed"
    | "disk-low"
    | "gave-up"
    | "source"
    | "config";
  readonly id: number;
  readonly name: string;
  readonly [detail: string]: unknown;
}

/** Puts on record what was done to a process. */
export function writeEvent(world: World, event: JournalEvent): void {
  appendToJournal(world, event);
}

/**
 * Appends one line to `db/events/DAY.jsonl` (UTC). What is lost here is history, never state: a full disk or a
 * missing folder does not stop the verb that is being written down.
 */
export function appendToJournal(
  world: World,
  event: { readonly event: string; readonly [detail: string]: unknown },
): void {
  const { files, clock } = world.platform;
  const time = new Date(clock.nowMs()).toISOString().replace(/\.\d+Z$/, "Z");
  try {
    files.makeFolder(world.home.events);
    files.appendLine(`${world.home.events}/${time.slice(0, 10)}.jsonl`, JSON.stringify({ time, ...event }));
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR")) throw error;
  }
}
