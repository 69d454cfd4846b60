import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { isErrno } from "../core/errors.ts";

/**
 * The first of the words that this program was called with whose bytes are not UTF-8, as Node hands it over. Undefined when
 * there is none, and where the system does not tell (macOS).
 * @param words the last ones of the command line.
 */
export function firstNotUtf8(words: readonly string[]): string | undefined {
  let bytes: string;
  try {
    bytes = readFileSync("/proc/self/cmdline", "latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM")) return undefined;
    throw error;
  }
  const typed = bytes.split("\0").slice(0, -1).slice(-words.length);
  return words[typed.findIndex((word) => !isUtf8(Buffer.from(word, "latin1")))];
}
