import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { readSettings } from "./launch-words.ts";
import type { Records } from "./records.ts";
import type { World } from "./world.ts";

/** The ids on record, and those that damaged records had by their launch files: whoever mends one gives it its id back. */
export function takenIds(world: World, { records, damaged }: Records): readonly { readonly tsm_id: number }[] {
  return [...records, ...damaged.flatMap(({ name }) => idInLaunchFiles(world, name) ?? [])];
}

/** The one whose id this was, when none on record has it. */
export function damagedOf<T extends { readonly name: string }>(
  world: World,
  id: string,
  damaged: readonly T[],
): T | undefined {
  return damaged.find(({ name }) => String(idInLaunchFiles(world, name)?.tsm_id) === id);
}

function idInLaunchFiles({ platform, home }: World, name: string): { tsm_id: number } | undefined {
  try {
    const head = readSettings(platform.files, processPaths(home, name).launch)?.get("meta_head") ?? "";
    const id = /"tsm_id": (\d{1,9}),/.exec(head)?.[1];
    return id === undefined ? undefined : { tsm_id: Number(id) };
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ELOOP", "EIO")) return undefined;
    throw error;
  }
}
