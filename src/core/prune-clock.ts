import type { Files } from "../platform/platform.ts";
import { isDiskUnwritable, isErrno } from "./errors.ts";

/** Below this nothing is thrown away: the times of some hours. */
const spareBytes = 256 * 1024;

/**
 * Throws away the older times of a log whose lines may be gone: the file never takes more than twice the spare. What
 * ticker and runner write in this moment may be lost with it: a second's grain.
 */
export function pruneClock(files: Files, path: string): void {
  const size = files.kind(path) === "file" ? (files.stat(path)?.size ?? 0) : 0;
  if (size <= 2 * spareBytes) return;
  const text = files.readBytes(path)?.toString("latin1") ?? "";
  try {
    files.writeWhole(path, prunedClock(text, spareBytes));
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "EACCES", "EPERM")) throw error;
  }
}

/** Its last lines; of those before, where lives began, and the bases that all count from. */
export function prunedClock(text: string, keepBytes: number): string {
  const from = text.indexOf("\n", text.length - keepBytes) + 1;
  if (from === 0 || text.length <= keepBytes) return text;
  const landmarks = text
    .slice(0, from)
    .split("\n")
    .filter((line) => line.startsWith("@ ") || line.startsWith("= "))
    .filter((line, index, all) => line.startsWith("@ ") || !all[index + 1]?.startsWith("= "));
  return `${landmarks.slice(-mostLandmarks).join("\n")}\n${text.slice(from)}`.replace(/^\n/, "");
}

const mostLandmarks = 2000;
