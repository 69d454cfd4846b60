import { type Buffer, insert } from "./engine.ts";
import { isText } from "./keymap.ts";

/** What a key adds to a paste. Control characters are dropped: a paste must not press keys. */
export function pastedBy(text: string | undefined, id: string | undefined): string {
  if (id === "return" || id === "enter") return "\n";
  if (id === "tab") return "\t";
  return isText(text) ? text : "";
}

/** At its end a line keeps no line break that was copied with the last one. */
export function paste(buffer: Buffer, pasted: string): Buffer {
  const atEnd = buffer.cursor === buffer.text.length;
  return insert(buffer, atEnd ? pasted.replace(/\n+$/, "") : pasted);
}
