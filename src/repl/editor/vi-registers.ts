import { type Buffer, copy } from "./engine.ts";

/** What is put back is whole lines, or a part of one. */
export interface Kept {
  readonly text: string;
  readonly lines: boolean;
}

/** By letter; `0` is what was copied last. What was cut or copied last is the line's own first kill. */
export interface Registers {
  readonly named: ReadonlyMap<string, Kept>;
  /** The first kill, if it was whole lines. */
  readonly lines: string | undefined;
}

export const noRegisters: Registers = { named: new Map(), lines: undefined };

/** Keeps what was cut or copied. A capital letter adds to what its small one holds; `_` keeps nothing. */
export function keep(
  registers: Registers,
  buffer: Buffer,
  kept: Kept,
  { register, copied }: { readonly register: string | undefined; readonly copied: boolean },
): { registers: Registers; buffer: Buffer } {
  if (register === "_") return { registers, buffer };
  const named = new Map(registers.named);
  if (copied && register === undefined) named.set("0", kept);
  if (register !== undefined && register !== "0") {
    const name = register.toLowerCase();
    named.set(name, name === register ? kept : joined(named.get(name), kept));
  }
  return { registers: { named, lines: kept.lines ? kept.text : undefined }, buffer: copy(buffer, kept.text) };
}

/** What is there to be put back. */
export function kept(registers: Registers, { kills }: Buffer, register: string | undefined): Kept | undefined {
  if (register !== undefined) return registers.named.get(register.toLowerCase());
  const [text] = kills;
  return text === undefined ? undefined : { text, lines: registers.lines === text };
}

function joined(before: Kept | undefined, added: Kept): Kept {
  if (before === undefined) return added;
  const lines = before.lines || added.lines;
  return { text: `${before.text}${lines ? "\n" : ""}${added.text}`, lines };
}
