import { actionNamed, isKept } from "../../command/keys.ts";
import type { Meanings } from "../../core/settings.ts";
import { type Action, idsOf } from "./keymap.ts";

/** What the person's settings say about keys. */
export interface Keyboard {
  readonly mode: "emacs" | "vi";
  /** By the key's id. */
  readonly own: ReadonlyMap<string, KeyMeaning>;
}

/** What a key of the person's own does: an action of the line, or a line that it runs. */
export type KeyMeaning =
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "line"; readonly line: string };

export function keyboardOf(mode: Keyboard["mode"], keys: Meanings): Keyboard {
  const own = new Map<string, KeyMeaning>();
  for (const [key, meaning] of keys) {
    // Whoever wrote the file by hand can still leave the shell.
    if (isKept(key)) continue;
    const action = actionNamed(meaning);
    const means: KeyMeaning = action === undefined ? { kind: "line", line: meaning } : { kind: "action", action };
    for (const id of idsOf(key)) own.set(id, means);
  }
  return { mode, own };
}
