import { type KeyAction, keyActions } from "../../command/keys.ts";

/** A key as Node's decoder reports it. */
export interface Key {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** What a key can ask of the editor. */
export type Action = KeyAction | "pasteStart" | "pasteEnd" | "searchOlder" | "searchNewer";

/** Emacs keys, as in bash and every readline program. */
export const emacs: ReadonlyMap<string, Action> = new Map<string, Action>([
  // The keys of the table are its own.
  ...(Object.keys(keyActions) as KeyAction[]).flatMap((action) =>
    keyActions[action].keys.flatMap((key) => idsOf(key).map((id): [string, Action] => [id, action])),
  ),
  ["paste-start", "pasteStart"],
  ["paste-end", "pasteEnd"],
]);

/** How `keyId` calls a key that people write `ctrl-t`, `alt-enter`. The newline that a paste may hold is Enter too. */
export function idsOf(key: string): readonly string[] {
  const id = key
    .replace("ctrl-", "C-")
    .replace("alt-", "M-")
    .replace("shift-", "S-")
    .replace(/-space$/, "-`");
  return id.endsWith("enter") ? [id, id.replace("enter", "return")] : [id];
}

/** One name for a key: `C-a`, `M-b`, `S-tab`, `up`; undefined for text. */
export function keyId(text: string | undefined, key: Key): string | undefined {
  const sequence = key.sequence ?? text ?? "";
  // Escape, or a sequence that was cut off, and Ctrl-C at once: Ctrl-C is never a part of another key.
  if (sequence.startsWith("\x1b") && sequence.endsWith("\x03")) return "C-c";
  // The decoder does not name these; Ctrl-/ and Ctrl-_ are one byte.
  if (["\x1c", "\x1d", "\x1e", "\x1f"].includes(sequence)) {
    return `C-${String.fromCharCode(sequence.charCodeAt(0) | 0x40)}`;
  }
  // The decoder can give the name as the string "undefined".
  const name = key.name === "undefined" ? undefined : key.name;
  if (name === "escape") return name; // Reported as if Alt were held.
  if (key.meta === true) {
    // With Alt the character itself counts: the decoder has no name for `<`, and lower-cases the rest.
    if (sequence.length === 2 && sequence.charCodeAt(1) > 0x20 && sequence.charCodeAt(1) < 0x7f)
      return `M-${sequence[1]}`;
    // Nor for Ctrl and Alt together.
    const control = sequence.length === 2 ? sequence.charCodeAt(1) : 0x20;
    if (name === undefined && control <= 0x1a) {
      return `C-M-${String.fromCharCode(control | 0x60)}`;
    }
    if (name === undefined) return `M-${sequence.slice(1)}`;
    return `${key.ctrl === true ? "C-" : ""}M-${name}`;
  }
  if (key.ctrl === true) return `C-${name ?? sequence}`;
  if (name === undefined || isText(text)) return isText(text) ? undefined : `?${sequence}`;
  return key.shift === true && name === "tab" ? "S-tab" : name;
}

/** Is it something to put on the line? */
export function isText(text: string | undefined): text is string {
  return text !== undefined && text !== "" && !/\p{Cc}/u.test(text);
}
