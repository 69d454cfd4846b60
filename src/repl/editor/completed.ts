import { type Buffer, replace } from "./engine.ts";
import type { Choice, Completion, Menu } from "./menu.ts";

/** What Tab has come to. */
export type Completed =
  | { readonly kind: "nothing" }
  | { readonly kind: "line"; readonly buffer: Buffer }
  /** Several can stand here; as far as they agree it is on the line already. */
  | { readonly kind: "menu"; readonly buffer: Buffer; readonly menu: Menu };

/** `narrow`: a menu is open and stays so, though one choice is left. */
export function completed(buffer: Buffer, how: "open" | "narrow", completion: Completion | undefined): Completed {
  const [only, second] = completion?.choices ?? [];
  if (completion === undefined || only === undefined) return { kind: "nothing" };
  if (how === "narrow") return { kind: "menu", buffer, menu: { completion, index: 0 } };
  if (second === undefined) return { kind: "line", buffer: withChoice(buffer, completion, only) };
  const { common, from } = completion;
  if (common === undefined) return { kind: "menu", buffer, menu: { completion, index: 0 } };
  const open = { ...completion, to: from + common.length };
  return { kind: "menu", buffer: put(buffer, completion, common), menu: { completion: open, index: 0 } };
}

/** The line with a choice in its place. */
export function withChoice(buffer: Buffer, completion: Completion, { insert }: Choice): Buffer {
  return put(buffer, completion, insert);
}

function put(buffer: Buffer, { from, to }: Completion, insert: string): Buffer {
  const { text } = buffer;
  // The blank after the word may stand there already.
  const rest = insert.endsWith(" ") && text[to] === " " ? to + 1 : to;
  return replace(buffer, text.slice(0, from) + insert + text.slice(rest), from + insert.length);
}
