import { isDiskUnwritable, isErrno } from "./errors.ts";
import { isName } from "./names.ts";
import type { World } from "./world.ts";

/*
 * Between its two halves a restart is a stopped process. A note says so from before the first to after the second: when
 * whoever wrote it is dead, the next tsm finishes what it began.
 */

/** To be written before the process is ended; the caller holds its lock. @throws what a full disk says. */
export function noteRestart({ platform: { files, processes }, home }: World, name: string): void {
  const { pid, startMark, bootId } = processes.self();
  files.makeFolder(home.restarting);
  files.writeWhole(`${home.restarting}/${name}`, `${pid} ${startMark} ${bootId}\n`);
}

/** It is done, or somebody has decided otherwise. */
export function forgetRestart({ platform: { files }, home }: World, name: string): void {
  const note = `${home.restarting}/${name}`;
  // On a disk that is mounted read-only even what is not there cannot be removed.
  if (files.kind(note) === "missing") return;
  try {
    files.remove(note);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** The processes whose restart somebody began who is dead now. Asked by every command: nearly always one look. */
export function interruptedRestarts({ platform: { files, processes }, home }: World): string[] {
  return list().filter((name) => {
    const [pid = "", startMark = "", bootId = ""] = (files.readText(`${home.restarting}/${name}`) ?? "")
      .trim()
      .split(" ");
    return !processes.isAlive({ pid: Number(pid), startMark, bootId });
  });

  function list(): string[] {
    try {
      return files.list(home.restarting).filter(isName);
    } catch (error) {
      if (isErrno(error, "EACCES", "EPERM", "ENOTDIR")) return []; // a home that is not ours to mend
      throw error;
    }
  }
}
