import { isDiskUnwritable, isErrno } from "./errors.ts";
import { isName } from "./names.ts";
import type { World } from "./world.ts";

/**
 * What a `tsm` does to a process that would be half done without it: between its two halves a restart is a stopped
 * process, one that does not get ready must be told so, and while a hook runs nobody has told the process yet that it is
 * to end. A note says what, and who does it: when that is dead, the next tsm sees to it.
 */
type UnderWay = (typeof underWay)[number];
const underWay = ["restart", "ready", "stop", "kill", "delete"] as const;

/**
 * To be written before it begins.
 * @param how for whoever goes on with it, in words without a blank.
 * @throws what a full disk says.
 */
export function note(
  { platform: { files, processes }, home }: World,
  name: string,
  what: UnderWay,
  how: readonly string[] = [],
): void {
  const { pid, startMark, bootId } = processes.self();
  files.makeFolder(home.underWay);
  files.writeWhole(`${home.underWay}/${name}`, `${[pid, startMark, bootId, what, ...how].join(" ")}\n`);
}

/** It is done, or somebody has decided otherwise. */
export function forgetNote({ platform: { files }, home }: World, name: string): void {
  const path = `${home.underWay}/${name}`;
  // On a disk that is mounted read-only even what is not there cannot be removed.
  if (files.kind(path) === "missing") return;
  try {
    files.remove(path);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** What was begun by somebody who is dead now. Asked by every command: nearly always one look. */
export function interrupted(world: World): Begun[] {
  return allBegun(world).filter(({ goesOn }) => !goesOn);
}

/** Those that somebody who lives restarts. They may rest for the moment, and yet nobody should take them for stopped. */
export function restarting(world: World): ReadonlySet<string> {
  const found = allBegun(world).filter(({ what, goesOn }) => goesOn && what === "restart");
  return new Set(found.map(({ name }) => name));
}

export interface Begun {
  readonly name: string;
  readonly what: UnderWay;
  readonly how: readonly string[];
  /** Does he who has begun it live? */
  readonly goesOn: boolean;
}

function allBegun(world: World): Begun[] {
  const { files, processes } = world.platform;
  return notes(world).map((name) => {
    const text = files.readText(`${world.home.underWay}/${name}`) ?? "";
    const [pid = "", startMark = "", bootId = "", what = "", ...how] = text.trim().split(" ");
    const goesOn = processes.isAlive({ pid: Number(pid), startMark, bootId });
    return { name, what: underWay.find((each) => each === what) ?? "restart", how, goesOn };
  });
}

function notes({ platform: { files }, home }: World): string[] {
  try {
    return files.list(home.underWay).filter(isName);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR")) return []; // a home that is not ours to mend
    throw error;
  }
}
