import type { Files } from "../platform/platform.ts";

/** Writes the launch file of this name. */
export type WriteLaunchFile = (name: string, data: string) => void;

/** Words as a launch file holds them. */
export function nulEnded(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join("");
}

/**
 * Where the launch files of the next start are written, beside what stands there. The folder and the files of an earlier
 * one are taken again: ext4 takes ten times as long to make and remove one as to fill it anew.
 */
export function openStage(
  files: Files,
  folder: string,
): { readonly write: WriteLaunchFile; readonly finish: () => void } {
  files.makeFolder(folder);
  // What the runner writes before it moves it into place.
  files.makeFolder(`${folder}/new`);
  const left = new Set(files.list(folder));
  left.delete("new");
  return {
    write(name, data) {
      files.overwrite(`${folder}/${name}`, data);
      left.delete(name);
    },
    finish() {
      for (const name of left) files.remove(`${folder}/${name}`);
    },
  };
}
