import { isPlain } from "./ascii.ts";
import { colour } from "./escapes.ts";

/**
 * Text from outside (a process name, a path, an argument, a line of a log) made harmless: control characters and
 * what reorders text are shown, never sent to the terminal. A name cannot move the cursor, clear the screen, ring,
 * or look like another name. Colours do not survive it: paint afterwards.
 */
export function sanitize(text: string): string {
  if (isPlain(text)) return text;
  // C0, DEL, C1, line and paragraph separators; the marks that turn the reading direction; lone halves of a surrogate pair.
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, visible);
}

/** As `sanitize`, but colours and tabs stay: a line of a log for a terminal. Nothing in it moves the cursor, clears or retitles. */
export function sanitizeButColours(text: string): string {
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : part.split("\t").map(sanitize).join("\t")))
    .join("");
}

/** As people know them from `cat -v` and from source code: `\n`, `\t`, `^[`, `\u202E`. */
function visible(character: string): string {
  const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const code = character.charCodeAt(0);
  if (named[character] !== undefined) return named[character];
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return "^?";
  return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
