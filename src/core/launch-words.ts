import type { World } from "./world.ts";

/** A NUL-separated launch file as words; undefined when it is not there. */
export function readWords(world: World, folder: string, file: "argv" | "env" | "overlay"): string[] | undefined {
  return world.platform.files.readText(`${folder}/${file}`)?.split("\0").slice(0, -1);
}
