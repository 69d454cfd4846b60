import type { Files } from "../platform/platform.ts";
import type { World } from "./world.ts";

/** A NUL-separated launch file as words; undefined when it is not there. */
export function readWords(world: World, folder: string, file: "argv" | "env" | "overlay"): string[] | undefined {
  return world.platform.files.readText(`${folder}/${file}`)?.split("\0").slice(0, -1);
}

/** What the runner was handed besides words, by name; undefined when it is not there. */
export function readSettings(files: Files, folder: string): ReadonlyMap<string, string> | undefined {
  const entries = files.readText(`${folder}/settings`)?.split("\0").slice(0, -1);
  return (
    entries &&
    new Map(entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]))
  );
}
