import type { SavedProcess } from "./dump.ts";
import { TsmError } from "./errors.ts";
import { readService } from "./service-read.ts";
import { placeOfFile, servicesNamed } from "./service-store.ts";
import type { World } from "./world.ts";

/**
 * Of each saved process those that it needs: what its service depends on, as its file says now, and what it was started
 * behind. Reads, and runs nothing.
 */
export function savedNeeds(world: World, saved: readonly SavedProcess[]): Map<string, readonly SavedProcess[]> {
  const needs = new Map<string, readonly SavedProcess[]>();
  for (const each of saved) {
    const file = fileOf(each);
    const files = file === "" ? [] : filesNeededBy(world, file);
    const names = namesNeededBy(each);
    const isNeeded = (other: SavedProcess) => files.includes(fileOf(other)) || names.includes(other.name);
    const found = saved.filter((other) => other !== each && isNeeded(other));
    if (found.length > 0) needs.set(each.name, found);
  }
  return needs;
}

function namesNeededBy({ launch: { "depends-on": names } }: SavedProcess): readonly string[] {
  return typeof names === "string" ? names.split("\n") : [];
}

function filesNeededBy(world: World, file: string): string[] {
  const place = placeOfFile(world, file, file);
  return dependsOf(world, file).flatMap((word) => {
    const own = place.org === null || word.includes("/") ? [] : servicesNamed(world, `${place.org}/${word}`);
    return (own.length > 0 ? own : servicesNamed(world, word)).map((found) => found.file);
  });
}

/** What cannot be read says nothing of an order; its process runs by what was saved of it. */
function dependsOf(world: World, file: string): readonly string[] {
  try {
    return readService(world, placeOfFile(world, file, file)).definition.depends;
  } catch (error) {
    if (error instanceof TsmError) return [];
    throw error;
  }
}

function fileOf({ launch: { service } }: SavedProcess): string {
  return typeof service === "string" ? service : "";
}
